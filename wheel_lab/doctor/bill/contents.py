"""What comes to lie where it does not belong: rules B201 to B207."""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from wheel_lab.doctor.bill.size import counted, named
from wheel_lab.doctor.contents import Contents
from wheel_lab.doctor.findings import Finding, found, found_in

__all__ = ["find_in_folders"]

# Names that many projects have beside their package. Found in wheels, they are there by mistake.
BESIDE = {"test", "tests", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "build", "src"}
SCHEMES = ("purelib", "platlib", "headers", "scripts", "data")
# What lies in site-packages and is right there: modules, compiled or not, and lines for the start of Python.
MODULE = re.compile(r"\.(py|pyi|pyc|pth|so|pyd|dylib|dll)$|\.so\.[\d.]+$")
NO_MODULE = {"setup.py", "conftest.py", "noxfile.py", "tasks.py"}
# Folders in which a repair puts libraries, and those that the format has.
KEPT = (".libs", ".dylibs", ".dist-info", ".data", "-stubs", ".egg-info")
LEFT_OVER = re.compile(
    r"(^|/)(\.DS_Store|Thumbs\.db|desktop\.ini|\.coverage)$"
    r"|(^|/)(\.git|\.hg|\.svn|\.idea|\.vscode|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.ipynb_checkpoints|\.tox)/"
    r"|(^|/)\.[^/]*\.sw[op]$|~$|\.rej$"  # not .orig: JupyterLab reads its own
)
CACHE = "__pycache__/"
# lib/python3.12/site-packages, lib64/…, and Lib/site-packages on Windows
SITE = re.compile(r"(?i)^lib(64)?/(python[\d.]+/)?(site|dist)-packages/")


def find_in_folders(contents: Contents) -> Iterator[Finding]:
    """Look at where installers will put each file."""
    files = [member.name for member in contents.source.members if not member.is_dir]
    data = contents.info.removesuffix(".dist-info") + ".data/"
    in_data = [name.removeprefix(data) for name in files if name.startswith(data)]
    libraries = (name.partition("/")[2] for name in in_data if name.startswith(("purelib/", "platlib/")))
    installed = [*(name for name in files if not name.startswith(data)), *libraries]
    yield from _packages(contents, installed)
    stray = [name for name in installed if "/" not in name and (not MODULE.search(name) or name in NO_MODULE)]
    if stray:
        yield found("B202", member=stray[0], count=counted(len(stray), "file", "files"), members=named(stray))
    left = _left_over(files)
    if left:
        yield found("B203", member=left[0], count=counted(len(left), "file", "files"), members=named(left))
    astray = (name for name in in_data if name.partition("/")[0] not in SCHEMES or "/" not in name)
    yield from found_in("B205", ({"member": data + name} for name in astray))
    beneath = [name.removeprefix("data/") for name in in_data if name.startswith("data/")]
    direct = [name for name in beneath if "/" not in name]
    if direct:
        yield found(
            "B206", member=f"{data}data/{direct[0]}", count=counted(len(direct), "file", "files"), members=named(direct)
        )
    aimed = (name for name in beneath if SITE.match(name))
    yield from found_in("B207", ({"member": f"{data}data/{name}"} for name in aimed))


def _packages(contents: Contents, installed: list[str]) -> Iterator[Finding]:
    """Look at the top-level folders: names that are no project's own, and folders without a module."""
    within: dict[str, bool] = {}
    for name in installed:
        folder, slash, rest = name.partition("/")
        if slash and not folder.endswith(KEPT):
            within[folder] = within.get(folder, False) or MODULE.search(rest) is not None
    own = canonicalize_name(contents.distribution)
    for folder, has_module in within.items():
        if canonicalize_name(folder) == own:
            continue
        if folder in BESIDE:
            yield found("B201", member=f"{folder}/", subject=folder)
        elif not has_module:
            yield found("B204", member=f"{folder}/", subject=folder)
    modules = (f"{name}.py" for name in sorted(BESIDE) if name != own)
    yield from found_in("B201", ({"member": name, "subject": name} for name in modules if name in installed))


def _left_over(files: list[str]) -> list[str]:
    """Return caches and files of editors. A .pyc counts where its source is there too: otherwise it is the program."""
    there = set(files)
    left = []
    for name in files:
        cached = re.fullmatch(r"(.*/)?([^/.]+)(\.[^/]*)?\.pyc", name)
        if LEFT_OVER.search(name) or (cached and f"{(cached[1] or '').removesuffix(CACHE)}{cached[2]}.py" in there):
            left.append(name)
    return left
