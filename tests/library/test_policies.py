"""The floor and the tag against `auditwheel`, on pinned specimens and on made-up needs."""

import json
import subprocess
import sys
from importlib import resources

import pytest

from wheel_lab import policies
from wheel_lab.binaries import elf
from wheel_lab.binaries.elf import Linkage, Need


def made_up(*versions: str, file: str = "a.so", library: str = "libc.so.6", architecture: str | None = "x86_64",
            libc: str | None = "glibc") -> Linkage:
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


@pytest.mark.parametrize("word", ["1.21.2", "manylinux_2_27", "musllinux"])
def test_the_tag_is_the_one_that_auditwheel_shows(specimen, word):
    path = specimen(word)
    command = [sys.executable, "-m", "auditwheel", "show", "--json", path]
    shown = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    ours = policies.tag_by_symbols(elf.elf_files_of(path))
    assert ours == shown["sym_tag"] == policies.floor(elf.elf_files_of(path)).tag


def test_musl_has_no_glibc_floor(specimen):
    linkages = elf.elf_files_of(specimen("musllinux"))
    assert str(policies.floor(linkages)) == "no floor: nothing is asked of glibc"
    with pytest.raises(ValueError, match="linked with musl"):
        policies.tag_by_symbols(linkages)


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


def test_policies_are_auditwheels_own():
    text = resources.files("auditwheel.policy").joinpath("manylinux-policy.json").read_text()
    theirs = {one["name"] + "_x86_64": one for one in json.loads(text) if "x86_64" in one["symbol_versions"]}
    theirs.pop("linux_x86_64", None)
    ours = policies.known()
    assert {policy.name for policy in ours} == set(theirs)
    for policy in ours:
        source = theirs[policy.name]
        assert policy.priority == source["priority"]
        assert policy.aliases == tuple(f"{alias}_x86_64" for alias in source["aliases"])
        assert policy.name == f"manylinux_{policy.glibc.replace('.', '_')}_x86_64"
        for family, newest in policy.newest.items():
            versions = source["symbol_versions"]["x86_64"][family]
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


def test_tag_for_wants_a_version():
    with pytest.raises(ValueError, match="not a glibc version"):
        policies.tag_for("GLIBC_2.17")
