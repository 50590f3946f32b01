"""The one codec of the records: what is written is read again, and what does not belong there is refused."""

from dataclasses import dataclass

import pytest

from wheel_lab.lab import automation, manylinux, records, systems, variants


@dataclass(frozen=True)
class Inner:
    word: str
    number: float | None


@dataclass(frozen=True)
class Outer:
    date: str
    pairs: tuple[tuple[str, str], ...]
    inner: tuple[Inner, ...]
    texts: dict[str, str]


OUTER = Outer("2026-01-02", (("a", "b"), ("c", "d")), (Inner("é", 0.5), Inner("f", None)), {"script": "output\n"})


def test_what_is_saved_is_loaded(tmp_path):
    path = tmp_path / "record.json"
    records.save(OUTER, path)
    assert records.load(Outer, path) == OUTER
    assert "é" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "table",
    [
        {"date": "2026-01-02", "pairs": [], "inner": []},
        {"date": "2026-01-02", "pairs": [], "inner": [], "texts": {}, "news": 1},
        {"date": "2026-01-02", "pairs": [], "inner": [{"word": "x"}], "texts": {}},
        {"date": "2026-01-02", "pairs": [["only one"]], "inner": [], "texts": {}},
        [],
        None,
    ],
)
def test_another_form_is_refused(table):
    with pytest.raises(ValueError, match="not a record of the form Outer"):
        records.parse(Outer, table)


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (automation.AutomationRecord, automation.RECORD),
        (systems.SystemsRecord, systems.RECORD),
        (variants.VariantsRecord, variants.RECORD),
        (manylinux.ImageRecord, manylinux.RECORD),
    ],
)
def test_the_committed_records_are_written_as_they_are_read(kind, path, tmp_path):
    records.save(records.load(kind, path), tmp_path / path.name)
    assert (tmp_path / path.name).read_text(encoding="utf-8") == path.read_text(encoding="utf-8")
