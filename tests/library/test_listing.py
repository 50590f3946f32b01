"""A listing has the files of a wheel by size, folder by folder, and what came, changed and went."""

import pytest
from hostile_zip import Entry as ZipEntry
from hostile_zip import write_zip

from wheel_lab.listing import DEPTH, Entry, Folder, Listing, list_wheel
from wheel_lab.wheelfile import WheelError


def test_folders_hold_their_files_the_largest_first(make_wheel):
    wheel = make_wheel({"tiny/b.py": b"x" * 30, "tiny/a.py": b"x" * 30, "tiny/deep/c.py": b"x" * 100, "empty.py": b""})
    listing = list_wheel(wheel)
    tree = listing.tree()
    assert tree.size == listing.size == sum(one.size for one in listing.entries)
    assert tree.files == listing.files == len(listing.entries) == 8
    assert [one.name for one in tree.inside] == ["tiny-1.0.dist-info/", "tiny/", "tiny.py", "empty.py"]
    package = tree.inside[1]
    assert isinstance(package, Folder)
    assert (package.size, package.files) == (160, 3)
    assert [one.name for one in package.inside] == ["tiny/deep/", "tiny/a.py", "tiny/b.py"]
    assert [one.name for one in package.walk()] == ["tiny/deep/", "tiny/deep/c.py", "tiny/a.py", "tiny/b.py"]
    assert listing.packed == wheel.stat().st_size
    assert str(listing).splitlines()[0].startswith("tiny-1.0-py3-none-any.whl: 8 files, ")
    assert "            160  tiny/" in str(listing).splitlines()
    assert "            100      c.py" in str(listing).splitlines()


@pytest.fixture
def pair(make_wheel, tmp_path):
    """Make a wheel, and the same after something was added, changed and taken away."""
    (tmp_path / "old").mkdir()
    old = make_wheel({"tiny/kept.py": b"1", "tiny/changed.py": b"old", "tiny/gone.py": b"bye"})
    old = old.rename(tmp_path / "old" / old.name)
    return old, make_wheel({"tiny/kept.py": b"1", "tiny/changed.py": b"new", "tiny.libs/lib.so": b"1234567"})


def test_what_came_changed_and_went_is_marked(pair):
    old, new = pair
    listing = list_wheel(new, old)
    names = {mark: [one.name for one in listing.marked(mark)] for mark in ("new", "changed", "gone")}
    assert names["new"] == ["tiny.libs/lib.so"]
    assert names["changed"] == ["tiny/changed.py", "tiny-1.0.dist-info/RECORD"]  # of the same size as before, the first
    assert names["gone"] == ["tiny/gone.py"]
    # What is gone counts nowhere.
    assert listing.files == list_wheel(new).files
    assert listing.size == list_wheel(new).size == listing.tree().size
    assert (listing.before.files, listing.before.size) == (list_wheel(old).files, list_wheel(old).size)
    assert not any(one.mark for one in listing.before.entries)
    package = next(one for one in listing.tree().inside if one.name == "tiny/")
    assert [one.name for one in package.inside][-1] == "tiny/gone.py"
    assert (package.marked("gone"), package.marked("changed"), package.marked("new")) == (1, 1, 0)
    lines = str(listing).splitlines()
    assert lines[0].startswith("before: ")
    assert lines[1].startswith("after:  ")
    assert [line.split("  ")[-1] for line in lines if line.endswith("(new)")] == ["(new)"]
    assert any(line.endswith("gone.py  (gone)") for line in lines)


def test_compared_with_itself_nothing_is_marked(pair):
    assert not any(one.mark for one in list_wheel(pair[0], pair[0]).entries)


def test_of_many_files_a_listing_prints_the_large_ones_and_counts_the_others(make_wheel):
    small = {f"tiny/small{number}.py": b"x" for number in range(50)}
    listing = list_wheel(make_wheel({"tiny/large.so": b"x" * 10_000, "tests/a.py": b"x" * 3000, **small}))
    lines = str(listing).splitlines()
    assert "         10,000    large.so" in lines
    assert "             50    and 50 files" in lines
    assert "          3,000    a.py" in lines
    assert len(lines) < 15
    many = list_wheel(make_wheel({"tiny/large.so": b"x" * 10_000, **{f"tests/{n}.py": b"x" * 10 for n in range(50)}}))
    assert "            500  tests/  (50 files)" in str(many).splitlines()


def test_of_many_files_those_with_a_mark_are_printed_however_small(make_wheel, tmp_path):
    small = {f"tiny/small{number}.py": b"x" for number in range(50)}
    (tmp_path / "old").mkdir()
    old = make_wheel({"tiny/large.so": b"x" * 10_000, **small})
    old = old.rename(tmp_path / "old" / old.name)
    del small["tiny/small7.py"]
    listing = list_wheel(make_wheel({"tiny/large.so": b"x" * 10_000, **small, "tiny/note": b"y"}), old)
    assert "              1    note  (new)" in str(listing).splitlines()
    assert "              1    small7.py  (gone)" in str(listing).splitlines()
    many = Listing("w", 1, (Entry("a/big", 1000, 1), *(Entry(f"a/{n}", 1, 1, "gone") for n in range(60))), listing)
    assert str(many).splitlines()[-1] == "              0    and 60 gone"


def test_a_name_cannot_run_a_terminal_and_depth_has_an_end(make_wheel):
    name = "/".join(["deep"] * 3000) + "/\x1b[31mred.py"
    listing = list_wheel(make_wheel({name: b"1"}))
    assert "\x1b" not in str(listing)
    folder, depth = listing.tree(), 0
    while isinstance(folder, Folder):
        folder, depth = next(one for one in folder.inside if one.name.startswith("deep")), depth + 1
    assert depth == DEPTH + 1
    assert folder.name == name


def test_no_zip_is_no_listing(tmp_path):
    file = tmp_path / "tiny-1.0-py3-none-any.whl"
    file.write_bytes(b"no zip")
    with pytest.raises(WheelError, match="not a zip archive"):
        list_wheel(file)


def test_two_files_of_one_name_are_both_listed(tmp_path):
    file = write_zip(tmp_path / "tiny-1.0-py3-none-any.whl", [ZipEntry("a.py", b"1"), ZipEntry("a.py", b"22")])
    assert [one.size for one in list_wheel(file).tree().inside] == [2, 1]
