"""The cell magic ``%%manylinux``: run a script in the manylinux image, or show the record of such a run elsewhere.

``%load_ext wheel_lab.lab.manylinux`` makes it known to the notebook. The record, ``manylinux.json``, is kept by the
text of the script: a script that was changed and not recorded anew has no entry, and its cell fails. To record, run the
notebook in an image with ``WHEEL_LAB_RECORD=1`` in the environment.
"""

import datetime
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from wheel_lab.lab import records, workbench

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["ImageRecord", "load_ipython_extension", "run_in_image"]

RECORD = Path(__file__).with_name("manylinux.json")


@dataclass(frozen=True)
class ImageRecord:
    """What scripts printed in an image: `outputs` by the text of the script, on one day in one place."""

    date: str
    where: str
    outputs: dict[str, str]


def run_in_image(_line: str, script: str) -> None:
    """Run `script` with ``bash -e`` and print what it says, or print what it said when it was recorded.

    Raises
    ------
    subprocess.CalledProcessError
        When the script fails here.
    LookupError
        When this is no manylinux image, and no run of this very script is on record.
    """
    # A marker or a note for the reader is no part of the script.
    script = "\n".join(line for line in script.strip().splitlines() if not line.startswith("#"))
    if not workbench.image_pythons():
        record = records.load(ImageRecord, RECORD)
        if script not in record.outputs:
            raise LookupError("there is no /opt/python here, and no run of this script is on record")
        print(f"recorded on {record.date} in {record.where}:")
        print(record.outputs[script], end="")
        return

    where = f"{workbench.machine().distribution}, {os.environ.get('AUDITWHEEL_PLAT', 'an unnamed image')}"
    print(f"run here, in {where}:", flush=True)
    output = ""
    with subprocess.Popen(["bash", "-e", "-c", script], stdout=subprocess.PIPE, text=True) as bash:
        for line in bash.stdout or ():
            print(line, end="", flush=True)
            output += line
    if bash.returncode:
        raise subprocess.CalledProcessError(bash.returncode, "bash -e")
    if os.environ.get("WHEEL_LAB_RECORD"):
        _write_down(where, script, output)


def _write_down(where: str, script: str, output: str) -> None:
    """Add one output to the record; a run on another day or in another place begins a new one."""
    today = datetime.date.today().isoformat()
    record = records.load(ImageRecord, RECORD) if RECORD.exists() else None
    kept = record.outputs if record and (record.date, record.where) == (today, where) else {}
    records.save(ImageRecord(today, where, {**kept, script: output}), RECORD)


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Register the magic; IPython calls this for ``%load_ext wheel_lab.lab.manylinux``."""
    shell.register_magic_function(run_in_image, "cell", "manylinux")  # type: ignore[arg-type]  # typed for another form
