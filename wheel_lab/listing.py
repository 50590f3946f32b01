"""What lies in a wheel, folder by folder and by size, and what another wheel of the same project had in its place."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from wheel_lab.members import Member, shown
from wheel_lab.wheelfile import OpenWheel, opened

__all__ = ["Entry", "Folder", "Listing", "Mark", "list_wheel"]

Mark = Literal["", "new", "changed", "gone"]
# Folders that are told apart below each other. What lies deeper counts to the last one, as real wheels never do.
DEPTH = 12
# How a listing prints: up to so many files all of them, else what has at least this part of the bytes.
FEW, PART = 30, 0.02
MARKED = 20  # marked files that are listed whatever their size


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a wheel.

    Attributes
    ----------
    name
        Its path in the archive, as it is: to print it, use :func:`~wheel_lab.members.shown`.
    size, packed
        The size in bytes, and what it takes in the archive.
    mark
        Compared with the wheel before: ``"new"``, ``"changed"`` (another size or checksum), ``"gone"`` (it was there
        before, and `size` is what it had), or ``""`` when it is the same or nothing was compared.
    """

    name: str
    size: int
    packed: int
    mark: Mark = ""


@dataclass(frozen=True)
class Folder:
    """A folder, the largest things in it first.

    Attributes
    ----------
    name
        Its path with a slash at its end; ``""`` for the whole archive.
    size
        The bytes of all files in it and below it, without those that are gone.
    files
        How many files that are.
    inside
        Folders and files in it, by size. Equal ones are in the order of their names; what is gone comes last.
    """

    name: str
    size: int
    files: int
    inside: tuple["Folder | Entry", ...] = field(repr=False)

    def marked(self, mark: Mark) -> int:
        """Count the files in it and below it that have this mark."""
        return sum(one.mark == mark for one in self.walk() if isinstance(one, Entry))

    def walk(self) -> Iterator["Folder | Entry"]:
        """Go through all that is in it and below it, a folder before what it holds."""
        for one in self.inside:
            yield one
            if isinstance(one, Folder):
                yield from one.walk()


@dataclass(frozen=True)
class Listing:
    """The files of a wheel, perhaps compared with those of another.

    Attributes
    ----------
    file
        The wheel's file name.
    packed
        The size of the wheel itself, in bytes.
    entries
        The files, in the archive's order; after them those that are gone.
    before
        The same of the wheel that it was compared with, whose files have no marks; None without one.
    """

    file: str
    packed: int
    entries: tuple[Entry, ...] = field(repr=False)
    before: "Listing | None" = field(default=None, repr=False)

    @property
    def size(self) -> int:
        """What the files take once they are unpacked, in bytes."""
        return sum(entry.size for entry in self.entries if entry.mark != "gone")

    @property
    def files(self) -> int:
        """How many files there are."""
        return sum(entry.mark != "gone" for entry in self.entries)

    def marked(self, mark: Mark) -> tuple[Entry, ...]:
        """Return the files that have this mark."""
        return tuple(entry for entry in self.entries if entry.mark == mark)

    def tree(self) -> Folder:
        """Sort the files into folders."""
        root = _Branch("")
        for entry in self.entries:
            branch = root
            *folders, _ = entry.name.split("/")
            for folder in folders[:DEPTH]:
                branch = branch.below.setdefault(folder, _Branch(f"{branch.name}{folder}/"))
            branch.files.append(entry)
        return root.folder()

    def __str__(self) -> str:
        lines = [_headline(self)]
        if self.before is not None:
            lines.insert(0, f"before: {_headline(self.before)}")
            lines[1] = f"after:  {lines[1]}"
        return "\n".join([*lines, *self._rows()])

    def _rows(self) -> Iterator[str]:
        """Return a line for each file and folder that is large enough, and one for what is left in its folder."""
        least = 0.0 if len(self.entries) <= FEW else self.size * PART
        marked = {entry for entry in self.entries if entry.mark}
        kept = marked if len(marked) <= MARKED else set[Entry]()
        waiting: list[tuple[int, Folder | Entry | str]] = [(0, one) for one in reversed(self.tree().inside)]
        while waiting:
            depth, one = waiting.pop()
            if isinstance(one, str):
                yield one
                continue
            large, small = list[Folder | Entry](), list[Folder | Entry]()
            if isinstance(one, Folder):
                for child in one.inside:
                    (large if child.size >= least or _holds(child, kept) else small).append(child)
                words = "" if large else f"  ({_count(small)})"
            else:
                words = f"  ({one.mark})" if one.mark else ""
            short = shown(one.name.removesuffix("/").rsplit("/", 1)[-1]) + ("/" if isinstance(one, Folder) else "")
            yield f"{one.size:>15,}  {'  ' * depth}{short}{words}"
            if large and small:
                size = sum(child.size for child in small if isinstance(child, Folder) or child.mark != "gone")
                waiting.append((0, f"{size:>15,}  {'  ' * (depth + 1)}and {_count(small)}"))
            waiting += [(depth + 1, child) for child in reversed(large)]


@dataclass
class _Branch:
    name: str
    below: dict[str, "_Branch"] = field(default_factory=dict)
    files: list[Entry] = field(default_factory=list)

    def folder(self) -> Folder:
        inside: list[Folder | Entry] = [*(one.folder() for one in self.below.values()), *self.files]
        inside.sort(key=lambda one: (isinstance(one, Entry) and one.mark == "gone", -one.size, one.name))
        there = [one for one in inside if isinstance(one, Folder) or one.mark != "gone"]
        size = sum(one.size for one in there)
        files = sum(one.files if isinstance(one, Folder) else 1 for one in there)
        return Folder(self.name, size, files, tuple(inside))


def list_wheel(
    wheel: str | Path | IO[bytes] | OpenWheel, before: str | Path | IO[bytes] | OpenWheel | None = None
) -> Listing:
    """List the files of a wheel, and compare them with those of the wheel `before`, when there is one.

    Two files of one name are the same when size and checksum agree, as the archive's directory gives them: nothing is
    unpacked.

    Raises
    ------
    WheelError
        A file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    with opened(wheel) as source:
        members = [member for member in source.members if not member.is_dir]
        if before is None:
            return Listing(source.name, source.size, tuple(_entry(member) for member in members))
        with opened(before) as other:
            old = {member.name: member for member in other.members if not member.is_dir}
            first = Listing(other.name, other.size, tuple(map(_entry, old.values())))
        entries = [_entry(member, _mark(old.get(member.name), member)) for member in members]
        names = {member.name for member in members}
        entries += [_entry(member, "gone") for member in old.values() if member.name not in names]
        return Listing(source.name, source.size, tuple(entries), first)


def _entry(member: Member, mark: Mark = "") -> Entry:
    return Entry(member.name, member.size, member.packed, mark)


def _mark(old: Member | None, new: Member) -> Mark:
    if old is None:
        return "new"
    return "" if (old.size, old.crc) == (new.size, new.crc) else "changed"


def _headline(listing: Listing) -> str:
    files = f"{listing.files:,} file{'s' * (listing.files != 1)}"
    return f"{shown(listing.file)}: {files}, {listing.size:,} bytes unpacked, {listing.packed:,} packed"


def _holds(one: Folder | Entry, kept: set[Entry]) -> bool:
    return one in kept if isinstance(one, Entry) else any(child in kept for child in one.walk())


def _count(several: list[Folder | Entry]) -> str:
    """Count the files in and below several things, and those of them that are gone."""
    files = sum(one.files if isinstance(one, Folder) else one.mark != "gone" for one in several)
    gone = sum(one.marked("gone") if isinstance(one, Folder) else one.mark == "gone" for one in several)
    words = [f"{files:,} file{'s' * (files != 1)}"] if files or not gone else []
    return ", ".join([*words, *([f"{gone:,} gone"] if gone else [])])
