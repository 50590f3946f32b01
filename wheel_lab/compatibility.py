"""Which of several wheels pip would take, and why: the tags that a Python accepts, and the rules of the choice."""

from collections.abc import Iterable
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags, sys_tags
from packaging.version import Version

from wheel_lab.tags import parse_filename

__all__ = ["Choice", "Verdict", "accepted", "choose"]


def accepted(
    limit: int | None = None,
    *,
    python: tuple[int, int] | None = None,
    abi: str | None = None,
    platforms: Iterable[str] | None = None,
) -> tuple[str, ...]:
    """Return the tags that a Python accepts, the best first: all of them, or the first `limit`.

    Without further arguments it is this interpreter on this machine. With `python` it is that CPython, anywhere:
    ``accepted(python=(3, 9), platforms=["manylinux_2_17_x86_64"])``; `abi` is then its own (``"cp39"``) unless said
    otherwise, and `platforms` must be given, the best first.
    """
    return tuple(map(str, _accepted(python, abi, platforms)[:limit]))


def _accepted(python: tuple[int, int] | None, abi: str | None, platforms: Iterable[str] | None) -> list[Tag]:
    if python is None:
        if abi is not None or platforms is not None:
            raise ValueError("say which python the abi and the platforms belong to")
        return list(sys_tags())
    if platforms is None:
        raise ValueError("say which platforms that python accepts, the best first")
    name = f"cp{python[0]}{python[1]}"
    platforms = list(platforms)
    # A tag may come up twice (cp39-none-any is in both lists); the first place is the one that counts.
    tags = [*cpython_tags(python, [abi or name], platforms), *compatible_tags(python, name, platforms)]
    return list(dict.fromkeys(tags))


@dataclass(frozen=True)
class Verdict:
    """What becomes of one file: taken or not, and the reason.

    `rank` is the place of its best tag among the accepted ones, from 1; None where no tag is accepted.
    """

    filename: str
    taken: bool
    rank: int | None
    reason: str

    def __str__(self) -> str:
        return f"{'take ' if self.taken else 'leave'}  {self.filename}\n       {self.reason}"


@dataclass(frozen=True)
class Choice:
    """Which of several files is taken (None: no one fits), and a verdict on each, in the order given."""

    taken: str | None
    verdicts: tuple[Verdict, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.verdicts))


def choose(
    filenames: Iterable[str],
    *,
    python: tuple[int, int] | None = None,
    abi: str | None = None,
    platforms: Iterable[str] | None = None,
) -> Choice:
    """Choose between the wheels of one project as pip does: the newest version that fits, then the best tag.

    The interpreter is given as in :func:`accepted`. What pip reads outside the name (a yanked file, Requires-Python)
    plays no part here.

    Raises
    ------
    ValueError
        A name is not a wheel's, or the names belong to several projects.
    """
    order = _accepted(python, abi, platforms)
    places = {tag: place for place, tag in reversed(list(enumerate(order, start=1)))}
    files = {filename: parse_filename(filename) for filename in filenames}
    if len({name for name, *_ in files.values()}) > 1:
        raise ValueError("these are wheels of several projects, and pip chooses between the files of one")
    ranks = {  # of those that fit
        filename: min(places[tag] for tag in tags if tag in places)
        for filename, (_, _, _, tags) in files.items()
        if not tags.isdisjoint(places)
    }
    # filter() leaves pre-releases out, unless there is nothing else: the rule that pip follows.
    versions = set(SpecifierSet().filter([files[filename][1] for filename in ranks]))
    candidates = [filename for filename in ranks if files[filename][1] in versions]
    taken = max(candidates, key=lambda name: (files[name][1], -ranks[name], files[name][2]), default=None)
    verdicts = []
    for filename, (_, version, _, tags) in files.items():
        if filename == taken:
            best = order[ranks[filename] - 1]
            reason = f"version {version} fits by the tag {best}, number {ranks[filename]} of those accepted"
        elif filename not in ranks or taken is None:
            reason = _misfit(tags, order)
        else:
            reason = _lesser(version, ranks[filename], filename in candidates, files[taken][1], ranks[taken])
        verdicts.append(Verdict(filename, filename == taken, ranks.get(filename), reason))
    return Choice(taken, tuple(verdicts))


def _misfit(tags: Iterable[Tag], order: list[Tag]) -> str:
    """Name the part of the tags that no accepted tag has."""
    for part in ("interpreter", "abi", "platform"):
        offered = {getattr(tag, part) for tag in tags}
        if not offered & {getattr(tag, part) for tag in order}:
            return f"does not fit: the {part} {' or '.join(sorted(offered))} is not accepted here"
    return "does not fit: each part is accepted here, but not the three together"


def _lesser(version: Version, rank: int, candidate: bool, best: Version, best_rank: int) -> str:
    if not candidate:
        return f"fits, but {version} is a pre-release, and there is a release"
    if version != best:
        return f"fits, but version {best} is newer"
    if rank != best_rank:
        return f"fits, but its best tag is number {rank}, behind number {best_rank}"
    return "fits as well, but its build number is not higher"
