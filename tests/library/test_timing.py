"""Timings are told apart, bounded, in mixed order, and said in units one can read."""

import re
import time

import pytest

from wheel_lab import timing
from wheel_lab.timing import Sweep


def test_slower_is_slower():
    fast, slow = (lambda: None), (lambda: time.sleep(0.002))
    timings = timing.measure({"slow": slow, "fast": fast}, repeats=3, min_time=0.001)
    assert timings["slow"].minimum >= 0.002
    assert timings["fast"].minimum < 0.0005
    assert all(one.minimum <= one.median for one in timings.results)
    assert [one.name for one in timings.results] == ["slow", "fast"]
    assert timings["fast"].loops > timings["slow"].loops == 1
    with pytest.raises(KeyError):
        timings["neither"]


def test_a_statement_knows_its_namespace():
    assert timing.measure({"sum": "sum(x)"}, namespace={"x": [1, 2]}, repeats=1, min_time=1e-5)["sum"].minimum > 0


def test_work_done_many_times_over_is_divided():
    nap = {"nap": lambda: time.sleep(0.001)}
    once = timing.measure({"nap": "nap()"}, namespace=nap, repeats=1, min_time=1e-4)["nap"]
    shared = timing.measure({"nap": ("nap()", 1000)}, namespace=nap, repeats=1, min_time=1e-4)["nap"]
    assert once.minimum >= 1e-3
    assert 1e-6 <= shared.minimum < 1e-3
    assert shared.loops == 1  # the calls are counted, not what each of them did


def test_everyone_has_a_turn_in_every_round_and_the_order_changes():
    calls: list[str] = []
    functions = {name: (lambda name=name: calls.append(name) or time.sleep(0.0002)) for name in "abc"}
    timing.measure(functions, repeats=6, min_time=1e-4)
    rounds = [tuple(calls[start : start + 3]) for start in range(3, len(calls), 3)]
    assert len(rounds) == 6
    assert all(set(one) == set("abc") for one in rounds)
    assert len(set(rounds)) > 1
    again, first = calls.copy(), calls.clear()
    timing.measure(functions, repeats=6, min_time=1e-4)
    assert first is None
    assert calls == again  # the same seed, the same order


def test_budget_ends_the_rounds():
    start = time.perf_counter()
    timings = timing.measure({"nap": lambda: time.sleep(0.02)}, repeats=1000, min_time=0.01, budget=0.1)
    assert time.perf_counter() - start < 1
    assert 1 <= timings["nap"].rounds < 10


def test_one_round_is_always_run():
    assert timing.measure({"nap": lambda: time.sleep(0.01)}, repeats=5, budget=0)["nap"].rounds == 1


def test_an_error_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        timing.measure({"bad": lambda: 1 / 0})
    with pytest.raises(ValueError, match="nothing to measure"):
        timing.measure({})


def test_table():
    one = timing.Timings((timing.Timing("a", 1e-6, 2e-6, 1, 1), timing.Timing("bb", 3e-6, 4e-6, 1, 1)))
    assert str(one) == one.table() == (
        "     minimum    median  to the fastest\n"
        "a     1.0 µs    2.0 µs  1.0 x\n"
        "bb    3.0 µs    4.0 µs  3.0 x"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (6e-8, "60 ns"),
        (1.44e-9, "1.4 ns"),
        (9.94e-9, "9.9 ns"),
        (9.96e-9, "10 ns"),
        (999.4e-9, "999 ns"),
        (999.6e-9, "1.0 µs"),
        (1.4e-6, "1.4 µs"),
        (0.011, "11 ms"),
        (0.9996, "1.0 s"),
        (2.5, "2.5 s"),
        (125, "125 s"),
        (0, "0.0 ns"),
    ],
)
def test_human(seconds, text):
    assert timing.human(seconds) == text


def test_human_refuses_the_impossible():
    with pytest.raises(ValueError, match="not negative"):
        timing.human(-1)


def test_sweep():
    def prepare(n: int) -> dict:
        both = {"nap": lambda: time.sleep(n / 1000), "sum": "sum(x)"}
        return both if n < 3 else {"sum": "sum(x)"}

    result = timing.sweep(prepare, [3, 1, 2], namespace=lambda n: {"x": range(n)}, repeats=1, min_time=1e-4)
    assert result.lengths == (1, 2, 3)
    assert sorted(result.times["nap"]) == [1, 2]
    assert result.times["nap"][2] >= 0.002
    assert result.times["sum"][3] < 0.001


def test_sweep_keeps_a_row_for_what_is_not_there():
    result = timing.sweep(lambda n: {"new": None, "sum": "sum(())"}, [1, 2], repeats=1, min_time=1e-5)
    assert list(result.times) == ["new", "sum"]
    assert result.times["new"] == {}
    assert result.lengths == (1, 2)
    assert result.crossing("sum", "new") is None
    assert result.table().splitlines()[1].split() == ["new", "-", "-"]


def test_crossing():
    sweep = Sweep({"a": {1: 5.0, 10: 1.0, 100: 5.0, 1000: 5.0}, "b": {1: 1.0, 10: 2.0, 100: 6.0, 1000: 50.0, 9: 1.0}})
    assert sweep.crossing("a", "b") == 10
    assert sweep.crossing("b", "a") is None
    late = Sweep({"a": {1: 1.0, 10: 3.0, 100: 1.0}, "b": {1: 2.0, 10: 2.0, 100: 2.0}})
    assert late.crossing("a", "b") == 100  # faster at 1 too, but not from there on


def test_sweep_table():
    lines = Sweep({"a": {1: 1e-6, 1000: 1e-3}, "long": {1: 2e-9}}).table().splitlines()
    assert [line.split() for line in lines] == [
        ["n", "1", "1,000"],
        ["a", "1.0", "µs", "1.0", "ms"],
        ["long", "2.0", "ns", "-"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_table_of_steps():
    assert str(timing.Steps((timing.Step("build", 1.44), timing.Step("show", 0.2)))) == (
        "build       1.4 s\n"
        "show       200 ms\n"
        "together    1.6 s"
    )  # fmt: skip


def test_sweep_table_of_some_lengths():
    lines = Sweep({"a": {1: 1e-6, 10: 2e-6, 100: 3e-6}}).table(length for length in (1, 100, 1000)).splitlines()
    assert [line.split() for line in lines] == [["n", "1", "100", "1,000"], ["a", "1.0", "µs", "3.0", "µs", "-"]]


def test_sweep_ratios():
    sweep = Sweep({"a": {1: 1e-6, 10: 2e-6}, "b": {1: 8.5e-6, 10: 1e-6, 100: 3e-6}, "none": {}})
    lines = [re.split(r"  +", line) for line in sweep.ratios().splitlines()]
    assert lines == [
        ["n", "1", "10", "100"],
        ["a", "1.0 x", "2.0 x", "-"],
        ["b", "8.5 x", "1.0 x", "1.0 x"],
        ["none", "-", "-", "-"],
    ]
    assert sweep.ratios([10, 1000]).splitlines()[1].split() == ["a", "2.0", "x", "-"]


def test_split():
    whole = Sweep({"a": {1: 1.0}, "limit": {1: 0.5}, "b": {}})
    assert whole.split("limit") == (Sweep({"a": {1: 1.0}, "b": {}}), Sweep({"limit": {1: 0.5}}))
    assert list(whole.split("b", "a")[1].times) == ["b", "a"]
    with pytest.raises(KeyError):
        whole.split("c")


# --- speeds ---


def test_a_pair_of_doubles_is_16_bytes():
    assert timing.speed(1_000_000, 1e-3) == 16e9
