"""The description in METADATA: whether the index can render it, rules I309 and I310.

The index refuses an upload whose description gives an error or nothing at all when it is rendered: with readme_renderer
45 and docutils 0.23, as reStructuredText where Description-Content-Type is not there. Read 2026-11-26 in
``warehouse/forklift/legacy.py`` at commit 6b62157124ab, ``warehouse/utils/readme.py`` and ``readme_renderer/rst.py``.

Plain text can always be rendered, and Markdown whenever there is some. reStructuredText takes docutils, which is an
extra (``pip install 'wheel-lab[description]'``). It is asked to parse the text with what readme_renderer sets, and not
to write HTML: there it would read the file of an image that asks to be embedded, whatever file that is.
"""

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from wheel_lab.doctor.findings import Finding, found

__all__ = ["find_in_description"]

LONGEST = 250_000  # characters of reStructuredText that are parsed: a second for a real text, more for a hostile one
NAMES = {"text/x-rst": "reStructuredText", "text/markdown": "Markdown"}
DEFAULT = "reStructuredText, which it is taken for without a Description-Content-Type"
TWINE = "twine check {file} (it renders the description as the index does)"
# What decides whether docutils stops, as readme_renderer sets it; and no configuration of this machine.
SETTINGS = {
    "halt_level": 2, "report_level": 5, "file_insertion_enabled": False, "raw_enabled": False, "doctitle_xform": False,
    "sectsubtitle_xform": False, "strip_comments": True, "smart_quotes": True, "syntax_highlight": "short",
    "_disable_config": True,
}  # fmt: skip


def find_in_description(fields: Mapping[str, Any], named: str, file: str) -> Iterator[Finding]:
    """Find out whether the index can render the description.

    Parameters
    ----------
    fields
        The fields of METADATA, as :class:`packaging.metadata.RawMetadata` has them; the type is one that is valid.
    named
        The name of the file that they stand in: PKG-INFO in a source distribution.
    file
        The name of the whole file as a shell takes it.
    """
    text, written = fields.get("description"), fields.get("description_content_type", "")
    kind = written.partition(";")[0].strip().lower() or "text/x-rst"
    if not text or kind not in NAMES:
        return
    if not text.strip():
        problem: str | None = "it is of blanks alone, and gives nothing"
    else:
        problem = _problem_of_rst(text) if kind == "text/x-rst" else ""
    form = NAMES[kind] if written else DEFAULT
    if problem is None:
        if len(text) > LONGEST:
            long = {"why_not": f"it is longer than {LONGEST:,} characters", "fix": TWINE}
            yield found("I310", metadata=named, subject="description", file=file, **long)
        else:
            yield found("I310", metadata=named, subject="description", why_not="docutils is not installed")
    elif problem:
        yield found("I309", metadata=named, subject="description", form=form, problem=problem)


def _problem_of_rst(text: str) -> str | None:
    """Say what docutils stops at; "" when it does not, and None when it cannot be asked."""
    if len(text) > LONGEST:
        return None
    try:
        from docutils.core import publish_doctree
        from docutils.nodes import Invisible
        from docutils.utils import SystemMessage
    except ImportError:
        return None
    stream = io.StringIO()
    try:
        tree = publish_doctree(text, settings_overrides={**SETTINGS, "warning_stream": stream})
    except SystemMessage:
        return _told(stream.getvalue())
    except RecursionError:
        return "it is nested too deep"
    # A bug of docutils, which the index meets as well.
    except Exception as error:
        return f"docutils fails with {type(error).__name__}: {error}"
    return "" if any(not isinstance(node, Invisible) for node in tree.children) else "there is nothing to be seen in it"


def _told(text: str) -> str:
    """Return the message at which docutils stopped: where, and the first line of what."""
    match = re.search(r"<string>:(\d*): \(\w+/\d\) (.*)", text)
    if match is None:
        return " ".join(text.split())
    what = match[2].rstrip(".")
    return f"at line {match[1]}: {what}" if match[1] else what
