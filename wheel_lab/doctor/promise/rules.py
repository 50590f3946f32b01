"""What the tags of a wheel promise, as rules: P1 to P3. What is Apple's, Microsoft's and others' own has its modules.

A rule is an error only where the promise is broken for a user whose installer believes the name: the installation is
refused, the import fails, or a Python gets the file that it was not made for.
"""

from wheel_lab.doctor.findings import register, rule
from wheel_lab.doctor.index.rules import REPACK

__all__ = ["IMAGE", "UNDECIDED"]

GUIDE = "https://packaging.python.org/en/latest/specifications"
FORMAT, TAGS = f"{GUIDE}/binary-distribution-format/", f"{GUIDE}/platform-compatibility-tags/"
PEP600, PEP656 = "https://peps.python.org/pep-0600/", "https://peps.python.org/pep-0656/"
PEP803, PEP3149 = "https://peps.python.org/pep-0803/", "https://peps.python.org/pep-3149/"
STABLE = "https://docs.python.org/3/c-api/stable.html"
SPECIFIED = "Binary distribution format, read 2026-08-22"
INSTALLERS = f"{SPECIFIED}; pip 26.3 and uv 0.13.9, tried 2026-11-25"
TAGGED = "Platform compatibility tags, read 2026-08-22"
POLICIES = "PEP 600 and PEP 656; auditwheel's policies, version 6.8.2 of 2026-08-17"
IMPORTER = "CPython, Python/dynload_shlib.c and Misc/platform_triplet.c, read 2026-11-25"
ABI3 = "CPython, Misc/stable_abi.toml, by abi3info of 2026-09-25"
NEVER, ANEW = "never rename a wheel", "build the wheel anew with a current version of the build backend"
RETAG = "python -m wheel tags --remove --platform-tag {justified} {file}"
IMAGE = "build in the image of {tag}"
LESS = f"{RETAG} (it promises less), or {IMAGE}"
IMPURE = "tell the build backend that the wheel is not pure (setuptools: has_ext_modules of the Distribution)"
UNSEEN = "do not see the file: ModuleNotFoundError"
LIMIT = "compile with Py_LIMITED_API set to {hex}"
OLDER = f"name the wheel for Python {{added}} (setuptools: py_limited_api of bdist_wheel), or {LIMIT}"
# Findings that leave open whether the promise is kept.
UNDECIDED = {"P204", "P214", "P216", "P217"}


register([
    # --- P1: WHEEL against the name, and pure against compiled ---
    rule("P101", "wheel-tags-differ", "warning", INSTALLERS, FORMAT,
         "the tag {subject} is {where}",
         "Installers choose by the name, and judge by WHEEL what is installed: uv installs the wheel again each time, "
         "and pip check calls it unsupported",
         f"{NEVER}; if WHEEL is right: {REPACK}"),
    rule("P102", "wheel-without-tags", "warning", INSTALLERS, FORMAT,
         "{member} has no Tag",
         "It is the only place where an installed wheel says what it was made for: pip check calls it unsupported",
         ANEW),
    rule("P103", "wheel-line-malformed", "warning", f"{SPECIFIED}; uv's issue 2149, read 2026-11-25", FORMAT,
         "line {line} of {member} {problem}: {subject}",
         "Readers stop there, or skip it; uv refused such a wheel up to 2024 (Line {line} of the WHEEL file is "
         "invalid)",
         ANEW),
    rule("P104", "wheel-version", "error", INSTALLERS, FORMAT,
         "{member} {problem}",
         "Installers refuse a wheel unless it says that it is written in version 1 of the format",
         ANEW),
    rule("P105", "build-number-differs", "note", SPECIFIED, FORMAT,
         "the file's name has {named}, and {member} {said}",
         "Installers go by the name alone, but a tool that packs the wheel again goes by WHEEL",
         f"{NEVER}: wheel tags --build changes both"),
    rule("P106", "wheel-not-utf8", "error", INSTALLERS, FORMAT,
         "{member} is not UTF-8",
         "pip and uv refuse a wheel whose WHEEL they cannot read",
         ANEW),
    rule("P110", "extension-in-purelib", "warning", SPECIFIED, FORMAT,
         "{member}{more} is compiled, and goes where pure Python goes: {where}",
         "Some systems, such as Fedora, keep the two apart, and other processors share the folder of pure Python; "
         "auditwheel does not repair what lies in .data/purelib",
         IMPURE),
    rule("P111", "library-in-purelib", "note", SPECIFIED, FORMAT,
         "{member}{more} is compiled, and goes where pure Python goes: {where}",
         "Some systems, such as Fedora, keep the two apart, and other processors share the folder of pure Python",
         IMPURE),
    rule("P112", "pure-tag-extension", "error", TAGGED, TAGS,
         "{member} is an extension module, and the name says that the wheel runs anywhere",
         "Every Python on every system takes this wheel, and all but one cannot import the module",
         "let the build backend know of the extension, so that it names Python and platform"),
    rule("P113", "pure-tag-library", "error", TAGGED, TAGS,
         "{member}{more} is a shared library for {platform}, and the name says that the wheel runs anywhere",
         "Every system takes this wheel, and all others cannot load the library",
         "name the platform (wheel tags --platform-tag), or carry a library for each"),
    rule("P114", "pure-tag-program", "note", TAGGED, TAGS,
         "{member}{more} is compiled, in a wheel whose name says that it runs anywhere",
         "That is right if the wheel has one for each system, or does without it",
         "if the wheel needs it everywhere, build one wheel for each platform"),
    rule("P115", "platform-tag-without-binary", "note", TAGGED, TAGS,
         "the name says {subject}, and no file in the wheel is compiled",
         "Perhaps the wheel runs anywhere, and other systems could have it",
         "if it does: python -m wheel tags --remove --python-tag py3 --abi-tag none --platform-tag any {file}"),
    # --- P2: Linux ---
    rule("P201", "glibc-too-new", "error", POLICIES, PEP600,
         "{member} asks {library} for {asked}, and {tag} promises that glibc {promised} is enough",
         "A system with glibc {promised} takes this wheel and cannot load the file: version `{version}' not found",
         LESS),
    rule("P202", "symbol-version-too-new", "error", POLICIES, PEP600,
         "{member} asks {library} for {asked}, and {tag} promises that {promised} is enough",
         "A system with {promised} takes this wheel and cannot load the file: version `{version}' not found",
         LESS),
    rule("P203", "private-symbol", "error", POLICIES, PEP600,
         "{member} asks {library} for {asked}, which no release of glibc promises",
         "It is there in the release that the file was linked with, and may be gone or changed in any other",
         "use what glibc's manual documents; readelf --dyn-syms on the file lists the symbols"),
    rule("P204", "library-outside-policy", "note", POLICIES, PEP600,
         "the wheel does not carry {named}, and {tag} does not promise that every system has it",
         "Another wheel or the user's system has to bring it, which the file does not show; by its contents alone, "
         "the tag would be {justified}",
         "auditwheel repair {file} (it copies the library into the wheel)"),
    rule("P205", "internal-symbol", "warning", POLICIES, PEP600,
         "{member} uses {subject}, which {library} does not offer in all its builds",
         "{tag} leaves it out: on some systems the import fails with an undefined symbol",
         "use what the library documents, or carry the library in the wheel"),
    rule("P210", "architecture-differs", "error", TAGGED, TAGS,
         "{member} is for {subject}, and the wheel for {wanted}",
         "Machines that cannot load the file take this wheel",
         f"{NEVER}: build one wheel for each processor"),
    rule("P211", "foreign-architecture", "note", TAGGED, TAGS,
         "{member} is for {subject}, in a wheel for {wanted}",
         "It is no extension module, and no other file needs it: it may be data, or for a device",
         "leave it out if nothing reads it"),
    rule("P212", "c-library-differs", "error", POLICIES, PEP656,
         "{member} is linked with {subject}, and {tag} promises that {wanted} is enough",
         "A system with {wanted} alone takes this wheel and cannot load the file",
         "build one wheel for each C library (cibuildwheel: manylinux and musllinux images)"),
    rule("P213", "foreign-c-library", "note", POLICIES, PEP656,
         "{member} is linked with {subject}, in a wheel for {wanted}",
         "It is no extension module, and no other file needs it: it may be chosen at run time",
         "leave it out if nothing chooses it"),
    rule("P214", "architecture-unknown", "note", POLICIES, TAGS,
         "{member} is for a processor without Linux wheels, or for 32-bit ARM without floating-point registers",
         "No file in the wheel is for {wanted}, and whether it needs one does not show",
         "build on a machine of that kind, or in its image"),
    rule("P215", "linux-tag", "note", POLICIES, PEP600,
         "{subject} promises nothing about the C library",
         "It is the tag of a wheel before its repair; by its contents, the tag would be {justified}",
         "auditwheel repair {file}"),
    rule("P216", "compiled-file-unread", "note", "Wheel Lab, 2026-11-25", TAGS,
         "{member} {problem}",
         "What it asks of a system plays no part in the answer",
         "look at it with: readelf --dynamic, on the unpacked file"),
    rule("P217", "musl-version", "note", POLICIES, PEP656,
         "{subject} promises that musl {promised} is enough, and the files do not say which one they need",
         "musl gives its symbols no versions; {newest} is the oldest that still has releases",
         "import the wheel on the oldest Alpine Linux that it is for"),
    # --- P3: Python's own interface ---
    rule("P301", "extension-suffix", "error", IMPORTER, PEP3149,
         "only {importer} imports {member}, and the wheel is for {wanted}",
         f"The Pythons that take this wheel {UNSEEN}",
         f"{NEVER}: build one wheel for each Python"),
    rule("P302", "extension-for-another", "note", IMPORTER, PEP3149,
         "only {importer} imports {member}, beside extension modules for {wanted}",
         "No Python that takes this wheel reads it",
         "empty the build folder, and build the wheel anew"),
    rule("P303", "stable-tag-suffix", "error", IMPORTER, STABLE,
         "only {importer} imports {member}, and the wheel is for {wanted} and later",
         f"The later Pythons take this wheel too, and {UNSEEN}",
         "build it for the stable ABI, as .abi3.so (setuptools: py_limited_api=True of the Extension)"),
    rule("P304", "any-python-tag-suffix", "error", IMPORTER, PEP3149,
         "only {importer} imports {member}, and the wheel is for {wanted}",
         f"Every Python 3 takes this wheel, and all others {UNSEEN}",
         "python -m wheel tags --remove --python-tag {python} --abi-tag {abi} {file}"),
    rule("P305", "extension-platform", "error", IMPORTER, PEP3149,
         "{member} has the suffix of {importer}, and the wheel is for {wanted}",
         f"The Pythons that take this wheel {UNSEEN}",
         "use the suffix of the Python that it is for: sysconfig.get_config_var('EXT_SUFFIX') says it"),
    rule("P310", "symbol-outside-stable-abi", "error", ABI3, STABLE,
         "{member} uses {names}, not in the stable ABI that {tag} promises",
         "Every later Python takes this wheel, and may have changed or dropped what the stable ABI does not hold",
         f"{LIMIT}: it hides such functions"),
    rule("P311", "python-symbol-too-new", "error", f"{ABI3}; exports of CPython 3.6 to 3.13, read 2026-11-25", STABLE,
         "{member} uses {names} of a later Python, and the wheel is for {promised}",
         "Python {promised} takes this wheel and cannot load the file: undefined symbol",
         OLDER),
    rule("P312", "stable-abi-too-new", "warning", f"{ABI3}; exports of CPython 3.6 to 3.13, read 2026-11-25", STABLE,
         "{member} uses {names} of a later stable ABI, and the wheel is for {promised}",
         "Python {promised} has it, but did not promise yet that it stays as it is",
         OLDER),
    rule("P313", "free-threaded-build", "error", "CPython, Include/refcount.h, read 2026-11-25", PEP803,
         "{member} uses {subject}, which only Python without the GIL has, and the wheel is for {wanted}",
         "Python with the GIL takes this wheel and cannot load the file: undefined symbol",
         "build with the Python that the tag names; without the GIL, the tag ends in t"),
    rule("P314", "stable-abi-without-gil", "warning", f"PEP 803; {IMPORTER}", PEP803,
         "{member} has the suffix of the stable ABI with the GIL, and the wheel is for {wanted}",
         "Objects are laid out differently there: what was built for abi3 crashes, and since 3.15 it is not found",
         "build without Py_LIMITED_API for these Pythons; since 3.15 there is abi3t"),
    rule("P315", "python-abi-undeclared", "warning", ABI3, TAGS,
         "{member} is an extension module that uses {names}, and the wheel is for {wanted}",
         "The stable ABI does not have it: another Python may lack it, and takes this wheel all the same",
         "name the Python that it was built with (wheel tags --python-tag and --abi-tag), or use the stable ABI"),
    rule("P316", "abi-tag-without-extension", "note", TAGGED, TAGS,
         "the name says {subject}, and the wheel has no extension module",
         "Perhaps it uses no binary interface of Python, and other Pythons could have it",
         "if it uses none: python -m wheel tags --remove --python-tag py3 --abi-tag none {file}"),
])  # fmt: skip
