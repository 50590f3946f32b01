"""CMake's answers: an unknown or missing BLAS is named, and no other one is taken silently."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest
from building import OPENBLAS, copy, run


def configure(folder, *args, python=sys.executable, fails=False, **env):
    command = ["cmake", "-S", folder, "-B", folder / "build", "-G", "Ninja", f"-DPython_EXECUTABLE={python}", *args]
    return run(*command, cwd=folder, fails=fails, **env)


@pytest.mark.parametrize("backend", ["scikit-build", "scikit-build-core"])
def test_an_unknown_blas_is_refused(backend, tmp_path):
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel"]
    output = run(*command, cwd=copy(tmp_path, backend), fails=True, CMAKE_ARGS="-DBLAS=mkl")
    assert "-DBLAS=mkl is not known." in output
    assert "-DBLAS=scipy-openblas32" in output


def test_a_missing_provider_is_named_with_its_fix(tmp_path):
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
