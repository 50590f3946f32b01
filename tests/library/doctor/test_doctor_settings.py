"""Settings in pyproject.toml: where they are looked for, who wins, and what is said of those that are not."""

import json

import pytest
from making import make

from wheel_lab.__main__ import main, make_parser
from wheel_lab.doctor.settings import DEFAULTS, SettingsError, find_settings, memory, platform, seconds

GOOD = "tiny-1.0-py3-none-any.whl"
LINUX = "tiny-1.0-cp312-cp312-linux_x86_64.whl"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """Return a function that writes a project's settings; its folder, with two wheels, is the current one."""
    make(tmp_path, name=LINUX)
    make(tmp_path, rows=("a/,,",))
    monkeypatch.chdir(tmp_path)

    def write(settings, folder="."):
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        (place / "pyproject.toml").write_text(settings, encoding="utf-8")
        return place

    return write


def asks(*arguments):
    """Run the command in this process; wrong arguments end it as they would end a process."""
    try:
        return main(["doctor", *arguments])
    except SystemExit as end:
        return end.code


HEAD = "[tool.wheel-lab.doctor]\n"


@pytest.mark.parametrize(
    ("settings", "arguments", "status"),
    [
        ("", [GOOD], 0),
        ("strict = true", [GOOD], 1),
        ("strict = true", [GOOD, "--no-strict"], 0),
        ("strict = false", [GOOD, "--strict"], 1),
        ('strict = true\nignore = ["i402"]', [GOOD], 0),
        ('ignore = ["I201"]', [LINUX], 0),
        ('ignore = ["I201"]', [LINUX, "--ignore", "I402"], 1),
        ("time = 0.000001", [GOOD], 2),
        ("time = 0.000001", [GOOD, "--time", "60"], 0),
        ('time = 0\nmemory = "2G"\ndeep = true\npolicy = "manylinux_2_28_x86_64"\nformat = "text"', [GOOD], 0),
    ],
)
def test_the_command_line_wins(project, settings, arguments, status):
    project(HEAD + settings)
    assert asks(*arguments) == status


def test_the_form_of_the_output(project, capsys):
    project(HEAD + 'format = "json"')
    assert asks(GOOD) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == 1
    asks(GOOD, "--format", "text")
    assert capsys.readouterr().out.startswith(GOOD)


def test_the_nearest_file_that_speaks_of_the_doctor_holds(project, monkeypatch):
    project(HEAD + "strict = true")
    inner = project("[tool.other]\nstrict = false\n", "inner")
    assert find_settings(inner) == {"strict": True}
    project("# wheel-lab has no table here\n", "inner")
    assert find_settings(inner) == {"strict": True}
    project(HEAD, "inner")
    assert find_settings(inner) == {}
    monkeypatch.chdir(inner)
    assert asks(f"../{GOOD}") == 0


def test_a_project_without_settings(tmp_path):
    assert find_settings(tmp_path) == {}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("strikt = true", "has strikt, and there is only ignore, strict, policy, deep, format, time, memory"),
        ('strict = "yes"', "strict: true or false is wanted"),
        ("ignore = [402]", "ignore: a list of codes is wanted, such as I402"),
        ("ignore = 402", "ignore: a list of codes is wanted, such as I402"),
        ('ignore = ["I999"]', "ignore: there is no rule I999"),
        ('format = "xml"', "format: xml is none of text, json, github, gitlab"),
        ("policy = 2", "policy: 2 is no platform tag, such as manylinux_2_28_x86_64"),
        ("time = true", "time: True is no time in seconds, such as 30"),
        ("time = inf", "time: inf is no time in seconds"),
        ("time = []", "time: [] is no time in seconds"),
        ('memory = "1 GB"', "memory: 1 GB is no amount of memory, such as 1G or 512M"),
        ('"a\\u001Bb" = 1', "has a\\x1bb, and"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(project, capsys, settings, message):
    place = project(HEAD + settings)
    assert asks(GOOD) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert f"{place / 'pyproject.toml'}: [tool.wheel-lab.doctor]" in error
    assert message in error
    # What examines nothing needs no settings.
    assert asks("--explain", "I101") == asks("--schema") == 0


@pytest.mark.parametrize(
    "text", ["[tool.wheel-lab.doctor", "tool.wheel-lab = 1", "tool = 'wheel-lab'", "[tool.wheel-lab]\ndoctor = 1"]
)
def test_a_file_that_cannot_be_read(project, capsys, text):
    place = project(text)
    assert asks(GOOD) == 2
    assert f"{place / 'pyproject.toml'}: " in capsys.readouterr().err


def test_a_file_that_is_no_text_or_no_file(project, tmp_path):
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe wheel-lab")
    with pytest.raises(SettingsError, match="utf-8"):
        find_settings(tmp_path)
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "pyproject.toml").mkdir()
    with pytest.raises(SettingsError, match=r"pyproject\.toml"):
        find_settings(tmp_path)


def test_each_setting_is_an_option_too():
    options = make_parser().parse_args(["doctor", GOOD])
    assert {key: getattr(options, key) for key in DEFAULTS} == dict.fromkeys(DEFAULTS)


def test_amounts():
    assert [memory(one) for one in ("1G", "512m", "3K", "7", 7, "0")] == [1 << 30, 512 << 20, 3 << 10, 7, 7, None]
    assert [seconds(one) for one in (30, 0.5, "2", 0)] == [30, 0.5, 2, None]


@pytest.mark.parametrize(
    "tag",
    ["any", "win32", "win_amd64", "manylinux2014_x86_64", "manylinux_2_28_aarch64", "musllinux_1_2_x86_64",
     "macosx_11_0_arm64", "android_21_arm64_v8a", "ios_13_0_arm64_iphoneos", "pyemscripten_2025_0_wasm32",
     "linux_x86_64"],
)  # fmt: skip
def test_platform_tags(tag):
    assert platform(tag) == tag


@pytest.mark.parametrize(
    "tag", ["manylinux_2_28", "manylinux", "cp312", "", "x86_64", "manylinux_2_28_x86_64\n", "py3-none-any"]
)
def test_what_is_no_platform_tag(tag):
    with pytest.raises(SettingsError, match="no platform tag"):
        platform(tag)
