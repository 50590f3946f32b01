"""The twins: a smaller twin of the example, as wheels for other systems that no tool has repaired yet.

``python -m tools.twins`` makes ``wheel_lab/lab/twins.zip`` anew: the wheels, the libraries that they need and do not
carry, and the sources. `zig` compiles for every system from Linux, and writes the same bytes each time, so that a test
holds the committed archive to the sources. What is compiled uses nothing of a C library but a name (``memcpy``): zig
would have to compile the C library of each system first, which takes a minute.

A zip, because tools, the doctor among them, would take a DLL in a package for Python for something that it runs.
"""

import io
import os
import shutil
import subprocess
import sysconfig
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from unittest import mock

import ziglang
from abi3info import DATAS, FUNCTIONS
from wheel.wheelfile import WheelFile

from wheel_lab.lab.paths import ROOT, TWINS

__all__ = ["build", "write"]

SOURCES = Path(__file__).parent
READ = ("_dot.c", "dot.c", "blocks.c")  # what a learner may want to read
OPTIONS = ("-O2", "-shared", "-s")
# By the word in a platform tag: the processors as zig's compiler and its dlltool call them.
WINDOWS = {"amd64": ("x86_64", "i386:x86-64"), "arm64": ("aarch64", "arm64")}
JOBS = {"x86": "job-1", "aarch64": "job-2", "x86_64": "job-3"}  # folders whose names say nothing
FIRST = "315532800"  # 1980-01-01, the first day that a zip can hold
MUSL = "libc.musl-x86_64.so.1"


class _Workshop:
    """A folder to compile in, and zig."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._zig = Path(ziglang.__file__).with_name("zig")
        self.headers = self._zig.parent / "lib/libc/include"
        self._env = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": str(folder / "cache"), "ZIG_LOCAL_CACHE_DIR": str(folder)}
        for source in SOURCES.glob("*.[ch]"):
            shutil.copy(source, folder)
        # Python's headers are the same on all systems, but for this one.
        shutil.copytree(sysconfig.get_path("include"), folder / "python")
        shutil.copy(SOURCES / "pyconfig.h", folder / "python")

    def zig(self, *words: str) -> None:
        """Run zig here; raises RuntimeError with its words when it fails."""
        done = subprocess.run([self._zig, *words], cwd=self.folder, env=self._env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"zig {words[0]} failed: {done.stderr.strip()}")

    def read(self, name: str) -> bytes:
        """Return what a file here holds."""
        return (self.folder / name).read_bytes()

    def macos(self) -> tuple[bytes, bytes]:
        """Return the extension and its library; the library was built for a newer macOS."""
        room = "-Wl,-headerpad_max_install_names"
        library = ["-target", "aarch64-macos.13.3", *OPTIONS, "-install_name", "@rpath/libdot.dylib", room]
        self.zig("cc", *library, "-o", "libdot.dylib", "dot.c")
        python = ["-I", "python", "-undefined", "dynamic_lookup", "-Wl,-rpath,/opt/dot/lib", room]
        extension = ["-target", "aarch64-macos.11.0", *OPTIONS, *python, "-o", "_dot.abi3.so"]
        self.zig("cc", *extension, "_dot.c", "libdot.dylib")
        return self.read("_dot.abi3.so"), self.read("libdot.dylib")

    def dll(self, processor: str) -> bytes:
        """Return the library for Windows, by the name that zig has for the processor."""
        target = ["-target", f"{processor}-windows-gnu", *OPTIONS, "-nostdlib"]
        self.zig("cc", *target, "-o", "dot.dll", "dot.c", "entry.c", f"-Wl,--out-implib,dot-{processor}.a")
        return self.read("dot.dll")

    def windows(self, architecture: str) -> bytes:
        """Return the extension; its library must have been compiled before."""
        processor, machine = WINDOWS[architecture]
        names = sorted([one.name for one in FUNCTIONS] + [f"{one.name} DATA" for one in DATAS])
        (self.folder / "python3.def").write_text("\n".join(["LIBRARY python3.dll", "EXPORTS", *names]) + "\n")
        self.zig("dlltool", "-m", machine, "-d", "python3.def", "-l", "python3.a", "-D", "python3.dll")
        headers = ["-I", "python", "-isystem", str(self.headers / "any-windows-any")]
        target = ["-target", f"{processor}-windows-gnu", *OPTIONS, "-nostdlib", *headers]
        self.zig("cc", *target, "-o", "_dot.pyd", "_dot.c", "entry.c", f"dot-{processor}.a", "python3.a")
        return self.read("_dot.pyd")

    def musl(self) -> bytes:
        """Return the extension for musl, with a part that was compiled for glibc, with its checks switched on."""
        # The C library's name is all that the linker takes of it.
        (self.folder / "nothing.c").write_text("")
        libc = ["-target", "x86_64-linux-musl", "-shared", "-nostdlib"]
        self.zig("cc", *libc, "-o", "libc.so", "nothing.c", f"-Wl,-soname,{MUSL}")
        self.zig("cc", "-target", "x86_64-linux-gnu.2.36", "-O2", "-D_FORTIFY_SOURCE=2", "-fPIC", "-c", "blocks.c")
        headers = [
            word for name in ("x86_64-linux-musl", "generic-musl") for word in ("-isystem", str(self.headers / name))
        ]
        target = ["-target", "x86_64-linux-musl", *OPTIONS, "-nostdlib", *headers, "-I", "python"]
        self.zig("cc", *target, "-o", "_dot.so", "_dot.c", "blocks.o", "-Wl,--no-as-needed", "libc.so")
        return self.read("_dot.so")


def _wheel(platform: str, member: str, extension: bytes) -> tuple[str, bytes]:
    """Return the name and the bytes of a wheel of the twin."""
    name = f"twin-1.0-cp311-abi3-{platform}.whl"
    files = {
        "twin/__init__.py": "from twin._dot import dot\n",
        f"twin/{member}": extension,
        "twin-1.0.dist-info/licenses/LICENSE": (ROOT / "LICENSE").read_text(encoding="utf-8"),
        "twin-1.0.dist-info/METADATA": "Metadata-Version: 2.4\nName: twin\nVersion: 1.0\nLicense-File: LICENSE\n",
        "twin-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: wheel-lab\nRoot-Is-Purelib: false\n"
        f"Tag: cp311-abi3-{platform}\n",
    }
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, SOURCE_DATE_EPOCH=FIRST):
        path = Path(folder, name)
        with WheelFile(path, "w") as made:
            for file, content in files.items():
                made.writestr(zipfile.ZipInfo(file), content, zipfile.ZIP_DEFLATED)
        return name, path.read_bytes()


def build() -> dict[str, bytes]:
    """Compile everything, and return the files of the archive by their names."""
    with tempfile.TemporaryDirectory() as name:
        shop = _Workshop(Path(name))
        files = {source: (SOURCES / source).read_bytes() for source in READ}
        extension, files["macos/libdot.dylib"] = shop.macos()
        wheels = [("macosx_11_0_arm64", "_dot.abi3.so", extension)]
        files |= {f"windows/{folder}/dot.dll": shop.dll(processor) for processor, folder in JOBS.items()}
        wheels += [(f"win_{one}", "_dot.pyd", shop.windows(one)) for one in WINDOWS]
        wheels.append(("linux_x86_64", "_dot.abi3.so", shop.musl()))
        return files | dict(_wheel(*one) for one in wheels)


def write(files: Mapping[str, bytes]) -> None:
    """Write the archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in sorted(files.items()):
            opened.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    TWINS.write_bytes(made.getvalue())
