"""A sound wheel, written member by member, so that one thing of it can be spoiled before it is written.

It looks as a careful project's does after ``auditwheel repair``: a compiled module, a carried library that is renamed
and found by RPATH, the licences of both, and a RECORD that is right.
"""

import csv
import io
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hostile_zip import Entry, sha256, write_zip

NAME = "sample-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
INFO = "sample-1.0.dist-info"
PACKAGE, MODULE = "sample/__init__.py", "sample/_core.cpython-312-x86_64-linux-gnu.so"
LIBRARY = "libanswer-0f1e2d3c.so.1"
CARRIED = f"sample.libs/{LIBRARY}"
FIELDS = """\
Metadata-Version: 2.4
Name: sample
Version: 1.0
Summary: A sample
License-Expression: BSD-3-Clause
License-File: LICENSE
License-File: libanswer/COPYING
Requires-Python: >=3.12
Description-Content-Type: text/x-rst
"""
README = "A sample\n========\n\nIt answers.\n"
LICENCE = "Redistribution and use in source and binary forms are permitted.\n"
# A module that CPython imports. Its definition is written out, so that no header of Python is needed.
CODE = """\
extern void *PyModuleDef_Init(void *);
extern int answer(void);
static struct {
    long count; void *type, *init; long index; void *copy;
    const char *name, *doc; long size; void *methods, *slots, *traverse, *clear, *free;
} definition = {1, 0, 0, 0, 0, "_core", 0, 0, 0, 0, 0, 0, 0};
int used(void) { return answer(); }
__attribute__((visibility("default"))) void *PyInit__core(void) { return PyModuleDef_Init(&definition); }
"""
PUBLIC = '__attribute__((visibility("default"))) '
ANSWER = f"{PUBLIC}int answer(void) {{ return 42; }}\n"
ORIGIN = "-Wl,-rpath,$ORIGIN/../sample.libs"
SBOM = (
    '{"bomFormat": "CycloneDX", "specVersion": "1.4", "version": 1, "components": '
    '[{"type": "library", "name": "libanswer", "version": "1.0", "licenses": [{"license": {"id": "BSD-3-Clause"}}]}]}\n'
)


class Compiler:
    """The C compiler of this machine, and a folder for what it writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = shutil.which("cc") or shutil.which("gcc")
        if self.path is None:
            raise SystemExit("the wheels of the contest need a C compiler")
        self.sound = {CARRIED: self.library(), MODULE: self.module()}

    def __call__(self, code: str, *options: str, name: str = "out.so", keep: bool = False) -> bytes:
        """Compile C into a shared library and return its bytes, stripped unless they are to be kept whole."""
        source, target = self.folder / "source.c", self.folder / name
        source.write_text(code)
        command = [self.path, "-shared", "-fPIC", "-O1", "-fvisibility=hidden", *([] if keep else ["-s"])]
        subprocess.run([*command, "-o", target, source, f"-L{self.folder}", *options], check=True)
        return target.read_bytes()

    def library(self, name: str = LIBRARY, code: str = ANSWER, *options: str) -> bytes:
        """Compile a library whose own name is `name`; a later one can be linked with it by ``-l:name``."""
        return self(code, f"-Wl,-soname,{name}", *options, name=name)

    def module(self, more: str = "", *options: str, links: tuple[str, ...] = (f"-l:{LIBRARY}", ORIGIN),
               **how: Any) -> bytes:  # fmt: skip
        """Compile the module, with more code or options."""
        return self(CODE + more, "-Wl,--no-as-needed", *links, *options, **how)


@dataclass
class Sample:
    """The sound wheel, before it is written; a defect changes it.

    Attributes
    ----------
    files
        All members but those of ``.dist-info``, and the licences.
    wheel
        The lines of WHEEL.
    unlisted, rows, wrong
        Members that RECORD leaves out, rows that it has besides, and members whose hash in it is wrong.
    how
        How a member is written, by its name: keywords of `hostile_zip.Entry`.
    entries
        Members that lie first in the archive besides.
    """

    compile: Compiler
    name: str = NAME
    info: str = INFO
    fields: str = FIELDS
    readme: str = README
    wheel: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    unlisted: set[str] = field(default_factory=set)
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    wrong: set[str] = field(default_factory=set)
    without: set[str] = field(default_factory=set)
    how: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    after: bytes = b""

    def __post_init__(self) -> None:
        self.wheel = ["Wheel-Version: 1.0", "Generator: sample 1.0", "Root-Is-Purelib: false",
                      "Tag: cp312-cp312-manylinux_2_17_x86_64"]  # fmt: skip
        self.files = {
            PACKAGE: b'"""A sample."""\n',
            **self.compile.sound,
            f"{INFO}/licenses/LICENSE": LICENCE.encode(),
            f"{INFO}/licenses/libanswer/COPYING": LICENCE.replace("are", "of libanswer are").encode(),
            f"{INFO}/sboms/auditwheel.cdx.json": SBOM.encode(),
        }

    def renamed(self, *, tag: str = "", version: str = "", info: bool = True) -> None:
        """Give the file another tag or version, and with it WHEEL, METADATA and the folder."""
        if version:
            self.name = self.name.replace("-1.0-", f"-{version}-")
            self.fields = self.fields.replace("Version: 1.0\n", f"Version: {version}\n")
            if info:
                self.files = {name.replace("-1.0.", f"-{version}."): data for name, data in self.files.items()}
                self.info = self.info.replace("-1.0.", f"-{version}.")
        if tag:
            self.name = f"{'-'.join(self.name.split('-')[:2])}-{tag}.whl"
            self.wheel[-1] = f"Tag: {tag}"

    def write(self, folder: Path) -> Path:
        """Write the wheel and return its path."""
        files = dict(self.files)
        files[f"{self.info}/METADATA"] = f"{self.fields}\n{self.readme}".encode()
        files[f"{self.info}/WHEEL"] = "".join(f"{line}\n" for line in self.wheel).encode()
        files = {name: data for name, data in files.items() if name not in self.without}
        listed = {name: sha256(data) for name, data in files.items() if name not in self.unlisted}
        listed |= {name: sha256(b"something else") for name in self.wrong}
        text = io.StringIO()
        rows = [(name, digest, str(len(files[name]))) for name, digest in listed.items()]
        csv.writer(text, lineterminator="\n").writerows([*rows, *self.rows, (f"{self.info}/RECORD", "", "")])
        files[f"{self.info}/RECORD"] = text.getvalue().encode()
        modes = {name: 0o100755 if ".so" in name else 0o100644 for name in files}
        written = [Entry(name, data, **{"mode": modes[name], **self.how.get(name, {})}) for name, data in files.items()]
        return write_zip(folder / self.name, [*self.entries, *written], after=self.after)
