"""Wheels for the doctor: sound ones, and ones with a single defect, written byte by byte."""

from pathlib import Path

from hostile_zip import Entry, sha256, write_zip

NAME = "tiny-1.0-py3-none-any.whl"
FIELDS = "Metadata-Version: 2.4\nName: tiny\nVersion: 1.0\n"


def info_of(name: str) -> str:
    """Return the folder that a file's name asks for."""
    return "-".join(name.split("-")[:2]) + ".dist-info"


def make(
    folder: Path,
    *entries: Entry,
    name: str = NAME,
    info: str | None = None,
    fields: str = FIELDS,
    more: str = "",
    wheel: str | bytes | None = None,
    change: dict[str, Entry | None] | None = None,
    rows: tuple[str, ...] = (),
    leave: tuple[str, ...] = (),
    **around: bytes,
) -> Path:
    """Write a wheel that is sound but for what is asked.

    `entries` are further members, listed in RECORD unless they have no header in the directory. `more` are further
    fields of METADATA, and `wheel` is the content of WHEEL. `change` replaces (or, with None, leaves out) a member
    by its name, without the folder. `rows` are further rows of RECORD, and `leave` names rows that it does not
    have.
    """
    info = info or info_of(name)
    tag = "-".join(name.removesuffix(".whl").split("-")[-3:])
    default = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    content = default if wheel is None else wheel
    parts = {
        "tiny.py": Entry("tiny.py", b"ANSWER = 42\n"),
        "METADATA": Entry(f"{info}/METADATA", (fields + more).encode()),
        "WHEEL": Entry(f"{info}/WHEEL", content if isinstance(content, bytes) else content.encode()),
        "licenses/LICENSE": Entry(f"{info}/licenses/LICENSE", b"Do as you like.\n"),
    }
    whole = [*entries, *((change or {}).get(key) or part for key, part in parts.items())]
    names = {one.name if isinstance(one.name, str) else one.name.decode("cp437"): one for one in whole if one.listed}
    listed = [f'"{key}",{sha256(one.data)},{len(one.data)}' for key, one in names.items() if not key.endswith("/")]
    listed = [row for row in listed if not any(row.startswith(f'"{one}"') for one in leave)]
    own = [] if f"{info}/RECORD" in leave else [f"{info}/RECORD,,"]
    record = "\n".join([*listed, *rows, *own, ""])
    parts["RECORD"] = Entry(f"{info}/RECORD", record.encode())
    chosen = {**parts, **(change or {})}
    return write_zip(folder / name, [*entries, *(one for one in chosen.values() if one is not None)], **around)
