"""The floor and the tag against `auditwheel`, on pinned specimens and on made-up needs."""

import json
import subprocess
import sys
from dataclasses import replace
from importlib import resources

import pytest
from auditwheel.architecture import Architecture
from hostile_elf import Elf
from hostile_zip import Entry, wheel

from wheel_lab import policies, policytable
from wheel_lab.binaries import elf
from wheel_lab.binaries.elf import Linkage, Need


def made_up(
    *versions: str,
    file: str = "a.so",
    library: str = "libc.so.6",
    architecture: str | None = "x86_64",
    libc: str | None = "glibc",
) -> Linkage:
    needs = tuple(Need(library, version, (f"symbol_{version}",)) for version in versions)
    return Linkage(file, None, (library,), (), (), needs, architecture, libc)


# --- specimens ---


def test_floor_of_the_seeds_file(specimen):
    linkages = elf.elf_files_of(specimen("1.21.2"))
    floor = policies.floor(linkages)
    assert (floor.version, floor.tag) == ("2.10", "manylinux_2_12_x86_64")
    assert "fallocate" in floor.symbols
    openblas = next(one for one in linkages if "libopenblas" in one.file)
    own = policies.floor(openblas)
    assert own.version == "2.7"
    assert own.symbols == ("__sched_cpualloc", "__sched_cpufree")
    assert [file for file, _ in own.reasons] == [openblas.file]
    assert policies.tag_by_symbols(linkages) == "manylinux_2_12_x86_64"


@pytest.mark.parametrize("word", ["1.21.2", "cp314-manylinux", "musllinux"])
def test_the_tag_is_the_one_that_auditwheel_shows(specimen, word):
    path = specimen(word)
    command = [sys.executable, "-m", "auditwheel", "show", "--json", path]
    shown = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    linkages = elf.examine(path)
    assert policies.tag_by_symbols(linkages) == shown["sym_tag"]
    assert policies.floor(linkages).tag == (None if word == "musllinux" else shown["sym_tag"])


def test_musl_has_no_glibc_floor(specimen):
    linkages = elf.elf_files_of(specimen("musllinux"))
    assert str(policies.floor(linkages)) == "no floor: nothing is asked of glibc"
    assert policies.floor(linkages).tag is None
    assert policies.tag_by_symbols(linkages) == "musllinux_1_2_x86_64"


# --- architectures and C libraries ---

NAMES = sorted(one.value for one in Architecture if one.baseline == one)


def auditwheels_file(name: str) -> list[dict]:
    return json.loads(resources.files("auditwheel.policy").joinpath(f"{name}-policy.json").read_text())


@pytest.mark.parametrize("architecture", NAMES)
def test_the_tag_is_of_the_files_architecture(tmp_path, architecture):
    oldest = policies.known(architecture)[0]
    versions = {"libc.so.6": {f"GLIBC_{oldest.glibc}": ["free"]}, "ld64.so.2": {"GLIBC_2.99": ["_dl"]}}
    entry = Entry("tiny/x.so", bytes(Elf(architecture, versions=versions)))
    linkages = elf.examine(wheel(tmp_path, entry))
    assert policies.tag_by_symbols(linkages) == oldest.name
    assert oldest.name.endswith(f"_{architecture}")
    assert policies.floor(linkages.found[0]).version == "2.99"  # a loader's version counts in the floor alone
    own = tuple(need for need in linkages.found[0].needs if need.library == "libc.so.6")
    assert policies.floor(replace(linkages.found[0], needs=own)).tag == oldest.name


@pytest.mark.parametrize("architecture", [name for name in NAMES if name != "ppc64"])
def test_musl_of_every_architecture(tmp_path, architecture):
    path = wheel(tmp_path, Entry("tiny/x.so", bytes(Elf(architecture, needed=("libc.musl-x.so.1",)))))
    assert policies.tag_by_symbols(elf.examine(path)) == f"musllinux_1_2_{architecture}"
    known = policies.known(architecture, "musl")
    theirs = [one["name"] for one in auditwheels_file("musllinux") if architecture in one["symbol_versions"]]
    assert [policy.name for policy in known] == [f"{name}_{architecture}" for name in theirs]
    assert {policy.version for policy in known} <= {"1.1", "1.2"}
    for policy in known:
        assert (policy.libc, policy.newest) == ("musl", {})
        assert "libz.so.1" in policy.libraries
        assert str(policy) == f"{policy.name:<24} musl {policy.version}"
        with pytest.raises(AttributeError, match="a policy for musl"):
            _ = policy.glibc


def test_architectures_are_not_mixed():
    both = [made_up("GLIBC_2.4"), made_up("GLIBC_2.17", file="b.so", architecture="aarch64")]
    for function in (policies.floor, policies.tag_by_symbols):
        with pytest.raises(ValueError, match=r"different processors: b\.so for aarch64, a\.so for x86_64"):
            function(both)


def test_c_libraries_are_not_mixed():
    both = [made_up("GLIBC_2.4"), made_up(file="b.so", libc="musl"), made_up(file="c.so", libc=None)]
    with pytest.raises(ValueError, match=r"a\.so is linked with glibc and b\.so with musl"):
        policies.tag_by_symbols(both)


def test_an_unknown_processor_plays_no_part():
    card = made_up("GLIBC_2.99", architecture=None)
    assert policies.tag_by_symbols([card, made_up("GLIBC_2.4")]) == "manylinux_2_5_x86_64"
    assert (policies.floor(card).version, policies.floor(card).tag) == ("2.99", None)
    for nothing in ([], card):
        with pytest.raises(ValueError, match="no file is for an architecture"):
            policies.tag_by_symbols(nothing)


@pytest.mark.parametrize(
    ("architecture", "libc"), [("mips", "glibc"), ("x86_64", "bionic"), ("x86_64_v2", "glibc"), ("ppc64", "musl")]
)
def test_what_has_no_policy(architecture, libc):
    with pytest.raises(ValueError, match=r"no policy|no C library"):
        policies.known(architecture, libc)


def test_no_policy_starts_a_process(monkeypatch):
    def refuse(*arguments, **keywords):
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    policytable.auditwheels.cache_clear()
    policytable._known.cache_clear()
    assert policies.known(libc="musl")
    assert policies.known()


# --- the floor ---


def test_versions_are_compared_as_numbers():
    floor = policies.floor([made_up("GLIBC_2.9", "GLIBC_2.2.5"), made_up("GLIBC_2.10", "GLIBC_2.4", file="b.so")])
    assert floor.version == "2.10"
    assert [file for file, _ in floor.reasons] == ["b.so"]
    assert floor.symbols == ("symbol_GLIBC_2.10",)


def test_all_who_ask_are_named():
    floor = policies.floor([made_up("GLIBC_2.14"), made_up("GLIBC_2.14", file="b.so", library="libm.so.6")])
    assert [file for file, _ in floor.reasons] == ["a.so", "b.so"]
    assert str(floor).splitlines() == [
        "glibc 2.14 or newer, because of",
        "  a.so: symbol_GLIBC_2.14 (libc.so.6)",
        "  b.so: symbol_GLIBC_2.14 (libm.so.6)",
    ]


def test_other_families_set_no_glibc_floor():
    assert policies.floor(made_up("GLIBC_2.4", "GLIBCXX_3.4.33", "GCC_14.0.0")).version == "2.4"


def test_a_feature_counts_as_the_release_it_came_with():
    assert policies.floor(made_up("GLIBC_2.4", "GLIBC_ABI_DT_RELR")).version == "2.36"


def test_private_symbols_fit_no_policy():
    floor = policies.floor(made_up("GLIBC_2.4", "GLIBC_PRIVATE"))
    assert (floor.version, floor.tag) == ("2.4", "linux_x86_64")
    assert [need.version for _, need in floor.private] == ["GLIBC_PRIVATE"]
    assert "no release of glibc promises" in str(floor)
    assert policies.tag_by_symbols(made_up("GLIBC_PRIVATE")) == "linux_x86_64"


def test_libstdcxx_counts_in_the_tag():
    both = made_up("GLIBC_2.17", "GLIBCXX_3.4.29")
    assert policies.floor(both).tag == "manylinux_2_17_x86_64"
    assert policies.tag_by_symbols(both) == "manylinux_2_34_x86_64"


# --- policies ---


@pytest.mark.parametrize("architecture", NAMES)
def test_policies_are_auditwheels_own(architecture):
    theirs = {
        f"{one['name']}_{architecture}": one
        for one in auditwheels_file("manylinux")
        if architecture in one["symbol_versions"]
    }
    ours = policies.known(architecture)
    assert {policy.name for policy in ours} == set(theirs)
    for policy in ours:
        source = theirs[policy.name]
        assert policy.priority == source["priority"]
        assert policy.aliases == tuple(f"{alias}_{architecture}" for alias in source["aliases"])
        assert policy.name == f"manylinux_{policy.glibc.replace('.', '_')}_{architecture}"
        assert policy.libraries == set(source["lib_whitelist"])
        for family, newest in policy.newest.items():
            versions = source["symbol_versions"][architecture][family]
            numbers = [tuple(map(int, v.split("."))) for v in versions if v.replace(".", "").isdigit()]
            assert max(numbers) == tuple(map(int, newest.split(".")))
    priorities = [policy.priority for policy in ours]
    assert priorities == sorted(priorities, reverse=True)  # the oldest glibc first: it serves the most systems


def test_known_policy():
    policy = next(policy for policy in policies.known() if policy.glibc == "2.17")
    assert policy.aliases == ("manylinux2014_x86_64",)
    assert (policy.newest["GLIBC"], policy.newest["GLIBCXX"]) == ("2.17", "3.4.19")


@pytest.mark.parametrize(
    ("version", "tag"),
    [
        ("2.2.5", "manylinux_2_5_x86_64"),
        ("2.5", "manylinux_2_5_x86_64"),
        ("2.7", "manylinux_2_12_x86_64"),
        ("2.14", "manylinux_2_17_x86_64"),
        ("2.29", "manylinux_2_31_x86_64"),
        ("2.99", "linux_x86_64"),
    ],
)
def test_tag_for(version, tag):
    assert policies.tag_for(version) == tag


def test_tag_for_another_architecture():
    assert policies.tag_for("2.2.5", "aarch64") == "manylinux_2_17_aarch64"
    assert policies.tag_for("2.35", "loongarch64") == "manylinux_2_36_loongarch64"
    assert policies.tag_for("2.99", "s390x") == "linux_s390x"
    with pytest.raises(ValueError, match="auditwheel has no policy for mips: it knows aarch64, "):
        policies.tag_for("2.17", "mips")


def test_tag_for_wants_a_version():
    with pytest.raises(ValueError, match="not a glibc version"):
        policies.tag_for("GLIBC_2.17")
