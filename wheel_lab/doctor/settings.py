"""What may be set in ``[tool.wheel-lab.doctor]`` of ``pyproject.toml``; an option on the command line wins."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wheel_lab.doctor.findings import RULES
from wheel_lab.members import shown

__all__ = ["DEFAULTS", "FORMATS", "SettingsError", "codes", "find_settings", "memory", "output", "platform", "seconds"]

FORMATS = ("text", "json", "github", "gitlab")
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
PLATFORM = re.compile(
    r"any|linux_\w+|manylinux(1|2010|2014|_\d+_\d+)_[a-z]\w+|musllinux_\d+_\d+_[a-z]\w+|macosx_\d+_\d+_\w+"
    r"|win32|win_(amd64|arm64|ia64)|android_\d+_\w+|ios_\d+_\d+_\w+|(py)?emscripten_\d+_\d+(_\d+)?_wasm32"
    r"|pyodide_\d+_\d+_wasm32"
)
DEFAULTS: dict[str, Any] = {
    "ignore": [], "strict": False, "policy": None, "deep": False, "format": "text", "time": 30.0, "memory": 1 << 30,
}  # fmt: skip


class SettingsError(ValueError):
    """A setting or an option does not hold what it should."""


def codes(value: object) -> list[str]:
    """Take codes apart that are joined by commas, or given as a list, and look whether there are such rules."""
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(one, str) for one in words):
        raise SettingsError("a list of codes is wanted, such as I402")
    found = [one.strip().upper() for one in words if one.strip()]
    for code in found:
        if code not in RULES:
            raise SettingsError(f"there is no rule {shown(code)}")
    return found


def platform(value: object) -> str:
    """Check a platform tag to judge against."""
    if not isinstance(value, str) or not PLATFORM.fullmatch(value):
        raise SettingsError(f"{shown(str(value))} is no platform tag, such as manylinux_2_28_x86_64")
    return value


def seconds(value: object) -> float | None:
    """Read a time in seconds; 0 is no limit."""
    try:
        found = float(value) if isinstance(value, int | float | str) else -1
    except ValueError:
        found = -1
    if isinstance(value, bool) or not 0 <= found < float("inf"):
        raise SettingsError(f"{shown(str(value))} is no time in seconds, such as 30")
    return found or None


def memory(value: object) -> int | None:
    """Read an amount of memory: a number of bytes, or one with K, M or G; 0 is no limit."""
    match = re.fullmatch(r"(\d{1,15})([KMG]?)", str(value).strip().upper(), re.ASCII)
    if match is None:
        raise SettingsError(f"{shown(str(value))} is no amount of memory, such as 1G or 512M")
    return int(match[1]) * UNITS[match[2]] or None


def _switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise SettingsError("true or false is wanted")
    return value


def output(value: object) -> str:
    """Check the form of what is printed."""
    if value not in FORMATS:
        raise SettingsError(f"{shown(str(value))} is none of {', '.join(FORMATS)}")
    return str(value)


READERS: dict[str, Callable[[object], object]] = {
    "ignore": codes, "strict": _switch, "policy": platform, "deep": _switch, "format": output, "time": seconds,
    "memory": memory,
}  # fmt: skip


def find_settings(folder: Path) -> dict[str, Any]:
    """Return the settings that hold in a folder: of the first ``pyproject.toml`` from there upwards that has any.

    Raises
    ------
    SettingsError
        The file cannot be read, or it sets something that there is not, or sets it to what it cannot be.
    """
    for place in (folder, *folder.parents):
        file = place / "pyproject.toml"
        try:
            # Most projects set nothing here, and a file that does not speak of the tool is not the tool's to judge.
            text = file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            raise SettingsError(f"{shown(str(file))}: {shown(str(error))}") from None
        if "wheel-lab" not in text:
            continue
        try:
            table = tomllib.loads(text).get("tool", {}).get("wheel-lab", {}).get("doctor")
        except (ValueError, AttributeError) as error:
            raise SettingsError(f"{shown(str(file))}: {shown(str(error))}") from None
        if table is not None:
            return _read(table, file)
    return {}


def _read(table: object, file: Path) -> dict[str, Any]:
    where = f"{shown(str(file))}: [tool.wheel-lab.doctor]"
    if not isinstance(table, dict):
        raise SettingsError(f"{where} is no table")
    found = {}
    for key, value in table.items():
        if key not in READERS:
            raise SettingsError(f"{where} has {shown(key)}, and there is only {', '.join(READERS)}")
        try:
            found[key] = READERS[key](value)
        except SettingsError as error:
            raise SettingsError(f"{where} {key}: {error}") from None
    return found
