"""A fix that is a command is typed as it stands, and what it was for is gone.

The commands are `wheel`'s and auditwheel's, which an environment of the library alone does not have.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bill_cases import WORDY
from cases import CASES, built, file
from foreign_cases import CASES as FOREIGN
from foreign_cases import DLL, PYD, pyd, tagged
from making import make
from test_sdist import make as make_sdist

from wheel_lab.doctor import RULES, examine
from wheel_lab.doctor.index.rules import REPACK

COMMANDS = [code for code, rule in RULES.items() if rule.fix == REPACK]


def typed(command: str, folder: Path) -> None:
    """Run a command as it is typed into a shell whose Python is this one."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(["bash", "-ec", command], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_there_are_commands():
    assert {"I102", "I104", "I109", "I402"} <= set(COMMANDS)


@pytest.mark.parametrize(
    ("code", "defect"),
    [pytest.param(code, case[1], id=f"{code} {case[0]}") for code in COMMANDS for case in CASES.get(code, ())],
)
def test_packing_anew_removes_what_is_wrong(tmp_path, code, defect):
    path = built(tmp_path, defect)
    (command,) = {one.fix for one in examine(path).findings if one.code == code}
    assert path.name in command
    typed(command, tmp_path)
    (new,) = (tmp_path / "repacked").iterdir()
    assert [one for one in examine(new).findings if one.level != "note"] == []


def test_asking_for_a_later_macos(tmp_path):
    path = built(tmp_path, {"name": "tiny-1.0-py3-none-macosx_13_3_arm64.whl"})
    (finding,) = (one for one in examine(path).findings if one.level != "note")
    command = finding.fix.partition("ask for more than it needs: ")[2]
    assert command
    typed(command, tmp_path)
    (new,) = tmp_path.glob("*.whl")
    assert new.name == "tiny-1.0-py3-none-macosx_14_0_arm64.whl"
    assert [one for one in examine(new).findings if one.level != "note"] == []


RETAGGED = ("P401", "P403", "P404", "P602", "P604")


@pytest.mark.parametrize(
    ("code", "defect"),
    [pytest.param(code, case[1], id=f"{code} {case[0][:30]}") for code in RETAGGED for case in FOREIGN[code]],
)
def test_promising_less_to_macos_android_and_ios(tmp_path, code, defect):
    path = built(tmp_path, defect)
    finding = next(one for one in examine(path).findings if one.code == code)
    command = re.search(r"python -m wheel tags --remove --platform-tag \S+ \S+\.whl", finding.fix)
    typed(command[0], tmp_path)
    (new,) = tmp_path.glob("*.whl")
    assert code not in {one.code for one in examine(new).findings}
    assert new.name != path.name


@pytest.mark.parametrize(("code", "library"), [("M501", "foo.dll"), ("M505", "MSVCP140.dll")])
def test_delvewheel_brings_a_dll_along(tmp_path, code, library):
    path = built(tmp_path, tagged("cp312-cp312-win_amd64", {PYD: pyd(needed=[library]), "tiny/__init__.py": ""}))
    folder = tmp_path / "dlls"
    folder.mkdir()
    (folder / library.lower()).write_bytes(DLL)
    (finding,) = (one for one in examine(path).findings if one.code == code)
    command = finding.fix.partition(" (")[0]
    assert command.startswith("delvewheel repair")
    # On Windows the DLL of the C++ runtime is found without being told where.
    command = command.replace("--add-path FOLDER ", "").replace("repair", f"repair --add-path {folder.name}")
    typed(command, tmp_path)
    (new,) = (tmp_path / "wheelhouse").iterdir()
    assert [one for one in examine(new).findings if one.level != "note"] == []


def test_repairing_with_strip_leaves_debugging_information_behind(tmp_path, compile_c):
    library = file("tiny/wordy.so", compile_c(WORDY, "-g").read_bytes())
    path = make(tmp_path, library, name="tiny-1.0-cp312-cp312-linux_x86_64.whl")
    (finding,) = (one for one in examine(path).findings if one.code == "B102")
    command, _, _ = finding.fix.partition(" (")
    assert command == f"auditwheel repair --strip {path.name}"
    typed(command, tmp_path)
    (new,) = (tmp_path / "wheelhouse").iterdir()
    codes = {one.code for one in examine(new).findings}
    assert not {"B102", "I201"} & codes


def test_building_names_a_source_distribution_as_the_index_wants_it(tmp_path):
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "Tiny.Two"\nversion = "1.0.0"\n'
    )
    wrong = {"name": "Tiny.Two-1.0.0.tar.gz", "fields": "Metadata-Version: 2.4\nName: Tiny.Two\nVersion: 1.0.0\n"}
    (finding,) = (one for one in examine(make_sdist(tmp_path, **wrong)).findings if one.code == "I601")
    command = finding.fix.partition(" (")[0]
    typed(f"{command} --no-isolation", tmp_path)  # what it needs is here already, and there may be no network
    (new,) = (tmp_path / "dist").iterdir()
    assert new.name in finding.what
    assert examine(new).findings == ()
