"""The pages of the website about the library: one for each module with something public, made from its docstrings."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import wheel_lab
from wheel_lab import doctor

__all__ = ["pages"]

# What belongs to the repository, and what the doctor is made of: its own page has what others call.
INSIDE = ("wheel_lab.lab", "wheel_lab.__main__")
PARTS = ("report", "findings", "text", "annotations", "settings")


def pages() -> Iterator[tuple[str, str]]:
    """Return the pages, as (name without suffix, text in MyST)."""
    modules = list(public())
    yield "reference/index", overview(modules)
    for module in modules:
        yield f"reference/{module.__name__}", page(module)


def page(module: ModuleType) -> str:
    """Return the page of a module: what it defines, and the names of what it passes on."""
    homes = {name: getattr(getattr(module, name), "__module__", module.__name__) for name in module.__all__}
    own = [name for name, home in homes.items() if home == module.__name__]
    passed_on = [
        f"{{py:obj}}`{home}.{name}`" for name, home in homes.items() if home.startswith("wheel_lab") and name not in own
    ]
    members = f"   :members: {', '.join(own)}\n" if own else ""
    lines = [
        "---",
        "orphan: true",
        "---",
        "",
        f"# {module.__name__}",
        "",
        "[All modules](index.md)",
        "",
        "```{eval-rst}",
        f".. automodule:: {module.__name__}",
        f"{members}```",
        "",
    ]
    if passed_on:
        lines += [f"Also here: {', '.join(passed_on)}.", ""]
    return "\n".join(lines)


def public() -> Iterator[ModuleType]:
    """Return the modules that say what others may use of them, by ``__all__``."""
    for found in pkgutil.walk_packages(wheel_lab.__path__, "wheel_lab."):
        if not found.name.startswith(INSIDE) and not _is_part_of_the_doctor(found.name):
            module = importlib.import_module(found.name)
            if getattr(module, "__all__", None):
                yield module


def _is_part_of_the_doctor(name: str) -> bool:
    inside = name.removeprefix(f"{doctor.__name__}.")
    return inside != name and inside not in PARTS


def overview(modules: list[ModuleType]) -> str:
    """Return the page that lists the modules, each with the first line of its docstring."""
    rows = [
        f"| [{one.__name__}]({one.__name__}.md) | {(inspect.getdoc(one) or '').splitlines()[0]} |" for one in modules
    ]
    return "\n".join([
        "---", "myst:", "  html_meta:",
        "    description: The Python library behind Wheel Lab, module by module, from its docstrings.", "---", "",
        "# The library", "",
        "`wheel_lab` reads any wheel: its name, its metadata, its hashes, and what its compiled files ask of a system. "
        "It is pure Python. A function takes a path and returns a dataclass that prints well.", "",
        "| module | what it is about |", "|---|---|", *rows, "",
    ])  # fmt: skip
