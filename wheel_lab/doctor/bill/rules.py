"""The rules of the bill. What the texts say of installers was read in pip 26.3 and in the specifications.

Thresholds are set so that the wheels of careful projects get no finding that their maintainers would dispute: a table
of zeros, an empty ``__init__.py`` or a licence text that is there twice costs nobody anything.
"""

from wheel_lab.doctor.findings import RULES_AS_OF, register, rule

__all__ = ["MIB"]

MIB = 1 << 20
READ = f"read {RULES_AS_OF}"
GUIDE = "https://packaging.python.org/en/latest/specifications"
FORMAT = f"{GUIDE}/binary-distribution-format/"
STATED, PIP = f"Binary distribution format, {READ}", f"pip 26.3, _internal/operations/install/wheel.py, {READ}"
LICENCES, SBOMS = "https://peps.python.org/pep-0639/", "https://peps.python.org/pep-0770/"
DISCOVERY = "https://setuptools.pypa.io/en/latest/userguide/package_discovery.html"
EXCLUDE = "name the packages in pyproject.toml, or exclude this from them, and build the wheel anew"


register([
    # --- B1: size ---
    rule("B101", "large-file", "note", f"warehouse/constants.py, {READ}", FORMAT,
         "the file has {count} bytes; most of what it unpacks to is in {members}",
         "Each installation downloads all of it, and the index takes 104,857,600 bytes (100 MiB) unless it has "
         "granted more",
         "see whether all of it is needed: data can be downloaded on first use, and a library can come from a wheel "
         "of its own"),
    rule("B102", "debug-information", "note", f"auditwheel/repair.py 6.8.2, {READ}",
         "https://github.com/pypa/auditwheel#usage",
         "{count} bytes of what the wheel unpacks to are debugging information, most of it in {member}",
         "No loader reads it, and each installation downloads it",
         "auditwheel repair --strip {file} (on the wheel as it was built: to strip a repaired one can damage it), or "
         "link without -g"),
    rule("B103", "identical-copies", "note", STATED, "https://github.com/pypa/wheel/issues/400",
         "{count} bytes are there more than once, most of them as {members}",
         "A zip archive has no links, so a file with several names is packed and installed several times",
         "install the file under one name: of a shared library the one in its SONAME"),
    rule("B104", "library-loaded-twice", "warning", "ai-dynamo/nixl, pull request 1567, read 2026-11-25",
         "https://github.com/ai-dynamo/nixl/pull/1567",
         "the same library is there as {members}, and files of the wheel ask for more than one of these names",
         "The loader takes copies for different libraries: one that is loaded twice is initialised twice, keeps its "
         "state twice, and can crash",
         "install the library once, under the name in its SONAME, and link everything to that"),
    rule("B105", "build-products", "note", f"wheel_lab's own, {READ}", DISCOVERY,
         "{count} bytes are in {number} that only a build uses, the largest of them {member}",
         "Static libraries, object files and the sources that became an extension are downloaded with each "
         "installation, and nothing reads them there",
         "leave them out, unless others build against the wheel: exclude-package-data with setuptools, wheel.exclude "
         "with scikit-build-core"),
    # --- B2: what does not belong into it ---
    rule("B201", "stray-package", "warning", f"ashvardanian/StringZilla, issue 338, {READ}", DISCOVERY,
         "the wheel installs a top-level {member}",
         "It lands in site-packages, where everybody can import it: another project's files of that name are "
         "overwritten, and removed with this project",
         EXCLUDE),
    rule("B202", "stray-file", "note", STATED, DISCOVERY,
         "the wheel puts {count} beside the packages in site-packages, and no module: {members}",
         "Files of projects share that folder, and one of the same name overwrites the other",
         "move them into the package, into .data/data or out of the wheel"),
    rule("B203", "leftovers", "note", STATED, DISCOVERY,
         "{count} left over from work on the project: {members}",
         "Caches, editors' files and an operating system's files are of no use to anyone who installs the wheel",
         "delete them in the project before a build, or exclude them in pyproject.toml"),
    rule("B204", "folder-without-module", "note", STATED, DISCOVERY,
         "the top-level folder {member} has no module in it",
         "It lands in site-packages beside packages, where nobody looks for data, and files of that name in "
         "other projects overwrite its own",
         "move it into the package, and read it with importlib.resources"),
    rule("B205", "unknown-scheme", "error", f"{PIP}; uv 0.13.9, tried 2026-11-26", FORMAT,
         "{member} is in .data, and under none of purelib, platlib, headers, scripts and data",
         "pip and uv refuse to install the wheel: they do not know where the file belongs",
         "put it under one of these folders; a current build backend does"),
    rule("B206", "data-in-prefix", "note", STATED, FORMAT,
         "the wheel puts {count} directly into the folder of the whole environment: {members}",
         "That folder is shared with Python itself and all other projects",
         "move them into the package, or below share/ (with setuptools: the first part of an entry of data-files)"),
    rule("B207", "data-in-site-packages", "warning", STATED, FORMAT,
         "{member} in .data/data aims at the site-packages of one Python on one system",
         "Where that folder lies differs with the version, the system and the kind of environment, and elsewhere the "
         "file is not found",
         "put it into the package, not into data-files"),
    # --- B3: licences and SBOMs ---
    rule("B301", "no-licence-text", "note", f"PEP 639, {READ}", LICENCES,
         "no file in the wheel looks like a licence text",
         "Most licences ask that their text goes along with each copy, and a wheel is one",
         'license-files = ["LICEN[CS]E*"] in the [project] table of pyproject.toml'),
    rule("B302", "copyleft-library", "note", f"the libraries' own licence files, {READ}", LICENCES,
         "the wheel carries {members}, and none of its licence texts mentions them by name",
         "Their projects publish them under {licences}, as far as is known; such licences have terms for passing "
         "the libraries on, and which of these apply here is for the wheel's publisher to find out",
         "add the libraries' licence texts and notices to license-files in pyproject.toml"),
    rule("B303", "carried-without-text", "note", f"PEP 639, {READ}", LICENCES,
         "the wheel carries {count} that none of its licence texts mentions by name: {members}",
         "Most licences ask that their text goes along with each copy of the library",
         "add the libraries' licence texts to license-files in pyproject.toml"),
    rule("B304", "no-sbom", "note", f"PEP 770, {READ}", SBOMS,
         "the wheel carries {count}, and has no SBOM",
         "Scanners for known vulnerabilities find a carried library by its SBOM, and mostly miss it without one",
         "repair the wheel with a current auditwheel, which writes an SBOM of what comes from the system's packages; "
         "let the build backend put one into {info}/sboms/ for the rest"),
    rule("B305", "sbom-unreadable", "warning", f"PEP 770, {READ}", SBOMS,
         "{member} {problem}",
         "A scanner cannot read it, and passes over what the wheel carries",
         "write the SBOM anew with the tool that made it"),
    rule("B306", "sbom-lacks-library", "note", f"PEP 770, {READ}", SBOMS,
         "the wheel carries {count} that no SBOM in it mentions by name: {members}",
         "Scanners for known vulnerabilities find a carried library by its SBOM, and mostly miss it without one",
         "let the build backend put an SBOM into {info}/sboms/ for what was built from source"),
])  # fmt: skip
