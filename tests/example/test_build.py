"""The example project, built by both backends, against both OpenBLAS, and tested."""

import email
import os
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from building import OPENBLAS, PROJECT, copy, files, install, needed, repair, run, run_tests, search_paths

# Both backends


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
    sources = {"CMakeLists.txt", "carried.py", "src/cpp/ddot.cpp", "src/cpp/vectors.hpp"}
    assert sources | {"tests/test_ddot.py", "LICENSE", "README.md"} < second


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
