"""Who needs whom in a wheel: its ELF files, the libraries that it carries, and those that must come from the system."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Literal

from packaging.version import Version

from wheel_lab.binaries.elf import Linkage
from wheel_lab.binaries.reading import read_binaries
from wheel_lab.members import MemberProblem, shown
from wheel_lab.policies import Policy, floor, known, tag_by_symbols
from wheel_lab.tags import parse_filename
from wheel_lab.wheelfile import OpenWheel, opened

__all__ = ["KINDS", "Group", "Kind", "LinkGraph", "Node", "link_graph"]

Kind = Literal["file", "carried", "allowed", "missing", "outside"]
KINDS: dict[Kind, str] = {
    "file": "in the wheel, and no other file in it needs it",
    "carried": "in the wheel, and another file in it needs it",
    "allowed": "not in the wheel, and the policy says that each system has it",
    "missing": "not in the wheel, and no system has to have it",
    "outside": "not in the wheel, and there is no policy to judge by",
}
# The loader itself comes with the C library, and no policy lists it: auditwheel passes over it as well.
LOADERS = ("ld-linux", "ld64.so.", "ld-musl-")
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
        For a file of the wheel the newest version that it asks of glibc; for a library that is not in it the newest
        version that is asked of it: ``"GLIBC_2.17"``. None when none is asked for.
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
    """The ELF files of a wheel, and the libraries that they need.

    Attributes
    ----------
    wheel
        The wheel's file name.
    policy
        The policy that says which libraries a system has; None for a wheel that no policy of auditwheel is about.
    claimed
        Whether the file name claims that policy. If not, it is the one that the symbols would allow.
    nodes
        First the wheel's own files in the archive's order, then the other libraries in the order of their names.
    problems
        Members that begin like a compiled file and cannot be read; they are not among the nodes.
    """

    wheel: str
    policy: Policy | None = field(repr=False)
    claimed: bool
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
        """Put files together that no other file needs, when they have the same needs and the same floor."""
        found: dict[object, list[Node]] = defaultdict(list)
        for node in self.nodes:
            alike = (frozenset(node.needs), node.floor) if node.kind == "file" else node.name
            found[alike].append(node)
        return tuple(Group(tuple(nodes)) for nodes in found.values())

    def asks(self, node: Node) -> str:
        """Say in words which version a node asks of glibc, or which is asked of it, and for which symbols."""
        own = node.kind in ("file", "carried")
        if node.floor is None:
            musl = self.policy is not None and self.policy.libc == "musl"
            return "by no version, as always with musl" if musl else f"{'asks' if own else 'asked'} for no version"
        some = ", ".join(shown(symbol, 40) for symbol in node.symbols[:NAMED]) or "the version alone"
        more = len(node.symbols) - NAMED
        words = f"{shown(node.floor)} ({some}{f', and {more} more' if more > 0 else ''})"
        return f"asks for {words}" if own else f"asked for {words}"

    def judged(self) -> str:
        """Say in words by which policy it is judged."""
        if self.policy is None:
            return "judged by no policy: auditwheel has none for it"
        return f"judged by {self.policy.name}, which " + ("its name claims" if self.claimed else "its symbols allow")

    def __str__(self) -> str:
        if not self.nodes:
            return f"{shown(self.wheel)}: no ELF file that a loader links"
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
    """Find out who needs whom among the ELF files of a wheel, and what is not in it.

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
        policy, claimed = _policy(source.name, binaries.elf)
        nodes = _nodes(binaries.elf, policy)
        return LinkGraph(source.name, policy, claimed, nodes, binaries.problems)


def _nodes(files: tuple[Linkage, ...], policy: Policy | None) -> tuple[Node, ...]:
    inside: dict[str, str] = {}
    for one in files:
        for name in (one.soname, one.file.rsplit("/", 1)[-1]):
            if name is not None:
                inside.setdefault(name, one.file)
    needs = {one.file: tuple(dict.fromkeys(inside.get(name, name) for name in one.needed)) for one in files}
    needed = {name for file, names in needs.items() for name in names if name != file}
    nodes = []
    for one in files:
        lowest = floor(one)
        version = f"GLIBC_{lowest.version}" if lowest.version else None
        kind: Kind = "carried" if one.file in needed else "file"
        nodes.append(Node(one.file, kind, version, lowest.symbols, needs[one.file]))
    for name in sorted(needed - needs.keys()):
        version, symbols = _newest(files, name)
        nodes.append(Node(name, _kind(name, policy), version, symbols, ()))
    return tuple(nodes)


def _newest(files: Iterable[Linkage], library: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the newest version that is asked of a library, and the symbols that ask for it."""
    asked: dict[str, set[str]] = defaultdict(set)
    for one in files:
        for need in one.needs:
            if need.library == library and need.version.rpartition("_")[2].replace(".", "").isdecimal():
                asked[need.version].update(need.symbols)
    newest = max(asked, key=lambda version: Version(version.rpartition("_")[2]), default=None)
    return newest, tuple(sorted(asked[newest])) if newest is not None else ()


def _kind(name: str, policy: Policy | None) -> Kind:
    if policy is None:
        return "outside"
    return "allowed" if name in policy.libraries or name.startswith(LOADERS) else "missing"


def _policy(file: str, files: tuple[Linkage, ...]) -> tuple[Policy | None, bool]:
    """Return the policy that the file name claims, of several the oldest; else the one that the symbols allow."""
    architecture = next((one.architecture for one in files if one.architecture is not None), None)
    libc = next((one.libc for one in files if one.libc is not None), "glibc")
    try:
        platforms = {tag.platform for tag in parse_filename(file)[3]}
    except ValueError:
        platforms = set()
    if architecture is None or any(
        not one.startswith(("linux", "manylinux", "musllinux")) for one in platforms - {"any"}
    ):
        return None, False
    policies = known(architecture, libc)
    for policy in policies:
        if platforms & {policy.name, *policy.aliases}:
            return policy, True
    try:
        tag = tag_by_symbols(files)
    except ValueError:
        tag = ""
    return next((policy for policy in policies if policy.name == tag), policies[-1]), False
