"""Set-up is done once, resumes after a kill, and fetches anew what is not whole."""

import json
import os
import re
import shutil
import signal
import sys
import threading
import time

import pytest
from tiny_lab import SPECIMEN, Lab

from wheel_lab.lab import commands, setup


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A lab that is set up; each test leaves it whole."""
    one = Lab(tmp_path_factory.mktemp("ready"))
    code, told, errors = one.run()
    assert code == 0, told + errors
    return one


def test_set_up_is_done_once(ready):
    ready.assert_whole()
    ready.log.unlink()
    assert ready.run() == (0, "", "")
    assert not ready.log.exists(), "pip was started"
    ready.run(str(ready.folder / ".venv/bin/python"), "-m", "pip", "check")
    assert ready.log.exists(), "pip keeps no log: this test has nothing to say"


@pytest.mark.parametrize("half_way", ["making .venv", "installing", "fetching the wheelhouse"])
def test_a_killed_set_up_goes_on(lab, half_way):
    process = lab.start()
    signs = {
        "making .venv": ".venv/bin/python",
        "installing": ".venv/lib/python3*/site-packages/packaging",
        "fetching the wheelhouse": ".lab/wheelhouse",
    }
    deadline = time.monotonic() + 120
    while not list(lab.folder.glob(signs[half_way])):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    assert not (lab.folder / ".lab/wheelhouse/.whole").exists(), "set-up was faster than the kill"
    code, told, errors = lab.run()
    assert (code, errors) == (0, ""), told
    lab.assert_whole()


def test_a_package_half_installed_is_installed_again(ready):
    # What a kill leaves between the files of a package and its command: pip would take it for installed.
    (info,) = ready.folder.glob(".venv/lib/python3*/site-packages/tiny-2.0.dist-info")
    (ready.folder / ".venv/bin/tiny").unlink()
    (info / "INSTALLER").unlink()
    (ready.folder / ".venv/.wheel-lab").write_text("")
    code, told, errors = ready.run()
    assert (code, errors) == (0, ""), told
    ready.assert_whole()


def test_two_at_once_make_an_environment_anew_that_lost_its_python(ready):
    (ready.folder / ".venv/bin/python").unlink()
    (ready.folder / ".venv/bin/python").symlink_to("/nowhere/python")
    runs = [ready.start(), ready.start()]
    told = [run.communicate() for run in runs]
    assert [run.returncode for run in runs] == [0, 0], told
    assert sum("another set-up is running here" in one[0] for one in told) == 1
    assert sum("making .venv" in one[0] for one in told) == 1
    ready.assert_whole()


def test_jupyterlab_is_told_to_keep_to_itself_and_keeps_what_else_it_was_told(ready, tmp_path):
    page = "etc/jupyter/labconfig/page_config.json"
    told = json.loads((ready.folder / ".venv" / page).read_text())
    assert told == {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (tmp_path / page).parent.mkdir(parents=True)
    (tmp_path / page).write_text('{"disabledExtensions": {"another": true}, "collaborative": true}')
    setup.keep_to_itself(tmp_path)
    told["disabledExtensions"]["another"] = True
    assert json.loads((tmp_path / page).read_text()) == told | {"collaborative": True}


def test_the_size_of_a_folder_that_is_being_cleared_away(tmp_path):
    """A second set-up looks at the disk while the first one makes room for a new environment."""
    for number in range(40):
        (tmp_path / f"venv/{number}/deep").mkdir(parents=True)
        for name in range(50):
            (tmp_path / f"venv/{number}/deep/{name}").write_bytes(bytes(1000))
    assert setup.folder_mb(tmp_path / "venv") == 2
    clearing = threading.Thread(target=shutil.rmtree, args=[tmp_path / "venv"])
    clearing.start()
    while clearing.is_alive():
        assert 0 <= setup.folder_mb(tmp_path / "venv") <= 2
    assert setup.folder_mb(tmp_path / "venv") == 0


def test_the_included_lock_counts_as_well(ready):
    """A setup with --dev installs both layers: it is done again when only the learner's changes, and not for less."""
    lock = ready.folder / "requirements.txt"
    command = (sys.executable, "-m", "wheel_lab.lab.setup", "--dev")
    assert "installing requirements-dev.txt" in ready.run(*command)[1]
    assert ready.run(*command) == ready.run() == (0, "", "")
    before = lock.read_text()
    lock.write_text(before + "# another lock\n")
    assert "installing requirements-dev.txt" in ready.run(*command)[1]
    lock.write_text(before)
    assert ready.run()[0] == 0
    ready.assert_whole()


def test_another_python_is_told_what_stays(ready):
    """The environment and the wheelhouse stay as they are, and nothing is fetched."""
    other = (
        "import sys; from wheel_lab.lab import setup; known = setup.version_of\n"
        "setup.version_of = lambda python: '3.99' if str(python) == sys.executable else known(python)\n"
        "sys.exit(setup.main())"
    )
    ready.log.unlink(missing_ok=True)
    exit_code, told, errors = ready.run(sys.executable, "-c", other)
    assert (exit_code, errors) == (0, "")
    assert re.fullmatch(r"wheel lab: keeping the \.venv that is here, of Python 3\.\d+\. For 3\.99, .*\n", told)
    assert not ready.log.exists(), "pip was started"


def test_a_specimen_cut_short_is_fetched_again(ready):
    specimen = ready.folder / ".lab/specimens" / SPECIMEN
    whole = specimen.read_bytes()
    specimen.write_bytes(whole[:100])
    assert ready.run()[::2] == (0, "")
    assert specimen.read_bytes() == whole


def test_a_specimen_with_another_hash_is_refused_and_left_out(ready):
    specimen = ready.folder / ".lab/specimens" / SPECIMEN
    right = commands.digest(specimen)
    ready.pin("0" * 64)
    code, _, errors = ready.run()
    assert code == 1
    assert re.fullmatch(r"wheel lab: .*\n", errors)
    assert "hash" in errors.lower()
    assert not specimen.exists()
    ready.pin(right)
    assert ready.run()[0] == 0
    ready.assert_whole()


def test_no_address_and_no_folder_of_this_machine_is_told(ready):
    specimen = ready.folder / ".lab/specimens" / SPECIMEN
    specimen.unlink()
    moved = (ready.index / SPECIMEN).rename(ready.index.parent / SPECIMEN)
    code, told, errors = ready.run()
    moved.rename(ready.index / SPECIMEN)
    assert code == 1
    assert errors.count("\n") == 1
    for private in ("://", str(ready.index), str(ready.folder)):
        assert private not in told + errors
    assert ready.run()[0] == 0


def test_a_folder_of_wheels_stands_in_for_the_index(lab):
    nowhere = {"PIP_NO_INDEX": "0", "PIP_FIND_LINKS": "", "PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0"}
    code, _, errors = lab.run(**nowhere)
    assert code == 1, errors
    lab.index.rename(lab.folder / "wheels")
    code, told, errors = lab.run(**nowhere)
    assert (code, errors) == (0, ""), told
    lab.assert_whole()
