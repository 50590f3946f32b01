"""``make bench``: what the lab promises about speed, measured, and each promise beside what was seen.

It runs the contest (``contest.py``), the chain (``chain.py``), the chapters (``promises.py``), the doctor
(``doctor.py``) and the website (``pages.py``, ``webpage.py``), prints tables, and writes ``results.json``,
``RESULTS.md`` and ``results.png`` beside itself. ``--write-only`` draws and writes again from ``results.json``, without
measuring. Nothing here is a test: machines are noisy.
"""

import argparse
import json
import os
import platform
import re
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from report import figure, goals, goals_table, report

HERE = Path(__file__).resolve().parent
RESULTS, TABLES, FIGURE = HERE / "results.json", HERE / "RESULTS.md", HERE / "results.png"
PACKAGES = ("numpy", "scipy", "scipy-openblas32", "pybind11", "nanobind", "scikit-build", "auditwheel", "pip", "uv")


def machine() -> dict[str, Any]:
    """Return what the numbers depend on: processor, caches, system, compiler and versions, and nothing else of it."""
    from wheel_lab import memory
    from wheel_lab.lab import workbench

    said = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    model = re.search(r"^model name\s*:\s*(.+)$", said, flags=re.MULTILINE)
    here = workbench.machine()
    compiler = next((tool.version for tool in workbench.tools() if tool.name == "c++"), None)
    return {
        "processor": model[1].strip() if model else platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "caches": {cache.name: cache.size for cache in memory.caches()},
        "system": here.distribution,
        "libc": f"{here.libc} {here.libc_version}",
        "compiler": compiler,
        "load before": round(os.getloadavg()[0], 2),
        "Python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Measure everything, with a word before each long step."""
    import chain
    import contest
    import doctor
    import pages
    import promises
    import webpage
    from contest import say

    results: dict[str, Any] = {"date": date.today().isoformat(), "machine": machine()}
    if results["machine"]["load before"] > 0.5 * results["machine"]["processors"]:
        say(f"note: this machine is busy (load {results['machine']['load before']}); the numbers will suffer")
    say("1 of 8  building ddot and its rivals (half a minute, the first time)")
    contest.build()
    say("2 of 8  the contest on one thread (two minutes)")
    results["one thread"] = contest.in_a_fresh_process(1, options.repeats)
    say("3 of 8  the contest on as many threads as OpenBLAS takes, in a fresh process")
    results["default threads"] = contest.in_a_fresh_process(None, options.repeats)
    say("4 of 8  the chain from source to proof (two minutes)")
    results["chain"] = chain.measure(options.rounds, say)
    say("5 of 8  the chapters (two minutes)")
    results["promises"] = promises.measure(say)
    say("6 of 8  the doctor on large wheels (some minutes; they are fetched the first time)")
    results["doctor"] = doctor.measure(options.rounds, say)
    say("7 of 8  the website (two minutes)")
    results["website"] = pages.measure(options.rounds, say)
    say("8 of 8  its page that checks a wheel (a minute)")
    results["check a wheel"] = webpage.measure(options.rounds, say)
    return results


def main() -> None:
    """Measure, write and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--write-only", action="store_true", help="measure nothing, write again what results.json says")
    parser.add_argument("--doctor-only", action="store_true", help="measure the doctor, and keep the rest")
    parser.add_argument("--website-only", action="store_true", help="measure the website, and keep the rest")
    parser.add_argument("--repeats", type=int, default=41, help="rounds of the contest (41)")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of the chain, and of large wheels (2)")
    options = parser.parse_args()
    keeps = options.write_only or options.doctor_only or options.website_only
    results = json.loads(RESULTS.read_text()) if keeps else run(options)
    if options.doctor_only:
        import doctor

        results["doctor"] = doctor.measure(options.rounds, print)
    if options.website_only:
        import pages
        import webpage

        results["website"] = pages.measure(options.rounds, print)
        results["check a wheel"] = webpage.measure(options.rounds, print)
    if not options.write_only:
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    TABLES.write_text(report(results))
    figure(results).savefig(FIGURE, dpi=110, metadata={"Software": None})
    print(report(results).replace("\n\n\n", "\n\n"))
    print(goals_table(goals(results)))


if __name__ == "__main__":
    # Killed or interrupted half-way, it leaves the results of the last whole run as they were.
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("stopped; the results are still those of the run before")
