"""RECORD, held against the archive: rules I402 to I406, and I120 for members that cannot be unpacked.

The index compares names and nothing else, and pip and uv install a file whose hash is wrong. `wheel` and, when it is
asked to, `installer` compare hashes, and refuse such a file.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from wheel_lab.archive import SIGNATURES
from wheel_lab.distinfo import Row, has_hash
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found_in
from wheel_lab.members import Member, MemberProblem
from wheel_lab.wheelfile import noted

__all__ = ["STRONG", "find_in_contents", "find_in_names"]

# "sha256 or better" of the hashes that each Python has, and whose length is their own.
STRONG = {"sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"}
Case = Mapping[str, str]


def find_in_names(contents: Contents) -> Iterator[Finding]:
    """Compare the names in RECORD with those in the archive, as the index does: folders are no members."""
    source, file, info, rows = contents.source, contents.file, contents.info, contents.rows
    name = f"{info}/RECORD"
    bad = ({"member": name, "subject": row.name, "where": f"malformed: {row.error}"} for row in rows if row.is_nameless)
    yield from found_in("I402", bad, file=file)
    listed = dict.fromkeys(row.name for row in rows if not row.is_nameless)
    left_out = {f"{info}/{signature}" for signature in SIGNATURES}
    there = dict.fromkeys(member.name for member in source.members if not member.name.endswith(("/", "\\")))
    lost = [one for one in listed if one not in there]
    new = [one for one in there if one not in listed and one not in left_out]
    yield from found_in(
        "I402", ({"member": one, "where": "in RECORD, but not in the archive"} for one in lost), file=file
    )
    yield from found_in(
        "I402", ({"member": one, "where": "in the archive, but not in RECORD"} for one in new), file=file
    )


def find_in_contents(contents: Contents, told: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Compare the hash and the size of each member with its row, and try whether it can be unpacked.

    The compiled files are read first: the door keeps the hash of what is read for its own sake.

    Parameters
    ----------
    contents
        The wheel.
    told
        Names of members of which another rule says why they cannot be unpacked.

    Raises
    ------
    WheelError
        A limit is reached.
    """
    source, info, file = contents.source, contents.info, contents.file
    own, by_name = f"{info}/RECORD", {row.name: row for row in contents.rows if not row.is_nameless}
    _ = contents.binaries
    bad: list[Case] = []
    differing: list[Case] = []
    damaged: list[MemberProblem] = []
    weak: Counter[str] = Counter()
    for member in source.members:
        if member.is_dir:
            continue
        row = None if source.find(member.name) is not member else by_name.get(member.name)
        # With RECORD's own row nothing is compared: no file can hold its own hash.
        sound = _read(contents, member, None if member.name == own else row, differing, damaged)
        if row is not None and sound and (problem := _problem(row, is_record=member.name == own)):
            bad.append({"member": member.name, "subject": own, "problem": problem})
        elif row is not None and row.entry is not None and row.entry.hash_ is not None:
            weak[row.entry.hash_.name] += row.entry.hash_.name not in STRONG
    told |= {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    lost = ({"member": one.member, "problem": one.message} for one in damaged if one.member not in told)
    yield from found_in("I120", lost)
    yield from found_in("I404", differing, file=file)
    counted = ({"subject": name, "count": f"{count:,}"} for name, count in sorted(weak.items()) if count)
    yield from found_in("I405", counted, member=own, file=file)
    yield from found_in("I406", bad, file=file)


def _read(
    contents: Contents, member: Member, row: Row | None, differing: list[Case], damaged: list[MemberProblem]
) -> bool:
    """Unpack a member, compare it with its row, and tell whether it could be unpacked."""
    source = contents.source
    entry = row.entry if row is not None else None
    problems: list[MemberProblem] = []
    with noted(problems):
        if entry is not None and entry.hash_ is not None and entry.hash_.name in STRONG:
            same = has_hash(source, member, entry.hash_)
        else:
            same = True
            if source.hashes is None or member.index not in source.hashes:
                for _ in source.chunks(member):
                    pass
        what = "content" if not same else "size" if entry and entry.size not in (None, member.size) else ""
        if what:
            differing.append({"member": member.name, "what": what})
    damaged += (one for one in problems if one.kind == "damaged")
    return not problems


def _problem(row: Row, is_record: bool) -> str:
    """Say what is wrong with a row of RECORD whose file is in the archive; "" when nothing is."""
    if row.entry is None:
        return row.error
    has = row.entry.hash_ is not None, row.entry.size is not None
    if is_record:
        return "there is a hash or a size, and no file can hold its own" if any(has) else ""
    return {(False, False): "there is no hash and no size", (False, True): "there is no hash",
            (True, False): "there is no size", (True, True): ""}[has]  # fmt: skip
