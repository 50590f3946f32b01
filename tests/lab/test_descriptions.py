"""A description that the index refuses, by docutils, which an environment of the library alone does not have."""

import io

import pytest
import readme_renderer.rst
from cases import fields
from making import FIELDS, make
from test_doctor_fixes import typed
from test_sdist import make as make_sdist

from wheel_lab.doctor import examine
from wheel_lab.doctor.index import description

REST = "Description-Content-Type: text/x-rst\n\n"
GOOD = "Tiny\n====\n\nIt *answers*.\n\n.. code:: python\n\n    import tiny\n"
# Each with a part of what is said of it; "" where there is nothing to say.
TEXTS = {
    GOOD: "",
    "It answers\n=======\n": "at line 2: Title underline too short",
    "# Tiny\n\n* [one](two)\nmore\n": "at line 4: Bullet list ends without a blank line",
    "See `the site <https://example.org>`_ and `the site <https://example.com>`_.\n": "",
    "It |answers|.\n": 'at line 1: Undefined substitution referenced: "answers"',
    "It answers_.\n": 'at line 1: Unknown target name: "answers"',
    "It :func:`answers`.\n": 'Unknown interpreted text role "func"',
    ".. automodule:: tiny\n": 'Unknown directive type "automodule"',
    ".. include:: /etc/hostname\n": '"include" directive disabled',
    ".. raw:: html\n\n    <b>a</b>\n": '"raw" directive disabled',
    ".. note:\n": "there is nothing to be seen in it",
    "A" * 10_001: "exceeds the line-length-limit",
    ".. code:: nonesuch\n\n    a\n": "",
    ".. image:: https://example.org/a.png\n    :scale: 50\n": "",
    "A title alone\n=============\n": "",
    ":Author: me\n": "",
}


def told(path):
    return [one for one in examine(path).findings if one.code in ("I309", "I310")]


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:20])
def test_what_docutils_stops_at_is_said(tmp_path, text):
    path = make(tmp_path, **fields(REST + text))
    findings = told(path)
    assert [one.code for one in findings] == (["I309"] if TEXTS[text] else [])
    assert all(TEXTS[text] in one.what and "as reStructuredText: " in one.what for one in findings)
    assert examine(path).verdicts["index"] == ("no" if findings else "yes")


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:20])
def test_the_renderer_of_the_index_says_the_same(text):
    assert (readme_renderer.rst.render(text, stream=io.StringIO()) is None) == bool(TEXTS[text])


def test_without_a_type_it_is_taken_for_restructuredtext(tmp_path):
    (finding,) = told(make(tmp_path, **fields("\n# Tiny\n\n* one\ntwo\n")))
    assert "which it is taken for without a Description-Content-Type: at line 4: " in finding.what
    named = make(tmp_path, **fields("Description-Content-Type: text/markdown\n\n# Tiny\n\n* one\ntwo\n"))
    assert told(named) == []


def test_a_source_distribution_has_one_too(tmp_path):
    path = make_sdist(tmp_path, fields=f"{FIELDS}{REST}It answers_.\n")
    (finding,) = told(path)
    assert "in PKG-INFO cannot" in finding.what


def test_no_file_of_this_machine_is_read(tmp_path, monkeypatch):
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"secret")
    settings = tmp_path / "docutils.conf"
    settings.write_text("[general]\nraw_enabled: true\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCUTILSCONFIG", str(settings))
    opened = []
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: opened.append(path) or b"")
    text = f".. image:: {picture}\n    :loading: embed\n\n.. figure:: {picture}\n    :figwidth: image\n"
    assert told(make(tmp_path, **fields(REST + text))) == []
    assert opened == []
    assert told(make(tmp_path, **fields(f"{REST}.. raw:: html\n\n    a\n")))


def test_a_text_that_is_nested_too_deep(tmp_path):
    text = "".join(" " * depth + "a\n\n" for depth in range(500))
    (finding,) = told(make(tmp_path, **fields(REST + text)))
    assert finding.what.endswith("it is nested too deep")


def test_a_failure_of_docutils_is_the_text_s(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise KeyError("a")

    monkeypatch.setattr("docutils.core.publish_doctree", fail)
    (finding,) = told(make(tmp_path, **fields(REST + GOOD)))
    assert finding.what.endswith("docutils fails with KeyError: 'a'")


def test_twine_tries_a_very_long_one(tmp_path):
    path = make(tmp_path, **fields(REST + "a\n\n" * 90_000))
    (finding,) = told(path)
    command, _, _ = finding.fix.partition(" (")
    assert command == f"twine check {path.name}"
    assert path.name in typed(command, tmp_path)


def test_what_docutils_says_in_no_form_that_is_known():
    assert description._told("Something\nelse\n") == "Something else"
