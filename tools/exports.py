"""Make the table of what the libraries of a Linux system export, from Debian's packages.

    python -m tools.exports trixie bookworm

It needs a Debian machine, whose own package sources are asked for the releases that are named. Nothing of the machine
is changed: the packages go to a temporary folder. The table holds names alone, of all architectures together.
"""

import argparse
import re
import shutil
import subprocess
import tempfile
from collections import defaultdict
from datetime import date
from pathlib import Path

from wheel_lab.binaries import exports
from wheel_lab.binaries.elf import read_elf
from wheel_lab.limits import WheelError

ARCHITECTURES = ("amd64", "arm64", "armhf", "i386", "ppc64el", "riscv64", "s390x")
# What holds the libraries that auditwheel's policies allow. Before 2024 the name of GLib's package had no t64.
PACKAGES = [
    "libatomic1",
    "libc6",
    "libexpat1",
    "libgcc-s1",
    "libgl1",
    "libglib2.0-0t64",
    "libglvnd0",
    "libice6",
    "libnsl2",
    "libsm6",
    "libstdc++6",
    "libx11-6",
    "libxext6",
    "libxrender1",
    "musl",
    "zlib1g",
]
SOURCES = Path("/etc/apt")
# Their SONAMEs: of what the packages hold beside them, such as the modules of iconv, nothing is asked.
WANTED = re.compile(
    r"lib(?:c|m|mvec|atomic|gcc_s|stdc\+\+|anl|dl|rt|nsl|util|pthread|resolv|X11|Xext|Xrender|ICE|SM|GL|gobject-2\.0"
    r"|gthread-2\.0|glib-2\.0|expat|z)\.so\.\d+|ld(?:64|-linux[\w-]*)\.so\.\d|libnsl\.so\.2"
)


def settings(folder: Path, release: str) -> list[str]:
    """Give apt a place of its own in `folder`, and this machine's sources with another release."""
    for name in ("state/lists/partial", "cache/archives/partial", "sources"):
        (folder / name).mkdir(parents=True)
    for number, path in enumerate(sorted([*SOURCES.glob("sources.list*"), *SOURCES.glob("sources.list.d/*")])):
        if path.is_file() and path.suffix in (".list", ".sources") and "debian" in path.read_text():
            own = re.sub(r"\b(bullseye|bookworm|trixie|forky|sid)\b", release, path.read_text())
            (folder / "sources" / f"{number}{path.suffix}").write_text(own)
    options = {
        "Dir::State": folder / "state", "Dir::Cache": folder / "cache", "Dir::State::status": "/dev/null",
        "Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": folder / "sources",
    }  # fmt: skip
    return [word for key, value in options.items() for word in ("-o", f"{key}={value}")]


def download(folder: Path, releases: dict[str, list[str]], architecture: str) -> None:
    """Download the packages for one architecture, each of the first release that gives it, and unpack them."""
    packages = folder / "packages"
    packages.mkdir()
    left = list(PACKAGES)
    for release, options in releases.items():
        own = ["apt-get", "-q", *options]
        own += ["-o", f"APT::Architecture={architecture}", "-o", f"APT::Architectures={architecture}"]
        # Some parts of a release are not there for each architecture, and so one package or another is not.
        subprocess.run([*own, "update"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        commands = {name: [*own, "download", name] for name in left}
        left = [name for name in left if subprocess.run(commands[name], cwd=packages, capture_output=True).returncode]
        if not left:
            break
        print(f"{architecture}: {release} does not give {', '.join(left)}")
    for package in sorted(packages.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, folder / "files"], check=True)
    shutil.rmtree(packages)


def exported(folder: Path, found: dict[tuple[str, str], set[str]]) -> None:
    """Add what the libraries below `folder` export, by C library and SONAME."""
    for path in sorted(folder.rglob("*.so*")):
        if path.is_symlink() or not path.is_file():
            continue
        try:
            linkage = read_elf(path)
        except WheelError:
            continue
        if "musl" in path.parent.name or "musl" in path.name:
            found["musl", "libc.so"] |= linkage.exports
        elif linkage.soname and WANTED.fullmatch(linkage.soname):
            # The loader has another name on each architecture, and gives __tls_get_addr on most.
            name = "ld.so" if linkage.soname.startswith("ld") else linkage.soname
            found["glibc", name] |= linkage.exports - linkage.versions


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("releases", nargs="+", help="a release of Debian, and others for what it does not give")
    releases = parser.parse_args().releases
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # apt downloads as a user of its own
        options = {release: settings(folder / release, release) for release in releases}
        for architecture in ARCHITECTURES:
            download(folder, options, architecture)
            exported(folder / "files", found)
            shutil.rmtree(folder / "files")
            print(architecture, {name: len(symbols) for (_, name), symbols in sorted(found.items())})
    path = Path(exports.__file__).with_name(exports.TABLE)
    source = f"Debian {' and '.join(releases)} ({', '.join(ARCHITECTURES)}), {date.today()}"
    path.write_text(exports.written(found, source))


if __name__ == "__main__":
    main()
