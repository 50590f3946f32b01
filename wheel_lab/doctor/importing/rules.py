"""What stops an import on Linux, as rules: M1 libraries, M2 symbols, M3 the loader, M6 the Python level.

A rule is an error only where importing a module of the wheel fails, on the systems that the tag names, with what the
wheel and such a system bring. What is loaded by other means than an import is worth a warning at most.
"""

from wheel_lab.doctor.findings import register, rule

__all__ = ["PATCH", "RENAME"]

LDSO = "https://man7.org/linux/man-pages/man8/ld.so.8.html"
PEP600 = "https://peps.python.org/pep-0600/"
AUDITWHEEL = "https://github.com/pypa/auditwheel"
NATIVE = "https://pypackaging-native.github.io/"
LIBPYTHON = "https://peps.python.org/pep-0513/#libpythonx-y-so-1"
POLICIES = "auditwheel's policies, 6.8.2 of 2026-08-17"
LOADER = "ld.so(8), and glibc, elf/dl-load.c, read 2026-11-25"
TABLE = "what the libraries of Debian trixie export, by tools/exports.py, 2026-11-25"
REPAIR = "auditwheel repair {file}"
# Change one file of a wheel, and write RECORD anew.
PATCH = "python -m wheel unpack {{file}} && patchelf {} {{target}} && python -m wheel pack {{folder}}"

RENAME = "--replace-needed {library} {name} --set-rpath {path}"


register([
    # --- M1: libraries and the paths to them ---
    rule("M101", "missing-library", "error", POLICIES, PEP600,
         "{member} needs {subject}, which is not in the wheel, and which the tag does not promise",
         "Where the system does not have it, the import fails: {subject}: cannot open shared object file",
         f"on a machine that has the library: {REPAIR}"),
    rule("M102", "missing-library-aside", "note", POLICIES, PEP600,
         "{member} needs {subject}, which is not in the wheel, and which the tag does not promise",
         "No extension module of the wheel needs it, but what loads or runs this file fails where the system does not "
         "have it",
         f"on a machine that has the library: {REPAIR}"),
    rule("M103", "library-of-another-package", "note", POLICIES, NATIVE,
         "{member} needs {subject}, which is not in the wheel: another package, or code, may bring it",
         "Nothing here tells whether the library is installed and loaded by then",
         "name the package that has it among the dependencies, and import that first"),
    rule("M104", "library-of-the-system", "note", POLICIES, PEP600,
         "{member} needs {subject} of the system, and no tag of the wheel promises that it is there",
         "Where the system does not have it, the import fails: {subject}: cannot open shared object file",
         f"say in the manual what to install, or carry it: {REPAIR}"),
    rule("M105", "library-renamed", "error", f"pypa/auditwheel#722, read 2026-11-25; {LOADER}",
         f"{AUDITWHEEL}/issues/722",
         "{member} needs {subject}, and the wheel carries it as {name}",
         "The loader looks for the old name: the repair renamed the library, but not in the file that needs it, as it "
         "did with patchelf before 0.14.4",
         PATCH.format(RENAME)),
    rule("M106", "library-not-found", "error", LOADER, LDSO,
         "{member} needs {subject}, which is in the wheel as {carried}, where the loader does not look",
         "No search path of the file leads there: the import fails with {subject}: cannot open shared object file",
         PATCH.format("--set-rpath {path}")),
    rule("M107", "library-found-by-others", "note", LOADER, LDSO,
         "{member} does not find {subject} by itself, which is in the wheel as {carried}",
         "It works only where another file of the wheel, or Python code, has loaded the library before",
         PATCH.format("--set-rpath {path}")),
    rule("M108", "libpython", "error", "PEP 513, read 2026-11-25; pypa/auditwheel#589", LIBPYTHON,
         "{member} is linked with {subject}",
         "An extension module gets Python's functions from the process that imports it, and most Pythons have no such "
         "library, among them Debian's and those of the manylinux images",
         PATCH.format("--remove-needed {library}")),
    rule("M109", "build-path", "warning", LOADER, LDSO,
         "{member} looks for libraries in {subject}",
         "It is a folder of the machine that built the wheel, or one where anybody may write: elsewhere it holds "
         "nothing, or what somebody else put there",
         PATCH.format("{patch}")),
    rule("M110", "absolute-path", "note", LOADER, LDSO,
         "{member} looks for libraries in {subject}",
         "What lies there on another system may be of another version",
         PATCH.format("{patch}")),
    rule("M111", "relative-path", "warning", LOADER, LDSO,
         "{member} looks for libraries in {subject}, from the folder where Python was started",
         "Anybody who can write to that folder chooses the code that is loaded; $ORIGIN stands for the file's own "
         "folder",
         PATCH.format("{patch}")),
    rule("M112", "unreadable-binary", "warning", "pyelftools 0.33, tried 2026-11-25", LDSO,
         "{member} {problem}",
         "What the loader needs cannot be found in it, so it is unlikely to load",
         "build the file anew, and strip it before anything else changes it"),
    rule("M113", "empty-path", "note", LOADER, LDSO,
         "{member} has an empty search path, which stands for the folder where Python was started",
         "CMake fills the rest of a path that it shortens with colons. Anybody who can write to that folder chooses "
         "the code that is loaded, unless the library is found before",
         PATCH.format("{patch}")),
    # --- M2: symbols ---
    rule("M201", "undefined-symbol", "error", f"{LOADER}; {TABLE}", LDSO,
         "{member} asks for {symbols}, which nothing gives that is loaded with it",
         "Python has all symbols resolved at once, so that the import fails: undefined symbol: {subject}",
         "link the library, or compile the source file, that defines {subject}"),
    rule("M202", "library-not-linked", "error", f"{LOADER}; {TABLE}", LDSO,
         "{member} asks for {symbols} of {library}, and does not need that library",
         "Python does not load it either, so that the import fails: undefined symbol: {subject}",
         "link it: add the library to the linker's arguments, after the objects that use it (for C++, link with g++)"),
    rule("M203", "symbol-of-another-package", "note", f"{LOADER}; {TABLE}", NATIVE,
         "{member} asks for {symbols}, which nothing gives that is loaded with it, unless another package does",
         "Nothing here tells whether that is so: if it is not, the import fails with undefined symbol: {subject}",
         "link the library that defines {subject}, so that the loader finds it by itself"),
    rule("M204", "version-not-there", "error", LOADER, LDSO,
         "{member} asks for {subject} ({symbols}), which {carried} does not have",
         "The carried library is older, or another, than the one that the file was linked with: the import fails with "
         "version `{subject}' not found",
         "carry the library that the file was linked with: build and repair the wheel on one machine"),
    rule("M205", "symbol-of-glibc", "error", TABLE, "https://peps.python.org/pep-0656/",
         "{member} asks for {symbols}, which glibc has and musl has not",
         "On a system with musl the import fails: Error relocating {member}: {subject}: symbol not found",
         "compile and link all of it, static libraries too, in a musllinux image, and test the wheel there"),
    rule("M206", "library-by-chance", "warning", f"{LOADER}; {TABLE}", LDSO,
         "{member} asks for {symbols} of {library}, and does not need that library",
         "Some Pythons are linked with it, as Debian's is, and others are not: there the import fails",
         "link it: add the library to the linker's arguments, after the objects that use it"),
    rule("M207", "version-damaged", "error", "pypa/auditwheel#279 of 2020-12-24, read 2026-11-26",
         f"{AUDITWHEEL}/issues/279",
         "{member} asks {library} for the version {subject} ({symbols}), which is no version of glibc",
         "What changed the file after it was linked damaged its table of versions: the import fails with undefined "
         "symbol, and that version",
         "build it anew, and repair it with patchelf 0.19 or newer"),
    # --- M3: the loader ---
    rule("M301", "executable-stack", "error", "glibc 2.41, NEWS, read 2026-11-25; pypa/auditwheel#634",
         f"{AUDITWHEEL}/issues/634",
         "{member} {asks} an executable stack",
         "glibc 2.41 and newer refuse to load it into a process without one, as Python's is: cannot enable executable "
         "stack as shared object requires. Linking with -Wl,-z,noexecstack leaves it out",
         PATCH.format("--clear-execstack")),
    rule("M302", "misplaced-segment", "error", f"{LOADER}; pypa/auditwheel#716", f"{AUDITWHEEL}/issues/716",
         "{member} has a segment at byte {offset} of the file for address {address}: different places of a page",
         "The loader maps whole pages, and refuses the file: ELF load command address/offset not page-aligned",
         "build it anew with patchelf 0.19 or newer, and strip it before auditwheel repairs it, not after"),
    rule("M303", "small-pages", "warning", LOADER, "https://github.com/numpy/numpy/issues/16677",
         "{member} is aligned to pages of {alignment} bytes",
         "Kernels for this processor may have pages of {page}: the import fails there with ELF load command alignment "
         "not page-aligned",
         "link with -Wl,-z,max-page-size=65536, and use a current patchelf"),
    rule("M304", "instruction-set", "error", "auditwheel 6.8.2, lddtree.py, read 2026-11-25",
         "https://gitlab.com/x86-psABIs/x86-64-ABI",
         "{member} says that it needs {subject}",
         "The tag promises every x86-64 processor: auditwheel refuses the wheel, and an older processor stops at an "
         "instruction that it lacks, or glibc before that (CPU ISA level is lower than required)",
         "compile for the baseline (without -march=native and -z {subject}), and choose faster code at run time"),
    rule("M305", "text-relocations", "note", "elf(5), DT_TEXTREL, read 2026-11-25",
         "https://man7.org/linux/man-pages/man5/elf.5.html",
         "the loader has to change the machine code of {member}",
         "Systems that forbid it, as SELinux does, do not load the file",
         "compile all of its parts with -fPIC"),
    rule("M306", "cut-off", "error", LOADER, LDSO,
         "{member} ends at byte {size}, and its segments reach to byte {end}",
         "The file lost its end: loading it fails, or ends Python with a bus error",
         "build the file anew, and strip it before anything else changes it"),
    rule("M307", "odd-alignment", "warning", "glibc 2.35, elf/dl-load.c, and before, read 2026-11-25", LDSO,
         "{member} has a segment at byte {offset} of the file for address {address}, with alignment {alignment}",
         "glibc before 2.35 refuses the file: ELF load command address/offset not properly aligned",
         "build it anew with patchelf 0.19 or newer, and strip it before auditwheel repairs it, not after"),
    rule("M308", "wide-instructions", "note", "the machine code, by capstone 5.0.9, read 2026-11-25", NATIVE,
         "{member} has instructions that not every x86-64 processor has: {words}",
         "That is right where the code asks the processor before it calls them, as NumPy's does. Where -march=native "
         "put them, an older processor ends Python: Illegal instruction",
         "compile for the baseline (without -march=native), and choose faster code at run time"),
    # --- M6: the Python level ---
    rule("M601", "module-not-there", "warning", "the import system, Python 3.14, read 2026-11-25",
         "https://docs.python.org/3/reference/import.html",
         "line {line} of {member} imports {subject}, and the wheel has no such module",
         "Unless another package puts it there, the import fails: No module named",
         "build the extension module, or add the generated file to the package; to see what is there: "
         "python -m zipfile -l {file}"),
    rule("M602", "openmp-runtime", "note",
         "threadpoolctl, multiple_openmp.md at 19d377a078c5, and scikit-learn#28362 of 2024-02-05, read 2026-11-26",
         f"{NATIVE}key-issues/native-dependencies/blas_openmp/",
         "{member} is a runtime of OpenMP",
         "Each package that carries its own loads another one into the process. Most get along, with more threads than "
         "cores; some deadlock (LLVM's beside Intel's), and some find no room for their thread-local memory",
         "nothing, unless others are loaded beside it: then leave it out (auditwheel repair --exclude), and say where "
         "it comes from"),
    rule("M603", "cpp-runtime", "note",
         f"{POLICIES}; pypa/manylinux#304 of 2019-06-03 and tesseract_nanobind#119 of 2026-06-10, read 2026-11-26",
         NATIVE,
         "{member} is a C++ runtime",
         "The policies promise libstdc++.so.6 on every system. With a second one in the process, exceptions and "
         "streams that go from one to the other may crash it",
         "build in a manylinux image, whose compiler needs no newer one than the tag promises"),
    rule("M604", "cpp-runtime-exported", "note",
         "apache/arrow#2637 of 2018-09-26 and pytorch/TensorRT#4592 of 2026-08-26, read 2026-11-26", NATIVE,
         "{member} holds a C++ runtime of its own, and gives it to others ({subject})",
         "Libraries that are loaded later may take functions from this one and others from the system's, and crash",
         "link with -Wl,--exclude-libs,ALL, or with a version script that exports the module's own function alone"),
])  # fmt: skip
