"""What the ways to give a wheel its OpenBLAS cost: a record of real builds, each imported and computed with.

Two of the ways need an OpenBLAS that only an administrator can install, and all of them together take a minute. So
``make variants`` builds them and writes ``variants.json``, and ``make test-variants`` builds them anew and compares
the record with what it finds.
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path

from wheel_lab.lab import records
from wheel_lab.tables import plain_table

__all__ = ["RECORD", "Variant", "VariantsRecord", "load_record"]

RECORD = Path(__file__).with_name("variants.json")


@dataclass(frozen=True)
class Variant:
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
        The time of one call at length 1,000, as a multiple of the first variant's in the same interleaved run; None
        when it was not measured.
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
class VariantsRecord:
    """The variants as they were built on one day on one machine."""

    date: str
    where: str
    variants: tuple[Variant, ...]

    def table(self) -> str:
        """Return a plain table: a line of figures for each variant, and under it the risk."""
        rows: list[tuple[str, ...]] = [("", "wheel", "unpacked", "tag", "floor", "alone", "private", "SBOM", "time")]
        for one in self.variants:
            answers = ("yes" if flag else "no" for flag in (one.alone, one.private, one.sbom))
            sizes = (f"{one.wheel / 1e6:.2f} MB", f"{one.unpacked / 1e6:.1f} MB")
            time = "-" if one.time is None else f"{one.time:.2f}"
            rows.append((one.name, *sizes, one.tag.removesuffix("_x86_64"), one.floor, *answers, time))
        titles, *lines = plain_table(rows, "<>><><<<>").splitlines()
        risks = [f"    {one.risk}" for one in self.variants]
        body = [line for pair in zip(lines, risks, strict=True) for line in pair]
        return "\n".join([*textwrap.wrap(f"built on {self.date} on {self.where}", 100), titles, *body])

    __str__ = table


def load_record(path: Path = RECORD) -> VariantsRecord:
    """Read the record; raises as :func:`wheel_lab.lab.records.load` does. `make variants` makes one."""
    return records.load(VariantsRecord, path)
