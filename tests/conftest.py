"""What several test modules share: small wheels made on the spot, the pinned specimens, and a C compiler."""

import base64
import hashlib
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

# Not asked of wheel_lab.lab: these tests run against an installed copy as well, which knows no repository.
STORE = Path(__file__).resolve().parents[1] / ".lab"
SPECIMENS, WHEELHOUSE = STORE / "specimens", STORE / "wheelhouse"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as `linux` what compiles for Linux or installs a wheel made for it: a Mac and Windows leave it out."""
    for item in items:
        if {"compile_c", "wheelhouse"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("linux")


@pytest.fixture
def make_wheel(tmp_path: Path) -> Callable[..., Path]:
    """Make a small valid wheel; `files` go in beside it, `rows` replace its RECORD, `requires` are its dependencies."""

    def make(
        files: dict[str, bytes] | None = None,
        *,
        name: str = "tiny-1.0-py3-none-any.whl",
        rows: list[str] | None = None,
        requires: tuple[str, ...] = (),
    ) -> Path:
        distribution, version = name.split("-")[:2]
        info = f"{distribution}-{version}.dist-info"
        needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
        tag = "-".join(name.removesuffix(".whl").split("-")[-3:])
        members = {
            "tiny.py": b"ANSWER = 42\n",
            **(files or {}),
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n{needs}".encode(),
            f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
        }
        good = [f"{member},{record_hash(data)},{len(data)}" for member, data in members.items()]
        members[f"{info}/RECORD"] = "\n".join(rows or [*good, f"{info}/RECORD,,", ""]).encode()
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in members.items():
                archive.writestr(member, data)
        return path

    return make


def record_hash(data: bytes) -> str:
    """Write the hash of `data` as RECORD does."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


@pytest.fixture(scope="session")
def specimen() -> Callable[[str], Path]:
    """Find a pinned specimen by a word of its name."""

    def find(word: str) -> Path:
        found = [path for path in SPECIMENS.glob("*.whl") if word in path.name]
        assert len(found) == 1, f"one specimen should hold {word!r}, found {found}: was `make setup` run?"
        return found[0]

    return find


@pytest.fixture(scope="session")
def wheelhouse() -> Path:
    """Return the folder of the wheels that set-up fetched for isolated builds and clean rooms."""
    return WHEELHOUSE


@pytest.fixture
def compile_c(tmp_path: Path) -> Callable[..., Path]:
    """Compile lines of C into a shared library; further arguments go to the compiler."""

    def compile_(code: str, *options: str, name: str = "sample.so") -> Path:
        source, target = tmp_path / "sample.c", tmp_path / name
        source.write_text(code)
        compiler = shutil.which("cc") or shutil.which("gcc")
        assert compiler, "these tests need a C compiler"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", target, source, *options], check=True, capture_output=True)
        return target

    return compile_
