"""The commands that the promise's findings give are typed as they stand, and what they were for is gone."""

import pytest
from promise_cases import CASES as NAMES
from promise_making import EXTENSION, asking, built, elf, ours, tagged
from python_cases import CASES as PYTHONS
from test_doctor_fixes import typed

from wheel_lab.doctor import examine

CASES = {**NAMES, **PYTHONS}
COMMANDS = {
    "P101": "if WHEEL is right: ",
    "P115": "if it does: ",
    "P201": "",
    "P202": "",
    "P304": "",
    "P316": "if it uses none: ",
}
# Where the repair stands in the fixes that it is: those of the promise, and those of the import with the same cause.
THERE = "on a machine that has the library: "
REPAIRS = {"I201": "", "P204": "", "P215": "", "M101": THERE, "M102": THERE, "M104": "or carry it: "}
PLAIN = ("I201", "P215", "M104")  # about the tag linux_x86_64


def command_of(path, code):
    """Return the command in the fix of the first finding of that code."""
    fix = next(one.fix for one in examine(path).findings if one.code == code)
    before = {**COMMANDS, **REPAIRS}[code]
    return (fix.partition(before)[2] if before else fix).split(" (")[0]


@pytest.mark.parametrize(
    ("code", "defect"),
    [pytest.param(code, case[1], id=f"{code} {case[0][:40]}") for code in COMMANDS for case in CASES[code]],
)
def test_what_the_command_is_for_is_gone(tmp_path, code, defect):
    path = built(tmp_path, defect)
    command = command_of(path, code)
    assert command.startswith("python -m ")
    typed(command, tmp_path)
    repacked = tmp_path / "repacked"
    (new,) = (repacked if repacked.exists() else tmp_path).glob("*.whl")
    assert code not in {one.code for one in examine(new).findings}


@pytest.mark.parametrize("code", REPAIRS)
def test_a_repair_keeps_the_promise(tmp_path, compile_c, monkeypatch, code):
    library = compile_c("int answer(void) { return 42; }", "-Wl,-soname,libanswer.so.1", name="libanswer.so.1")
    code_of = "extern int answer(void); void *PyInit__x(void) { return answer() ? (void *) 0 : (void *) 1; }"
    extension = compile_c(code_of, str(library), name="_x.so")
    tags = "cp312-cp312-linux_x86_64" if code in PLAIN else "cp312-cp312-manylinux_2_36_x86_64"
    plain = compile_c("void *PyInit__x(void) { return 0; }").read_bytes()
    files = {EXTENSION: plain if code in ("P215", "M102") else extension.read_bytes()}
    if code == "M102":  # a file that no import loads
        plugin = compile_c(code_of.replace("PyInit__x", "start"), str(library), name="plugin.so")
        files["tiny/plugin.so"] = plugin.read_bytes()
    path = built(tmp_path, tagged(tags, files))
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    typed(command_of(path, code), tmp_path)
    (new,) = (tmp_path / "wheelhouse").glob("*.whl")
    report = examine(new)
    assert code not in {one.code for one in report.findings}
    assert report.verdicts["promise"] == "yes"


def test_less_is_promised_and_kept(tmp_path):
    two = {EXTENSION: asking("libc.so.6", "GLIBC_2.34", "a"), "tiny/y.so": elf()}
    path = built(tmp_path, ours(two))
    typed(command_of(path, "P201"), tmp_path)
    (new,) = tmp_path.glob("*.whl")
    assert new.name == "tiny-1.0-cp312-cp312-manylinux_2_34_x86_64.whl"
    assert examine(new).verdicts["promise"] == "yes"
