"""The arithmetic of ``make bench``: ratios, goals, tables. That each rival computes right, it checks itself."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))
import bench
import contest
from report import goals, ratio, report


def row(**minima):
    return {n.removeprefix("n"): {"minimum": time, "median": 2 * time} for n, time in minima.items()}


def step(seconds):
    return {"minimum": seconds, "median": seconds}


RESULTS = {
    "one thread": {
        "times": {
            "ddot (arrays)": row(n1=5e-8, n1000=1e-7, n100000=1.02e-5, n1000000=1.2e-4, n10000000=4e-3),
            "numpy.dot (arrays)": row(n1=5e-7, n1000=2e-7),
            "scipy.linalg.blas.ddot (arrays)": row(n1=1e-7),
            "C loop around cblas_ddot (arrays)": row(n100000=1e-5, n1000000=1e-4, n10000000=4e-3),
        }
    },
    "chain": {
        "steps": {
            "cold": {"lab": {"build": step(7), "proof": step(1)}, "shell": {"build": step(6), "proof": step(1)}},
            "warm": {"lab": {"build": step(4), "proof": step(1)}, "shell": {"build": step(1), "proof": step(1)}},
        }
    },
    "doctor": {
        "large": {name: {"doctor": step(ours), "auditwheel show": step(6)} for name, ours in (("a", 3), ("b", 12))},
        "huge": {"doctor": {**step(20), "memory": 300.0}, "auditwheel show": step(80)},
        "small": {"--help": {"processor": 0.04}, "pure wheel": {"processor": 0.45}},
    },
    "promises": {"02_build": {"waits": 31.0, "all": 40.0}, "08_time": {"waits": 99.0, "all": 110.0}},
}


@pytest.mark.parametrize(
    ("beginning", "measured", "verdict"),
    [
        ("n = 1, arrays: ddot to numpy.dot", 0.1, "met"),
        ("n = 1, arrays: ddot to SciPy's ddot", 0.5, "met"),
        ("n = 1, arrays: ddot to nanobind", None, "not measured"),
        ("n = 1,000, arrays: ddot to numpy.dot", 0.5, "missed by 43 %"),
        ("n = 100,000, arrays", 1.02, "met"),
        ("n = 1,000,000, arrays", 1.2, "missed by 17 %"),
        ("n = 1,000, lists", None, "not measured"),
        ("build, show, repair", 8.0, "met"),
        ("the same with the sources unchanged", 5.0, "missed by 25 %"),
        ("the same from nothing", 8 / 7, "met"),
        ("chapters 2 to 7", 31.0, "missed by 3.3 %"),
        ("all chapters", 150.0, "met"),
        ("wheels of 50 MB and more", 2.0, "missed by 33 %"),
        ("a wheel of 500 MB: doctor to auditwheel show", 0.25, "met"),
        ("a wheel of 500 MB: the doctor's memory", 300.0, "met"),
        ("doctor --help", 0.04, "met"),
        ("doctor on a pure wheel", 0.45, "missed by 50 %"),
    ],
)
def test_a_goal_is_held_against_what_was_measured(beginning, measured, verdict):
    [goal] = [goal for goal in goals(RESULTS) if goal.what.startswith(beginning)]
    assert goal.measured == (None if measured is None else pytest.approx(measured))
    assert goal.verdict == verdict


def test_without_results_no_goal_is_met():
    assert {goal.verdict for goal in goals({})} == {"not measured"}


def test_a_ratio_is_that_of_the_worst_length():
    times = {"a": row(n1=2.0, n10=9.0), "b": row(n1=1.0, n10=3.0)}
    assert ratio(times, "a", "b", "1", "10") == 3
    assert ratio(times, "a", "b", "1", "100") is None
    assert ratio(times, "a", "nobody", "1") is None


def test_the_committed_tables_say_what_the_committed_results_say():
    results = bench.json.loads(bench.RESULTS.read_text())
    assert bench.TABLES.read_text() == report(results)
    assert all(goal.measured is not None for goal in goals(results))


def test_every_contestant_has_a_name_of_its_own_and_a_loop_in_c_runs_often_enough():
    labels = [contest.label(one) for one in contest.CONTESTANTS]
    assert len(labels) == len(set(labels))
    for one in contest.CONTESTANTS:
        statement, times = one.statement(1)
        assert "{" not in statement
        assert (times > 10_000) == one.repeats
        assert one.statement(10**7)[1] == 1


def test_a_wrong_answer_is_not_timed(monkeypatch):
    right, wrong = (contest.Contestant("one", code, "lists") for code in ("sum(map(mul, x, y))", "sum(x)"))
    names = {"mul": lambda a, b: a * b}
    monkeypatch.setattr(contest, "CONTESTANTS", (right,))
    contest.check(names)
    monkeypatch.setattr(contest, "CONTESTANTS", (right, wrong))
    with pytest.raises(AssertionError, match=r"one \(lists\) gives"):
        contest.check(names)
