"""The records: what was measured or run on another machine, kept as JSON beside the module that reads it.

Each record is a frozen dataclass, and its file holds the same fields. `cattrs` turns one into the other.
"""

import json
from pathlib import Path
from typing import TypeVar

import cattrs
from cattrs.errors import CattrsError

__all__ = ["load", "parse", "save"]

T = TypeVar("T")
# A field that the dataclass does not have is a mistake in the file, not something to pass over.
_CONVERTER = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)


def load(kind: type[T], path: Path) -> T:
    """Read the record in `path` as a dataclass of that `kind`.

    Raises
    ------
    FileNotFoundError
        There is no such record.
    ValueError
        The file holds something else: a field is missing, unknown, or of another type.
    """
    return parse(kind, json.loads(path.read_text(encoding="utf-8")))


def parse(kind: type[T], table: object) -> T:
    """Turn what stands in a record's file into a dataclass of that `kind`; raises ValueError as :func:`load` does."""
    try:
        return _CONVERTER.structure(table, kind)
    except (AttributeError, KeyError, TypeError, ValueError, CattrsError) as error:
        raise ValueError(f"this is not a record of the form {kind.__name__}: {error}") from error


def save(record: object, path: Path) -> None:
    """Write a record, a value a line, so that a change can be read in a diff."""
    path.write_text(json.dumps(_CONVERTER.unstructure(record), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
