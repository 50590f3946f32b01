"""What the kernel of a chapter does from its start, before any cell: an extension of IPython.

Set-up names it in ``etc/ipython/ipython_config.py`` of the lab's environment, which every kernel of that environment
reads: one that JupyterLab starts, and one that nbval starts. In a chapter it

- puts the lab's tools on ``PATH``, so that a shell cell meets the same commands whichever cell is run first;
- takes ``%%bash`` over (:mod:`wheel_lab.lab.shell`);
- refuses any cell that is run before the chapter's first one, because it would work in the wrong folder.
"""

import ast
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.error import InputRejected

from wheel_lab.lab import environment, workbench
from wheel_lab.lab import shell as bash
from wheel_lab.lab.paths import CLINIC, DESK, PUBLISHED

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["REFUSAL", "Gate", "RunTheFirstCell", "is_chapter", "load_ipython_extension"]

REFUSAL = (
    "Run the first code cell of this page first (the one with workbench.enter): it makes the folder in which the "
    "others work."
)
CHAPTER = re.compile(r"\d\d_\w+( .*|\..*)?\.ipynb")


class RunTheFirstCell(InputRejected):
    """A cell was run before the one that enters the chapter's folder."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Gate(ast.NodeTransformer):
    """Let a cell pass once the chapter's folder is entered, or when this cell is the one that enters it."""

    def visit(self, node: ast.AST) -> ast.AST:
        """Return the cell as it is.

        Raises
        ------
        RunTheFirstCell
            The chapter's folder has not been entered. Nothing of the cell was run.
        """
        if workbench.entered() or not getattr(node, "body", None) or _enters(node):
            return node
        raise RunTheFirstCell(REFUSAL)


def _enters(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "enter"
        for node in ast.walk(tree)
    )


def is_chapter(folder: Path, session: str | None) -> bool:
    """Tell whether a kernel belongs to a chapter.

    Parameters
    ----------
    folder
        Where the kernel was started: the folder of the notebook.
    session
        The path of the notebook, which JupyterLab tells in ``JPY_SESSION_NAME``. None where it is not told: nbval does
        not, and starts kernels for chapters only.
    """
    at_home = folder in (PUBLISHED, DESK, PUBLISHED / CLINIC, DESK / CLINIC)
    return at_home and (session is None or CHAPTER.fullmatch(Path(session).name) is not None)


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Prepare the kernel; IPython calls this at the start."""
    environment.put_tools_on_path()
    shell.register_magic_function(bash.run_bash, "cell", "bash")  # type: ignore[arg-type]  # typed for another form
    if is_chapter(Path.cwd(), os.environ.get("JPY_SESSION_NAME")):
        shell.ast_transformers.append(Gate())
