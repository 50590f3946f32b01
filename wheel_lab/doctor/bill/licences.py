"""What a wheel owes to the authors of what it carries: rules B301 to B305.

Which licence a library has is said as far as it is publicly known for the library in general. What a wheel's licence
texts say is not judged: only whether one of them mentions the library by a name that its authors use.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from wheel_lab.doctor.bill.rules import MIB
from wheel_lab.doctor.bill.size import counted, named
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found, found_in
from wheel_lab.members import Member, MemberProblem, shown
from wheel_lab.wheelfile import noted

__all__ = ["carried_libraries", "find_in_licences"]

LIBRARY = re.compile(r"\.(so|dll|dylib)$|\.so\.[\d.]+$")
# Where auditwheel, delvewheel and delocate put libraries, and the hash that the first two write into a name.
GRAFTED = re.compile(r"(^|/)([^/]+\.libs|\.dylibs|[^/]+\.dylibs|\.libs)/")
HASHED = re.compile(r"-(?:[0-9a-f]{8}|[0-9a-f]{32})(?=[.-]|$)")
TEXT = re.compile(r"(?i)licen[sc]e|copying|copyright|notice|authors|third.?party|3rd.?party|credits")
NO_TEXT = re.compile(r"\.(py|pyi|pyc|so|pyd|dll|dylib|h|c|png|svg|json)$|/$")
WORDS = "[a-z][a-z+]+", "[a-z][a-z0-9+]+"
# Bytes that are read of a licence text or an SBOM, and of all; and characters of a library's name. Words take memory.
LONGEST, MOST, NAME = 4 * MIB, 8 * MIB, 80
GCC = "GPL-3.0-or-later WITH GCC-exception-3.1"
LGPL, LGPL3 = "LGPL-2.1-or-later", "LGPL-3.0-or-later"
# Licences that ask for more than to be mentioned, by the library's name without lib, version and hash: what each
# project's own licence files said on 2026-08-21.
COPYLEFT = {
    "asound": LGPL, "avcodec": LGPL, "avdevice": LGPL, "avfilter": LGPL, "avformat": LGPL, "avutil": LGPL,
    "swresample": LGPL, "swscale": LGPL, "cairo": "LGPL-2.1 OR MPL-1.1", "cholmod": LGPL, "fftw": "GPL-2.0-or-later",
    "fribidi": LGPL, "gcrypt": LGPL, "geos": LGPL, "geos_c": LGPL, "gio": LGPL, "glib": LGPL, "gmodule": LGPL,
    "gobject": LGPL, "gthread": LGPL, "gmp": "LGPL-3.0-or-later OR GPL-2.0-or-later", "gmpxx": "LGPL-3.0-or-later OR "
    "GPL-2.0-or-later", "glpk": "GPL-3.0-or-later", "gnutls": LGPL, "gpg-error": LGPL, "gsl": "GPL-3.0-or-later",
    "hogweed": "LGPL-3.0-or-later OR GPL-2.0-or-later", "nettle": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "iconv": LGPL, "idn": "LGPL-3.0-or-later OR GPL-2.0-or-later", "intl": LGPL, "keyutils": LGPL,
    "ltdl": LGPL, "mariadb": LGPL, "mpc": LGPL3, "mpfi": LGPL, "mpfr": LGPL3, "mp3lame": LGPL, "numa": LGPL,
    "pango": LGPL, "pulse": LGPL, "quadmath": LGPL, "readline": "GPL-3.0-or-later", "sndfile": LGPL, "systemd": LGPL,
    "umfpack": "GPL-2.0-or-later", "unistring": "LGPL-3.0-or-later OR GPL-2.0-or-later", "usb": LGPL,
    "x264": "GPL-2.0-or-later", "x265": "GPL-2.0-or-later",
    "gcc_s": GCC, "gfortran": GCC, "gomp": GCC, "stdc++": GCC, "atomic": GCC,
}  # fmt: skip
# Names that a licence text may use instead: the project's, where the library's differs.
ALIASES = {
    **dict.fromkeys(("gcc_s", "gfortran", "gomp", "stdc++", "atomic", "quadmath"), ("gcc",)),
    **dict.fromkeys(("avcodec", "avdevice", "avfilter", "avformat", "avutil", "swresample", "swscale"), ("ffmpeg",)),
    **dict.fromkeys(("gio", "gmodule", "gobject", "gthread"), ("glib",)),
    **dict.fromkeys(("ssl", "crypto"), ("openssl", "boringssl", "libressl")),
    **dict.fromkeys(("gssapi_krb", "krb", "krb5support", "k5crypto"), ("kerberos", "krb")),
    **dict.fromkeys(("hogweed", "nettle"), ("nettle",)), **dict.fromkeys(("cholmod", "umfpack"), ("suitesparse",)),
    "z": ("zlib",), "zstd": ("zstandard",), "bz2": ("bzip2",), "lzma": ("xz", "liblzma"), "gmpxx": ("gmp",),
    "geos_c": ("geos",), "msvcp": ("microsoft",), "vcomp": ("microsoft",),
    "vcruntime": ("microsoft",), "concrt": ("microsoft",), "omp": ("llvm", "openmp"),
    "iomp": ("intel",), "lber": ("openldap",), "ldap": ("openldap",), "sasl": ("cyrus", "sasl"),
    "selinux": ("selinux",), "jpeg": ("jpeg",), "turbojpeg": ("jpeg",),
    "sz": ("szip", "libaec"), "sharpyuv": ("webp",), "crypt": ("libxcrypt", "glibc"),
    "openjp": ("openjpeg",), "zmq": ("zeromq",), "lcms": ("cms",), "com_err": ("kerberos", "krb", "e2fsprogs"),
}  # fmt: skip


def find_in_licences(contents: Contents) -> Iterator[Finding]:
    """Hold the carried libraries against the licence texts and the SBOMs."""
    files = [member for member in contents.source.members if not member.is_dir]
    texts = [member for member in files if _is_text(member.name)]
    if not texts:
        yield found("B301")
    carried = carried_libraries(contents)
    if carried:
        yield from _without_text(carried, _words_of(contents, texts))
    folder = f"{contents.info}/sboms/"
    sboms = [member for member in files if member.name.startswith(folder)]
    problems = {member.name: problem for member in sboms if (problem := _sbom_problem(contents, member))}
    yield from found_in("B305", ({"member": name, "problem": problem} for name, problem in problems.items()))
    if carried and not sboms:
        yield found("B304", count=counted(len(carried), "library", "libraries"), info=contents.info)
    elif carried and not problems:
        names = _unmentioned(carried, _words_of(contents, sboms))
        if names:
            count = counted(len(names), "library", "libraries")
            yield found("B306", member=next(iter(names)), count=count, members=_files(names), info=contents.info)


def carried_libraries(contents: Contents) -> dict[str, str]:
    """Return what a repair put into the wheel: the member's name of each library, and the library's name.

    The library's name is without ``lib``, version and hash: ``"gfortran"`` for ``libgfortran-040039e1.so.5.0.0``.
    """
    carried = {}
    for member in contents.source.members:
        file = member.name.rpartition("/")[2]
        if LIBRARY.search(file) and (GRAFTED.search(member.name) or HASHED.search(file)):
            stem = re.split(r"\.(?:so|dll|dylib|\d)", HASHED.sub("", file))[0]
            stem = stem.lower().removeprefix("lib")
            short = re.sub(r"[-_.]*\d[\d._-]*_?$", "", stem)
            carried[member.name] = ((short if len(short) > 2 else stem) or file)[:NAME]
    return carried


def _without_text(carried: dict[str, str], words: frozenset[str] | None) -> Iterator[Finding]:
    """Find the libraries that no licence text mentions."""
    lacking = _unmentioned(carried, words)
    copyleft = {member: COPYLEFT[name] for member, name in lacking.items() if name in COPYLEFT}
    if copyleft:
        licences = "; ".join(sorted(set(copyleft.values())))
        yield found("B302", member=next(iter(copyleft)), members=_files(copyleft), licences=licences)
    others = [member for member in lacking if member not in copyleft]
    if others:
        count = counted(len(others), "library", "libraries")
        yield found("B303", member=others[0], count=count, members=_files(others))


def _unmentioned(carried: dict[str, str], words: frozenset[str] | None) -> dict[str, str]:
    """Return the libraries that are mentioned by none of the names they go by; none when the words are not known."""
    if words is None:
        return {}
    return {member: name for member, name in carried.items() if not _is_mentioned(name, words)}


def _is_mentioned(name: str, words: frozenset[str]) -> bool:
    """Look for a library's name, its project's, and long parts and beginnings of the name: brotli for brotlicommon."""
    names = {name, f"lib{name}", *ALIASES.get(name, ()), *(part for part in re.split("[^a-z]+", name) if len(part) > 3)}
    parts = {part for one in names for part in _split(one) if len(part) > 2}
    beginnings = {part[:length] for part in parts for length in range(5, len(part))}
    return not words.isdisjoint(names | parts | beginnings)


def _files(members: Iterable[str]) -> str:
    return named(PurePosixPath(member).name for member in members)


def _is_text(name: str) -> bool:
    """Tell a file that looks like a licence text: by its name, or by the folder that the format has for these."""
    if NO_TEXT.search(name):
        return False
    return TEXT.search(name.rpartition("/")[2]) is not None or ".dist-info/licenses/" in name


def _split(text: str) -> set[str]:
    """Return the words of a text in lower case, with and without the digits in them."""
    return {word for pattern in WORDS for word in re.findall(pattern, text.lower())}


def _words_of(contents: Contents, texts: list[Member]) -> frozenset[str] | None:
    """Return the words, in lower case, in the names and the contents of some texts; None when these are too large."""
    if sum(member.size for member in texts) > MOST or any(member.size > LONGEST for member in texts):
        return None
    words: set[str] = set()
    for member in texts:
        words |= _split(member.name)
        problems: list[MemberProblem] = []  # of which other rules tell
        with noted(problems):
            words |= _split(contents.source.read(member, at_most=LONGEST).decode("utf-8", "replace"))
    return frozenset(words)


def _sbom_problem(contents: Contents, member: Member) -> str:
    """Say why an SBOM cannot be read; "" when it can. Formats other than JSON are not looked into."""
    if not member.name.endswith(".json"):
        return ""
    problems: list[MemberProblem] = []
    data = b""
    with noted(problems):
        data = contents.source.read(member, at_most=LONGEST)
    if problems:
        return "" if problems[0].kind == "damaged" else problems[0].message
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        return f"is not JSON: {shown(str(error))}"
    known = isinstance(document, dict) and {"bomFormat", "spdxVersion", "@context", "SPDXID"} & document.keys()
    return "" if known else "says neither that it is CycloneDX nor that it is SPDX"
