"""The checks of the cases 02 to 05: the name, RECORD and the archive."""

from wheel_lab.lab.checks import NotYet, exercise
from wheel_lab.lab.checks.clinic.shared import (
    Part,
    both,
    fixed_wheel,
    healthy,
    line,
    member,
    named,
    named_first,
    number,
    word,
    works,
)

__all__ = ["cause_02", "cause_03", "cause_04", "cause_05", "fixed_02", "fixed_03", "fixed_04", "fixed_05"]

NOTES, PLAIN = "notes/__init__.py", "notes/templates/plain.txt"
EMPTY = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"  # the hash of nothing, as RECORD has it
FOLDER = "notes-1.0.dist-info/sboms/"
BILL = f"{FOLDER}notes.cdx.json"
READS = "import notes; print(notes.PLAIN)"


def _settings(look: str, *right: str) -> Part:
    """Return the part that is a list of these settings, each with or without its table, brackets and value."""
    judge = both(look, *right)

    def named_in_short(value: object) -> str | None:
        if isinstance(value, list | tuple | set):
            value = [str(one).partition("=")[0].strip(" []").rpartition(".")[2] for one in value]
        return judge(value)

    return named_in_short


CAUSES = {
    "02": {
        "member": member("which file of the wheel is only good for one system?", "tones/libtones.so"),
        "tag": word("which part of the file name lets pip install it there? Give all three tags, as in the name",
                    "py3-none-any"),
        "field": word("which line of WHEEL says that there is nothing compiled in it?",
                      "Root-Is-Purelib: true", "Root-Is-Purelib"),
    },
    "03": {
        "member": member("in which file of the wheel does each file have its line?", "notes-1.0.dist-info/RECORD"),
        "row": word("which row of it names something that is no file?",
                    FOLDER, FOLDER.rstrip("/"), f"{FOLDER},sha256={EMPTY},0"),
        "script": word("which file of the project writes to that one by itself?", "add_sbom.py", "project/add_sbom.py"),
    },
    "04": {
        "member": member("which file is in the archive more than once? List the archive's names", PLAIN),
        "settings": _settings("which two settings of pyproject.toml put that file into the wheel? Give the names "
                              "before the equals sign or in the brackets", "packages", "force-include"),
    },
    "05": {
        "members": number("how many members have what the index does not take? Look at more than the first one", 6),
        "line": line("which line of pack.py opens the archive, and on what?", "zipfile.ZipFile(sys.stdout.buffer"),
    },
}  # fmt: skip


@exercise("you named the file, the tags, and the line that goes with them")
def cause_02(cause: object) -> None:
    """Name the file, the tags that promise too much, and the line of WHEEL."""
    named(cause, CAUSES["02"])


@exercise("the wheel says where it runs, and it works there")
def fixed_02(cause: object) -> None:
    """Give the wheel a name that is true, and the WHEEL file that goes with it."""
    named_first(cause, CAUSES["02"])
    wheel = fixed_wheel("tones", "tones/libtones.so")
    healthy(wheel, "P101", "P111")
    works(wheel, "import tones; print(tones.tone(0))", "440")
    if not wheel.stem.startswith("tones-1.0-py3-none-"):
        raise NotYet("the library does not ask anything of Python: any Python 3 would do, as before")


@exercise("you named the row, its file, and the script that writes it")
def cause_03(cause: object) -> None:
    """Name the file that lists all others, the row, and the script."""
    named(cause, CAUSES["03"])


@exercise("RECORD has a line with a hash for each file, and for nothing else")
def fixed_03(cause: object) -> None:
    """Write RECORD anew, with the bill of materials in the wheel."""
    named_first(cause, CAUSES["03"])
    wheel = fixed_wheel("notes", NOTES, PLAIN, BILL)
    healthy(wheel, "I401", "I402", "I403", "I404", "I405", "I406", "I407")
    works(wheel, READS, "Dear")


@exercise("you named the file, and the two settings that put it in")
def cause_04(cause: object) -> None:
    """Name the file that is there twice, and the two settings."""
    named(cause, CAUSES["04"])


@exercise("each file is in the archive once, and the wheel works")
def fixed_04(cause: object) -> None:
    """Build the wheel so that each file is in it once."""
    named_first(cause, CAUSES["04"])
    wheel = fixed_wheel("notes", NOTES, PLAIN)
    healthy(wheel)
    works(wheel, READS, "Dear")


@exercise("you named how many members have it, and the line that makes it so")
def cause_05(cause: object) -> None:
    """Say how many members have a data descriptor, and name the line that makes them."""
    named(cause, CAUSES["05"])


@exercise("no member has its sizes behind it, and the wheel works")
def fixed_05(cause: object) -> None:
    """Write the archive as the index wants it."""
    named_first(cause, CAUSES["05"])
    wheel = fixed_wheel("notes", NOTES, PLAIN)
    healthy(wheel, "I402", "I403")
    works(wheel, READS, "Dear")
