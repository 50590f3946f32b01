"""Does the wheel keep what its name promises: each rule on a wheel with that one defect, and on a good twin."""

import pytest
from promise_cases import CASES as NAMES
from promise_making import EXTENSION, OURS, anywhere, asking, built, elf, lines, musl, ours, stable, tagged, using
from python_cases import CASES as PYTHONS
from tiny_macho import macho
from tiny_pe import pe

from wheel_lab.doctor import RULES, WheelError, examine
from wheel_lab.doctor.promise.rules import UNDECIDED

CASES = {**NAMES, **PYTHONS}
OWN = {code for code in RULES if code.startswith(("P1", "P2", "P3"))}


def promises(path, **how):
    """Return the findings of this family, those about other systems left out."""
    return [one for one in examine(path, **how).findings if one.code in OWN]


def codes(path, **how):
    return {one.code for one in promises(path, **how)}


# What else is wrong with such a wheel by the rules of other families.
CONSEQUENCES = {"P204": {"M101", "M102"}, "P205": {"M201"}, "P210": {"I201"}, "P215": {"I201"}, "P216": {"M112"}}


@pytest.mark.parametrize(
    ("code", "word", "defect", "twin", "others"),
    [pytest.param(code, *case, id=f"{code} {case[0][:40]}") for code, cases in CASES.items() for case in cases],
)
def test_a_rule_fires_alone_and_not_on_the_good_twin(tmp_path, code, word, defect, twin, others):
    report = examine(built(tmp_path, defect))
    found = [one for one in report.findings if one.code in OWN]
    assert any(word in one.what for one in found if one.code == code), found
    assert {one.code for one in found} - {code} == set(others), found
    worse = {one.code for one in report.findings if one.level != "note"}
    assert worse - OWN <= CONSEQUENCES.get(code, set()), report
    levels = {one.level for one in found}
    undecided = not UNDECIDED.isdisjoint(one.code for one in found)
    assert report.verdicts["promise"] == ("no" if "error" in levels else "cannot tell" if undecided else "yes")
    again = examine(built(tmp_path, twin))
    assert [one for one in again.findings if one.level != "note"] == []
    assert code not in {one.code for one in again.findings}


def test_each_rule_has_a_case():
    assert set(CASES) == OWN


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (None, {"P201"}),
        ("manylinux_2_34_x86_64", set()),
        ("manylinux_2_77_x86_64", set()),
        ("manylinux2014_x86_64", {"P201"}),
        ("manylinux1_x86_64", {"P201"}),
        ("linux_x86_64", {"P215"}),
        ("manylinux_2_34_aarch64", {"P210"}),
        ("musllinux_1_2_x86_64", {"P212"}),
    ],
)
def test_a_tag_that_is_asked_about_instead(tmp_path, policy, expected):
    path = built(tmp_path, ours({EXTENSION: asking("libc.so.6", "GLIBC_2.34", "pthread_once")}))
    assert codes(path, policy=policy) == expected


@pytest.mark.parametrize("policy", ["manylinux", "manylinux_2_28", "beos_x86_64", "", "linux", "win_x86\x1b"])
def test_what_is_no_tag_cannot_be_asked_about(tmp_path, policy):
    with pytest.raises(WheelError, match="is not a platform tag"):
        examine(built(tmp_path, ours()), policy=policy)


def test_the_fix_names_the_tag_that_the_contents_justify(tmp_path):
    two = {EXTENSION: asking("libc.so.6", "GLIBC_2.30", "a"), "tiny/y.so": asking("libm.so.6", "GLIBC_2.34", "b")}
    found = promises(built(tmp_path, ours(two)))
    assert [(one.member, one.subject) for one in found] == [(EXTENSION, "a@GLIBC_2.30"), ("tiny/y.so", "b@GLIBC_2.34")]
    assert {one.fix.split(" (")[0] for one in found} == {
        f"python -m wheel tags --remove --platform-tag manylinux_2_34_x86_64 tiny-1.0-cp312-cp312-{OURS}.whl"
    }


def test_where_no_tag_would_do_the_fix_is_a_build(tmp_path):
    private = asking("libc.so.6", "GLIBC_PRIVATE", "_dl_sym")
    files = {EXTENSION: asking("libc.so.6", "GLIBC_2.34", "a"), "tiny/y.so": private}
    found = {one.code: one.fix for one in promises(built(tmp_path, ours(files)))}
    assert found["P201"] == f"build in the image of {OURS}"
    # What is missing besides is another matter.
    needing = {EXTENSION: elf("libfoo.so.1", versions={"libc.so.6": {"GLIBC_2.34": ["a"]}})}
    found = {one.code: one.fix for one in promises(built(tmp_path, ours(needing)))}
    assert "--platform-tag manylinux_2_34_x86_64" in found["P201"]


def test_one_cause_is_one_error(tmp_path):
    # A missing library is the import's error: here it is a note, and leaves the answer open.
    report = examine(built(tmp_path, ours({EXTENSION: elf("libfoo.so.1", "libbar.so.1", "liba.so", "libb.so")})))
    (found,) = (one for one in report.findings if one.code.startswith("P"))
    assert (found.code, found.level, report.verdicts["promise"]) == ("P204", "note", "cannot tell")
    assert "libfoo.so.1, libbar.so.1, liba.so and 1 more" in found.what
    # A file for another processor is not accused of its suffix as well.
    aarch64 = {"tiny/_x.cpython-312-aarch64-linux-gnu.so": elf(architecture="aarch64")}
    assert codes(built(tmp_path, ours(aarch64))) == {"P210"}


@pytest.mark.parametrize("tags", [f"py3-none-{OURS}.musllinux_1_1_x86_64", "py3-none-manylinux_2_17_x86_64"])
def test_a_program_that_needs_no_library_keeps_every_promise(tmp_path, tags):
    program = bytearray(elf())
    program[16:18] = b"\2\0"  # ET_EXEC
    for place in range(64, 64 + 3 * 56, 56):
        if program[place] == 2:
            program[place] = 0  # no PT_DYNAMIC
    report = examine(built(tmp_path, tagged(tags, {"tiny/tool": bytes(program)})))
    assert report.verdicts["promise"] == "yes"
    assert not [one for one in report.findings if one.code.startswith("P")]


@pytest.mark.parametrize("kind", ["debug", "weak"])
def test_symbols_that_accuse_nobody(tmp_path, kind):
    names = {"debug": "_Py_NegativeRefcount", "weak": "PyMem_Malloc"}
    assert codes(built(tmp_path, stable("cp313", using(names[kind])))) == set()


def test_a_processor_without_policies_of_its_own(tmp_path):
    files = {"tiny/libx.so": musl(architecture="ppc64", versions={"libfoo.so": {"FOO_1": ["a"]}})}
    assert codes(built(tmp_path, tagged("py3-none-musllinux_1_1_ppc64", files))) == set()
    assert codes(built(tmp_path, tagged("py3-none-manylinux_2_28_mips", {"tiny/libx.so": elf()}))) == {"P210"}


def test_several_pythons_in_one_wheel(tmp_path):
    files = {f"tiny/_x.cpython-{one}-x86_64-linux-gnu.so": elf() for one in ("311", "312")}
    assert codes(built(tmp_path, tagged(f"cp311.cp312-none-{OURS}", files))) == set()
    assert codes(built(tmp_path, tagged(f"cp312-cp312-{OURS}", files))) == {"P302"}
    folders = {f"tiny/py{one}/_x.cpython-{one}-x86_64-linux-gnu.so": elf() for one in ("311", "312")}
    assert codes(built(tmp_path, tagged(f"py3-none-{OURS}", folders))) == set()
    assert codes(built(tmp_path, tagged(f"cp312-cp312-{OURS}", folders))) == {"P302"}
    # A Python of its own, which a wheel brings along.
    inner = {EXTENSION: elf(), "tiny/lib/python3.9/lib-dynload/_y.cpython-39-x86_64-linux-gnu.so": elf()}
    assert codes(built(tmp_path, ours(inner))) == set()


@pytest.mark.parametrize("word", ["1.21.2", "cp314-manylinux", "musllinux"])
def test_pinned_specimens_keep_their_promises(specimen, word):
    report = examine(specimen(word))
    assert report.verdicts["promise"] == "yes"
    assert promises(specimen(word)) == []


def test_wheels_of_careful_projects_keep_their_promises(wheelhouse):
    for path in sorted(wheelhouse.glob("*.whl")):
        assert [one for one in promises(path) if one.level != "note"] == [], path.name
        assert examine(path).verdicts["promise"] == "yes"


def macho_named(*names, needed=()):
    return macho("arm64", undefined=names, exports=("PyInit__x",), needed=needed)


def test_other_systems_are_asked_the_same(tmp_path):
    for bad, code in (("PyFrame_FastToLocals", "P310"), ("PyType_GetName", "P311"), ("PyObject_Call", None)):
        expected = {code} if code else set()
        mac = {"tiny/_x.abi3.so": macho_named(bad)}
        assert codes(built(tmp_path, tagged("cp38-abi3-macosx_11_0_arm64", mac))) == expected
        windows = {"tiny/_x.pyd": pe("amd64", {"python3.dll": (bad,)}, exports=("PyInit__x",))}
        assert codes(built(tmp_path, tagged("cp38-abi3-win_amd64", windows))) == expected


def test_a_library_that_is_not_here_may_offer_it(tmp_path):
    for needed, expected in (("libc.so.6", {"P310"}), ("libshiboken6.abi3.so.6.9", {"P204"})):
        files = {"tiny/_x.abi3.so": elf(needed, undefined=("PyDateTimeAPI",))}
        assert codes(built(tmp_path, stable("cp39", files))) == expected
    for needed, expected in (("/usr/lib/libSystem.B.dylib", {"P310"}), ("@rpath/libshiboken6.abi3.dylib", set())):
        files = {"tiny/_x.abi3.so": macho_named("PyDateTimeAPI", needed=(needed,))}
        assert codes(built(tmp_path, tagged("cp39-abi3-macosx_11_0_arm64", files))) == expected


def test_on_windows_the_stable_abi_has_a_library_of_its_own(tmp_path):
    # python38.dll has the function, and python3.dll only since 3.11.
    stable_one = {"tiny/_x.pyd": pe("amd64", {"python3.dll": ("PyObject_GetBuffer",)}, exports=("PyInit__x",))}
    assert codes(built(tmp_path, tagged("cp38-abi3-win_amd64", stable_one))) == {"P311"}
    own = {"tiny/_x.cp38-win_amd64.pyd": pe("amd64", {"python38.dll": ("PyObject_GetBuffer",)})}
    assert codes(built(tmp_path, tagged("cp38-cp38-win_amd64", own))) == set()


def test_a_line_that_stands_for_billions_of_tags(tmp_path):
    many = ".".join(f"a{number}" for number in range(5_000))
    path = built(tmp_path, anywhere(wheel=lines("Tag: py3-none-any", f"Tag: {many}-{many}-{many}")))
    assert codes(path) == {"P103"}
    path = built(tmp_path, anywhere(wheel=lines(*(f"Tag: a{number}-none-any" for number in range(12_000)))))
    assert codes(path) == {"P101"}
