"""What Windows asks of a wheel's files, as rules: P5 (the promise) and M5 (the import).

How Windows looks for the DLLs of an extension module was read on 2026-11-25 in CPython's ``Python/dynload_win.c``
(since 3.8: the module's own folder, the system's, that of python.exe, and those given to ``os.add_dll_directory``)
and in "Dynamic-link library search order" of Microsoft's documentation.
"""

from wheel_lab.doctor.findings import register, rule

__all__ = ["UNDECIDED"]

# Findings that leave the answer open.
UNDECIDED = frozenset({"M502", "M505", "M507"})

GUIDE = "https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/"
STABLE = "https://docs.python.org/3/c-api/stable.html"
EXTENDING = "https://docs.python.org/3/extending/windows.html"
SEARCH = "https://docs.python.org/3/library/os.html#os.add_dll_directory"
DELVEWHEEL = "https://github.com/adang1345/delvewheel"
REDISTRIBUTABLE = "https://learn.microsoft.com/en-us/cpp/windows/latest-supported-vc-redist"
LOADER = "CPython, Python/dynload_win.c, read 2026-11-25"
TAGS = "PEP 425, read 2026-08-22"
LISTS = "delvewheel, delvewheel/_dll_list.py of 2026-05-09"
NOT_FOUND = "The import fails with: DLL load failed while importing: The specified module could not be found"
# DLLs that are in the wheel stay as they are, and what they need is brought along as well.
REPAIR = "delvewheel repair --ignore-existing --analyze-existing"
FROM = f"{REPAIR} --add-path FOLDER {{file}} (FOLDER is where {{subject}} is)"


register([
    rule("P501", "windows-processor", "error", TAGS, GUIDE,
         "{member} is for {subject}, and the wheel for {wanted}",
         "The import fails with: DLL load failed while importing: %1 is not a valid Win32 application",
         "build with a Python of the processor that the tag names (cibuildwheel: CIBW_ARCHS_WINDOWS)"),
    rule("P502", "windows-python", "error", LOADER, EXTENDING,
         "{member} is linked to {subject}, and the Python that takes this wheel has {wanted}",
         "The DLL of another Python is not found, or is loaded beside the right one, and the two know nothing of each "
         "other",
         "build with the Python that the tag names, and delete what an earlier build left"),
    rule("P503", "windows-stable-abi", "error", LOADER, STABLE,
         "{member} is linked to {subject}, and the wheel promises the stable ABI, which is in {wanted}",
         "A later Python takes this wheel and has no {subject}: DLL load failed while importing",
         "define Py_LIMITED_API for each source file: then the compiler links python3.lib by itself"),
    rule("M501", "windows-library-missing", "error", f"{LISTS}; {LOADER}", DELVEWHEEL,
         "{member} needs {subject}, which is neither in the wheel, nor of Windows, nor of Python",
         NOT_FOUND,
         FROM),
    rule("M502", "windows-library-elsewhere", "note", f"{LISTS}; {LOADER}", SEARCH,
         "{member}{others} needs {subject}, which is not in the wheel: {where}",
         "Whether it is there, and whether Windows finds it, does not show in the wheel",
         "import the wheel on a Windows that has Python alone"),
    rule("M503", "windows-library-place", "error", LOADER, SEARCH,
         "{member} needs {subject}, and the wheel has it where Windows does not look: {place}",
         f"{NOT_FOUND}. Since 3.8, Python has Windows look beside the module, and not in PATH",
         "put {subject} beside {member}, or call os.add_dll_directory in the package's __init__.py; delvewheel does "
         "that, in a package without that file only where --namespace-pkg names it"),
    rule("M504", "windows-debug-runtime", "error", REDISTRIBUTABLE + ", read 2026-11-25", REDISTRIBUTABLE,
         "{member} needs {subject}, which is of a debug build",
         f"It comes with Visual Studio and with no other Windows, and may not be redistributed. {NOT_FOUND}",
         "build it in the Release configuration (setuptools: without --debug; CMake: -DCMAKE_BUILD_TYPE=Release)"),
    rule("M505", "windows-runtime-missing", "warning", f"{LISTS}; adang1345/delvewheel#49 and #54", REDISTRIBUTABLE,
         "{member}{others} needs {subject} of Microsoft's C++ runtime, which neither the wheel nor Python brings",
         "On a Windows without its redistributable package the import fails: The specified module could not be found. "
         "An old one that is found instead may crash",
         f"{REPAIR} {{file}}"),
    rule("M506", "windows-library-processor", "error", TAGS, DELVEWHEEL,
         "{member} needs {subject}, and the one in the wheel is for {found}, not for {wanted}",
         NOT_FOUND,
         "build {subject} for {wanted}, and repair the wheel again"),
    rule("M507", "windows-library-aside", "warning", LISTS, DELVEWHEEL,
         "{member}{others} needs {subject}, which is neither in the wheel, nor of Windows, nor of Python",
         "Python code of the wheel names the file, and loading it fails with FileNotFoundError: Could not find module",
         FROM),
])  # fmt: skip
