"""What macOS asks of a wheel's files, as rules: P4 (the promise) and M4 (the import).

How macOS looks for libraries was read on 2026-11-25 in dyld's manual page, dyld(1): ``@loader_path`` is the folder of
the file that asks, ``@rpath`` each LC_RPATH of that file and of those that loaded it, one after the other.
"""

from wheel_lab.doctor.findings import register, rule

__all__ = ["UNDECIDED"]

# Findings that leave the answer open.
UNDECIDED = frozenset({"P401", "P404", "M402", "M409"})

GUIDE = "https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/"
DELOCATE = "https://github.com/matthew-brett/delocate"
DYLD = "https://developer.apple.com/documentation/xcode/embedding-nonstandard-code-structures-in-a-bundle"
SIGNING = (
    "https://developer.apple.com/documentation/macos-release-notes/macos-big-sur-11_0_1-universal-apps-release-notes"
)
MANUAL = "dyld(1), read 2026-11-25"
TAGS = "Platform compatibility tags, macOS, read 2026-08-22"
RETAG = "python -m wheel tags --remove --platform-tag {justified} {file}"
REPAIR = "on a Mac: delocate-wheel -w fixed {file}"


register([
    rule("P401", "macos-floor", "warning", f"{TAGS}; matthew-brett/delocate#211", GUIDE,
         "{member} ({architecture}){others} was built for macOS {subject}, and {tag} promises {promised}",
         "On an older macOS that the tag promises, a function that it calls may not be there: Symbol not found",
         f"{RETAG} (it promises less), or build with MACOSX_DEPLOYMENT_TARGET={{promised}}, libraries too"),
    rule("P402", "macos-minor-floor", "note", TAGS, GUIDE,
         "{member}{others} was built for macOS {subject}, and {tag} promises {promised}",
         "Since macOS 11 a tag names the major version alone, so that no tag says more",
         "build with MACOSX_DEPLOYMENT_TARGET={promised} if the wheel is to run on each of them"),
    rule("P403", "macos-slice", "error", TAGS, GUIDE,
         "{member} has no code for {wanted}, and {tag} promises it",
         "The import fails there with: incompatible architecture (have '{found}', need '{wanted}')",
         f"build for {{wanted}} too (cibuildwheel: CIBW_ARCHS_MACOS), or name what is there: {RETAG}"),
    rule("P404", "macos-library-slice", "warning", TAGS, GUIDE,
         "{member} has no code for {wanted}, which {tag} promises, and no library of the wheel has",
         "Loading it fails there with: incompatible architecture (have '{found}', need '{wanted}')",
         f"build for {{wanted}} too, or name what is there: {RETAG}"),
    rule("M401", "macos-library-missing", "error", MANUAL, DELOCATE,
         "{member} ({architecture}) needs {subject}, which is neither in the wheel nor of the system",
         "The import fails with: Library not loaded: {subject}",
         REPAIR),
    rule("M402", "macos-library-elsewhere", "note", MANUAL, DELOCATE,
         "{member}{others} needs {subject}, {where}",
         "Whether it is there, and loaded by then, does not show in the wheel",
         "import the wheel on a Mac that has Python alone"),
    rule("M403", "macos-build-path", "error", f"{MANUAL}; matthew-brett/delocate README", DELOCATE,
         "{member} ({architecture}) needs {subject}, a path of the machine that built the wheel",
         "Elsewhere the import fails with: Library not loaded: {subject}",
         REPAIR),
    rule("M404", "macos-python-linked", "error", f"{MANUAL}; pypa/auditwheel#589 tells of the same on Linux", DYLD,
         "{member} ({architecture}) is linked to a Python: {subject}",
         "A Python from elsewhere (python.org, Homebrew, conda, uv) has none at that path, or gets a second one into "
         "its process",
         "link with -undefined dynamic_lookup and without libpython (CMake: Python::Module with Development.Module)"),
    rule("M405", "macos-build-rpath", "note", f"{MANUAL}; treelite#678", DYLD,
         "{member}{others} looks for libraries in {subject}, a path of the machine that built it",
         "On another Mac that folder is not there, or holds what somebody else put there",
         "on a Mac: install_name_tool -delete_rpath {quoted} on the unpacked file, then codesign --force --sign -"),
    rule("M406", "macos-unsigned", "error", "macOS 11 release notes, read 2026-11-25; cbcbox#1", SIGNING,
         "{member} has code for arm64 without a signature",
         "A Mac with Apple silicon ends the process that loads it: Killed: 9 (Code Signature Invalid)",
         "on a Mac, as the last step: codesign --force --sign - on the unpacked file, and wheel pack; linkers sign by "
         "themselves, strip and install_name_tool of other systems do not"),
    rule("M408", "macos-library-processor", "error", MANUAL, DELOCATE,
         "{member} needs {subject} for {wanted}, and the one in the wheel has {found} alone",
         "The import fails with: incompatible architecture (have '{found}', need '{wanted}')",
         "build {subject} for {wanted}, or join both with lipo -create, and repair the wheel again"),
    rule("M409", "macos-library-aside", "warning", MANUAL, DELOCATE,
         "{member} ({architecture}) needs {subject}, which is neither in the wheel nor of the system",
         "Python code of the wheel names the file, and loading it fails with: Library not loaded: {subject}",
         REPAIR),
])  # fmt: skip
