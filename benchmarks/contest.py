"""The contest: one dot product by many hands, turn by turn, from one element to ten million.

``bench.py`` calls :func:`build`, and then runs this file twice, each time in a process of its own: once with OpenBLAS
held to one thread, and once with as many as it takes by itself. OpenBLAS reads that order when it is loaded.
"""

import array
import ctypes
import importlib
import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wheel_lab import memory
from wheel_lab.timing import PAIR, measure, speed

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / ".lab" / "bench"  # what is built stays there: the next run compiles only what has changed
LENGTHS = tuple(10**k for k in range(8))
STEP = 2  # of the strided vectors
DRAM = 10_000_000  # elements of each vector, 160 MB for both: beyond every cache


def say(words: str) -> None:
    """Tell how far we are; results go to standard output, progress does not."""
    print(words, file=sys.stderr, flush=True)


# --- the contestants -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Contestant:
    """Who runs: a statement, what it is given, the longest vector that it is asked for, and whether threads touch it.

    `repeats` is True for a loop in C, which runs `times` times in one statement.
    """

    name: str
    code: str
    given: str
    longest: int = 10**7
    threaded: bool = False
    repeats: bool = False

    def statement(self, n: int) -> tuple[str, int]:
        """Return what to time at length `n`, and how many dot products that makes."""
        times = max(1, round(2e-4 / (3e-9 + 1.2e-10 * n))) if self.repeats else 1
        return self.code.format(times=times), times


LONG_LIST, LONG_COPY = 10**6, 10**5
CONTESTANTS = (
    Contestant("loop over the index", "by_index(x, y)", "lists", LONG_LIST),
    Contestant("sum of a generator", "sum(p * q for p, q in zip(x, y))", "lists", LONG_LIST),
    Contestant("sum(map(mul))", "sum(map(mul, x, y))", "lists", LONG_LIST),
    Contestant("math.sumprod", "math.sumprod(x, y)", "lists", LONG_LIST),
    Contestant("ddot", "ddot(x, y)", "lists", LONG_LIST),
    Contestant("naive binding", "naive.dot(x, y)", "lists", LONG_LIST),
    Contestant("numpy.dot", "np.dot(x, y)", "lists", LONG_LIST),
    Contestant("sum(map(mul))", "sum(map(mul, p, q))", "array.array", LONG_COPY),
    Contestant("math.sumprod", "math.sumprod(p, q)", "array.array", LONG_COPY),
    Contestant("ddot", "ddot(p, q)", "array.array"),
    Contestant("naive binding", "naive.dot(a, b)", "arrays", LONG_COPY),
    Contestant("ddot", "ddot(a, b)", "arrays", threaded=True),
    Contestant("nanobind", "nano.dot(a, b)", "arrays", threaded=True),
    Contestant("numpy.dot", "np.dot(a, b)", "arrays", threaded=True),
    Contestant("ndarray.dot", "a.dot(b)", "arrays", threaded=True),
    Contestant("numpy.vdot", "np.vdot(a, b)", "arrays", threaded=True),
    Contestant("a @ b", "a @ b", "arrays", threaded=True),
    Contestant("scipy.linalg.blas.ddot", "scipy_ddot(a, b)", "arrays", threaded=True),
    Contestant("ctypes, addresses at hand", "c_ddot(n, a_at, 1, b_at, 1)", "arrays", threaded=True),
    Contestant("ctypes, array.ctypes.data", "c_ddot(n, a.ctypes.data, 1, b.ctypes.data, 1)", "arrays", threaded=True),
    Contestant("ddot", "ddot(u, v)", "strided", 10**6),
    Contestant("numpy.dot", "np.dot(u, v)", "strided", 10**6),
    Contestant("C loop around cblas_ddot", "limits.blas_loop(u, v, {times})", "strided", 10**6, repeats=True),
    Contestant("C loop around cblas_ddot", "limits.blas_loop(a, b, {times})", "arrays", threaded=True, repeats=True),
    Contestant("reading both vectors in C", "limits.read_loop(a, b, {times})", "limit", repeats=True),
    Contestant("an empty call, METH_FASTCALL", "limits.empty(a, b)", "limit", 1),
    Contestant("an empty call, pybind11", "naive.empty(a, b)", "limit", 1),
)


def by_index(x: Any, y: Any) -> float:
    """Return the dot product as one would write it in C."""
    total = 0.0
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


def racers() -> dict[str, Any]:
    """Import everyone, all on one and the same OpenBLAS, and return the names that the statements use."""
    import numpy as np
    import scipy.linalg.blas
    import scipy_openblas32

    # Our extension asks for this library by name only. Once it is loaded, the loader finds it.
    library = ctypes.CDLL(Path(scipy_openblas32.get_lib_dir()) / "libscipy_openblas.so", mode=ctypes.RTLD_GLOBAL)
    c_ddot = library.scipy_cblas_ddot
    c_ddot.restype = ctypes.c_double
    c_ddot.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
    sys.path[:0] = [str(PLACE / "build"), str(PLACE / "build" / "ours")]
    built = {name: importlib.import_module(name) for name in ("example", "naive", "nano", "limits")}
    from operator import mul

    return built | {
        "np": np,
        "math": math,
        "mul": mul,
        "by_index": by_index,
        "ddot": built["example"].ddot,
        "c_ddot": c_ddot,
        "scipy_ddot": scipy.linalg.blas.ddot,
        "blas": library,
    }


def vectors(n: int, lists: bool) -> dict[str, Any]:
    """Return two vectors in every shape that a contestant likes: a, b; x, y; p, q; u, v."""
    import numpy as np

    a, b = np.random.default_rng(n).standard_normal((2, n))
    u, v = (np.repeat(vector, STEP)[::STEP] for vector in (a, b))
    names = {"n": n, "a": a, "b": b, "u": u, "v": v, "a_at": a.ctypes.data, "b_at": b.ctypes.data}
    names |= {"p": array.array("d", a.tobytes()), "q": array.array("d", b.tobytes())}
    return names | ({"x": a.tolist(), "y": b.tolist()} if lists else {})


def label(contestant: Contestant) -> str:
    """Return the name under which a contestant stands in the results."""
    return f"{contestant.name} ({contestant.given})"


def running(n: int, threaded: bool) -> list[Contestant]:
    """Return who is asked at length `n`; `threaded` leaves only those that threads can touch."""
    there = [one for one in CONTESTANTS if "sumprod" not in one.code or hasattr(math, "sumprod")]
    return [one for one in there if n <= one.longest and (one.threaded or not threaded)]


def check(names: dict[str, Any]) -> None:
    """Refuse to time anyone who does not give the right answer, within the bound for a sum of n products."""
    for n in (1, 2, 7, 33, 1000):
        given = names | vectors(n, lists=True)
        products = [one * other for one, other in zip(given["x"], given["y"], strict=True)]
        bound = n * sys.float_info.epsilon * math.fsum(map(abs, products))
        for contestant in running(n, threaded=False):
            if "empty" in contestant.code:
                continue
            answer = eval(contestant.code.format(times=2), given)
            if not abs(answer - math.fsum(products)) <= bound:
                raise AssertionError(f"{label(contestant)} gives {answer!r} at length {n}, which is wrong")


# --- building and measuring ------------------------------------------------------------------------------------------


def build() -> None:
    """Build our extension and its rivals by CMake, in ``.lab/bench``. What has not changed is not built again."""
    import nanobind
    import pybind11
    import scipy_openblas32

    openblas = Path(scipy_openblas32.get_include_dir()).parent
    log = PLACE / "build.log"
    PLACE.mkdir(parents=True, exist_ok=True)
    tools = {"PATH": os.path.join(sys.prefix, "bin") + os.pathsep + os.environ.get("PATH", os.defpath)}
    commands = [
        ["cmake", "-G", "Ninja", "-S", Path(__file__).parent / "rivals", "-B", PLACE / "build",
         "-DCMAKE_BUILD_TYPE=Release", f"-DPython_EXECUTABLE={sys.executable}", f"-DOPENBLAS={openblas}",
         f"-Dpybind11_DIR={pybind11.get_cmake_dir()}", f"-Dnanobind_DIR={nanobind.cmake_dir()}"],
        ["cmake", "--build", PLACE / "build"],
    ]  # fmt: skip
    with log.open("w") as file:
        for command in commands:
            done = subprocess.run([*map(str, command)], env=os.environ | tools, stdout=file, stderr=subprocess.STDOUT)
            if done.returncode:
                tail = "\n".join(log.read_text().splitlines()[-25:])
                raise SystemExit(f"{tail}\nthe rivals were not built; all of what was said is in {log}")


def bandwidth(names: dict[str, Any]) -> list[dict[str, Any]]:
    """Return how fast vectors are read that fill half of each cache, and such as fit into none."""
    lengths = {cache.name: cache.size // 2 // PAIR for cache in memory.caches()} | {"DRAM": DRAM}
    reader = next(one for one in CONTESTANTS if "read_loop" in one.code)
    spaces, code = dict(names), {}
    for level, n in lengths.items():
        given = vectors(n, lists=False)
        spaces |= {f"{level}_a": given["a"], f"{level}_b": given["b"]}
        statement, times = reader.statement(n)
        code[level] = statement.replace("a, b", f"{level}_a, {level}_b"), times
    took = measure(code, namespace=spaces, repeats=41, min_time=0.002, budget=10)
    return [
        {"level": level, "bytes": PAIR * n, "bytes_per_second": speed(n, took[level].minimum)}
        for level, n in lengths.items()
    ]


def run(threaded: bool, repeats: int) -> dict[str, Any]:
    """Measure one pass. Times are in seconds for one dot product: its minimum and its median over the rounds."""
    names = racers()
    check(names)
    times: dict[str, dict[str, dict[str, float]]] = {}
    for n in [n for n in LENGTHS if n >= 10_000 or not threaded]:
        contestants = running(n, threaded)
        say(f"  {len(contestants)} contestants at length {n:,}")
        given = names | vectors(n, lists=n <= LONG_LIST)
        code = {label(one): one.statement(n) for one in contestants}
        for one in measure(code, namespace=given, repeats=repeats, min_time=0.002, budget=15).results:
            times.setdefault(one.name, {})[str(n)] = {"minimum": one.minimum, "median": one.median}
    return {
        "threads": names["blas"].scipy_openblas_get_num_threads(),
        "kernel": ctypes.string_at(_corename(names["blas"])).decode(),
        "times": times,
        "bandwidth": [] if threaded else bandwidth(names),
    }


def _corename(library: ctypes.CDLL) -> int:
    """Return the address at which OpenBLAS keeps the name of the kernels that it chose for this processor."""
    function = library.scipy_openblas_get_corename
    function.restype = ctypes.c_void_p
    return function()


def in_a_fresh_process(threads: int | None, repeats: int) -> dict[str, Any]:
    """Run a pass with OpenBLAS held to `threads`, or with its own choice where that is None."""
    env = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    if threads:
        env["OPENBLAS_NUM_THREADS"] = str(threads)
    command = [sys.executable, __file__, "one" if threads else "default", str(repeats)]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit("the contest was broken off; the reason stands above")
    return json.loads(done.stdout)


if __name__ == "__main__":
    json.dump(run(sys.argv[1] == "default", int(sys.argv[2])), sys.stdout)
