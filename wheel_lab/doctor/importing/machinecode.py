"""Which instructions the machine code of a wheel holds: rule M308, and only when it is asked for (``--deep``).

It takes long, and capstone, which is not pure Python and therefore an extra (``pip install 'wheel-lab[deep]'``). What
it finds is a note: whether such a function is called only where the processor has what it needs, no file tells.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from wheel_lab.binaries.elf import Linkage
from wheel_lab.binaries.elffunctions import Functions, read_functions
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.doctor.importing.linking import Linking
from wheel_lab.limits import WheelError
from wheel_lab.members import shown

__all__ = ["find_in_code"]

PIECE = 1 << 20  # bytes of machine code that are taken apart in one go
NAMED, LENGTH = 3, 80  # functions that are named, those with the most such instructions; characters of a name
LONGEST = 15  # bytes of an instruction


def find_in_code(contents: Contents, linking: Linking) -> Iterator[Finding]:
    """Find files of x86-64 with instructions that not every such processor has.

    Raises
    ------
    WheelError
        capstone is not installed, or the time is over.
    """
    files = [one for one in linking.files if one.architecture == "x86_64"]
    if not files:
        return
    reader = _reader()
    cases = []
    for one in files:
        found, functions = _counted(contents, one, reader)
        if found:
            words = ", ".join(_worded(name, found[name], functions) for name in sorted(found, reverse=True))
            cases.append({"member": one.file, "subject": max(found), "words": words})
    yield from found_in("M308", cases)


def _worded(extension: str, counts: Counter[int | None], functions: Functions) -> str:
    """Say how many instructions of an extension there are, and in which functions."""
    text = f"{counts.total():,} of {extension}"
    numbers = [number for number, _ in counts.most_common() if number is not None]
    if not numbers:
        return text  # the file names none
    names = [shown(functions.name(number), LENGTH) for number in numbers[:NAMED]]
    more = [f"{len(numbers) - NAMED:,} more functions"] if len(numbers) > NAMED else []
    *several, last = [*names, *more, *(["elsewhere"] if counts[None] else [])]
    return f"{text} (in {', '.join(several)} and {last})" if several else f"{text} (in {last})"


def _reader() -> Any:
    """Return capstone's reader of x86-64, which goes on behind what is no instruction."""
    try:
        import capstone
    except ImportError:
        message = "reading machine code takes capstone, which is not installed: pip install 'wheel-lab[deep]'"
        raise WheelError(message) from None
    reader = capstone.Cs(capstone.CS_ARCH_X86, capstone.CS_MODE_64)
    reader.skipdata = True
    return reader


def _counted(contents: Contents, one: Linkage, reader: Any) -> tuple[dict[str, Counter[int | None]], Functions]:
    """Count the instructions of a file by the extension of the processor that they need, and by function."""
    counts: dict[str, Counter[int | None]] = {}
    member = contents.source.find(one.file)
    loads = [load for load in one.loads if load.executable and load.offset + load.size <= one.size]
    if member is None or not loads:
        return counts, Functions()
    with contents.source.open(member) as stream:
        functions = read_functions(stream)
        for load in loads:
            place, end = load.offset, load.offset + load.size
            while place < end:
                stream.seek(place)
                data = stream.read(min(PIECE + LONGEST, end - place))
                used, start = 0, place - load.offset + load.address
                for address, size, _, operands in reader.disasm_lite(data, 0):
                    if address >= PIECE:
                        break  # an instruction that may be cut off: the next piece begins with it
                    used = address + size
                    # The registers tell: 256 bits are AVX's, and 512 bits and masks AVX-512's.
                    if "zmm" in operands or "{k" in operands:
                        counts.setdefault("AVX-512", Counter())[functions.at(start + address)] += 1
                    elif "ymm" in operands:
                        counts.setdefault("AVX", Counter())[functions.at(start + address)] += 1
                place += used or len(data)
    return counts, functions
