"""The checks of the cases 01, 06, 07 and 08: a compiled file that is loaded, or is not."""

from packaging.utils import parse_wheel_filename

from wheel_lab.lab.checks import NotYet, exercise
from wheel_lab.lab.checks.clinic.shared import fixed_wheel, healthy, line, member, named, named_first, word, works

__all__ = ["cause_01", "cause_06", "cause_07", "cause_08", "fixed_01", "fixed_06", "fixed_07", "fixed_08"]

CORE = "halves/_core.abi3.so"
HALVES = "import halves; print(halves.halve(64))"
CAUSES = {
    "01": {
        "member": member("which file of the wheel does the message name?", CORE),
        "symbol": word("which name does nobody define? The message ends in it", "half", "half()"),
        "line": line(
            "that line is not the one. half.c is compiled; on which line is it lost?", "-lhalf core.c"
        ),
    },
    "06": {
        "member": member("which file of the wheel has been compiled?", "threads/_core.abi3.so"),
        "symbol": word("look at the version behind each symbol that the file asks libc for",
                       "pthread_create", "pthread_create@GLIBC_2.34"),
        "version": word("the message of the user names the version, as the file does", "GLIBC_2.34", "2.34"),
    },
    "07": {
        "member": member("which file cannot be loaded, because what it needs is not found?", CORE),
        "library": word("which library is not found?", "libhalf.so"),
        "path": word("which folder does the dynamic section of the file name, as it stands there?",
                     "$ORIGIN/../halves.libs", "[$ORIGIN/../halves.libs]"),
    },
    "08": {
        "member": member("which file of the wheel has been compiled?", CORE),
        "flags": word("which flags has the program header that is about the stack?", "RWE", "RWX", "rwe", "rwx"),
        "source": word("which of the sources says nothing about the stack? The compiler writes that line by itself",
                       "half.S", "project/half.S"),
    },
}  # fmt: skip


@exercise("you named the file, the symbol, and the line that loses it")
def cause_01(cause: object) -> None:
    """Name the file, the symbol that is undefined, and the line of ``build.sh``."""
    named(cause, CAUSES["01"])


@exercise("the wheel has the function, and it works")
def fixed_01(cause: object) -> None:
    """Build the wheel so that the function is inside."""
    named_first(cause, CAUSES["01"])
    wheel = fixed_wheel("halves", CORE)
    works(wheel, HALVES, "32.0")
    healthy(wheel)


@exercise("you named the file, the symbol, and the version that sets the floor")
def cause_06(cause: object) -> None:
    """Name the file, and the symbol that needs a newer glibc than the name promises."""
    named(cause, CAUSES["06"])


@exercise("the name promises what the file needs")
def fixed_06(cause: object) -> None:
    """Give the wheel a name that is true."""
    named_first(cause, CAUSES["06"])
    wheel = fixed_wheel("threads", "threads/_core.abi3.so")
    report = healthy(wheel, "P101")
    if any(verdict != "yes" for verdict in report.verdicts.values()):
        raise NotYet("that name says nothing about the glibc that is needed, and the index would refuse it")
    tags = {str(one) for one in parse_wheel_filename(wheel.name)[3]}
    if not all(one.startswith("cp311-abi3-") for one in tags):
        raise NotYet("the first two tags were right: any Python from 3.11 on loads it, as before")
    if "cp311-abi3-manylinux_2_34_x86_64" not in tags:
        raise NotYet("that is true, and asks for more than the file does: pip would refuse it where it works")


@exercise("you named the file, the library, and where it is looked for")
def cause_07(cause: object) -> None:
    """Name the file, the library, and the search path."""
    named(cause, CAUSES["07"])


@exercise("the library is found, wherever the wheel is installed")
def fixed_07(cause: object) -> None:
    """Let the extension find its library."""
    named_first(cause, CAUSES["07"])
    wheel = fixed_wheel("halves", CORE)
    works(wheel, HALVES, "32.0")
    healthy(wheel, "M109", "M110", "M111")


@exercise("you named the file, the flags of its stack, and the source they come from")
def cause_08(cause: object) -> None:
    """Name the file, the flags, and the source."""
    named(cause, CAUSES["08"])


@exercise("the wheel asks for no executable stack, and it works")
def fixed_08(cause: object) -> None:
    """Let the extension do without an executable stack."""
    named_first(cause, CAUSES["08"])
    wheel = fixed_wheel("halves", CORE)
    healthy(wheel)
    works(wheel, HALVES, "32.0")
