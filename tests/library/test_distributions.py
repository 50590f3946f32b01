"""The table of distributions: its form, its order, and this machine."""

import platform
import tomllib
from datetime import date

from wheel_lab import distributions


def test_form_of_the_distributions():
    table = tomllib.loads(distributions.DISTRIBUTIONS.read_text())
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
    known = distributions.known()
    numbers = [tuple(map(int, one.version.split("."))) for one in known if one.libc == "glibc"]
    assert numbers == sorted(numbers)
    assert known[-1].libc == "musl"


def test_a_distribution_runs_up_to_its_glibc():
    debian = next(one for one in distributions.known() if (one.name, one.release) == ("Debian", "12"))
    assert debian.version == "2.36"
    assert debian.runs("2.36")
    assert debian.runs("2.9")
    assert not debian.runs("2.37")
    assert debian.ended
    alpine = distributions.known()[-1]
    assert not alpine.runs("2.5")


def test_this_machine_agrees_with_the_table():
    """Where this machine is one of the table's, its own glibc must be the one that stands there."""
    system = platform.freedesktop_os_release()
    release = system.get("VERSION_ID", "")
    for one in distributions.known():
        if one.name.split("/")[0] in system["NAME"] and one.release in (release, release.split(".")[0]):
            assert (one.libc, one.version) == platform.libc_ver()
