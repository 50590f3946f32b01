"""What `bench.py` measured, as goals, Markdown tables and a figure."""

from dataclasses import dataclass
from typing import Any

FAR = ("100000", "1000000", "10000000")  # the lengths at which memory decides, and the binding must not

# --- the goals -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Goal:
    """One promise: what is measured, the most that it may be, what it was (None: not measured), and in what unit."""

    what: str
    at_most: float
    measured: float | None
    unit: str = ""

    @property
    def verdict(self) -> str:
        """``met``, ``missed by 12 %``, or ``not measured``."""
        if self.measured is None:
            return "not measured"
        if self.measured <= self.at_most:
            return "met"
        return f"missed by {100 * (self.measured / self.at_most - 1):.2g} %"


def ratio(times: dict[str, Any], one: str, other: str, *lengths: str) -> float | None:
    """Return how `one` compares with `other`, by their minima: at the worst of these lengths. None if not measured."""
    pairs = [(times.get(one, {}).get(n), times.get(other, {}).get(n)) for n in lengths]
    if not pairs or any(first is None or second is None for first, second in pairs):
        return None
    return max(first["minimum"] / second["minimum"] for first, second in pairs)


def total(chain: dict[str, Any], state: str, kind: str) -> float | None:
    """Return the least seconds of all steps of the chain together. None if not measured."""
    steps = chain.get("steps", {}).get(state, {}).get(kind)
    return sum(step["minimum"] for step in steps.values()) if steps else None


def beside(runs: dict[str, Any]) -> float:
    """Return how the doctor compares with ``auditwheel show``, by their medians."""
    return float(runs["doctor"]["median"] / runs["auditwheel show"]["median"])


def goals(results: dict[str, Any]) -> list[Goal]:
    """Return every promise with what was measured of it."""
    times, chain = results.get("one thread", {}).get("times", {}), results.get("chain", {})
    promises = results.get("promises", {})
    doctor = results.get("doctor", {})
    website, page = results.get("website", {}), results.get("check a wheel", {})
    least = {name: one["minimum"] for name, one in page.items() if isinstance(one, dict)}
    large, huge, small = (doctor.get(size, {}) for size in ("large", "huge", "small"))
    ours, blas = "ddot (arrays)", "C loop around cblas_ddot ({})"
    cold, warm = total(chain, "cold", "lab"), total(chain, "warm", "lab")
    bare = total(chain, "cold", "shell")
    waits = [one["waits"] for name, one in promises.items() if "02" <= name[:2] <= "07"]
    return [
        Goal("n = 1, arrays: ddot to numpy.dot", 0.15, ratio(times, ours, "numpy.dot (arrays)", "1")),
        Goal("n = 1, arrays: ddot to ndarray.dot", 0.25, ratio(times, ours, "ndarray.dot (arrays)", "1")),
        Goal("n = 1, arrays: ddot to SciPy's ddot", 0.65, ratio(times, ours, "scipy.linalg.blas.ddot (arrays)", "1")),
        Goal("n = 1, arrays: ddot to nanobind", 0.40, ratio(times, ours, "nanobind (arrays)", "1")),
        Goal("n = 1,000, arrays: ddot to numpy.dot", 0.35, ratio(times, ours, "numpy.dot (arrays)", "1000")),
        *(Goal(f"n = {int(n):,}, arrays: ddot to a C loop around cblas_ddot", 1.03,
               ratio(times, ours, blas.format("arrays"), n)) for n in FAR),
        Goal("n = 1,000, lists: ddot to math.sumprod", 1.0,
             ratio(times, "ddot (lists)", "math.sumprod (lists)", "1000")),
        *(Goal(f"n = {int(n):,}, strided: ddot to a C loop around cblas_ddot", 1.10,
               ratio(times, "ddot (strided)", blas.format("strided"), n)) for n in ("10000", "100000", "1000000")),
        Goal("build, show, repair, install and proof, from nothing", 10, cold, "s"),
        Goal("the same with the sources unchanged", 4, warm, "s"),
        Goal("the same from nothing: cells of a notebook to bare commands", 1.15,
             cold / bare if cold and bare else None),
        Goal("chapters 2 to 7: what the slowest keeps one waiting", 30, max(waits) if waits else None, "s"),
        Goal("all chapters and their kernels", 240, sum(one["all"] for one in promises.values()) or None, "s"),
        Goal("wheels of 50 MB and more: doctor to auditwheel show, the worst", 1.5,
             max((beside(one) for one in large.values()), default=None)),
        Goal("a wheel of 500 MB: doctor to auditwheel show", 1.5, beside(huge) if huge else None),
        Goal("a wheel of 500 MB: the doctor's memory", 1000, huge["doctor"]["memory"] if huge else None, "MB"),
        Goal("doctor --help, processor time", 0.15, small["--help"]["processor"] if small else None, "s"),
        Goal("the website: first paint of a chapter, the slowest", 1.0,
             max((one["median"] for one in website.get("painted", {}).values()), default=None), "s"),
        Goal("the website: the largest chapter", 1.5, website["largest page"] / 1e6 if website else None, "MB"),
        Goal("the website: all of it", 60, website["site"] / 1e6 if website else None, "MB"),
        Goal("Check a wheel: ready at the first visit", 12, least.get("cold"), "s"),
        Goal("Check a wheel: ready from a warm cache", 4, least.get("warm"), "s"),
        Goal("Check a wheel: the example", 0.5, least.get("example, page"), "s"),
        Goal("Check a wheel: NumPy, the page to the command", 2.5,
             least["numpy, page"] / least["numpy, command"] if least else None),
        Goal("doctor on a pure wheel, processor time", 0.3, small["pure wheel"]["processor"] if small else None, "s"),
    ]  # fmt: skip


# --- tables and the figure -------------------------------------------------------------------------------------------


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table that reads well as plain text too."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    padded = ([f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in padded)


def times_table(times: dict[str, Any], which: str = "minimum") -> str:
    """Return the times of a pass: a row for each contestant, a column for each length."""
    from wheel_lab.timing import human

    lengths = sorted({int(n) for row in times.values() for n in row})
    rows = [
        [name, *(human(row[str(n)][which]) if str(n) in row else "-" for n in lengths)] for name, row in times.items()
    ]
    return table([which, *(f"{n:,}" for n in lengths)], rows)


def goals_table(of: list[Goal]) -> str:
    """Return the promises, each beside what was measured."""

    def number(value: float | None, unit: str) -> str:
        if value is None:
            return "-"
        return f"{value:.2f} {unit}" if unit and value < 1 else f"{value:,.1f} {unit}" if unit else f"{value:.3f}"

    return table(
        ["goal", "at most", "measured", ""],
        [[one.what, number(one.at_most, one.unit), number(one.measured, one.unit), one.verdict] for one in of],
    )


def chain_tables(chain: dict[str, Any]) -> str:
    """Return where the seconds of the chain go, and which other ways there are."""
    kinds = [(state, kind) for state in ("cold", "warm") for kind in ("lab", "shell")]
    words = {"cold": "from nothing", "warm": "sources unchanged", "lab": "notebook", "shell": "shell"}
    steps = list(chain["commands"])
    rows = [
        [step, *(f"{chain['steps'][state][kind][step]['minimum']:.2f} s" for state, kind in kinds)] for step in steps
    ]
    rows.append(["all", *(f"{total(chain, state, kind):.2f} s" for state, kind in kinds)])
    ways = [
        [step, way, f"{chain['steps']['cold']['shell'][step]['minimum']:.2f} s", f"{took['minimum']:.2f} s"]
        for step, others in chain["other ways"].items()
        for way, took in others.items()
    ]
    first = table(["minimum", *(f"{words[state]}, {words[kind]}" for state, kind in kinds)], rows)
    return first + "\n\n" + table(["step", "another way", "as the lab does it", "that way"], ways)


def doctor_table(doctor: dict[str, Any]) -> str:
    """Return how long the doctor and ``auditwheel show`` take, and their memory."""
    rows = []
    for name, runs in {**doctor["large"], doctor["huge"]["file"]: doctor["huge"]}.items():
        ours, theirs = runs["doctor"], runs["auditwheel show"]
        cells = [f"{runs['size'] / 1e6:.0f} MB"]
        cells += [f"{one['median']:.1f} s, {one['processor']:.1f} s" for one in (ours, theirs)]
        cells += [f"{beside(runs):.2f}", *(f"{one['memory']:.0f} MB" for one in (ours, theirs))]
        rows.append([name, *cells])
    names = {"empty": "an empty Python, for comparison"}
    small = [
        [names.get(name, f"doctor: {name}"), *(f"{one[which]:.2f} s" for which in ("minimum", "median", "processor"))]
        for name, one in doctor["small"].items()
    ]
    head = [
        "median, and processor time",
        "size",
        "doctor",
        "auditwheel show",
        "ratio",
        "doctor's memory",
        "auditwheel's",
    ]
    when = f"Measured on {doctor['date']}; load before it: {doctor['load']}."
    return "\n\n".join([when, table(head, rows), table(["", "minimum", "median", "processor time"], small)])


def page_table(page: dict[str, Any]) -> str:
    """Return how long the page that checks a wheel takes, beside the command."""
    words = {
        "cold": "ready, at the first visit",
        "warm": "ready, from a warm cache",
        "example, command": "the example's wheel, by the command",
        "example, page": "the example's wheel, by the page",
        "example, page, pictures": "the same with its pictures",
        "example, page, at once": "the example's wheel, by the page, as soon as a third visit is ready",
        "numpy, command": "NumPy's wheel, by the command",
        "numpy, page, first": "NumPy's wheel, by the page, for the first time",
        "numpy, page": "NumPy's wheel, by the page",
        "numpy, page, pictures": "the same with its pictures",
    }
    rows = [[text, *(f"{page[name][which]:.2f} s" for which in ("minimum", "median"))] for name, text in words.items()]
    return f"Measured on {page['date']}; load before it: {page['load']}.\n\n{table(['', 'minimum', 'median'], rows)}"


def machine_text(results: dict[str, Any]) -> str:
    """Say on what the numbers were measured, in a few lines."""
    here = results["machine"]
    caches = ", ".join(f"{name} {size // 1024:,} KiB" for name, size in here["caches"].items()) or "caches not known"
    versions = ", ".join(f"{name} {number}" for name, number in here["packages"].items())
    return (
        f"{here['processor']}, {here['processors']} processors, {caches}; {here['system']}, {here['libc']}, C++ "
        f"compiler {here['compiler']}; Python {here['Python']}, {versions}; OpenBLAS chose its kernels for "
        f"{results['one thread']['kernel']}. Load before the run: {here['load before']}. Measured on {results['date']}."
    )


def report(results: dict[str, Any]) -> str:
    """Return all results as Markdown."""
    from wheel_lab.timing import human

    default = results["default threads"]
    read = [
        [
            one["level"],
            f"{one['bytes'] / 1024:,.0f} KiB",
            f"{one['bytes_per_second'] / 1e9:.0f} GB/s",
            human(one["bytes"] / one["bytes_per_second"]),
        ]
        for one in results["one thread"]["bandwidth"]
    ]
    waits = [
        [name, f"{one['waits']:.1f} s", f"{one['longest']:.1f} s", f"{one['memory']:.0f} MB", str(one["failed"])]
        for name, one in results["promises"].items()
    ]
    parts = [
        "# Results of `make bench`\n\nWritten by `benchmarks/bench.py`; [README.md](README.md) says how to read it.",
        machine_text(results),
        "![Time of one dot product, and the bytes read in a second, against the length](results.png)",
        f"## The goals\n\n{goals_table(goals(results))}",
        f"## One thread\n\n{times_table(results['one thread']['times'])}\n\n"
        f"{times_table(results['one thread']['times'], 'median')}",
        "## How fast memory is read\n\nBoth vectors of a dot product, by a loop in C, on one thread:\n\n"
        + table(["what they fit into", "both vectors", "read", "one pass"], read),
        f"## Threads as OpenBLAS chooses: {default['threads']}\n\n{times_table(default['times'])}\n\n"
        f"{times_table(default['times'], 'median')}",
        f"## The chain\n\n{chain_tables(results['chain'])}",
        f"## The doctor\n\n{doctor_table(results['doctor'])}",
        f"## Check a wheel\n\n{page_table(results['check a wheel'])}",
        "## The chapters\n\n" + table(["chapter", "keeps one waiting", "longest cell", "memory", "failed"], waits),
    ]
    return "\n\n".join(parts) + "\n"


LINES = (
    "loop over the index (lists)",
    "math.sumprod (lists)",
    "ddot (lists)",
    "numpy.dot (arrays)",
    "nanobind (arrays)",
    "ddot (arrays)",
    "C loop around cblas_ddot (arrays)",
)


def figure(results: dict[str, Any]) -> Any:
    """Draw side by side, against the length: the time of a call, and the bytes read in a second."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    from wheel_lab.timing import human, speed
    from wheel_lab.views.drawing import COLOURS, GREY
    from wheel_lab.views.picture import MARKERS, style

    times = results["one thread"]["times"]
    with style():
        drawing = Figure(figsize=(12.5, 5.2), layout="constrained")
        left, right = drawing.subplots(1, 2)
        for name, colour, marker in zip(LINES, COLOURS, MARKERS, strict=True):
            if name not in times:  # this Python has no math.sumprod
                continue
            lengths = [int(n) for n in times[name]]
            minima = [row["minimum"] for row in times[name].values()]
            options = {"color": colour, "marker": marker, "markersize": 5, "linewidth": 1.8}
            left.loglog(lengths, minima, label=name, **options)
            right.loglog(lengths, [speed(n, least) for n, least in zip(lengths, minima, strict=True)], **options)
        for place, one in enumerate(results["one thread"]["bandwidth"]):
            fastest = one["bytes_per_second"]
            right.axhline(fastest, color=GREY, linewidth=0.9, linestyle="--")
            # above the line and below it by turns: two levels may be nearly as fast as each other
            right.annotate(
                f"{one['level']}: {fastest / 1e9:.0f} GB/s",
                (1, fastest),
                (0, -10 if place % 2 else 3),
                textcoords="offset points",
                fontsize=8.5,
                color="#333333",
            )
        right.set_ylim(top=1.6 * right.get_ylim()[1])
        left.set_title("Time of one call, one thread")
        left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: human(value)))
        right.set_title("The same as bytes of the two vectors in a second")
        right.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 1e9:g} GB/s"))
        for axes in (left, right):
            axes.set_xlabel("length of the vectors")
            axes.grid(which="major", color="#dddddd", linewidth=0.7)
            axes.set_axisbelow(True)
        left.legend(frameon=False, fontsize=9)
    return drawing
