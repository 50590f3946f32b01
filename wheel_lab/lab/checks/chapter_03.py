"""The exercises of chapter 3, Open the wheel: a line of RECORD, altered files, a RECORD to fix, a wheel by hand."""

import base64
import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

from wheel_lab import archive
from wheel_lab.lab.checks import NotYet, compare, exercise, reset, solution

__all__ = [
    "changed_files",
    "compare",
    "complete_record",
    "own_wheel",
    "record_line",
    "reset",
    "solution",
    "suspect",
]

PATH, GREETING = "example_pkg/greeting.txt", "Grüße aus dem Labor\n"
ALTERED, UNLISTED = "packaging/_musllinux.py", "packaging/_hook.py"
NOTICE = "septembrse-0.0.0.dist-info/licenses/NOTICE"
OWN = "field_notes-2.0-py3-none-any.whl"
INFO = "field_notes-2.0.dist-info"
TRY = "import field_notes; print(field_notes.words('a wheel is a zip archive'), field_notes.words(''))"


# --- a line of RECORD ------------------------------------------------------------------------------------------------


@exercise("that is the line of RECORD for the greeting")
def record_line(line: object) -> None:
    """Compute the line of RECORD for a text file."""
    if line is None:
        raise NotYet("the line is still None")
    if not isinstance(line, str):
        raise NotYet("the line should be a text: put the three fields into one string")
    fields = line.strip().split(",")
    if len(fields) != 3:
        raise NotYet("a line has three fields, with a comma between them: path, hash, size")
    path, hashed, size = fields
    if path != PATH:
        raise NotYet("the first field is the path inside the wheel, folder and name")
    if not hashed.startswith("sha256="):
        raise NotYet("the second field begins with the name of the method: sha256=")
    _digest(hashed.removeprefix("sha256="))
    if size == str(len(GREETING)):
        raise NotYet("the hash is right; the size counts bytes, and this text has more of them than characters")
    if size != str(len(GREETING.encode())):
        raise NotYet("the hash is right; the size is not the number of bytes")


def _digest(text: str) -> None:
    """Raise when this is not the greeting's digest as RECORD writes it."""
    digest = hashlib.sha256(GREETING.encode()).digest()
    if re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise NotYet("that digest is in hexadecimal form; RECORD has it in base64, made from .digest()")
    if text.endswith("="):
        raise NotYet("the = at the end of the base64 text has to go")
    if text == base64.b64encode(digest).decode().rstrip("="):
        raise NotYet("that is plain base64, with + or / in it; take the variant that is safe in URLs")
    if text != base64.urlsafe_b64encode(digest).decode().rstrip("="):
        raise NotYet("that is the hash of something else; hash the bytes of the greeting in UTF-8, and nothing more")


# --- altered files ---------------------------------------------------------------------------------------------------


def suspect() -> Path:
    """Write a wheel of `packaging` with one file altered and one added, and return its path."""
    (good,) = Path("fetched").glob("packaging-*.whl")
    there = Path("suspect", good.name)
    there.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(there, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            content = source.read(member)
            if member.filename == ALTERED:
                content += b"\n"
            target.writestr(member, content)
            if member.filename == ALTERED:
                target.writestr(UNLISTED, "import os\n")
    return there


@exercise("you found the file that was altered, and the one that was added")
def changed_files(altered: object, unlisted: object) -> None:
    """Find the file that is not what RECORD says, and the one that RECORD does not list."""
    if altered is None and unlisted is None:
        raise NotYet("both names are still None")
    with zipfile.ZipFile(suspect()) as source:
        names = source.namelist()
    for name in (altered, unlisted):
        if name is not None and (not isinstance(name, str) or name not in names):
            raise NotYet("give each name as one text, just as the archive has it, with its folder")
    if (altered, unlisted) == (UNLISTED, ALTERED):
        raise NotYet("those are the two; but which of them does RECORD list?")
    if altered is None or unlisted is None:
        raise NotYet("one of the two names is still None: a program that stops at the first fault shows only one")
    if altered != ALTERED:
        raise NotYet("the content of the first one is just what RECORD says")
    if unlisted != UNLISTED:
        raise NotYet("the second one is listed in RECORD")


# --- a RECORD to fix -------------------------------------------------------------------------------------------------


@exercise("the wheel has its NOTICE, and RECORD lists every file")
def complete_record() -> None:
    """Give a wheel to which a file was added a RECORD that lists it."""
    made = sorted(Path("fixed").glob("*.whl"))
    if len(made) != 1:
        raise NotYet("there should be one wheel in the folder fixed" + (", and there are several" if made else ""))
    (late,) = Path("late").glob("*.whl")
    if made[0].name != late.name:
        raise NotYet("the wheel in the folder fixed has another name than the one in late")
    try:
        wanted, found = _contents(late), _contents(made[0])
        result = archive.check_record(made[0])
    except (ValueError, zipfile.BadZipFile):
        raise NotYet("the file in the folder fixed cannot be read as a wheel") from None
    if NOTICE not in found:
        raise NotYet("that wheel has lost the NOTICE; begin with the one in the folder late")
    if found != wanted:
        raise NotYet("the files besides RECORD should be those of the wheel in late, and they are not")
    if NOTICE in result.unlisted:
        raise NotYet("RECORD does not list the NOTICE yet; something has to write RECORD anew")
    if not result.holds:
        raise NotYet("RECORD does not hold yet: archive.check_record says why")


def _contents(wheel: Path) -> dict[str, bytes]:
    """Return what is in the files of a wheel, without RECORD and the folders."""
    with zipfile.ZipFile(wheel) as source:
        files = [name for name in source.namelist() if not name.endswith(("/", ".dist-info/RECORD"))]
        return {name: source.read(name) for name in files}


# --- a wheel by hand -------------------------------------------------------------------------------------------------


@exercise("pip installed your wheel, and Python imported what is in it")
def own_wheel() -> None:
    """Write a wheel by hand that pip installs and Python imports."""
    wheel = Path(OWN)
    if not wheel.is_file():
        others = [path.name for path in Path().glob("field*.whl")]
        if any(name.startswith("field-notes") for name in others):
            raise NotYet("in a file name, the dash of field-notes becomes an underscore")
        if others:
            raise NotYet("there is a wheel, but its name is not that of version 2.0 for any Python 3 and any system")
        raise NotYet("there is no such wheel yet in the folder that you are in")
    try:
        with zipfile.ZipFile(wheel) as source:
            texts = {name: source.read(name).decode("utf-8", "replace") for name in source.namelist()}
    except (zipfile.BadZipFile, OSError):
        raise NotYet("the file is there, and it is not a zip archive, or it was not closed") from None
    for name in ("METADATA", "WHEEL", "RECORD"):
        if f"{INFO}/{name}" not in texts:
            raise NotYet(f"the archive has no {name} in the .dist-info folder of version 2.0, named like the file")
    _metadata(Parser().parsestr(texts[f"{INFO}/METADATA"]))
    _wheel(Parser().parsestr(texts[f"{INFO}/WHEEL"]))
    if "field_notes.py" not in texts and "field_notes/__init__.py" not in texts:
        raise NotYet("the archive has no module field_notes")
    _record(wheel)
    _install()


def _metadata(metadata: Message) -> None:
    if "Metadata-Version" not in metadata:
        raise NotYet("METADATA has no Metadata-Version")
    if re.sub(r"[-_.]+", "-", str(metadata["Name"])).lower() != "field-notes":
        raise NotYet("METADATA should have the Name of the distribution")
    if metadata["Version"] != "2.0":
        raise NotYet("METADATA should have the same Version as the file's name")


def _wheel(message: Message) -> None:
    if message["Wheel-Version"] != "1.0":
        raise NotYet("WHEEL should begin with the version of the format, Wheel-Version: 1.0")
    if message.get_all("Tag") != ["py3-none-any"]:
        raise NotYet("the Tag in WHEEL should be that of the file's name")
    if message["Root-Is-Purelib"] != "true":
        raise NotYet("WHEEL should say Root-Is-Purelib: true, for there is no machine code inside")


def _record(wheel: Path) -> None:
    try:
        result = archive.check_record(wheel)
    except ValueError:
        raise NotYet("RECORD cannot be read: each line has a path, a hash and a size") from None
    if result.unlisted:
        raise NotYet("a file in the archive is not in RECORD; RECORD lists itself, too")
    if result.absent:
        raise NotYet("RECORD lists a file that is not in the archive")
    if result.altered:
        raise NotYet("a hash or a size in RECORD is wrong")
    if result.malformed:
        raise NotYet("a line of RECORD has no proper hash and size, or RECORD has a hash of itself")


def _install() -> None:
    with tempfile.TemporaryDirectory() as site:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, OWN]
        if subprocess.run(pip, capture_output=True, stdin=subprocess.DEVNULL).returncode:
            raise NotYet("pip does not install it; try it in a cell, and read what pip says")
        code = f"import sys; sys.path.insert(0, {site!r}); {TRY}"
        python = [sys.executable, "-I", "-c", code]
        done = subprocess.run(python, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise NotYet("pip installs it, but Python cannot import the module and call words")
    if done.stdout.split() != ["6", "0"]:
        raise NotYet("words does not count right; try it with 'a wheel is a zip archive', which has 6, and with ''")
