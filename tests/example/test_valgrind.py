"""The example under valgrind (make test-memory).

It follows every read, also those inside OpenBLAS, which a sanitizer would not see.
"""

import shutil
import sys
import xml.etree.ElementTree as ET

import pytest
from building import build, copy, install, repair, run, run_tests

pytestmark = pytest.mark.memory


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


def build_for_valgrind(folder, change=None):
    """Build, repair and install; `change` is a file, what stands in it once, and what to write there instead."""
    project = copy(folder)
    if change:
        file, check, mistake = change
        source = project / "src" / "cpp" / file
        text = source.read_text()
        assert text.count(check) == 1
        source.write_text(text.replace(check, mistake))
    wheel, _ = build(project, "--wheel", CXXFLAGS="-g")
    return install(repair(wheel, folder / "repaired"), folder / "my site")


def test_nothing_is_read_or_written_out_of_bounds(tmp_path):
    target, report = build_for_valgrind(tmp_path), tmp_path / "report.xml"
    args = ["-m", "not long_vectors", "--hypothesis-profile=quick"]
    run_tests(target, tmp_path, *args, prefix=valgrind(report), PYTHONMALLOC="malloc")
    assert memory_errors(report) == []


@pytest.mark.parametrize(
    ("change", "arguments"),
    [
        (("ddot.cpp", "if (x.size != y.size)", "if (false)"), "np.ones(300), np.ones(200)"),
        (("vectors.hpp", "step < 0 ? data + (size - 1) * step : data", "data"), "np.ones(300)[::-1], np.ones(300)"),
        (("vectors.hpp", "copy(size)", "copy(size - 1)"), "[1.0] * 300, [1.0] * 300"),
    ],
    ids=["length", "lowest address", "list"],
)
def test_valgrind_would_see_a_mistake(change, arguments, tmp_path):
    target, report = build_for_valgrind(tmp_path, change), tmp_path / "report.xml"
    call = f"import numpy as np; from example_pkg import ddot; ddot({arguments})"
    run(*valgrind(report), sys.executable, "-c", call, cwd=tmp_path, PYTHONPATH=str(target), PYTHONMALLOC="malloc")
    assert any(error.startswith(("InvalidRead", "InvalidWrite")) for error in memory_errors(report))
