"""For each rule about macOS, Windows, Android and iOS a wheel with that one defect, and a good twin of each."""

import struct

from hostile_elf import Elf
from hostile_zip import Entry
from making import make
from tiny_macho import macho, universal
from tiny_pe import pe

WASM = b"\0asm\1\0\0\0"
SYSTEM = "/usr/lib/libSystem.B.dylib"
MODULE, PYD = "tiny/_x.cpython-312-darwin.so", "tiny/_x.cp312-win_amd64.pyd"
FIRST = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\n"


def tagged(tags, files, requires=()):
    """Describe a wheel with these tags, and files beside tiny.py."""
    python, abi, platforms = tags.split("-")
    lines = "".join(f"Tag: {python}-{abi}-{platform}\n" for platform in platforms.split("."))
    entries = [Entry(name, data if isinstance(data, bytes) else data.encode()) for name, data in files.items()]
    more = "".join(f"Requires-Dist: {one}\n" for one in requires)
    return {"name": f"tiny-1.0-{tags}.whl", "entries": entries, "wheel": FIRST + lines, "more": more}


# --- macOS ---


def module(cpu="arm64", needed=(), **more):
    return macho(cpu, "bundle", needed=(SYSTEM, *needed), exports=("PyInit__x",), **more)


def dylib(name, cpu="arm64", needed=(), **more):
    return macho(cpu, "dylib", name=name, needed=(SYSTEM, *needed), **more)


def mac(data=None, files=None, platform="macosx_11_0_arm64", requires=()):
    """Describe a wheel for macOS with one extension module."""
    own = {} if data == b"" else {MODULE: module() if data is None else data}
    return tagged(f"cp312-cp312-{platform}", {**own, **(files or {})}, requires)


def both(**more):
    return universal(module("x86_64", **more), module("arm64", **more))


CARRIED = "tiny/.dylibs/libone.dylib"
LOADED = "@loader_path/.dylibs/libone.dylib"
FRAMEWORK = "/Library/Frameworks/Python.framework/Versions/3.12/Python"
BREW = "/opt/homebrew/opt/libomp/lib/libomp.dylib"
CTYPES = {"tiny/libx.dylib": dylib("@rpath/libx.dylib", needed=("@rpath/libomp.dylib",)),
          "tiny/core.py": "ctypes.CDLL('libx.dylib')"}  # fmt: skip

# --- Windows ---


def pyd(machine="amd64", needed=(), **more):
    return pe(machine, ["python312.dll", "VCRUNTIME140.dll", *needed], exports=["PyInit__x"], **more)


def win(data=None, files=None, tags="cp312-cp312-win_amd64", requires=()):
    """Describe a wheel for Windows with one extension module."""
    own = {} if data == b"" else {PYD: pyd() if data is None else data}
    return tagged(tags, {**own, **(files or {})}, requires)


def stable(library):
    return tagged("cp39-abi3-win_amd64", {"tiny/_x.pyd": pe("amd64", [library], exports=["PyInit__x"])})


DLL = pe("amd64", ["KERNEL32.dll", "api-ms-win-crt-heap-l1-1-0.dll"])
PATCHED = {"tiny/__init__.py": "os.add_dll_directory(libs_dir)"}

# --- Android, iOS, and the rest ---


def android(level=None, architecture="aarch64", tag="android_24_arm64_v8a"):
    """Describe a wheel for Android; `level` is what Android's linker notes in a file."""
    text = struct.pack("<3L8sL", 8, 4, 1, b"Android", level or 0).decode() if level else None
    data = bytearray(bytes(Elf(needed=("libc.so", "libpython3.14.so"), architecture=architecture, interpreter=text)))
    if level:
        data[64 + 2 * 56] = 4  # the interpreter's segment becomes one of notes
    return tagged(f"cp314-cp314-{tag}", {"tiny/_x.cpython-314-aarch64-linux-android.so": bytes(data)})


def ios(platform="ios", minimum=(13, 0), cpu="arm64", tag="ios_13_0_arm64_iphoneos"):
    suffix = tag.rpartition("_")[2]
    data = module(cpu, platform=platform, minimum=minimum, signed=False)
    return tagged(f"cp314-cp314-{tag}", {f"tiny/_x.cpython-314-{suffix}.so": data})


SIMULATOR = "ios_13_0_arm64_iphonesimulator"
ELF = bytes(Elf(needed=("libc.so.6",), exports=("PyInit__x",)))
PLAIN = {"tiny/_x.so": ELF}

# For each rule: (what, the defect, its good twin, what else of these rules fires with it).
CASES = {
    "P401": [
        ("was built for macOS 13.0, and macosx_11_0_arm64 promises 11.0", mac(module(minimum=(13, 0))), mac(), ()),
        ("(x86_64) was built for macOS 10.13", mac(module("x86_64", minimum=(10, 13)), platform="macosx_10_9_x86_64"),
         mac(module("x86_64", minimum=(10, 9), old=True), platform="macosx_10_9_x86_64"), ()),
        ("libone.dylib (arm64) was built for macOS 14.0", mac(module(needed=(LOADED,)), {CARRIED: dylib("libone.dylib",
         minimum=(14, 0))}), mac(module(needed=(LOADED,)), {CARRIED: dylib("libone.dylib", minimum=(11, 0))}), ()),
        # No macOS before 11 runs on arm64, whatever a tag for both processors says.
        ("(arm64) was built for macOS 12.0, and macosx_10_9_universal2 promises 11.0",
         mac(both(minimum=(12, 0)), platform="macosx_10_9_universal2"),
         mac(universal(module("x86_64", minimum=(10, 9)), module()), platform="macosx_10_9_universal2"), ()),
    ],
    "P402": [("was built for macOS 14.4, and macosx_14_0_arm64 promises 14.0",
              mac(module(minimum=(14, 4)), platform="macosx_14_0_arm64"),
              mac(module(minimum=(14, 0)), platform="macosx_14_0_arm64"), ())],
    "P403": [
        ("has no code for arm64, and macosx_11_0_arm64", mac(module("x86_64")), mac(), ()),
        ("has no code for x86_64, and macosx_11_0_universal2", mac(module(), platform="macosx_11_0_universal2"),
         mac(both(), platform="macosx_11_0_universal2"), ()),
        ("has no code for x86_64, and macosx_10_9_x86_64",
         mac(module("arm64"), platform="macosx_10_9_x86_64.macosx_11_0_arm64"),
         mac(both(minimum=(10, 9)), platform="macosx_10_9_x86_64.macosx_11_0_arm64"), ()),
        ("has no code for arm64", mac(module("arm64e")), mac(), ()),
    ],
    "P404": [("libx.dylib has no code for x86_64",
              mac(b"", {"tiny/libx.dylib": dylib("libx.dylib")}, "macosx_11_0_universal2"),
              # Two libraries, each for one processor, of which the package chooses.
              mac(b"", {"tiny/libx.dylib": dylib("libx.dylib"), "tiny/liby.dylib": dylib("liby.dylib", "x86_64")},
                  "macosx_11_0_universal2"), ())],
    "M401": [
        ("needs @rpath/libone.dylib, which is neither", mac(module(needed=("@rpath/libone.dylib",))), mac(), ()),
        ("needs @loader_path/.dylibs/libone.dylib", mac(module(needed=(LOADED,))),
         mac(module(needed=(LOADED,)), {CARRIED: dylib("libone.dylib")}), ()),
        ("needs libone.dylib, which is neither", mac(module(needed=("libone.dylib",))), mac(), ()),
        # Found through the search path of the module that loads the library which needs it.
        ("needs @rpath/libtwo.dylib",
         mac(module(needed=("@rpath/libone.dylib",), rpaths=("@loader_path/.dylibs",)),
             {CARRIED: dylib("@rpath/libone.dylib", needed=("@rpath/libtwo.dylib",))}),
         mac(module(needed=("@rpath/libone.dylib",), rpaths=("@loader_path/.dylibs",)),
             {CARRIED: dylib("@rpath/libone.dylib", needed=("@rpath/libtwo.dylib",)),
              "tiny/.dylibs/libtwo.dylib": dylib("@rpath/libtwo.dylib")}), ()),
    ],
    "M402": [
        ("another package may bring it", mac(module(needed=("@rpath/libtorch.dylib",)), requires=("torch",)), mac(),
         ()),
        ("the wheel has where it is not looked for: tiny/.dylibs/libone.dylib",
         mac(module(needed=("@rpath/libone.dylib",)), {CARRIED: dylib("@rpath/libone.dylib")}),
         mac(module(needed=("@rpath/libone.dylib",), rpaths=("@loader_path/.dylibs",)),
             {CARRIED: dylib("@rpath/libone.dylib")}), ()),
        # Nothing says that Python loads a plugin.
        ("plugin.dylib needs /opt/homebrew/opt/libpq/lib/libpq.5.dylib",
         mac(None, {"tiny/plugin.dylib": dylib("plugin.dylib", needed=("/opt/homebrew/opt/libpq/lib/libpq.5.dylib",))}),
         mac(None, {"tiny/plugin.dylib": dylib("plugin.dylib")}), ()),
    ],
    "M403": [
        (f"needs {BREW}", mac(module(needed=(BREW,))), mac(module(weak=(BREW,))), ()),
        ("needs /Users/runner/libtwo.dylib", mac(module(needed=(LOADED,)),
         {CARRIED: dylib("libone.dylib", needed=("/Users/runner/libtwo.dylib",))}),
         mac(module(needed=("/System/Library/Frameworks/Accelerate.framework/Versions/A/Accelerate",))), ()),
    ],
    "M404": [
        (FRAMEWORK, mac(module(needed=(FRAMEWORK,))), mac(), ()),
        ("@rpath/libpython3.12.dylib", mac(module(needed=("@rpath/libpython3.12.dylib",))), mac(), ()),
    ],
    "M405": [("looks for libraries in /Users/runner/lib, a path", mac(module(rpaths=("/Users/runner/lib",))),
              mac(module(rpaths=("@loader_path/lib", "/usr/lib/swift"))), ())],
    "M406": [
        ("has code for arm64 without a signature", mac(module(signed=False)), mac(), ()),
        # Only the code for arm64 has to be signed.
        ("has code for arm64", mac(universal(module("x86_64", signed=False), module(signed=False)),
         platform="macosx_11_0_universal2"), mac(universal(module("x86_64", signed=False), module()),
         platform="macosx_11_0_universal2"), ()),
    ],
    "M408": [("needs @loader_path/.dylibs/libone.dylib for arm64, and the one in the wheel has x86_64 alone",
              mac(both(needed=(LOADED,)), {CARRIED: dylib("libone.dylib", "x86_64")}, "macosx_11_0_universal2"),
              mac(both(needed=(LOADED,)), {CARRIED: universal(dylib("libone.dylib", "x86_64"), dylib("libone.dylib"))},
                  "macosx_11_0_universal2"), {"P404"})],
    "M409": [("libx.dylib (arm64) needs @rpath/libomp.dylib", mac(b"", CTYPES),
              mac(b"", {**CTYPES, "tiny/libx.dylib": dylib("@rpath/libx.dylib")}), ())],
    "P501": [
        ("is for win32, and the wheel for amd64", win(pyd("win32")), win(), ()),
        ("is for amd64, and the wheel for arm64", win(pyd(), tags="cp312-cp312-win_arm64"),
         win(pyd("arm64"), tags="cp312-cp312-win_arm64"), ()),
        ("is for another processor", win(pyd("alpha")), win(), ()),
    ],
    "P502": [
        ("is linked to python311.dll, and the Python that takes this wheel has python3.dll or python312.dll",
         win(pe("amd64", ["python311.dll"], exports=["PyInit__x"])), win(), ()),
        ("python313.dll", tagged("cp313-cp313t-win_amd64", {"tiny/_x.pyd": pe("amd64", ["python313.dll"],
         exports=["PyInit__x"])}), tagged("cp313-cp313t-win_amd64", {"tiny/_x.pyd": pe("amd64", ["python313t.dll"],
         exports=["PyInit__x"])}), ()),
    ],
    "P503": [("is linked to python312.dll", stable("python312.dll"), stable("python3.dll"), ())],
    "M501": [
        ("needs foo.dll, which is neither", win(pyd(needed=["foo.dll"])), win(pyd(needed=["kernel32.DLL"])), ()),
        ("tiny/one.dll needs foo.dll", win(pyd(needed=["one.dll"]), {"tiny/one.dll": pe("amd64", ["foo.dll"])}),
         win(pyd(needed=["ONE.dll"]), {"tiny/one.dll": DLL}), ()),
    ],
    "M502": [
        ("needs torch_cpu.dll, which is not in the wheel", win(pyd(needed=["torch_cpu.dll"]), requires=["torch"]),
         win(pe("amd64", ["python312.dll"], ["torch_cpu.dll"], ["PyInit__x"]), requires=["torch"]), ()),
        ("a driver brings it", win(pyd(needed=["nvcuda.dll"])), win(), ()),
        ("plugin.dll needs libpq.dll", win(None, {"tiny/plugin.dll": pe("amd64", ["libpq.dll"])}),
         win(None, {"tiny/plugin.dll": DLL}), ()),
        ("needs foo.dll, which is not in the wheel", win(pyd(needed=["foo.dll"]), PATCHED), win(None, PATCHED), ()),
    ],
    "M503": [
        ("where Windows does not look: tiny.libs/foo.dll", win(pyd(needed=["foo.dll"]), {"tiny.libs/foo.dll": DLL}),
         win(pyd(needed=["foo.dll"]), {"tiny.libs/foo.dll": DLL, **PATCHED}), ()),
        ("does not look: tiny-1.0.data/data/Library/bin/foo.dll",
         win(pyd(needed=["foo.dll"]), {"tiny-1.0.data/data/Library/bin/foo.dll": DLL}),
         # This is where python.exe goes.
         win(pyd(needed=["foo.dll"]), {"tiny-1.0.data/data/foo.dll": DLL}), ()),
        ("does not look: foo.dll", win(pyd(needed=["foo.dll"]), {"foo.dll": DLL}),
         win(pyd(needed=["foo.dll"]), {"tiny-1.0.data/platlib/tiny/foo.dll": DLL}), ()),
    ],
    "M504": [
        ("needs VCRUNTIME140D.dll, which", win(pyd(needed=["VCRUNTIME140D.dll", "ucrtbased.dll"])), win(), ()),
        ("needs python312_d.dll", win(pe("amd64", ["python312_d.dll"], exports=["PyInit__x"])), win(), ()),
    ],
    "M505": [
        ("needs MSVCP140.dll of Microsoft", win(pyd(needed=["MSVCP140.dll"])),
         win(pyd(needed=["msvcp140-0123456789abcdef.dll"]), {"tiny/msvcp140-0123456789abcdef.dll": DLL}), ()),
        ("(and 1 more) needs vcomp140.dll", win(pyd(needed=["vcomp140.dll"]),
         {"tiny/_y.pyd": pe("amd64", ["vcomp140.dll"], exports=["PyInit__y"])}), win(), ()),
    ],
    "M506": [("needs foo.dll, and the one in the wheel is for win32, not for amd64",
              win(pyd(needed=["foo.dll"]), {"tiny/foo.dll": pe("win32")}),
              win(pyd(needed=["foo.dll"]), {"tiny/x86/foo.dll": pe("win32"), "tiny/foo.dll": DLL}), ())],
    "M507": [("tiny/native.dll needs foo.dll", tagged("py3-none-win_amd64",
              {"tiny/native.dll": pe("amd64", ["foo.dll"]), "tiny/core.py": "CDLL('native')"}),
              tagged("py3-none-win_amd64", {"tiny/native.dll": DLL, "tiny/core.py": "CDLL('native')"}), ())],
    "P601": [
        ("is for x86_64, and android_24_arm64_v8a for aarch64", android(architecture="x86_64"), android(), ()),
    ],
    "P602": [("Android API level 30, and android_24_arm64_v8a promises level 24", android(30), android(21), ())],
    "P603": [
        ("is for the simulator of iOS on arm64, and ios_13_0_arm64_iphoneos for iOS on arm64", ios("iossimulator"),
         ios(), ()),
        ("is for macOS on arm64", ios("macos"), ios(), ()),
        ("for the simulator of iOS on x86_64", ios("iossimulator", (14, 0), tag="ios_13_0_x86_64_iphonesimulator"),
         ios("iossimulator", (13, 0), "x86_64", "ios_13_0_x86_64_iphonesimulator"), ()),
    ],
    "P604": [
        ("was built for iOS 15.0, and ios_13_0_arm64_iphoneos promises 13.0", ios(minimum=(15, 0)), ios(), ()),
        # No older simulator runs on arm64.
        ("was built for iOS 15.0", ios("iossimulator", (15, 0), tag=SIMULATOR),
         ios("iossimulator", (14, 0), tag=SIMULATOR), ()),
    ],
    "P605": [
        ("tiny/_x.so is an extension module of Linux or Android, and the wheel is for macOS", mac(b"", PLAIN),
         mac(None, PLAIN), ()),
        ("is for Windows", win(b"", {"tiny/_x.pyd": ELF}), win(None, {"tiny/_x.pyd": ELF}), ()),
        ("is an extension module of Emscripten, and the wheel is for Android",
         tagged("cp314-cp314-android_24_arm64_v8a", {"tiny/_x.abi3.so": WASM}),
         tagged("cp314-cp314-pyemscripten_2026_0_wasm32", {"tiny/_x.abi3.so": WASM}), ()),
        ("and the wheel is for Emscripten", tagged("cp314-cp314-pyemscripten_2026_0_wasm32", PLAIN),
         tagged("cp314-cp314-pyemscripten_2026_0_wasm32", {"tiny/_x.cpython-314-wasm32-emscripten.so": WASM}), ()),
    ],
    "P606": [
        ("tiny/a.dll (and 1 more) is a file of Windows, in a wheel for macOS",
         mac(None, {"tiny/a.dll": DLL, "tiny/b.dll": DLL}),
         # What runs on .NET belongs to no system, and a program may be there to be copied.
         mac(None, {"tiny/a.dll": pe("win32", managed=True), "tiny/cli-32.exe": pe("win32", dll=False)}), ()),
        ("tiny/libx.so is a file of Linux or Android", win(None, {"tiny/libx.so": ELF}), win(), ()),
    ],
}  # fmt: skip


def built(folder, defect):
    """Make the wheel of a case."""
    defect = dict(defect)
    return make(folder, *defect.pop("entries"), **defect)
