"""A chapter's kernel: nothing runs before the first cell, shell cells fail in one line, and an interrupt says so."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat.v4 as new
import pytest
from nbclient.exceptions import CellExecutionError

from tools.notebooks import copy_lab
from tools.publish import QUIET, runner
from wheel_lab.lab import kernel, shell

FIRST = "from wheel_lab.lab import workbench\nworkbench.enter('07')"


@pytest.fixture
def lab(tmp_path):
    lab = copy_lab(tmp_path / "a lab")
    (lab / "desk/clinic").mkdir(parents=True)
    return lab


def run(folder: Path, *sources: str, session: str | None = None) -> list[str]:
    """Run cells in one kernel that is started in `folder`; return for each what it printed, or its error."""
    notebook = new.new_notebook(cells=[new.new_code_cell(source) for source in sources])
    client = runner(notebook, folder)
    lab = next(above for above in folder.parents if (above / "pyproject.toml").exists())
    env = {**os.environ, "PYTHONPATH": str(lab), "PATH": "/usr/bin:/bin"}
    env |= {"JPY_SESSION_NAME": session} if session else {}
    found = []
    with client.setup_kernel(env=env, **QUIET):
        for index, cell in enumerate(notebook.cells):
            try:
                client.execute_cell(cell, index)
            except CellExecutionError as error:
                found.append(f"{error.ename}: {error.evalue}")
                found[-1] += "" if cell.outputs[-1].traceback == [error.evalue] else " with a traceback"
            else:
                found.append("".join(output.text for output in cell.outputs if output.output_type == "stream"))
    return found


@pytest.mark.parametrize("where", ["desk", "notebooks", "desk/clinic"])
def test_a_cell_before_the_first_one_is_refused_and_does_nothing(lab, where):
    shell_cell = "%%bash -e -o pipefail\ntouch here.txt; pwd"
    python_cell = "open('there.txt', 'w').close()"
    before, again, _, after = run(lab / where, shell_cell, python_cell, FIRST, shell_cell)
    assert before == again == f"RunTheFirstCell: {kernel.REFUSAL}"
    assert not list((lab / where).glob("*.txt"))
    assert after == f"{lab / where.partition('/')[0]}/_work/07\n"


def test_a_notebook_of_the_learners_own_runs_as_it_likes(lab):
    assert run(lab / "desk", "print(1)", session="desk/notes.ipynb") == ["1\n"]
    refused = "RunTheFirstCell"
    for name in ("04_find_what_it_needs.ipynb", "desk/04_find_what_it_needs (new).ipynb"):
        assert run(lab / "desk", "print(1)", session=name)[0].startswith(refused)


def test_the_labs_tools_are_found_before_the_first_cell(lab):
    (said,) = run(lab / "desk", "%%bash\ncommand -v python", session="desk/notes.ipynb")
    assert said == f"{sys.prefix}/bin/python\n"


def test_a_failed_command_is_one_line(lab):
    _, said = run(lab / "desk", FIRST, "%%bash -e -o pipefail\nfalse | cat")
    assert said == "CommandFailed: The commands ended with exit status 1. What went wrong is said above."


# --- the shell, without a kernel -------------------------------------------------------------------------------------


def test_both_streams_are_shown_whole(capsys):
    shell.run_bash("-e", "printf 'é\\n'; echo trouble >&2; seq 3")
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("é\n1\n2\n3\n", "trouble\n")


def test_output_comes_while_the_commands_run(capsys, tmp_path):
    """The commands wait for a file that is made only once their first line was shown."""
    done = tmp_path / "done"

    def watch() -> None:
        deadline = time.monotonic() + 60
        while "first" not in capsys.readouterr().out and time.monotonic() < deadline:
            time.sleep(0.01)
        done.touch()

    watching = threading.Thread(target=watch)
    watching.start()
    shell.run_bash("-e", f"echo first; for i in $(seq 3000); do [ -e '{done}' ] && exit; sleep 0.01; done; exit 1")
    watching.join()


def test_the_commands_get_no_input(capsys):
    shell.run_bash("-e", "cat; echo end")
    assert capsys.readouterr().out == "end\n"


@pytest.mark.parametrize(("commands", "words"), [("exit 3", "exit status 3"), ("kill -9 $$", "signal 9")])
def test_a_failure_names_its_status(commands, words):
    with pytest.raises(shell.CommandFailed, match=words) as failure:
        shell.run_bash("", commands)
    assert failure.value._render_traceback_() == [str(failure.value)]


def test_options_that_cannot_be_read():
    with pytest.raises(Exception, match="No closing quotation"):
        shell.run_bash("-c 'x", "true")


@pytest.mark.parametrize("stubborn", ["", "trap '' INT; "])
def test_an_interrupt_ends_the_commands_and_their_children(tmp_path, stubborn, monkeypatch):
    monkeypatch.setattr(shell, "PATIENCE", 0.2)
    pids = tmp_path / "pids"
    commands = f"{stubborn}sleep 600 & echo $! > '{pids}'; echo $$ >> '{pids}'; wait"

    def interrupt() -> None:
        while not pids.exists() or pids.read_text().count("\n") < 2:
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(shell.Interrupted) as stopped:
        shell.run_bash("", commands)
    assert stopped.value._render_traceback_() == ["interrupted"]
    for pid in map(int, pids.read_text().split()):
        deadline = time.monotonic() + 10
        while alive(pid) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not alive(pid)


def alive(pid: int) -> bool:
    """Tell whether a process still runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_an_interrupt_while_the_commands_are_started_ends_them_too(tmp_path, monkeypatch):
    started = []

    class Slow(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self.pid)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(shell.subprocess, "Popen", Slow)
    with pytest.raises(shell.Interrupted):
        shell.run_bash("", "sleep 600")
    assert not alive(started[0])
