"""How Sphinx makes the website. `tools/site.py` gathers the pages, calls Sphinx, and shuts out other hosts."""

from pygments.lexer import Lexer
from pygments.lexers import BashLexer, Python3Lexer
from pygments.token import Comment
from sphinx.application import Sphinx

from wheel_lab import __version__

project = "Wheel Lab"
author = "Wheel Lab contributors"
copyright = "Wheel Lab contributors, BSD-3-Clause"
version = release = __version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_design"]
nb_execution_mode = "off"  # what stands on a page is what the chapter was published with
nb_merge_streams = True
myst_enable_extensions = ["attrs_inline", "colon_fence", "html_image"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]  # a widget has a static twin beside it

# Python's documentation is not asked for its names: the site is made with no network.
autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = False

html_theme = "sphinx_book_theme"
html_title = "Wheel Lab"
html_baseurl = "https://wheel-lab.github.io/wheel-lab/"
html_static_path = ["static"]
html_css_files = ["wheel-lab.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "repository_url": "https://github.com/wheel-lab/wheel-lab",
    "repository_branch": "main",
    "path_to_docs": "notebooks",
    "use_repository_button": True,
    "use_issues_button": True,
    "launch_buttons": {
        "binderhub_url": "https://mybinder.org",
        "notebook_interface": "jupyterlab",
    },
    "show_navbar_depth": 1,
}


class CellLexer(Lexer):
    """A code cell: shell below a ``%%bash`` or ``%%manylinux``, else Python."""

    name = "notebook-cell"

    def get_tokens_unprocessed(self, text: str):
        magic, newline, rest = text.partition("\n")
        if not magic.startswith("%%"):
            yield from Python3Lexer().get_tokens_unprocessed(text)
            return
        yield 0, Comment.Preproc, magic + newline
        start = len(magic + newline)
        for index, token, value in BashLexer().get_tokens_unprocessed(rest):
            yield start + index, token, value


def setup(app: Sphinx) -> None:
    """Let Sphinx know what a code cell looks like."""
    app.add_lexer("notebook-cell", CellLexer)
