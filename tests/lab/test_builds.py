"""The steps of a build are timed one by one, and read from what CMake and Ninja wrote."""

import pytest

from wheel_lab.lab import builds


def test_steps_run_in_order_and_each_is_timed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    done = builds.steps({"nap": "sleep 0.05; echo slept > note", "read": "grep -q slept note"})
    assert [step.name for step in done.results] == ["nap", "read"]
    nap, read = (step.seconds for step in done.results)
    assert nap >= 0.05
    assert done.total == nap + read
    assert capsys.readouterr().out == "nap …\nread …\n"


def test_a_step_that_fails_is_named_with_its_last_words(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuntimeError, match=r"the step 'second' failed: not today$"):
        builds.steps({"first": "true", "second": "echo before; echo not today >&2; false; true", "third": "touch here"})
    with pytest.raises(RuntimeError, match="it said nothing"):
        builds.steps({"mute": "exit 3"})
    assert not (tmp_path / "here").exists()


def test_first_build_is_read_from_what_cmake_and_ninja_wrote(tmp_path):
    diary = tmp_path / "project" / "_skbuild" / "some where" / ".ninja_log"
    diary.parent.mkdir(parents=True)
    diary.write_text(
        "# ninja log v7\n"
        "1\t3301\t17\tCMakeFiles/example.dir/src/cpp/ddot.cpp.o\tf74d\n"
        "3302\t5202\t17\texample.cpython-313-x86_64-linux-gnu.so\t80e8\n"
        "5202\t5210\t17\tCMakeFiles/install.util\t11da\n"
        "2\t102\t18\texample.cpython-313-x86_64-linux-gnu.so\t80e9\n"  # linked again: not the first time
    )
    log = tmp_path / "build.log"
    log.write_text(
        "-- Configuring done (0.5s)\n[1/3] Building\n-- Configuring done (1.0s)\nsays -- Configuring done (9s)\n"
    )
    first = builds.first_build(log, tmp_path / "project")
    assert [(step.name, step.seconds) for step in first.results] == [
        ("configure", 1.5), ("compile ddot.cpp", 3.3), ("link", 1.9),
    ]  # fmt: skip
    (tmp_path / "some").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no \.ninja_log in some"):
        builds.first_build(log, tmp_path / "some")
