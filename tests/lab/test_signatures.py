"""The hashes in a signature of macOS are checked page by page, and a change after it is found."""

import zipfile
from pathlib import Path

import pytest
from tiny_macho import macho

from wheel_lab.lab.paths import TWINS
from wheel_lab.lab.signatures import stale_pages


@pytest.fixture
def library(tmp_path) -> Path:
    """Return the twin's library for macOS, as zig's linker signed it."""
    with zipfile.ZipFile(TWINS) as opened:
        return Path(opened.extract("macos/libdot.dylib", tmp_path))


def test_what_a_linker_or_delocate_signed_fits(library, specimen, tmp_path):
    assert stale_pages(library) == []
    with zipfile.ZipFile(specimen("macosx")) as opened:
        names = [name for name in opened.namelist() if name.endswith((".so", ".dylib"))]
        assert len(names) == 20
        for name in names:
            assert stale_pages(opened.extract(name, tmp_path)) == []


@pytest.mark.parametrize(("place", "page"), [(100, 0), (20_000, 1), (40_000, 2)])
def test_a_byte_changed_later_makes_its_page_stale(library, place, page):
    content = bytearray(library.read_bytes())
    content[place] ^= 1
    library.write_bytes(content)
    assert stale_pages(library) == [page]


def test_a_file_without_a_signature_or_of_another_kind_is_refused(tmp_path, library):
    unsigned = tmp_path / "unsigned.dylib"
    unsigned.write_bytes(macho(signed=False))
    with pytest.raises(ValueError, match="no code signature"):
        stale_pages(unsigned)
    text = tmp_path / "text"
    text.write_text("no Mach-O file at all")
    with pytest.raises(ValueError, match="Unknown Mach-O header"):
        stale_pages(text)
    magic = (0xFADE0CC0).to_bytes(4, "big")
    library.write_bytes(library.read_bytes().replace(magic, bytes(4)))
    with pytest.raises(ValueError, match="no directory of hashes"):
        stale_pages(library)
