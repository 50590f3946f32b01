"""Forty wheels, each with one defect that was met in the field, and a sound one; built here in seconds."""

import bz2
import os
import struct
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hostile_zip import Entry, sha256
from sample import ANSWER, CARRIED, INFO, LIBRARY, LICENCE, MODULE, PACKAGE, PUBLIC, Compiler, Sample


@dataclass(frozen=True)
class Defect:
    """One thing that is wrong: its key, what it is in a few words, and how a sample gets it."""

    key: str
    title: str
    spoil: Callable[[Sample], None]


DEFECTS: list[Defect] = []


def defect(title: str) -> Callable[[Callable[[Sample], None]], Callable[[Sample], None]]:
    """Put a function into the list, under its own name."""

    def add(spoil: Callable[[Sample], None]) -> Callable[[Sample], None]:
        DEFECTS.append(Defect(spoil.__name__.replace("_", "-"), title, spoil))
        return spoil

    return add


def build(folder: Path) -> dict[str, Path]:
    """Build all wheels, each in a folder of its own; ``"sound"`` is the one without a defect."""
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        compiler = Compiler(Path(scratch))
        for number, one in enumerate([Defect("sound", "nothing", lambda sample: None), *DEFECTS]):
            sample = Sample(compiler)
            one.spoil(sample)
            place = folder / f"{number:02}"  # no tool is to read the defect in the path
            place.mkdir(parents=True)
            found[one.key] = sample.write(place)
    return found


# --- what the index refuses ------------------------------------------------------------------------------------------


@defect("tag linux_x86_64")
def linux_tag(sample: Sample) -> None:
    sample.renamed(tag="cp312-cp312-linux_x86_64")


@defect("tag macosx_15_3_arm64")
def macos_minor(sample: Sample) -> None:
    sample.files = {name: data for name, data in sample.files.items() if ".so" not in name}
    sample.files.pop(f"{INFO}/sboms/auditwheel.cdx.json")
    sample.renamed(tag="cp312-cp312-macosx_15_3_arm64")


@defect("one member twice")
def duplicate_entry(sample: Sample) -> None:
    sample.entries.append(Entry(PACKAGE, sample.files[PACKAGE]))


@defect("bytes after the archive")
def trailing_data(sample: Sample) -> None:
    sample.after = b"signature"


@defect("a data descriptor")
def data_descriptor(sample: Sample) -> None:
    data = sample.files[PACKAGE]
    gap = struct.pack("<4s3L", b"PK\x07\x08", zlib.crc32(data), len(data), len(data))
    sample.how[PACKAGE] = {"method": 0, "flags": 8, "gap": gap}


@defect("compressed with bzip2")
def compression(sample: Sample) -> None:
    sample.how[PACKAGE] = {"method": 12, "packed": bz2.compress(sample.files[PACKAGE]), "version": 46}


@defect("larger than 100 MB")
def too_large(sample: Sample) -> None:
    sample.files["sample/table.bin"] = os.urandom(105 << 20)
    sample.how["sample/table.bin"] = {"method": 0}


@defect("no METADATA")
def no_metadata(sample: Sample) -> None:
    sample.without.add(f"{INFO}/METADATA")


@defect("file name not normalized")
def name_not_normalized(sample: Sample) -> None:
    def written(text: str) -> str:
        return text.replace("sample-1.0", "Sample.one-1.0")

    sample.name, sample.info = written(sample.name), written(sample.info)
    sample.files = {written(name): data for name, data in sample.files.items()}
    sample.fields = sample.fields.replace("Name: sample", "Name: Sample.one")


@defect("version in the name differs from METADATA's")
def version_differs(sample: Sample) -> None:
    sample.renamed(version="1.1")
    sample.fields = sample.fields.replace("Version: 1.1\n", "Version: 1.0\n")


@defect("local version")
def local_version(sample: Sample) -> None:
    sample.renamed(version="1.0+cu118")


@defect("dependency by URL")
def direct_url(sample: Sample) -> None:
    sample.fields += "Requires-Dist: other @ https://example.org/other-1.0-py3-none-any.whl\n"


@defect("Requires-Python that is not one")
def invalid_field(sample: Sample) -> None:
    sample.fields = sample.fields.replace(">=3.12", "three")


@defect("description that cannot be rendered")
def description(sample: Sample) -> None:
    sample.readme = "A sample\n========\n\n.. code-block: python\n\n|nothing|_ `open <\n\n.. include:: /etc/motd\n"


@defect("declared licence file not there")
def licence_file(sample: Sample) -> None:
    sample.without.add(f"{INFO}/licenses/LICENSE")


@defect("entry point with a bad name")
def entry_point(sample: Sample) -> None:
    sample.files[f"{INFO}/entry_points.txt"] = b"[console_scripts]\nno equals sign, no target\n"


# --- RECORD ----------------------------------------------------------------------------------------------------------


@defect("wrong hash in RECORD")
def wrong_hash(sample: Sample) -> None:
    sample.wrong.add(PACKAGE)


@defect("row of RECORD without a file")
def row_without_file(sample: Sample) -> None:
    sample.rows.append(("sample/gone.py", sha256(b"gone"), "4"))


@defect("file that RECORD leaves out")
def file_without_row(sample: Sample) -> None:
    sample.files["sample/more.py"] = b"MORE = 1\n"
    sample.unlisted.add("sample/more.py")


# --- what the name promises ------------------------------------------------------------------------------------------


@defect("needs glibc 2.34, tagged for 2.17")
def floor(sample: Sample) -> None:
    # A libc to link with that has only the one symbol, so that the version does not depend on this machine.
    script = sample.compile.folder / "script"
    script.write_text("GLIBC_2.34 { global: dlopen; };\n")
    code = PUBLIC + "void *dlopen(const char *name, int flags) { return 0; }\n"
    sample.compile.library("libc.so.6", code, "-nostdlib", f"-Wl,--version-script={script}")
    code = f"extern void *dlopen(const char *, int);\n{PUBLIC}void *opened(void) {{ return dlopen(0, 1); }}\n"
    sample.files[MODULE] = sample.compile.module(code, "-l:libc.so.6")
    (sample.compile.folder / "libc.so.6").unlink()


@defect("linked with glibc, tagged musllinux")
def glibc_as_musl(sample: Sample) -> None:
    sample.renamed(tag="cp312-cp312-musllinux_1_2_x86_64")
    sample.files[MODULE.replace("-gnu.so", "-musl.so")] = sample.files.pop(MODULE)
    calls = f'extern int puts(const char *);\n{PUBLIC}int said(void) {{ return puts(""); }}\n'
    sample.files[MODULE.replace("-gnu.so", "-musl.so")] = sample.compile.module(calls)


@defect("compiled, tagged py3-none-any")
def pure_tag(sample: Sample) -> None:
    sample.renamed(tag="py3-none-any")


@defect("compiled, with Root-Is-Purelib: true")
def purelib(sample: Sample) -> None:
    sample.wheel[2] = "Root-Is-Purelib: true"


@defect("module named for another Python")
def suffix(sample: Sample) -> None:
    sample.files[MODULE.replace("312", "311")] = sample.files.pop(MODULE)


@defect("Tag in WHEEL differs from the name")
def wheel_tag(sample: Sample) -> None:
    sample.wheel[-1] = "Tag: cp311-cp311-manylinux_2_17_x86_64"


@defect("Tag in WHEEL that is none")
def bad_tag_line(sample: Sample) -> None:
    sample.wheel[-1] = "Tag: cp312_cp312_manylinux_2_17_x86_64"


@defect("abi3 module that asks for more")
def abi3(sample: Sample) -> None:
    sample.renamed(tag="cp312-abi3-manylinux_2_17_x86_64")
    code = (
        f"extern void *_PyList_Extend(void *, void *);\n{PUBLIC}void *more(void) {{ return _PyList_Extend(0, 0); }}\n"
    )
    del sample.files[MODULE]
    sample.files["sample/_core.abi3.so"] = sample.compile.module(code)


@defect("x86-64 module, tagged aarch64")
def architecture(sample: Sample) -> None:
    sample.renamed(tag="cp312-cp312-manylinux_2_17_aarch64")
    sample.files[MODULE.replace("x86_64", "aarch64")] = sample.files.pop(MODULE)


# --- what fails at import --------------------------------------------------------------------------------------------


@defect("library neither carried nor allowed")
def missing_library(sample: Sample) -> None:
    other = "libother.so.3"
    sample.compile.library(other, ANSWER.replace("answer", "other"))
    code = f"extern int other(void);\n{PUBLIC}int more(void) {{ return other(); }}\n"
    sample.files[MODULE] = sample.compile.module(code, f"-l:{other}")


@defect("symbol that no library has")
def undefined_symbol(sample: Sample) -> None:
    code = f"extern int sample_forgotten(void);\n{PUBLIC}int more(void) {{ return sample_forgotten(); }}\n"
    sample.files[MODULE] = sample.compile.module(code)


@defect("executable stack")
def executable_stack(sample: Sample) -> None:
    sample.files[MODULE] = sample.compile.module("", "-Wl,-z,execstack")


@defect("RPATH into the build machine")
def absolute_rpath(sample: Sample) -> None:
    sample.files[MODULE] = sample.compile.module("", "-Wl,-rpath,/home/builder/project/lib")


@defect("linked with libpython")
def libpython(sample: Sample) -> None:
    name = "libpython3.12.so.1.0"
    sample.compile.library(name, PUBLIC + "void *PyModuleDef_Init(void *definition) { return definition; }\n")
    sample.files[MODULE] = sample.compile.module("", f"-l:{name}")


@defect("declares x86-64-v3")
def declared_isa(sample: Sample) -> None:
    sample.files[MODULE] = sample.compile.module("", "-Wl,-z,x86-64-v3")


@defect("AVX-512 throughout, not declared")
def silent_isa(sample: Sample) -> None:
    code = f"{PUBLIC}void scaled(float *x, int n) {{ for (int i = 0; i < n; i++) x[i] *= 2; }}\n"
    sample.files[MODULE] = sample.compile.module(code, "-O3", "-march=skylake-avx512", "-mprefer-vector-width=512")


@defect("two OpenMP runtimes carried")
def second_openmp(sample: Sample) -> None:
    gnu, llvm = "libgomp-a34b3233.so.1.0.0", "libomp-4f5e6d7c.so.5"
    both = PUBLIC + "int omp_get_max_threads(void) { return 1; }\n" + PUBLIC
    sample.files[f"sample.libs/{gnu}"] = sample.compile.library(gnu, both + "void GOMP_parallel(void) {}\n")
    sample.files[f"sample.libs/{llvm}"] = sample.compile.library(llvm, both + "void __kmpc_fork_call(void) {}\n")
    code = "extern void GOMP_parallel(void), __kmpc_fork_call(void);\n" + PUBLIC
    code += "void parallel(void) { GOMP_parallel(); __kmpc_fork_call(); }\n"
    sample.files[MODULE] = sample.compile.module(code, f"-l:{gnu}", f"-l:{llvm}")
    for place in ("libgomp", "libomp"):
        sample.files[f"{INFO}/licenses/{place}/COPYING"] = f"The licence of {place}.\n{LICENCE}".encode()
        sample.fields += f"License-File: {place}/COPYING\n"


# --- what it weighs, and what it brings ------------------------------------------------------------------------------


@defect("debug information left in")
def debug(sample: Sample) -> None:
    # With -g3 the compiler writes down macros too, which are the quickest to make much of.
    code = "".join(f"#define A_MACRO_WITH_A_LONG_NAME_THAT_TAKES_ROOM_{n} ({n} + {n})\n" for n in range(20_000))
    sample.files[MODULE] = sample.compile.module(code, "-g3", keep=True)


@defect("top-level package tests")
def top_level_tests(sample: Sample) -> None:
    sample.files["tests/__init__.py"] = b""
    sample.files["tests/test_sample.py"] = b"def test_sample():\n    import sample\n"


@defect("one library three times")
def copies(sample: Sample) -> None:
    table = f"{PUBLIC}const char table[{1 << 20}] = {{1, 2, 3}};\n"
    library = sample.compile.library(LIBRARY, ANSWER + table)
    for name in (CARRIED, "sample.libs/libanswer.so", "sample.libs/libanswer.so.1"):
        sample.files[name] = library


@defect("carried library without its licence")
def carried_licence(sample: Sample) -> None:
    del sample.files[f"{INFO}/licenses/libanswer/COPYING"]
    sample.fields = sample.fields.replace("License-File: libanswer/COPYING\n", "")
    del sample.files[f"{INFO}/sboms/auditwheel.cdx.json"]
