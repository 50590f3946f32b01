"""What Android, iOS and Emscripten ask of a wheel's files, and files of another system, as rules: P6."""

from wheel_lab.doctor.findings import register, rule

__all__ = ["UNDECIDED"]

# Findings that leave the answer open.
UNDECIDED = frozenset({"P602", "P604"})

PEP730, PEP738, PEP783 = (f"https://peps.python.org/pep-{number}/" for number in ("0730", "0738", "0783"))
NEVER = "never rename a wheel"


register([
    rule("P601", "android-processor", "error", "PEP 738, read 2026-08-22", PEP738,
         "{member} is for {subject}, and {tag} for {wanted}",
         "The import fails on the device: dlopen failed",
         f"{NEVER}: build one wheel for each processor (cibuildwheel: CIBW_ARCHS_ANDROID)"),
    rule("P602", "android-level", "warning", "PEP 738, read 2026-08-22; Android NDK, .note.android.ident", PEP738,
         "{member} was built for Android API level {subject}, and {tag} promises level {promised}",
         "A device with an older Android takes this wheel, and a function that it calls may not be there: dlopen "
         "failed: cannot locate symbol",
         "python -m wheel tags --remove --platform-tag {justified} {file} (it promises less), or build with "
         "ANDROID_API_LEVEL={promised}"),
    rule("P603", "ios-target", "error", "PEP 730, read 2026-08-22", PEP730,
         "{member} is for {subject}, and {tag} for {wanted}",
         "A device does not load code of the simulator, the simulator none of a device, and neither that of macOS",
         f"{NEVER}: build one wheel for each of iphoneos and iphonesimulator (cibuildwheel: CIBW_ARCHS_IOS)"),
    rule("P604", "ios-floor", "warning", "PEP 730, read 2026-08-22", PEP730,
         "{member} was built for iOS {subject}, and {tag} promises {promised}",
         "On an older iOS that the tag promises, a function that it calls may not be there: Symbol not found",
         "python -m wheel tags --remove --platform-tag {justified} {file} (it promises less), or build with "
         "IPHONEOS_DEPLOYMENT_TARGET={promised}"),
    rule("P605", "foreign-module", "error", "PEP 425, PEP 730, PEP 738 and PEP 783, read 2026-08-22", PEP783,
         "{member} is an extension module of {subject}, and the wheel is for {wanted}",
         "No Python on {wanted} can load it, and the wheel has no module with that name for {wanted}",
         f"{NEVER}: build it for {{wanted}}"),
    rule("P606", "foreign-file", "note", "PEP 425, read 2026-08-22", PEP783,
         "{member}{others} is a file of {subject}, in a wheel for {wanted}",
         "That is right where a program hands it to another system; otherwise it is size without use",
         "leave it out of the wheel if nothing reads it"),
])  # fmt: skip
