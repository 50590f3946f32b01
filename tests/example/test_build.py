"""The example project, built as a reader would build it: by both backends, against both OpenBLAS, and under valgrind.

Every build happens in a copy, in a folder with a space in its name, without isolation and without a network.
"""

import email
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

PROJECT = Path(__file__).parents[2] / "example_project"
MADE = shutil.ignore_patterns("_skbuild", "build", "dist", "wheelhouse", "*.egg-info", "__pycache__", ".[!g]*")
OPENBLAS = Path(importlib.util.find_spec("scipy_openblas32").origin).parent


def run(*command, cwd, fails=False, **more_env):
    """Run a command as on a machine of its own, show what it prints, and return that. It must succeed (or fail)."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PYTHON", "CMAKE", "SKBUILD"))}
    env |= {"PATH": f"{sys.prefix}/bin{os.pathsep}{env['PATH']}", "PIP_CONFIG_FILE": os.devnull}
    command, output = [str(word) for word in command], {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    result = subprocess.run(command, cwd=cwd, env=env | more_env, text=True, **output)
    print("$", *command, "\n", result.stdout)
    assert fails is None or (result.returncode != 0) == fails, f"{command} ended with {result.returncode}"
    return result.stdout


def copy(folder, backend="scikit-build"):
    folder = folder / "my project"
    shutil.copytree(PROJECT, folder, ignore=MADE)
    if backend == "scikit-build-core":
        shutil.copy(PROJECT / "scikit_build_core" / "pyproject.toml", folder)
    return folder


def build(folder, *args, **env):
    """Build the wheel, by way of the source distribution unless told otherwise."""
    output = run(sys.executable, "-m", "build", "--no-isolation", *args, cwd=folder, **env)
    [wheel] = folder.glob("dist/*.whl")
    return wheel, output


def install(wheel, folder):
    run(sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", "--target", folder, wheel, cwd=wheel.parent)
    return folder


def repair(wheel, folder):
    run("auditwheel", "repair", "--ldpaths", OPENBLAS / "lib", "--wheel-dir", folder, wheel, cwd=wheel.parent)
    [repaired] = folder.glob("*manylinux*.whl")
    return repaired


def dynamic(wheel):
    """The entries of the extension's dynamic section."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = [n for n in archive.namelist() if n.endswith(".so")]
        with archive.open(name) as file:
            section = ELFFile(file).get_section_by_name(".dynamic")
            return list(section.iter_tags())


def needed(wheel):
    return {tag.needed for tag in dynamic(wheel) if tag.entry.d_tag == "DT_NEEDED"}


def search_paths(wheel):
    return [tag for tag in dynamic(wheel) if tag.entry.d_tag in ("DT_RPATH", "DT_RUNPATH")]


def run_tests(installed, folder, *args, prefix=(), **env):
    """Run the project's own tests from a folder that holds no sources, so that they import what is installed."""
    shutil.copytree(PROJECT / "tests", folder / "tests", ignore=MADE)
    shutil.copy(PROJECT / "pyproject.toml", folder)
    return run(
        *prefix,
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *args,
        cwd=folder,
        PYTHONPATH=str(installed),
        PYTHONDONTWRITEBYTECODE="1",
        **env,
    )


@pytest.fixture(scope="module")
def classic(tmp_path_factory):
    return build(copy(tmp_path_factory.mktemp("classic")))


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    return build(copy(tmp_path_factory.mktemp("core"), "scikit-build-core"))


# Both backends


def files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_both_backends_make_the_same_wheel_but_for_build_metadata(classic, core):
    assert classic[0].name == core[0].name
    first, second = files(classic[0]), files(core[0])
    assert first.keys() - second.keys() == {"septembrse-0.0.0.dist-info/top_level.txt"}
    assert second.keys() - first.keys() == set()
    [extension] = [name for name in second if name.endswith(".so")]
    assert second.keys() == {
        "example_pkg/__init__.py",
        "example_pkg/dot_product.py",
        "example_pkg/example.pyi",
        "example_pkg/py.typed",
        extension,
        *(f"septembrse-0.0.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD", "licenses/LICENSE")),
    }
    assert extension.startswith("example_pkg/example.cpython-")
    differ = {name.rpartition("/")[2] for name in second if first[name] != second[name]}
    assert differ - {Path(extension).name} <= {"METADATA", "WHEEL", "RECORD"}
    assert needed(classic[0]) == needed(core[0])


def test_both_backends_write_the_same_metadata(classic, core):
    first, second = (
        email.message_from_bytes(files(wheel)["septembrse-0.0.0.dist-info/METADATA"]) for wheel, _ in (classic, core)
    )
    assert first.get_payload() == second.get_payload() == (PROJECT / "README.md").read_text()
    # Which fields setuptools filled in itself, and the version of the format, are the backend's own affair.
    own = {"Metadata-Version", "Dynamic"}
    first_fields, second_fields = ({k: m.get_all(k) for k in m if k not in own} for m in (first, second))
    assert first_fields == second_fields
    assert first["License-Expression"] == "BSD-3-Clause"
    assert first.get_all("Requires-Dist") == ["numpy"]
    assert "Private :: Do Not Upload" in first.get_all("Classifier")


def test_the_two_pyproject_files_describe_the_same_project():
    first, second = (tomllib.loads((PROJECT / p / "pyproject.toml").read_text()) for p in ("", "scikit_build_core"))
    assert first["project"] == second["project"]
    assert first["build-system"]["build-backend"] == "setuptools.build_meta"
    assert second["build-system"]["build-backend"] == "scikit_build_core.build"


def test_both_source_distributions_hold_the_same_sources(classic, core):
    def members(wheel):
        [sdist] = wheel.parent.glob("*.tar.gz")
        with tarfile.open(sdist) as archive:
            return {member.name.removeprefix("septembrse-0.0.0/") for member in archive if member.isfile()}

    first, second = members(classic[0]), members(core[0])
    own = {name for name in first if name.startswith("septembrse.egg-info/")}
    assert first - second == own | {"MANIFEST.in", "setup.cfg", "setup.py"}
    assert second - first == set()
    assert {"CMakeLists.txt", "src/cpp/ddot.cpp", "tests/test_ddot.py", "LICENSE", "README.md"} < second


def test_setup_py_still_builds_a_wheel_and_compiles_nothing_twice(tmp_path, classic):
    folder = copy(tmp_path)
    for _ in range(2):
        output = run(sys.executable, "setup.py", "bdist_wheel", cwd=folder)
        [wheel] = folder.glob("dist/*.whl")
        assert files(wheel).keys() == files(classic[0]).keys()
    assert "Building CXX object" not in output
    # What was built does not slip into a source distribution that is made afterwards.
    run(sys.executable, "-m", "build", "--no-isolation", "--sdist", cwd=folder)
    [sdist] = folder.glob("dist/*.tar.gz")
    with tarfile.open(sdist) as archive:
        assert not [name for name in archive.getnames() if name.endswith(".so")]


# The extension


@pytest.mark.parametrize("backend", ["classic", "core"])
def test_the_raw_wheel_asks_for_openblas_but_does_not_say_where_it_is(backend, request):
    wheel, output = request.getfixturevalue(backend)
    assert "libscipy_openblas.so" in needed(wheel)
    assert search_paths(wheel) == []
    assert f"-- BLAS: scipy-openblas32 from {OPENBLAS}/lib/libscipy_openblas.so" in output


def test_the_raw_wheel_does_not_import_where_openblas_is_missing(classic, tmp_path):
    target = install(classic[0], tmp_path / "site")
    output = run(sys.executable, "-c", "import example_pkg", cwd=tmp_path, PYTHONPATH=str(target), fails=True)
    assert "ImportError: libscipy_openblas.so: cannot open shared object file: No such file or directory" in output


@pytest.mark.parametrize("backend", ["classic", "core"])
def test_its_own_tests_pass(backend, request, tmp_path):
    wheel, _ = request.getfixturevalue(backend)
    target = install(repair(wheel, tmp_path / "repaired"), tmp_path / "my site")
    # Once with everything; the second backend's extension comes from the same sources by the same CMake.
    args = [] if backend == "classic" else ["-m", "not long_vectors", "--hypothesis-profile=quick"]
    run_tests(target, tmp_path, *args)


def test_it_builds_against_the_openblas_of_this_system_or_says_what_to_install(tmp_path):
    folder = copy(tmp_path)
    # CI installs the library and sets the variable, so that its absence cannot go unseen there.
    must_be_there = os.environ.get("WHEEL_LAB_EXPECT_SYSTEM_OPENBLAS") == "1"
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel"]
    output = run(*command, cwd=folder, fails=False if must_be_there else None, CMAKE_ARGS="-DBLAS=system")
    if not list(folder.glob("dist/*.whl")):
        assert "BLAS: no OpenBLAS found for -DBLAS=system" in output
        assert "apt install libopenblas-dev" in output
        return
    [wheel] = folder.glob("dist/*.whl")
    assert "-- BLAS: system from /" in output
    [library] = [name for name in needed(wheel) if "blas" in name]
    assert library.startswith("libopenblas")
    assert search_paths(wheel) == []
    run_tests(install(wheel, tmp_path / "site"), tmp_path, "-m", "not long_vectors", "--hypothesis-profile=quick")


# CMake's answers


def configure(folder, *args, python=sys.executable, fails=False, **env):
    command = ["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DPython_EXECUTABLE={python}", *args]
    return run(*command, cwd=folder, fails=fails, **env)


@pytest.mark.parametrize("backend", ["scikit-build", "scikit-build-core"])
def test_an_unknown_blas_is_refused(backend, tmp_path):
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel"]
    output = run(*command, cwd=copy(tmp_path, backend), fails=True, CMAKE_ARGS="-DBLAS=mkl")
    assert "-DBLAS=mkl is not known." in output
    assert "-DBLAS=scipy-openblas32" in output


def test_a_missing_provider_is_named_with_its_mend(tmp_path):
    run(sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare venv", cwd=tmp_path)
    [site] = (tmp_path / "bare venv").glob("lib/python3*/site-packages")
    pybind11 = Path(importlib.util.find_spec("pybind11").origin).parent
    (site / "pybind11").symlink_to(pybind11)
    python = tmp_path / "bare venv" / "bin" / "python"
    output = configure(copy(tmp_path), python=python, fails=True)
    assert "BLAS: no OpenBLAS found for -DBLAS=scipy-openblas32" in output
    assert "pip install scipy-openblas32" in output
    # The one thing that was missing makes the difference.
    (site / "scipy_openblas32").symlink_to(OPENBLAS)
    assert "-- BLAS: scipy-openblas32 from" in configure(tmp_path / "my project", python=python)


def test_an_openblas_of_the_system_is_taken_only_when_asked_for(tmp_path):
    decoy = tmp_path / "lib" / "cmake" / "openblas"
    decoy.mkdir(parents=True)
    (decoy / "OpenBLASConfig.cmake").write_text("set(OpenBLAS_LIBRARIES /decoy/libopenblas.so)\n")
    folder, env = copy(tmp_path), {"CMAKE_PREFIX_PATH": str(tmp_path)}
    # In one build folder, which must not remember what was asked for before.
    for _ in range(2):
        assert "-- BLAS: system from /decoy/libopenblas.so" in configure(folder, "-DBLAS=system", **env)
        assert f"-- BLAS: scipy-openblas32 from {OPENBLAS}/" in configure(folder, "-DBLAS=scipy-openblas32", **env)
    shutil.rmtree(folder / "build")
    assert f"-- BLAS: scipy-openblas32 from {OPENBLAS}/" in configure(folder, **env)


def test_a_system_library_without_a_cmake_file_is_found_too(tmp_path):
    for path in ("include/openblas/cblas.h", "lib/libopenblasp.so"):  # as Fedora's openblas-devel lays them out
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch()
    env = {"CMAKE_PREFIX_PATH": str(tmp_path)}
    # Whatever this system has itself stays out of sight.
    output = configure(copy(tmp_path), "-DBLAS=system", "-DCMAKE_DISABLE_FIND_PACKAGE_OpenBLAS=ON", **env)
    assert f"-- BLAS: system from {tmp_path}/lib/libopenblasp.so" in output


# Under valgrind (make test-memory). It follows every read, also those inside OpenBLAS, which a sanitizer would not see.


def memory_errors(report):
    """Of all that valgrind reports, what happened in our extension or below it. Python itself is not our affair."""
    ours = ("/example_pkg/example.", "/septembrse.libs/")
    return [
        f"{error.findtext('kind')}: {error.findtext('what')}"
        for error in ET.parse(report).getroot().iter("error")
        if any(part in (frame.findtext("obj") or "") for frame in error.iter("frame") for part in ours)
    ]


def valgrind(report):
    assert shutil.which("valgrind"), "valgrind is missing: apt install valgrind"
    # In XML, valgrind always looks for leaks as well. What Python keeps until its end is none.
    return ["valgrind", "--quiet", "--show-leak-kinds=none", "--xml=yes", f"--xml-file={report}"]


def build_for_valgrind(folder, change=lambda source: source):
    project = copy(folder)
    source = project / "src" / "cpp" / "ddot.cpp"
    source.write_text(change(source.read_text()))
    wheel, _ = build(project, "--wheel", CXXFLAGS="-g")
    return install(repair(wheel, folder / "repaired"), folder / "my site")


@pytest.mark.memory
def test_no_read_out_of_bounds(tmp_path):
    target, report = build_for_valgrind(tmp_path), tmp_path / "report.xml"
    args = ["-m", "not long_vectors", "--hypothesis-profile=quick"]
    run_tests(target, tmp_path, *args, prefix=valgrind(report), PYTHONMALLOC="malloc")
    assert memory_errors(report) == []


@pytest.mark.memory
@pytest.mark.parametrize(
    ("check", "mistake", "arguments"),
    [
        ("if (x.size != y.size)", "if (false)", "np.ones(300), np.ones(200)"),
        ("v.step < 0 ? v.data + (v.size - 1) * v.step : v.data", "v.data", "np.ones(300)[::-1], np.ones(300)"),
    ],
)
def test_valgrind_would_see_a_read_out_of_bounds(check, mistake, arguments, tmp_path):
    def with_the_mistake(source):
        assert source.count(check) == 1
        return source.replace(check, mistake)

    target, report = build_for_valgrind(tmp_path, with_the_mistake), tmp_path / "report.xml"
    call = f"import numpy as np; from example_pkg import ddot; ddot({arguments})"
    run(*valgrind(report), sys.executable, "-c", call, cwd=tmp_path, PYTHONPATH=str(target), PYTHONMALLOC="malloc")
    assert any(error.startswith("InvalidRead") for error in memory_errors(report))
