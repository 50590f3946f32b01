"""An ELF file of every machine that auditwheel knows, and of both C libraries."""

import io
import struct
from contextlib import nullcontext

import pytest
from auditwheel.lddtree import _get_platform
from elftools.elf.elffile import ELFFile
from hostile_elf import HASH, MACHINES, Elf

from wheel_lab.binaries import elf


@pytest.mark.parametrize("architecture", MACHINES)
def test_every_architecture(tmp_path, architecture):
    versions = {
        "libc.so.6": {"GLIBC_2.4": ["free"], "GLIBC_2.17": ["memcpy", "puts"]},
        "libm.so.6": {"GLIBC_2.29": ["pow"]},
    }
    data = bytes(Elf(architecture, ("libm.so.6", "libc.so.6"), versions, soname="libx.so.1", runpath="$ORIGIN/../x:/y"))
    (tmp_path / "x.so").write_bytes(data)
    found = elf.read_elf(tmp_path / "x.so")
    assert (found.architecture, found.libc, found.soname) == (architecture, "glibc", "libx.so.1")
    assert (found.needed, found.runpath) == (("libm.so.6", "libc.so.6"), ("$ORIGIN/../x", "/y"))
    assert [(need.library, need.version, need.symbols) for need in found.needs] == [
        ("libc.so.6", "GLIBC_2.4", ("free",)),
        ("libc.so.6", "GLIBC_2.17", ("memcpy", "puts")),
        ("libm.so.6", "GLIBC_2.29", ("pow",)),
    ]
    theirs = _get_platform(ELFFile(io.BytesIO(data)))
    assert theirs.baseline_architecture.value == architecture


def test_the_hash_table_of_s390x_is_left_alone(tmp_path):
    """Its words are of 8 bytes there, which pyelftools does not know."""
    versions = {"libc.so.6": {"GLIBC_2.17": ["memcpy"]}}
    (tmp_path / "x.so").write_bytes(bytes(Elf("s390x", versions=versions, tags={HASH: 0})))
    assert [need.symbols for need in elf.read_elf(tmp_path / "x.so").needs] == [("memcpy",)]


@pytest.mark.parametrize(("flags", "known"), [(0x05000400, True), (0x05000200, False), (0x04000400, False)])
def test_only_hard_float_arm_is_armv7l(tmp_path, flags, known):
    data = bytearray(bytes(Elf("armv7l")))
    struct.pack_into("<L", data, 36, flags)
    (tmp_path / "x.so").write_bytes(data)
    assert (elf.read_elf(tmp_path / "x.so").architecture == "armv7l") == known
    theirs = _get_platform(ELFFile(io.BytesIO(bytes(data))))
    with nullcontext() if known else pytest.raises(ValueError, match=r"armv7l|EABI"):
        assert theirs.baseline_architecture.value == "armv7l"


def test_a_machine_that_auditwheel_does_not_know(tmp_path):
    data = bytearray(bytes(Elf()))
    struct.pack_into("<H", data, 18, 224)  # AMD's graphics cards
    (tmp_path / "x.so").write_bytes(data)
    assert elf.read_elf(tmp_path / "x.so").architecture is None


@pytest.mark.parametrize(
    ("name", "needed", "interpreter", "libc"),
    [
        ("x.so", ("libm.so.6", "libc.so.6"), None, "glibc"),
        ("x.so", ("ld-linux-aarch64.so.1",), None, "glibc"),
        ("x.so", ("ld64.so.2",), None, "glibc"),
        ("x.so", ("libc.musl-x86_64.so.1",), None, "musl"),
        ("x.so", ("libc.so",), "/lib/ld-musl-x86_64.so.1", "musl"),
        ("x", (), "/lib64/ld-linux-x86-64.so.2", "glibc"),
        ("x.so", ("libc.so",), None, None),
        ("x.so", (), None, None),
        ("x.cpython-314-x86_64-linux-musl.so", (), None, "musl"),
        ("x.cpython-312-arm-linux-gnueabihf.so", (), None, "glibc"),
        ("x.cpython-313t-x86_64-linux-gnu.so", (), None, "glibc"),
        ("x.cpython-310-x86_64-linux-gnu.so", (), None, None),
    ],
)
def test_the_c_library(tmp_path, name, needed, interpreter, libc):
    (tmp_path / name).write_bytes(bytes(Elf(needed=needed, interpreter=interpreter)))
    assert elf.read_elf(tmp_path / name).libc == libc
