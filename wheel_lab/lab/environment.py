"""The environment variables of a chapter's commands: the lab's tools first, no configuration of this machine."""

import os
import sys

__all__ = ["add", "before", "path", "put_tools_on_path", "set_up"]

_before: dict[str, str] = {}  # the variables as they were when they were first changed
_added: list[tuple[tuple[str, ...], dict[str, str]]] = []  # what `add` was given last


def put_tools_on_path() -> None:
    """Let every command find the lab's own tools first."""
    os.environ["PATH"] = path()


def path() -> str:
    """Return the ``PATH`` with the lab's own tools first."""
    tools = os.path.join(sys.prefix, "bin")
    others = [folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder != tools]
    return os.pathsep.join([tools, *others])


def before() -> dict[str, str]:
    """Return the variables that the learner started with, with pip's own among them; see :func:`set_up`."""
    return dict(_before or os.environ)


def set_up() -> None:
    """Give every command that follows the same variables on every machine."""
    own = {
        "PATH": path(),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": "fetched",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_PROGRESS_BAR": "off",
        "PYTHONHASHSEED": "0",  # auditwheel prints sets: this fixes their order
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
        "TERM": "dumb",
    }
    _change(("PIP_", "UV_", "PYTHONPATH", "CMAKE_ARGS", "SKBUILD_", "FORCE_COLOR"), own)
    for without, variables in _added:
        _change(without, variables)


def add(variables: dict[str, str], *, without: tuple[str, ...] = ()) -> None:
    """Give every command that follows these variables too, also after another :func:`set_up`.

    Parameters
    ----------
    variables
        Names and values. A later call replaces what an earlier one has given.
    without
        Beginnings of names: all other variables that begin so are taken away.
    """
    _added[:] = [(without, variables)]
    _change(without, variables)


def _change(without: tuple[str, ...], variables: dict[str, str]) -> None:
    if not _before:
        _before.update(os.environ)
    for name in list(os.environ):
        if name.startswith(without):  # never so for an empty tuple
            del os.environ[name]
    os.environ |= variables
