"""How Sphinx makes the website. `tools/site.py` gathers the pages, calls Sphinx, and shuts out other hosts."""

from typing import Any
from urllib.parse import urlencode

from pygments.lexer import Lexer
from pygments.lexers import BashLexer, Python3Lexer
from pygments.token import Comment
from sphinx.application import Sphinx

from wheel_lab import SITE, __version__

project = "Wheel Lab"
author = "Wheel Lab contributors"
copyright = "Wheel Lab contributors, BSD-3-Clause"
version = release = __version__
language = "en"

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_design", "sphinxext.opengraph"]
nb_execution_mode = "off"  # what stands on a page is what the chapter was published with
nb_merge_streams = True
myst_enable_extensions = ["attrs_inline", "colon_fence", "html_image"]
myst_heading_anchors = 3
suppress_warnings = ["mystnb.unknown_mime_type"]  # a widget has a static twin beside it

# Python's documentation is not asked for its names: the site is made with no network.
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
napoleon_google_docstring = False

html_theme = "sphinx_book_theme"
html_title = "Wheel Lab"
html_baseurl = SITE
html_static_path = ["static"]
html_favicon = "static/wheel.svg"
html_css_files = ["wheel-lab.css"]
html_js_files = ["print.js"]
html_copy_source = False
html_use_index = False
html_domain_indices = False
html_show_sourcelink = False
REPOSITORY = "https://github.com/wheel-lab/wheel-lab"
html_theme_options = {
    "repository_url": REPOSITORY,
    "repository_branch": "main",
    "path_to_docs": "desk",  # a launched chapter is the learner's copy
    "use_repository_button": True,
    "use_issues_button": True,
    "launch_buttons": {"binderhub_url": "https://mybinder.org", "notebook_interface": "jupyterlab"},
    "show_navbar_depth": 1,
    "navbar_persistent": [],  # the search stands above the list of pages
    "use_download_button": False,
}

ogp_site_url = SITE
ogp_image = f"{SITE}_static/screenshot.png"
ogp_image_alt = "A chapter in JupyterLab: a slider sets a wheel's glibc floor, and a figure shows who can run it"
ogp_social_cards = {"enable": False}  # their drawing would need a font that the network has
ogp_enable_meta_description = True

NOTICE = "These pages load nothing from elsewhere, and tell nobody that you read them."
# Scripts that stand on some pages alone.
LOOKUP = ("messages.js", "lookup.js")
ONLY = {"search": LOOKUP, "findings/index": LOOKUP, "open": ("hub.js",)}


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


def complete(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Give a chapter a JupyterHub and the dev container beside Binder, some pages a script, and each the notice."""
    for script in ONLY.get(page, ()):
        app.add_js_file(script)
    root = "../" * page.count("/")
    context["theme_extra_footer"] = f'<p>{NOTICE} <a href="{root}licences.html">Licences</a></p>'
    for group in context.get("header_buttons", ()):
        if group.get("label") == "launch-buttons":
            group["buttons"] += [
                {
                    "type": "link",
                    "text": "Your JupyterHub",
                    "tooltip": "Open this chapter on a JupyterHub with nbgitpuller",
                    "icon": "_static/images/logo_jupyterhub.svg",
                    "url": f"{root}open.html?{urlencode({'chapter': page})}#on-a-jupyterhub",
                },
                {
                    "type": "link",
                    "text": "Dev container",
                    "tooltip": "Open the lab in a codespace, or in an editor",
                    "icon": "fas fa-box-open",
                    "url": f"{root}open.html#in-a-dev-container",
                },
            ]


def setup(app: Sphinx) -> None:
    """Let Sphinx know what a code cell looks like, and what else stands on a page."""
    app.add_lexer("notebook-cell", CellLexer)
    app.connect("html-page-context", complete, priority=900)  # after the theme's own buttons
