"""Who needs whom: carried, allowed by the policy, missing; and the floor of each."""

import pytest
from tiny_macho import macho, universal
from tiny_pe import pe

from wheel_lab.linkfiles import Judge
from wheel_lab.linkgraph import KINDS, PRINTED, LinkGraph, Node, link_graph

NAME = "tiny-1.0-cp312-cp312-{}.whl"


@pytest.fixture
def parts(compile_c):
    """Compile an extension that needs a carried library, which needs one that is nowhere; and two that are alike."""
    bottom = compile_c("int bottom() { return 1; }", "-Wl,-soname,libbottom.so.1", name="libbottom.so")
    folder = f"-L{bottom.parent}"
    middle = compile_c("int bottom(); int middle() { return bottom(); }", folder, "-lbottom", name="libmiddle-1a2b.so")
    ext = compile_c(
        "#include <math.h>\nint middle(); double f(double x) { return exp(x) + middle(); }",
        folder, "-l:libmiddle-1a2b.so", "-lm", f"-Wl,-rpath-link,{bottom.parent}", name="ext.so",
    )  # fmt: skip
    alike = compile_c("#include <math.h>\ndouble g(double x) { return exp(x); }", "-lm", name="alike.so")
    return {"tiny/ext.so": ext, "tiny.libs/libmiddle-1a2b.so": middle, "tiny/one.so": alike, "tiny/two.so": alike}


def graph_of(make_wheel, parts, platform="manylinux_2_39_x86_64"):
    return link_graph(make_wheel({name: path.read_bytes() for name, path in parts.items()}, name=NAME.format(platform)))


def test_each_node_has_its_kind(make_wheel, parts):
    graph = graph_of(make_wheel, parts)
    kinds = {node.name: node.kind for node in graph.nodes}
    assert kinds["tiny/ext.so"] == kinds["tiny/one.so"] == "file"
    assert kinds["tiny.libs/libmiddle-1a2b.so"] == "carried"
    assert kinds["libbottom.so.1"] == "missing"
    assert kinds["libm.so.6"] == "allowed"
    assert set(kinds.values()) < set(KINDS)
    assert [node.name for node in graph.of("missing")] == ["libbottom.so.1"]
    assert graph.by_name["tiny/ext.so"].needs[0] == "tiny.libs/libmiddle-1a2b.so"
    assert [node.name for node in graph.needing("libbottom.so.1")] == ["tiny.libs/libmiddle-1a2b.so"]
    assert graph.needing("tiny/ext.so") == ()
    exp = graph.by_name["libm.so.6"]
    assert exp.symbols == ("exp",)
    assert exp.floor.startswith("GLIBC_2.")
    assert graph.by_name["tiny/one.so"].floor.startswith("GLIBC_2.")
    assert graph.by_name["libbottom.so.1"].floor is None


def test_a_carried_library_is_known_by_its_soname(make_wheel, parts, tmp_path):
    graph = graph_of(make_wheel, parts | {"tiny.libs/other-name.so": tmp_path / "libbottom.so"})
    assert graph.by_name["tiny.libs/other-name.so"].kind == "carried"
    assert graph.of("missing") == ()


def test_the_policy_is_the_one_of_the_name_or_of_the_symbols(make_wheel, parts):
    named = graph_of(make_wheel, parts, "manylinux_2_39_x86_64")
    assert named.judge.policy.name == "manylinux_2_39_x86_64"
    assert named.judged() == "judged by manylinux_2_39_x86_64, which its name claims"
    several = graph_of(make_wheel, parts, "manylinux_2_17_x86_64.manylinux2014_x86_64.manylinux_2_28_x86_64")
    assert several.judge.policy.name == "manylinux_2_17_x86_64"
    raw = graph_of(make_wheel, parts, "linux_x86_64")
    assert raw.judge.policy.name.startswith("manylinux_2_")
    assert raw.judged().endswith("which its symbols allow")
    other = graph_of(make_wheel, parts, "android_24_x86_64")
    assert other.judge.policy is None
    assert {node.kind for node in other.nodes} == {"file", "carried", "outside"}
    assert other.judged() == "judged by no policy: auditwheel has none for it"


def test_of_musl_there_are_no_versions(specimen):
    graph = link_graph(specimen("musllinux"))
    assert graph.judge.policy.name == "musllinux_1_2_x86_64"
    assert [node.name for node in graph.of("allowed")] == ["libc.musl-x86_64.so.1"]
    assert len(graph.of("carried")) == 3
    assert graph.of("missing") == ()
    assert "    carried, without a floor" in str(graph).splitlines()


def test_a_real_wheel(specimen):
    graph = link_graph(specimen("numpy-1.21.2"))
    assert graph.judge.policy.name == "manylinux_2_12_x86_64"
    assert {node.base.split("-")[0] for node in graph.of("carried")} == {
        "libopenblasp",
        "libgfortran",
        "libquadmath",
        "libz",
    }
    openblas = next(node for node in graph.of("carried") if "openblas" in node.name)
    assert openblas.floor == "GLIBC_2.7"
    assert len(graph.needing(openblas.name)) == 3
    assert "ld-linux-x86-64.so.2" in [node.name for node in graph.of("allowed")]


def test_files_that_are_alike_are_one_group(make_wheel, parts):
    graph = graph_of(make_wheel, parts)
    groups = [[node.name for node in group.nodes] for group in graph.groups()]
    assert ["tiny/one.so", "tiny/two.so"] in groups
    assert sum(map(len, groups)) == len(graph.nodes)
    lines = str(graph).splitlines()
    assert "2 files: one.so, two.so" in lines
    assert "    needs tiny.libs/libmiddle-1a2b.so, carried" in lines
    assert "libbottom.so.1: missing, asked for no version" in lines


def test_a_graph_of_many_files_prints_some():
    files = tuple(Node(f"f{number}.so", "file", None, (), (f"lib{number}.so",)) for number in range(40))
    libraries = tuple(Node(f"lib{number}.so", "missing", None, (), ()) for number in range(40))
    lines = str(LinkGraph("w.whl", Judge("nobody", None, None, True), files + libraries, ())).splitlines()
    assert f"and {40 - PRINTED} more files" in lines
    assert str(files[0]) == "file     -              f0.so"


@pytest.mark.parametrize("name", ["tiny-1.0-py3-none-any.whl", "nonsense.whl"])
def test_without_compiled_files_there_is_nothing_to_link(make_wheel, name, tmp_path):
    wheel = make_wheel({})
    graph = link_graph(wheel.rename(tmp_path / name))
    assert graph.nodes == ()
    assert str(graph) == f"{name}: no compiled file that a loader links"


def test_a_wheel_for_windows_is_judged_by_what_windows_and_python_bring(make_wheel):
    files = {
        "tiny/ext.cp312-win_amd64.pyd": pe(
            needed=("Inner-1a.dll", "KERNEL32.dll", "python312.dll"), delayed=("far.dll",)
        ),
        "tiny.libs/inner-1A.dll": pe(needed=("api-ms-win-crt-heap-l1-1-0.dll", "api-ms-win-crt-math-l1-1-0.dll")),
    }
    graph = link_graph(make_wheel(files, name=NAME.format("win_amd64")))
    kinds = {node.name: node.kind for node in graph.nodes}
    assert kinds == {
        "tiny/ext.cp312-win_amd64.pyd": "file", "tiny.libs/inner-1A.dll": "carried", "far.dll": "missing",
        "kernel32.dll": "allowed", "python312.dll": "allowed", "api-ms-win-crt-heap-l1-1-0.dll": "allowed",
        "api-ms-win-crt-math-l1-1-0.dll": "allowed",
    }  # fmt: skip
    assert [len(group.nodes) for group in graph.groups()] == [1, 1, 2, 1, 1, 1]
    assert graph.judged() == "judged by the DLLs of Windows and of Python"
    assert "    file, without a floor" in str(graph).splitlines()
    assert "far.dll: missing, asked for by name alone" in str(graph).splitlines()


def test_a_wheel_for_macos_is_judged_by_the_paths_of_the_system(make_wheel):
    both = universal(
        macho("x86_64", minimum=(10, 13), needed=("@rpath/libinner.1.dylib",)),
        macho("arm64", minimum=(11, 0), needed=("@rpath/libinner.1.dylib", "/opt/homebrew/lib/libfar.dylib")),
    )
    inner = macho("arm64", "dylib", minimum=(12, 0), name="/x/libinner.1.dylib", needed=("/usr/lib/libSystem.B.dylib",))
    files = {"tiny/ext.cpython-312-darwin.so": both, "tiny/.dylibs/libinner.dylib": inner}
    graph = link_graph(make_wheel(files, name=NAME.format("macosx_11_0_universal2")))
    ext = graph.by_name["tiny/ext.cpython-312-darwin.so"]
    assert (ext.floor, ext.needs) == ("macos 11.0", ("tiny/.dylibs/libinner.dylib", "libfar.dylib"))
    assert graph.by_name["tiny/.dylibs/libinner.dylib"].kind == "carried"
    assert graph.by_name["libfar.dylib"].kind == "missing"
    assert graph.by_name["/usr/lib/libSystem.B.dylib"].kind == "allowed"
    assert "    carried, for macos 12.0" in str(graph).splitlines()
    assert "for macos" not in graph.asks(graph.by_name["libfar.dylib"])
