"""The record of chapter 6's sizes: it reads well, it holds together, and builds made anew agree with it."""

import dataclasses
import os

import pytest

from tools import variants as workshop
from tools.records import variants_disagreements
from wheel_lab.lab import variants

RECORD = variants.load_record()


def changed(number, **fields):
    """Return the record's choices with some fields of one of them replaced."""
    found = list(RECORD.variants)
    found[number] = dataclasses.replace(found[number], **fields)
    return tuple(found)


def test_the_record_is_of_the_ways_that_are_built():
    recorded = [(one.name, one.cmake, one.repair, one.risk) for one in RECORD.variants]
    assert recorded == [(way.name, way.cmake, way.repair, way.risk) for way in workshop.WAYS]


def test_the_record_agrees_with_itself():
    assert variants_disagreements(RECORD, RECORD.variants) == []
    # Where the system has no OpenBLAS, the ways that need none are still compared.
    assert variants_disagreements(RECORD, RECORD.variants[:5]) == []


@pytest.mark.parametrize(
    ("number", "fields", "says"),
    [
        (4, {"alone": True}, "left outside: alone is True"),
        (0, {"alone": False}, "carried whole: alone is False"),
        (7, {"private": False}, "static and private: private is False"),
        (5, {"sbom": False}, "Debian's, carried whole: sbom is False"),
        (5, {"libraries": ("libopenblasp",)}, r"libraries is \('libopenblasp',\)"),
        (5, {"wheel": RECORD.variants[5].wheel // 2}, r"Debian's, carried whole: wheel is \d\.\d\d of the first row's"),
        (6, {"unpacked": RECORD.variants[6].unpacked * 2}, "Debian's, linked statically: unpacked is "),
        (2, {"wheel": RECORD.variants[0].wheel - 1}, "by wheel, the smallest first"),
        (1, {"tag": "manylinux_2_17_x86_64"}, "the tag is manylinux_2_17_x86_64, and the files need glibc 2"),
        (1, {"tag": "linux_x86_64"}, "the tag is linux_x86_64"),
        (3, {"name": "another"}, "the record has"),
    ],
)
def test_a_verdict_that_changed_is_named(number, fields, says):
    found = variants_disagreements(RECORD, changed(number, **fields))
    with pytest.raises(AssertionError, match=says):
        raise AssertionError("\n".join(found))


def test_a_time_or_a_few_bytes_are_no_verdict():
    other = [dataclasses.replace(one, time=9.0, wheel=one.wheel * 11 // 10) for one in RECORD.variants]
    assert variants_disagreements(RECORD, tuple(other)) == []
    newer = [dataclasses.replace(one, tag="manylinux_2_38_x86_64", floor="2.38") for one in RECORD.variants]
    assert variants_disagreements(RECORD, tuple(newer)) == []


def test_ways_that_cannot_be_built_are_named(monkeypatch):
    monkeypatch.setattr(workshop, "static_library", lambda: None)
    ways, missing = workshop.possible()
    assert [way.name for way in ways] == [way.name for way in workshop.WAYS if way.name.startswith("PyPI's")]
    assert all(way.name in missing for way in workshop.WAYS if way.name.startswith("Debian's"))
    assert "apt install libopenblas-dev" in missing


def test_table():
    figures = {"wheel": 84200, "unpacked": 239_999, "tag": "manylinux_2_34_x86_64", "floor": "2.34", "time": 0.996}
    outside = dataclasses.replace(RECORD.variants[4], **figures)
    record = variants.VariantsRecord("2026-01-02", "a machine", (outside,))
    head, titles, row, risk = record.table().splitlines()
    assert str(record) == record.table()
    assert head == "built on 2026-01-02 on a machine"
    assert titles.split() == ["wheel", "unpacked", "tag", "floor", "alone", "private", "SBOM", "time"]
    assert row.startswith("PyPI's, left outside  ")
    assert len(row) == len(titles)
    assert row.split()[3:] == ["0.08", "MB", "0.2", "MB", "manylinux_2_34", "2.34", "no", "no", "no", "1.00"]
    assert risk.startswith("    its users need scipy-openblas32")
    untimed = dataclasses.replace(record, variants=(dataclasses.replace(outside, time=None),))
    assert untimed.table().splitlines()[2].split()[-1] == "-"


@pytest.mark.variants
def test_builds_made_anew_agree_with_the_record(tmp_path):
    ways, missing = workshop.possible()
    # CI installs the library and sets the variable, so that its absence cannot go unseen there.
    assert not (missing and os.environ.get("WHEEL_LAB_EXPECT_SYSTEM_OPENBLAS") == "1"), missing
    if missing:
        print(missing)
    fresh = workshop.Workshop(tmp_path).build_all(ways)
    print(dataclasses.replace(RECORD, where="this machine, today", variants=fresh))
    assert variants_disagreements(RECORD, fresh) == []
