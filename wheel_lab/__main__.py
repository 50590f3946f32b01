"""The command ``wheel-lab``, the same as ``python -m wheel_lab``.

``doctor`` examines wheels. Judged so far is whether the package index will take them, as far as the file itself shows
that; whether a wheel keeps what its name promises and will import is not judged yet. The status is 0 without an error,
1 with errors, 2 for wrong arguments and for files that are no wheels or reach a limit; of several files the highest.
"""

import argparse
import sys
from collections.abc import Sequence

from wheel_lab import __version__

__all__ = ["main", "make_parser"]

JUDGED = """
Judged so far: will the package index take the file, as far as the file itself shows that. Not judged yet: whether it
keeps what its name promises, and whether it will import. Nothing of the wheel is run.

Exit status: 0 no error, 1 errors, 2 wrong arguments, no wheel, or a limit reached; of several files the highest.
"""


def _codes(text: str) -> list[str]:
    """Take codes apart that are joined by commas."""
    return [code.strip().upper() for code in text.split(",") if code.strip()]


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
    doctor.add_argument("files", nargs="*", metavar="FILE", help="a wheel, or a pattern such as dist/*.whl")
    doctor.add_argument("--json", action="store_true", help="print JSON, of schema 1")
    doctor.add_argument("--format", choices=("text", "github"), default="text", help="text, or GitHub's annotations")
    doctor.add_argument(
        "--ignore",
        type=_codes,
        action="extend",
        default=[],
        metavar="CODE",
        help="leave findings out, such as I402 or I402,I501; the verdict stays; may be given several times",
    )
    doctor.add_argument("--strict", action="store_true", help="warnings count as errors for the exit status")
    doctor.add_argument(
        "--explain", type=_codes, metavar="CODE", help="explain a rule, such as I101, and examine nothing"
    )
    doctor.add_argument("--version", action="version", version=f"wheel-lab {__version__}")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these arguments, by default the process's own, and return its exit status."""
    parser = make_parser()
    options = parser.parse_args(arguments)
    # Imported late, so that --help and --version answer at once.
    from wheel_lab.doctor import command

    return command.run(options, parser.error)


if __name__ == "__main__":
    sys.exit(main())
