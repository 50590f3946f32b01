"""The cell magic ``%%image``: run a script in the manylinux image when we are in one, or show the record of such a run.

``%load_ext wheel_lab.lab.manylinux`` makes it known to the notebook. The record, ``manylinux.json``, is kept by the
text of the script: a script that was changed and not recorded anew has no entry, and its cell fails. To record, run the
notebook in an image with ``WHEEL_LAB_RECORD=1`` in the environment.
"""

import datetime
import json
import os
import subprocess
from pathlib import Path

from wheel_lab.lab import workbench

RECORD = Path(__file__).with_name("manylinux.json")


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
        record = json.loads(RECORD.read_text())
        if script not in record["outputs"]:
            raise LookupError("there is no /opt/python here, and no run of this script is on record")
        print(f"recorded on {record['date']} in {record['where']}:")
        print(record["outputs"][script], end="")
        return

    where = f"{workbench.machine().distribution}, {os.environ.get('AUDITWHEEL_PLAT', 'an unnamed image')}"
    print(f"run here, in {where}:", flush=True)
    output = ""
    with subprocess.Popen(["bash", "-e"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as bash:
        bash.stdin.write(script)
        bash.stdin.close()
        for line in bash.stdout:
            print(line, end="", flush=True)
            output += line
    if bash.returncode:
        raise subprocess.CalledProcessError(bash.returncode, "bash -e")
    if os.environ.get("WHEEL_LAB_RECORD"):
        _write_down(where, script, output)


def _write_down(where: str, script: str, output: str) -> None:
    """Add one output to the record; a run on another day or in another place begins a new one."""
    today = datetime.date.today().isoformat()
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    if (record.get("date"), record.get("where")) != (today, where):
        record = {"date": today, "where": where, "outputs": {}}
    record["outputs"][script] = output
    RECORD.write_text(json.dumps(record, indent=1) + "\n")


def load_ipython_extension(shell) -> None:
    """Register the magic; IPython calls this for ``%load_ext wheel_lab.lab.manylinux``."""
    shell.register_magic_function(run_in_image, "cell", "image")
