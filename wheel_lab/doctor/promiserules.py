"""What the tags of a wheel promise, as rules: P1 to P3. What is Apple's, Microsoft's and others' own has its modules.

A rule is an error only where the promise is broken for a user whose installer believes the name: the installation is
refused, the import fails, or another Python than the one it was built with gets the file.
"""

from wheel_lab.doctor.findings import Level, Rule, register

__all__ = ["UNDECIDED"]

GUIDE = "https://packaging.python.org/en/latest/specifications"
FORMAT, TAGS = f"{GUIDE}/binary-distribution-format/", f"{GUIDE}/platform-compatibility-tags/"
PEP600, PEP656 = "https://peps.python.org/pep-0600/", "https://peps.python.org/pep-0656/"
STABLE, SUFFIXES = "https://docs.python.org/3/c-api/stable.html", "https://peps.python.org/pep-3149/"
PEP803 = "https://peps.python.org/pep-0803/"
FORMAT_READ = "Binary distribution format, read 2026-08-22"
INSTALLERS = "pip 26.3 and uv 0.13.9, tried 2026-11-25"
POLICIES = "auditwheel's policies, 6.8.2 of 2026-08"
IMPORTER = "CPython, Python/dynload_shlib.c and Misc/platform_triplet.c, read 2026-11-25"
ABI3 = "CPython, Misc/stable_abi.toml, by abi3info 2026.9.25"
NEVER = "never rename a wheel"
ANEW = "build the wheel anew with a current version of the build backend"
RETAG = "python -m wheel tags --remove --platform-tag {justified} {file}"
# Findings that leave open whether the promise is kept.
UNDECIDED = {"P204", "P214", "P216", "P217"}


def _rule(code: str, name: str, level: Level, source: str, link: str, what: str, why: str, fix: str) -> Rule:
    return Rule(code=code, name=name, level=level, what=what, why=why, fix=fix, link=link, source=source)


register([
    # --- P1: WHEEL against the name, and pure against compiled ---
    _rule("P101", "wheel-tags-differ", "warning", f"{FORMAT_READ}; {INSTALLERS}", FORMAT,
          "the tag {subject} is {where}",
          "Installers choose by the name, and judge what is installed by WHEEL: uv installs such a wheel again each time, "
          "and pip check calls it unsupported",
          f"python -m wheel tags --remove {{tags}} {{file}}; {NEVER} by hand"),
    _rule("P102", "wheel-without-tags", "warning", f"{FORMAT_READ}; {INSTALLERS}", FORMAT,
          "{member} has no Tag",
          "It is the only place where an installed wheel says what it was made for: without it, pip check calls the project "
          "unsupported",
          "python -m wheel tags --remove {tags} {file}"),
    _rule("P103", "wheel-line-malformed", "warning", f"{FORMAT_READ}; astral-sh/uv#2149", FORMAT,
          "line {line} of {member} {problem}: {subject}",
          "uv refused such a file before 2024 (The wheel is invalid: Line {line} of the WHEEL file is invalid), and pip reads "
          "over it and over what follows",
          ANEW),
    _rule("P104", "wheel-version", "error", f"{FORMAT_READ}; {INSTALLERS}", FORMAT,
          "{member} {problem}",
          "Installers refuse a wheel that does not say in which version of the format it is written, or in one that they "
          "do not know: that is 1.0",
          ANEW),
    _rule("P105", "build-number-differs", "note", FORMAT_READ, FORMAT,
          "the file's name has {named}, and {member} {said}",
          "Installers go by the name alone; what packs the wheel again, goes by WHEEL",
          f"{NEVER}: python -m wheel tags --remove --build NUMBER {{file}}"),
    _rule("P106", "wheel-unreadable", "error", INSTALLERS, FORMAT,
          "{member} is not UTF-8",
          "pip and uv refuse a wheel whose WHEEL they cannot read",
          ANEW),
    _rule("P110", "extension-in-purelib", "warning", FORMAT_READ, FORMAT,
          "{member} is compiled, and goes where pure Python goes: {where}",
          "Where the two are different folders, as with the system's Python on Fedora, one processor's code lies in a folder "
          "that all share; auditwheel refuses to repair what lies in .data/purelib",
          "tell the backend that the wheel is not pure (setuptools: ext_modules, or has_ext_modules of the Distribution)"),
    _rule("P111", "library-in-purelib", "note", FORMAT_READ, FORMAT,
          "{member} is compiled, and goes where pure Python goes: {where}",
          "Most systems have one folder for both, and nothing happens; on the others, one processor's code lies in a folder "
          "that all share",
          "tell the backend that the wheel is not pure (setuptools: has_ext_modules of the Distribution)"),
    _rule("P112", "pure-tag-extension", "error", FORMAT_READ, TAGS,
          "{member} is an extension module, and the name says that the wheel runs anywhere",
          "Every system and every Python takes this wheel; the module is importable on one of them alone",
          "build with a backend that knows of the extension, so that it names the platform, and repair the wheel"),
    _rule("P113", "pure-tag-library", "error", FORMAT_READ, TAGS,
          "{member} is a shared library for {platform}, and the name says that the wheel runs anywhere",
          "Every system takes this wheel, and all but that one cannot load the library",
          "name the platform: python -m wheel tags --remove --platform-tag {justified} {file}"),
    _rule("P114", "pure-tag-program", "note", FORMAT_READ, TAGS,
          "{member} is compiled, in a wheel whose name says that it runs anywhere",
          "That is right where the package has one for each system, or does without it; it is wrong where it needs it",
          "look whether the package works where this file does not run; if not, name the platform"),
    _rule("P115", "platform-tag-without-binary", "note", FORMAT_READ, TAGS,
          "the name says {subject}, and no file in the wheel is compiled",
          "The wheel may run anywhere: then py3-none-any lets all systems have it",
          "if nothing in it is for one system: python -m wheel tags --remove --python-tag py3 --abi-tag none --platform-tag "
          "any {file}"),
    # --- P2: Linux ---
    _rule("P201", "glibc-too-new", "error", f"PEP 600; {POLICIES}", PEP600,
          "{member} asks {library} for {asked}, and {tag} promises no more than glibc {promised}",
          "A system with glibc {promised} takes this wheel and cannot load the file: version `{version}' not found",
          f"{RETAG} (it promises less), or build in the image of {{tag}}"),
    _rule("P202", "symbol-version-too-new", "error", f"PEP 600; {POLICIES}", PEP600,
          "{member} asks {library} for {asked}, and {tag} promises no more than {promised}",
          "A system that the tag promises takes this wheel and cannot load the file: version `{version}' not found",
          f"{RETAG} (it promises less), or build in the image of {{tag}}"),
    _rule("P203", "private-symbol", "error", f"PEP 600; {POLICIES}", PEP600,
          "{member} asks {library} for {asked}, which no release of glibc promises",
          "It is there in the release that the file was linked against, and may be another thing or gone in the next",
          "find what links to it (nm -D on the file names the symbols), and use what glibc's manual documents"),
    _rule("P204", "library-outside-policy", "note", f"PEP 600; {POLICIES}", PEP600,
          "the wheel does not carry {named}, and {tag} does not expect that every system has it",
          "Another wheel or the user's system has to bring it, and the file does not show whether they do. By its contents "
          "alone, the wheel is {justified}",
          "auditwheel repair {file} (it copies the library into the wheel)"),
    _rule("P205", "internal-symbol", "warning", POLICIES, PEP600,
          "{member} uses {subject} of {library}, which {tag} does not count among what the library offers",
          "Some builds of the library have the symbol and others do not: there the import fails",
          "use what the library documents, or carry the library with the wheel"),
    _rule("P210", "architecture-differs", "error", "PEP 425, read 2026-08-22", TAGS,
          "{member} is for {subject}, and the wheel for {wanted}",
          "An installer gives the wheel to machines that cannot load the file: wrong ELF class, or cannot open shared object "
          "file",
          f"{NEVER}: build one wheel for each processor"),
    _rule("P211", "foreign-architecture", "note", "PEP 425, read 2026-08-22", TAGS,
          "{member} is for {subject}, in a wheel for {wanted}",
          "It is no extension module, and none of the others needs it: it may be data, or for a device",
          "leave it out if nothing reads it"),
    _rule("P212", "c-library-differs", "error", "PEP 600 and PEP 656, read 2026-08-22", PEP656,
          "{member} is linked with {subject}, and {tag} promises that {wanted} is enough",
          "A system with {wanted} alone takes this wheel and cannot load the file",
          "build one wheel for each C library (cibuildwheel: manylinux and musllinux images)"),
    _rule("P213", "foreign-c-library", "note", "PEP 600 and PEP 656, read 2026-08-22", PEP656,
          "{member} is linked with {subject}, in a wheel for {wanted}",
          "It is no extension module, and none of the others needs it: it may be chosen at run time",
          "leave it out if nothing chooses it"),
    _rule("P214", "architecture-unknown", "note", POLICIES, TAGS,
          "{member} is for a processor that no Linux wheel is for, or for 32-bit ARM without floating-point registers",
          "Whether {wanted} can load it does not follow from the file, and no other file in the wheel is for {wanted}",
          f"{NEVER}: build on a machine of the kind, or in its image"),
    _rule("P215", "linux-tag", "note", "PEP 600, read 2026-08-22", PEP600,
          "{subject} promises nothing about the C library",
          "It is the tag of a wheel before its repair: by its contents, the wheel is {justified}",
          "auditwheel repair {file}"),
    _rule("P216", "compiled-file-unread", "note", "wheel_lab.binaries, 2026-11-25", TAGS,
          "{member} {problem}",
          "What it needs plays no part in the answer",
          "look at it with: readelf -d on the unpacked file"),
    _rule("P217", "musl-version", "note", f"PEP 656; {POLICIES}", PEP656,
          "{subject} promises musl {promised}, and files that are linked with musl do not say which one they need",
          "musl gives its symbols no versions, and {newest} is what its current releases keep",
          "import the wheel on the oldest Alpine Linux that it is for"),
    # --- P3: Python's own interface ---
    _rule("P301", "extension-suffix", "error", IMPORTER, SUFFIXES,
          "{member} is importable by {importer} alone, and the wheel is for {wanted}",
          "Python does not see a file with another suffix: ModuleNotFoundError",
          f"{NEVER}: build one wheel for each Python"),
    _rule("P302", "extension-for-another", "note", IMPORTER, SUFFIXES,
          "{member} is for {importer}, beside a file for {wanted}",
          "No Python that takes this wheel reads it",
          "clean the build folder, and build the wheel anew"),
    _rule("P303", "stable-tag-suffix", "error", IMPORTER, STABLE,
          "{member} is importable by {importer} alone, and the wheel is for {wanted}",
          "The tag gives the wheel to every later Python too, and those do not see the file: ModuleNotFoundError",
          "build with Py_LIMITED_API, so that the file ends in .abi3.so (setuptools: py_limited_api=True of the Extension)"),
    _rule("P304", "any-python-tag-suffix", "error", IMPORTER, SUFFIXES,
          "{member} is importable by {importer} alone, and the wheel is for {wanted}",
          "Every Python 3 takes this wheel, and all but that one do not see the file: ModuleNotFoundError",
          "python -m wheel tags --remove --python-tag {python} --abi-tag {abi} {file}"),
    _rule("P305", "extension-platform", "error", IMPORTER, SUFFIXES,
          "{member} has the suffix of {importer}, and the wheel is for {wanted}",
          "Python does not see a file with another platform's suffix: ModuleNotFoundError",
          "name the file with the suffix of the Python that it is for (sysconfig.get_config_var('EXT_SUFFIX') says it)"),
    _rule("P310", "symbol-outside-stable-abi", "error", ABI3, STABLE,
          "{member} uses {subject}, which is no part of the stable ABI that {tag} promises",
          "A later Python may have changed it or dropped it, and takes this wheel all the same",
          "compile with Py_LIMITED_API set to {hex}, which hides such functions"),
    _rule("P311", "python-symbol-too-new", "error", ABI3, STABLE,
          "{member} uses {subject}, which came with Python {added}, and the wheel is for Python {promised}",
          "Python {promised} takes this wheel and cannot load the file: undefined symbol",
          "tag it for Python {added} (setuptools: py_limited_api of bdist_wheel), or compile with Py_LIMITED_API set to {hex}"),
    _rule("P312", "stable-abi-too-new", "warning", f"{ABI3}, and the exports of CPython 3.6 to 3.13", STABLE,
          "{member} uses {subject}, which is in the stable ABI since Python {added}, and the wheel promises it for {promised}",
          "Python {promised} has the function, without the promise that later ones keep it as it was",
          "tag it for Python {added} (setuptools: py_limited_api of bdist_wheel), or compile with Py_LIMITED_API set to {hex}"),
    _rule("P313", "free-threaded-build", "error", "CPython, Include/refcount.h, read 2026-11-25", PEP803,
          "{member} uses {subject}, which only a Python without the GIL has, and the wheel is for {wanted}",
          "Python with the GIL takes this wheel and cannot load the file: undefined symbol",
          "build with the Python that the tag names; for one without the GIL the tag ends in t"),
    _rule("P314", "stable-abi-without-gil", "warning", "PEP 803 and CPython, Python/dynload_shlib.c, read 2026-11-25", PEP803,
          "{member} has the suffix of the stable ABI, and the wheel is for {wanted}, which has none",
          "Objects are laid out in another way without the GIL: a file built for abi3 crashes there, and since Python 3.15 "
          "it is not seen at all",
          "build without Py_LIMITED_API for these Pythons; since 3.15 there is abi3t"),
    _rule("P315", "python-abi-undeclared", "warning", ABI3, TAGS,
          "{member} is an extension module that uses {subject}, and the wheel is for {wanted}",
          "The function is no part of the stable ABI: another Python may lack it, and takes this wheel all the same",
          "name the Python it was built with: python -m wheel tags --remove --python-tag {python} --abi-tag {abi} {file}"),
    _rule("P316", "stable-tag-without-extension", "note", "PEP 425, read 2026-08-22", TAGS,
          "the name says {subject}, and the wheel has no extension module",
          "The wheel does not depend on Python's binary interface: with the abi tag none all Pythons could have it",
          "python -m wheel tags --remove --python-tag py3 --abi-tag none {file}"),
])  # fmt: skip
