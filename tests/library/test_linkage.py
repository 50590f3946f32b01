"""ELF facts against `readelf` and `auditwheel`, on files compiled here and on pinned specimens."""

import json
import platform
import subprocess
import sys
import tomllib
import zipfile
from datetime import date
from importlib import resources

import pytest

from wheel_lab import linkage
from wheel_lab.linkage import Linkage, Need

MEMCPY = "#include <string.h>\nvoid f(char *a, const char *b, size_t n) { memcpy(a, b, n); }\n"


def made_up(*versions: str, file: str = "a.so", library: str = "libc.so.6") -> Linkage:
    needs = tuple(Need(library, version, (f"symbol_{version}",)) for version in versions)
    return Linkage(file, None, (library,), (), (), needs)


# --- reading ---


def test_read_a_compiled_file(compile_c):
    options = ["-Wl,-soname,libsample.so.1", "-Wl,--no-as-needed", "-lm", "-Wl,--disable-new-dtags,-rpath,$ORIGIN/a:/b"]
    found = linkage.read(compile_c(MEMCPY, *options))
    assert found.soname == "libsample.so.1"
    assert {"libm.so.6", "libc.so.6"} <= set(found.needed)
    assert (found.rpath, found.runpath) == (("$ORIGIN/a", "/b"), ())
    assert found.file.endswith("sample.so")


def test_runpath_is_told_from_rpath(compile_c):
    found = linkage.read(compile_c(MEMCPY, "-Wl,--enable-new-dtags,-rpath,/b"))
    assert (found.rpath, found.runpath, found.soname) == ((), ("/b",), None)


def test_symbols_agree_with_readelf(compile_c):
    path = compile_c(MEMCPY, "-fno-builtin")
    shown = subprocess.run(["readelf", "-W", "--dyn-syms", path], capture_output=True, text=True, check=True).stdout
    words = [line.split()[7] for line in shown.splitlines() if " UND " in line and "@" in line]
    theirs = {tuple(word.replace("@@", "@").split("@")) for word in words}
    ours = {(symbol, need.version) for need in linkage.read(path).needs for symbol in need.symbols}
    assert ours == theirs
    assert "memcpy" in {symbol for symbol, _ in ours}


def test_no_versions_at_all(compile_c):
    found = linkage.read(compile_c("int f(void) { return 1; }\n", "-nostdlib"))
    assert found.needs == found.needed == ()
    assert linkage.floor(found).version is None
    assert linkage.floor(found).tag is None


def test_what_is_no_elf_file(tmp_path, compile_c):
    text = tmp_path / "text.so"
    text.write_text("hello")
    with pytest.raises(ValueError, match=r"text\.so is not an ELF file"):
        linkage.read(text)
    with pytest.raises(ValueError, match=r"no \.dynamic section"):
        linkage.read(compile_c("int f(void) { return 1; }\n", "-r", "-nostdlib", "-no-pie", name="sample.o"))
    with pytest.raises(FileNotFoundError):
        linkage.read(tmp_path / "nothing.so")
    with pytest.raises(ValueError, match="not a zip archive"):
        linkage.of_wheel(text)


def test_of_wheel_reads_members_by_content(make_wheel, compile_c):
    data = compile_c(MEMCPY).read_bytes()
    files = {"tiny/ext.so": data, "tiny/data.bin": data, "tiny/not.so": b"text"}
    assert [one.file for one in linkage.of_wheel(make_wheel(files))] == ["tiny/ext.so", "tiny/data.bin"]
    assert linkage.of_wheel(make_wheel()) == ()


# --- specimens ---


def test_floor_of_the_seeds_file(specimen):
    linkages = linkage.of_wheel(specimen("1.21.2"))
    floor = linkage.floor(linkages)
    assert (floor.version, floor.tag) == ("2.10", "manylinux_2_12_x86_64")
    assert "fallocate" in floor.symbols
    openblas = next(one for one in linkages if "libopenblas" in one.file)
    own = linkage.floor(openblas)
    assert own.version == "2.7"
    assert own.symbols == ("__sched_cpualloc", "__sched_cpufree")
    assert [file for file, _ in own.reasons] == [openblas.file]
    assert linkage.tag_by_symbols(linkages) == "manylinux_2_12_x86_64"


@pytest.mark.parametrize("word", ["1.21.2", "manylinux_2_27"])
def test_the_tag_is_the_one_that_auditwheel_shows(specimen, word):
    path = specimen(word)
    command = [sys.executable, "-m", "auditwheel", "show", "--json", path]
    shown = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    ours = linkage.tag_by_symbols(linkage.of_wheel(path))
    assert ours == shown["sym_tag"] == linkage.floor(linkage.of_wheel(path)).tag


def test_musl_has_no_glibc_floor(specimen):
    linkages = linkage.of_wheel(specimen("musllinux"))
    assert str(linkage.floor(linkages)) == "no floor: nothing is asked of glibc"
    with pytest.raises(ValueError, match="linked with musl"):
        linkage.tag_by_symbols(linkages)


# --- the floor ---


def test_versions_are_compared_as_numbers():
    floor = linkage.floor([made_up("GLIBC_2.9", "GLIBC_2.2.5"), made_up("GLIBC_2.10", "GLIBC_2.4", file="b.so")])
    assert floor.version == "2.10"
    assert [file for file, _ in floor.reasons] == ["b.so"]
    assert floor.symbols == ("symbol_GLIBC_2.10",)


def test_all_who_ask_are_named():
    floor = linkage.floor([made_up("GLIBC_2.14"), made_up("GLIBC_2.14", file="b.so", library="libm.so.6")])
    assert [file for file, _ in floor.reasons] == ["a.so", "b.so"]
    assert str(floor).splitlines() == [
        "glibc 2.14 or newer, because of",
        "  a.so: symbol_GLIBC_2.14 (libc.so.6)",
        "  b.so: symbol_GLIBC_2.14 (libm.so.6)",
    ]


def test_other_families_set_no_glibc_floor():
    assert linkage.floor(made_up("GLIBC_2.4", "GLIBCXX_3.4.33", "GCC_14.0.0")).version == "2.4"


def test_a_feature_counts_as_the_release_it_came_with():
    assert linkage.floor(made_up("GLIBC_2.4", "GLIBC_ABI_DT_RELR")).version == "2.36"


def test_private_symbols_fit_no_policy():
    floor = linkage.floor(made_up("GLIBC_2.4", "GLIBC_PRIVATE"))
    assert (floor.version, floor.tag) == ("2.4", "linux_x86_64")
    assert [need.version for _, need in floor.private] == ["GLIBC_PRIVATE"]
    assert "no release of glibc promises" in str(floor)
    assert linkage.tag_by_symbols(made_up("GLIBC_PRIVATE")) == "linux_x86_64"


def test_libstdcxx_counts_in_the_tag():
    both = made_up("GLIBC_2.17", "GLIBCXX_3.4.29")
    assert linkage.floor(both).tag == "manylinux_2_17_x86_64"
    assert linkage.tag_by_symbols(both) == "manylinux_2_34_x86_64"


# --- policies and distributions ---


def test_policies_are_auditwheels_own():
    text = resources.files("auditwheel.policy").joinpath("manylinux-policy.json").read_text()
    theirs = {one["name"] + "_x86_64": one for one in json.loads(text) if "x86_64" in one["symbol_versions"]}
    theirs.pop("linux_x86_64", None)
    ours = linkage.policies()
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
    policy = next(policy for policy in linkage.policies() if policy.glibc == "2.17")
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
    assert linkage.tag_for(version) == tag


def test_tag_for_wants_a_version():
    with pytest.raises(ValueError, match="not a glibc version"):
        linkage.tag_for("GLIBC_2.17")


def test_form_of_the_distributions():
    table = tomllib.loads(linkage.DISTRIBUTIONS.read_text())
    assert isinstance(table["as_of"], date)
    for row in table["distribution"]:
        assert set(row) == {"name", "release", "libc", "version", "end_of_life", "source"}
        assert row["libc"] in ("glibc", "musl")
        assert row["version"].replace(".", "").isdigit()
        assert row["source"].startswith("https://")
        assert isinstance(row["end_of_life"], date)
    names = [(row["name"], row["release"]) for row in table["distribution"]]
    assert len(names) == len(set(names)) >= 14


def test_distributions_in_order():
    known = linkage.distributions()
    numbers = [tuple(map(int, one.version.split("."))) for one in known if one.libc == "glibc"]
    assert numbers == sorted(numbers)
    assert known[-1].libc == "musl"


def test_a_distribution_runs_up_to_its_glibc():
    debian = next(one for one in linkage.distributions() if (one.name, one.release) == ("Debian", "12"))
    assert debian.version == "2.36"
    assert debian.runs("2.36")
    assert debian.runs("2.9")
    assert not debian.runs("2.37")
    assert debian.ended
    alpine = linkage.distributions()[-1]
    assert not alpine.runs("2.5")


def test_this_machine_agrees_with_the_table():
    """Where this machine is one of the table's, its own glibc must be the one that stands there."""
    system = platform.freedesktop_os_release()
    release = system.get("VERSION_ID", "")
    for one in linkage.distributions():
        if one.name.split("/")[0] in system["NAME"] and one.release in (release, release.split(".")[0]):
            assert (one.libc, one.version) == platform.libc_ver()


def test_zip_members_are_not_unpacked(make_wheel, compile_c, tmp_path):
    wheel = make_wheel({"tiny/ext.so": compile_c(MEMCPY).read_bytes()})
    before = sorted(tmp_path.rglob("*"))
    linkage.of_wheel(wheel)
    assert sorted(tmp_path.rglob("*")) == before
    assert zipfile.is_zipfile(wheel)
