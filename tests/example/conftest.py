"""The example's wheel by each of its two backends, built once."""

import pytest
from building import build, copy

# These import the installed example. `building.run_tests` runs them in a process that has it, if need be in valgrind.
collect_ignore = ["ddot"]


@pytest.fixture(scope="session")
def classic(tmp_path_factory):
    return build(copy(tmp_path_factory.mktemp("classic")))


@pytest.fixture(scope="session")
def core(tmp_path_factory):
    return build(copy(tmp_path_factory.mktemp("core"), "scikit-build-core"))
