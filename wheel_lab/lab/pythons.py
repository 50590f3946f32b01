"""The Pythons of this machine, and what a module answers in each of them."""

import datetime
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wheel_lab.lab import records

__all__ = ["Answers", "ask_each", "pythons"]

OLDEST = 11  # of Python 3, that the lab supports
RECORD = Path(__file__).with_name("abi3.json")
ALONE = "there is one Python here; recorded on {date} with more of them:"


@dataclass(frozen=True)
class Answers:
    """What one piece of code printed, by the version of Python, on one day."""

    date: str
    code: str
    printed: dict[str, str]

    def __str__(self) -> str:
        return "\n".join(f"Python {version}: {words}" for version, words in self.printed.items())


def pythons(modules: Iterable[str] = ()) -> dict[str, Path]:
    """Return the CPythons from 3.11 on that have these modules, by version (``"3.12"``), the oldest first.

    Looked for: where a manylinux image, pyenv and GitHub's runners keep theirs, ``python3.N`` on ``PATH``, and this
    one. Those without the GIL are left out.
    """
    homes = [Path("/opt/python"), Path.home() / ".pyenv/versions", Path("/opt/hostedtoolcache/Python")]
    patterns = ("cp3*/bin/python3", "3.*/bin/python3", "3.*/*/bin/python3")
    candidates = [python for home in homes for pattern in patterns for python in sorted(home.glob(pattern))]
    candidates += [Path(path) for minor in range(OLDEST, 30) if (path := shutil.which(f"python3.{minor}"))]
    candidates.append(Path(sys.executable))
    code = (
        f"import {', '.join(['sys, sysconfig', *modules])}\n"
        "free = sysconfig.get_config_var('Py_GIL_DISABLED') or sys.implementation.name != 'cpython'\n"
        "print('' if free else '%d.%d' % sys.version_info[:2])"
    )
    found: dict[str, Path] = {}
    for python in (one for one in candidates if os.access(one, os.X_OK)):
        asked = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True)
        version = asked.stdout.strip()
        if asked.returncode == 0 and re.fullmatch(r"3\.\d+", version) and int(version[2:]) >= OLDEST:
            found.setdefault(version, python)
    return dict(sorted(found.items(), key=lambda pair: int(pair[0][2:])))


def ask_each(code: str, folder: str | Path) -> Answers:
    """Run `code` in each Python of this machine, with the packages in `folder`, and return what each printed.

    Where this is the only one, what others printed is told from the record, if that is of the same code. With
    ``WHEEL_LAB_RECORD=1`` in the environment, the record is written anew.

    Raises
    ------
    RuntimeError
        The code failed in one of them; the message names the version, and holds the last line of the error.
    """
    printed = {}
    for version, python in pythons().items():
        words = f"import sys; sys.path.insert(0, {str(Path(folder).resolve())!r})\n{code}"
        done = subprocess.run([python, "-I", "-c", words], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"Python {version}: {(done.stderr.strip().splitlines() or ['no word'])[-1]}")
        printed[version] = done.stdout.strip()
    answers = Answers(datetime.date.today().isoformat(), code, printed)
    if os.environ.get("WHEEL_LAB_RECORD"):
        records.save(answers, RECORD)
    if len(printed) == 1:
        kept = records.load(Answers, RECORD)
        if kept.code == code:
            print(ALONE.format(date=kept.date), kept, "and here:", sep="\n")
    return answers
