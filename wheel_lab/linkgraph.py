"""Who needs whom in a wheel: its compiled files, the libraries that it carries, and those that a system must have."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Literal

from wheel_lab.binaries.reading import Binaries, read_binaries
from wheel_lab.linkfiles import Judge, judge_of, link_files, newest_asked
from wheel_lab.members import MemberProblem, shown
from wheel_lab.wheelfile import OpenWheel, opened

__all__ = ["KINDS", "Group", "Kind", "LinkGraph", "Node", "link_graph"]

Kind = Literal["file", "carried", "allowed", "missing", "outside"]
KINDS: dict[Kind, str] = {
    "file": "in the wheel, and no other file in it needs it",
    "carried": "in the wheel, and another file in it needs it",
    "allowed": "not in the wheel, and each system that the wheel is for has it",
    "missing": "not in the wheel, and no system has to have it",
    "outside": "not in the wheel, and nothing says whether a system has it",
}
SETS = ("api-ms-", "ext-ms-")  # Windows knows which DLL stands for each
NAMED, PRINTED = 3, 15  # files of a group, and groups, that are named when the graph is printed


@dataclass(frozen=True)
class Node:
    """A file of the wheel, or a library that is not in it.

    Attributes
    ----------
    name
        Its path in the wheel; of a library that is not in it, the name that is asked for.
    kind
        One of the words of :data:`KINDS`.
    floor
        For a file of the wheel the newest version that it asks of glibc, ``"GLIBC_2.17"``, or the oldest system that it
        was built for, ``"macos 11.0"``; for a library that is not in it the newest version that is asked of it. None
        when there is none.
    symbols
        The symbols that ask for that version, sorted.
    needs
        The names of the nodes that it needs, in the order in which the file names them; empty for what is not there.
    """

    name: str
    kind: Kind
    floor: str | None
    symbols: tuple[str, ...]
    needs: tuple[str, ...]

    @property
    def base(self) -> str:
        """The name without its folder."""
        return self.name.rsplit("/", 1)[-1]

    def __str__(self) -> str:
        return f"{self.kind:<8} {self.floor or '-':<14} {shown(self.name)}"


@dataclass(frozen=True)
class Group:
    """Nodes of one kind with the same needs and the same floor."""

    nodes: tuple[Node, ...]

    @property
    def first(self) -> Node:
        """One of them, for what they have in common."""
        return self.nodes[0]

    def __str__(self) -> str:
        names = ", ".join(shown(node.base) for node in self.nodes[:NAMED])
        more = len(self.nodes) - NAMED
        if len(self.nodes) == 1:
            return shown(self.first.name)
        return f"{len(self.nodes)} files: {names}{f', and {more} more' if more > 0 else ''}"


@dataclass(frozen=True)
class LinkGraph:
    """The compiled files of a wheel, and the libraries that they need.

    Attributes
    ----------
    wheel
        The wheel's file name.
    judge
        What says which libraries a system has.
    nodes
        First the wheel's own files in the archive's order, then the other libraries in the order of their names.
    problems
        Members that begin like a compiled file and cannot be read; they are not among the nodes.
    """

    wheel: str
    judge: Judge = field(repr=False)
    nodes: tuple[Node, ...]
    problems: tuple[MemberProblem, ...]

    @cached_property
    def by_name(self) -> dict[str, Node]:
        """The nodes by their names."""
        return {node.name: node for node in self.nodes}

    def of(self, kind: Kind) -> tuple[Node, ...]:
        """Return the nodes of one kind."""
        return tuple(node for node in self.nodes if node.kind == kind)

    def needing(self, name: str) -> tuple[Node, ...]:
        """Return the nodes that need the one of that name."""
        return tuple(self._needing[name])

    @cached_property
    def _needing(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            for name in node.needs:
                found[name].append(node)
        return found

    def groups(self) -> tuple[Group, ...]:
        """Put files together that no other file needs, with the same needs and floor; and Windows' sets of calls."""
        found: dict[object, list[Node]] = defaultdict(list)
        for node in self.nodes:
            alike: object = (frozenset(node.needs), node.floor) if node.kind == "file" else node.name
            found["a set" if node.name.startswith(SETS) else alike].append(node)
        return tuple(Group(tuple(nodes)) for nodes in found.values())

    def asks(self, node: Node) -> str:
        """Say in words which version a node asks of glibc, or which is asked of it, and for which symbols."""
        own = node.kind in ("file", "carried")
        if node.floor is None:
            if own:
                return "asks for no version" if self.judge.versions else "without a floor"
            return "asked for no version" if self.judge.versions else "asked for by name alone"
        if not node.symbols:
            return f"for {shown(node.floor)}"
        some = ", ".join(shown(symbol, 40) for symbol in node.symbols[:NAMED])
        more = len(node.symbols) - NAMED
        words = f"{shown(node.floor)} ({some}{f', and {more} more' if more > 0 else ''})"
        return f"asks for {words}" if own else f"asked for {words}"

    def judged(self) -> str:
        """Say in words by what it is judged."""
        return f"judged by {self.judge.words}"

    def __str__(self) -> str:
        if not self.nodes:
            return f"{shown(self.wheel)}: no compiled file that a loader links"
        lines = [f"{shown(self.wheel)}: {self.judged()}"]
        groups = [group for group in self.groups() if group.first.kind in ("file", "carried")]
        for group in groups[:PRINTED]:
            one = group.first
            lines += [f"{group}", f"    {one.kind}, {self.asks(one)}"]
            lines += [f"    needs {shown(name)}, {self.by_name[name].kind}" for name in one.needs]
        if rest := [node for group in groups[PRINTED:] for node in group.nodes]:
            lines.append(f"and {len(rest)} more file{'s' * (len(rest) != 1)}")
        outside = [node for node in self.nodes if node.kind not in ("file", "carried")]
        lines += [f"{shown(node.name)}: {node.kind}, {self.asks(node)}" for node in outside]
        return "\n".join(lines)


def link_graph(wheel: str | Path | IO[bytes] | OpenWheel) -> LinkGraph:
    """Find out who needs whom among the compiled files of a wheel, and what is not in it.

    A library is carried when the wheel has a file of that name or soname. Whether a loader finds it is not asked.

    Raises
    ------
    WheelError
        The file is not a zip archive, or it reaches a limit.
    OSError
        There is no such file, or it cannot be opened.
    """
    with opened(wheel) as source:
        binaries = read_binaries(source)
        judge = judge_of(source.name, binaries)
        return LinkGraph(source.name, judge, _nodes(binaries, judge), binaries.problems)


def _nodes(binaries: Binaries, judge: Judge) -> tuple[Node, ...]:
    files = link_files(binaries)
    inside: dict[str, str] = {}
    for one in files:
        for name in one.names:
            inside.setdefault(name, one.file)
    needs = {one.file: tuple(dict.fromkeys(inside.get(name, name) for name in one.needed)) for one in files}
    needed = {name for file, names in needs.items() for name in names if name != file}
    nodes = []
    for one in files:
        kind: Kind = "carried" if one.file in needed else "file"
        nodes.append(Node(one.file, kind, one.floor, one.symbols, needs[one.file]))
    for name in sorted(needed - needs.keys()):
        version, symbols = newest_asked(binaries, name)
        nodes.append(Node(name, _kind(name, judge), version, symbols, ()))
    return tuple(nodes)


def _kind(name: str, judge: Judge) -> Kind:
    if judge.brings is None:
        return "outside"
    return "allowed" if judge.brings(name) else "missing"
