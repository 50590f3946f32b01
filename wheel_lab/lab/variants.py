"""What the ways to give a wheel its OpenBLAS cost: a record of real builds, each imported and computed with.

Two of the ways need an OpenBLAS that only an administrator can install, and all of them together take a minute. So
``make sizes`` builds them and writes ``variants.json``, and ``make test-sizes`` builds them anew and holds the record
to what it finds.
"""

import json
import textwrap
from dataclasses import dataclass
from pathlib import Path

RECORD = Path(__file__).with_name("variants.json")


@dataclass(frozen=True)
class Choice:
    """One way to give the example's wheel its OpenBLAS, and what came of it.

    Attributes
    ----------
    name
        ``"PyPI's, stripped"``.
    cmake, repair
        The options of the build (in ``CMAKE_ARGS``) and of ``auditwheel repair``; empty where they are the usual ones.
    wheel, unpacked
        Bytes of the wheel, and of all its members together.
    libraries
        What the repair put into the wheel, sorted: ``("libgfortran", "libopenblasp")``, without hash and version.
    tag, floor
        The platform tag in the wheel's name, and the glibc that its files ask for at least: ``"2.34"``.
    alone
        It imports and computes in a clean environment. If not, ``scipy_openblas32`` must be there and imported first.
    private
        It goes on calling its own ``cblas_ddot`` where another library has made one of that name known to the process.
    sbom
        It lists what it carries, in ``.dist-info/sboms``.
    time
        The time of one call at length 1,000, as a multiple of the first choice's in the same interleaved run; None when
        it was not measured.
    risk
        In a few words.
    """

    name: str
    cmake: str
    repair: str
    wheel: int
    unpacked: int
    libraries: tuple[str, ...]
    tag: str
    floor: str
    alone: bool
    private: bool
    sbom: bool
    time: float | None
    risk: str


@dataclass(frozen=True)
class Record:
    """The choices as they were built on one day on one machine."""

    date: str
    where: str
    choices: tuple[Choice, ...]

    def table(self) -> str:
        """Return a plain table: a line of figures for each choice, and under it the risk."""
        width = max(len(choice.name) for choice in self.choices)
        head = f"{'':<{width}}  {'wheel':>8}  {'unpacked':>8}  {'tag':<14}  floor  alone  private  SBOM  time"
        lines = [*textwrap.wrap(f"built on {self.date} on {self.where}", 100), head]
        for one in self.choices:
            alone, private, sbom = ("yes" if flag else "no" for flag in (one.alone, one.private, one.sbom))
            lines.append(
                f"{one.name:<{width}}  {one.wheel / 1e6:>5.2f} MB  {one.unpacked / 1e6:>5.1f} MB  "
                f"{one.tag.removesuffix('_x86_64'):<14}  {one.floor:>5}  {alone:<5}  {private:<7}  {sbom:<4}  "
                f"{'-' if one.time is None else f'{one.time:.2f}':>4}"
            )
            lines.append(f"    {one.risk}")
        return "\n".join(lines)

    __str__ = table


def record(path: str | Path = RECORD) -> Record:
    """Read the record that lies beside this module, or another one."""
    told = json.loads(Path(path).read_text(encoding="utf-8"))
    choices = [Choice(**{**row, "libraries": tuple(row["libraries"])}) for row in told["choices"]]
    return Record(told["date"], told["where"], tuple(choices))
