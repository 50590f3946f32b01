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
from test_sdist import CASES as SDISTS
from test_sdist import built as built_sdist
from test_sdist import make as make_sdist
from tiny_pe import pe

from wheel_lab.doctor import RULES, examine
from wheel_lab.doctor.index.rules import REPACK

COMMANDS = [code for code, rule in RULES.items() if rule.fix == REPACK]


def typed(command: str, folder: Path) -> str:
    """Run a command as it is typed into a shell whose Python is this one, and return what it prints."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(["bash", "-ec", command], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


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


@pytest.mark.parametrize("code", ["I111"])
def test_packing_anew_writes_an_end_record_that_is_right(tmp_path, code):
    path = make(tmp_path)
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\5\6") + 10] += 1  # the number of entries
    path.write_bytes(data)
    (finding,) = examine(path).findings
    assert (finding.code, RULES[code].fix) == (code, REPACK)
    typed(finding.fix, tmp_path)
    (new,) = (tmp_path / "repacked").iterdir()
    assert examine(new).findings == ()


@pytest.mark.parametrize("code", ["I201"])
def test_asking_for_a_later_macos(tmp_path, code):
    path = built(tmp_path, {"name": "tiny-1.0-py3-none-macosx_13_3_arm64.whl"})
    (finding,) = (one for one in examine(path).findings if one.code == code)
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


NEEDY = pe("amd64", ["foo.dll"])
LOADED = {"tiny/native.dll": NEEDY, "tiny/__init__.py": "CDLL('native')"}


@pytest.mark.parametrize(
    ("code", "library", "files"),
    [
        ("M501", "foo.dll", {PYD: pyd(needed=["foo.dll"]), "tiny/__init__.py": ""}),
        ("M501", "foo.dll", {PYD: pyd(needed=["one.dll"]), "tiny/one.dll": NEEDY, "tiny/__init__.py": ""}),
        ("M505", "MSVCP140.dll", {PYD: pyd(needed=["MSVCP140.dll"]), "tiny/__init__.py": ""}),
        ("M507", "foo.dll", LOADED),
    ],
)
def test_delvewheel_brings_a_dll_along(tmp_path, code, library, files):
    path = built(tmp_path, tagged("cp312-cp312-win_amd64" if PYD in files else "py3-none-win_amd64", files))
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


@pytest.mark.parametrize("code", ["B102"])
def test_repairing_with_strip_leaves_debugging_information_behind(tmp_path, compile_c, code):
    library = file("tiny/wordy.so", compile_c(WORDY, "-g").read_bytes())
    path = make(tmp_path, library, name="tiny-1.0-cp312-cp312-linux_x86_64.whl")
    (finding,) = (one for one in examine(path).findings if one.code == code)
    command, _, _ = finding.fix.partition(" (")
    assert command == f"auditwheel repair --strip {path.name}"
    typed(command, tmp_path)
    (new,) = (tmp_path / "wheelhouse").iterdir()
    codes = {one.code for one in examine(new).findings}
    assert not {code, "I201"} & codes


BUILDING = [code for code, rule in RULES.items() if rule.fix.startswith("python -m build --sdist")]


@pytest.mark.parametrize("code", BUILDING)
def test_building_makes_a_source_distribution_as_it_should_be(tmp_path, code):
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "Tiny.Two"\nversion = "1.0.0"\n'
    )
    if code == "I601":
        wrong = {"name": "Tiny.Two-1.0.0.tar.gz", "fields": "Metadata-Version: 2.4\nName: Tiny.Two\nVersion: 1.0.0\n"}
        path = make_sdist(tmp_path, **wrong)
    else:
        path = built_sdist(tmp_path, SDISTS[code][0][1])
    finding = next(one for one in examine(path).findings if one.code == code)
    command = finding.fix.partition(" (")[0].partition(" in the project's folder")[0]
    typed(f"{command} --no-isolation", tmp_path)  # what it needs is here already, and there may be no network
    (new,) = (tmp_path / "dist").iterdir()
    assert code != "I601" or new.name in finding.what
    assert examine(new).findings == ()
