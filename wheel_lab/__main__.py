"""The command ``wheel-lab``, the same as ``python -m wheel_lab``.

``doctor`` examines wheels: will the package index take them, do they keep what their names promise, and will they
import? The status is 0 without an error, 1 with errors, 2 for wrong arguments and for files that are no wheels or reach
a limit; of several files the highest.
"""

import argparse
import os
import sys
from collections.abc import Sequence

from wheel_lab import __version__

__all__ = ["main", "make_parser"]

CLOSED = 141  # the exit status of a program that wrote into a closed pipe, as a shell gives it

JUDGED = """
Will the package index take the file, does it keep what its name promises, and will it import? Each is answered as far
as the file itself shows that: nothing of the wheel is run.

Settings with the names of these options may stand in pyproject.toml, in [tool.wheel-lab.doctor].

Exit status: 0 no error, 1 errors, 2 wrong arguments, no wheel, or a limit reached; of several files the highest.
"""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the command's arguments."""
    parser = argparse.ArgumentParser(prog="wheel-lab", description="What is wrong with a Python wheel, and what to do.")
    parser.add_argument("--version", action="version", version=f"wheel-lab {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    doctor = commands.add_parser(
        "doctor",
        help="examine wheels",
        description="Examine wheels: a verdict, the causes, and the fixes.",
        epilog=JUDGED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = doctor.add_argument
    add("files", nargs="*", metavar="FILE", help="a wheel, a source distribution, or a pattern such as dist/*")
    form = doctor.add_mutually_exclusive_group()
    form.add_argument("--format", metavar="FORM", help="text (the default), json, github or gitlab")
    form.add_argument("--json", action="store_const", dest="format", const="json", help="the same as --format json")
    add(
        "--ignore",
        action="append",
        metavar="CODE",
        help="leave findings out, such as I402 or I402,I501; the verdict stays; may be given several times",
    )
    add("--strict", action=argparse.BooleanOptionalAction, help="warnings count as errors for the exit status")
    add(
        "--policy",
        metavar="TAG",
        help="judge against this platform tag, such as manylinux_2_28_x86_64, instead of those in the file's name",
    )
    add(
        "--deep", action=argparse.BooleanOptionalAction, help="do what takes long as well, such as to read machine code"
    )
    add(
        "--time",
        metavar="SECONDS",
        help="of the processor, that one file may take, by default 30; 0 is no limit",
    )
    add("--memory", metavar="SIZE", help="what one file may take on Linux, by default 1G; 0 is no limit")
    add(
        "--no-child",
        action="store_false",
        dest="child",
        help="work in this process, where the limit of memory does not hold (on Linux a child process works)",
    )
    add(
        "--explain",
        action="extend",
        nargs="+",
        metavar="CODE",
        help="explain rules, such as I101, and examine nothing",
    )
    add("--schema", action="store_true", help="print the JSON Schema of the reports, and examine nothing")
    add("--version", action="version", version=f"wheel-lab {__version__}")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, by default the process's own, and return its exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    # Imported late, so that --help and --version answer at once.
    from wheel_lab.doctor import command

    try:
        status = command.run(options, parser.error)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader wants no more, as head does. Python flushes once more at its end, and must not fail there.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = CLOSED
    return status


if __name__ == "__main__":
    sys.exit(main())
