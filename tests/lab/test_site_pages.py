"""What the website's pages are made from, without making them: messages, fixes, links and policies."""

import re

import pytest

from tools import findings, messages, reference, site
from tools.examples import examples
from tools.notebooks import FOLDER
from wheel_lab.doctor import RULES

ONE = "ImportError: {file}: <<undefined symbol: {symbol}, version {version}>>"


def test_each_message_belongs_to_a_rule_and_matches_itself():
    assert set(messages.FOUND) <= set(RULES)
    for code in messages.FOUND:
        for message in messages.by_code(code):
            assert re.search(messages.pattern(message), messages.plain(message), re.IGNORECASE | re.DOTALL), message


@pytest.mark.parametrize(("text", "matches"), [
    ("ImportError: /opt/a.so: undefined symbol: beak, version 7", True),
    ("UNDEFINED  symbol:\n  beak, version 7", True),
    ("undefined symbol: beak", False),
    ("undefined symbol: , version", False),
])  # fmt: skip
def test_a_pattern_leaves_names_open_and_nothing_else(text, matches):
    assert bool(re.search(messages.pattern(ONE), text, re.IGNORECASE | re.DOTALL)) == matches


def test_quotation_marks_are_as_good_as_another():
    pattern = messages.pattern("version `GLIBC_{version}' not found")
    for name in ("`GLIBC_2.99'", "\u2018GLIBC_2.99\u2019", '"GLIBC_2.99"', "GLIBC_2.99"):
        assert re.search(pattern, f"version {name} not found")
    assert not re.search(messages.pattern("a.b (c)"), "axb (c)")


def test_a_message_without_a_rule_is_refused(monkeypatch):
    monkeypatch.setitem(messages.FOUND, "I999", {"messages": ["oh no"]})
    with pytest.raises(ValueError, match="I999"):
        messages.script()


OPEN, CLOSE = [":::{div} example", "```bash"], ["```", ":::", ""]


@pytest.mark.parametrize(("fix", "lines"), [
    ("auditwheel repair a.whl", [*OPEN, "auditwheel repair a.whl", *CLOSE, ""]),
    ("auditwheel repair a.whl (it copies), or link it", [*OPEN, "auditwheel repair a.whl", *CLOSE,
     "It copies. Or link it."]),
    ("on a Mac: delocate-wheel a.whl", ["On a Mac:", "", *OPEN, "delocate-wheel a.whl", *CLOSE, ""]),
    ("link a* anew with -fPIC", [r"Link a\* anew with `-fPIC`."]),
])  # fmt: skip
def test_a_fix_that_is_a_command_stands_by_itself(fix, lines):
    assert findings.fix(fix) == lines


@pytest.fixture(scope="module")
def made():
    return examples()


def test_each_rule_has_an_example(made):
    for code, example in made.items():
        assert example.finding.code == code
        assert f" {code} " in example.said
        assert example.said.startswith("$ wheel-lab doctor ")
    assert set(made) == set(RULES)


def test_every_refusal_is_on_the_page_of_refusals(made):
    text = findings.refused(made)
    for code, rule in RULES.items():
        if code.startswith("I") and rule.level == "error":
            assert f"(findings/{code}.md)" in text, code
    assert all(f"### {one.title}" in text for one in messages.ASIDES if one.page == "refused")


def test_each_finding_names_a_chapter(made):
    for rule in RULES.values():
        assert "{doc}`../" in findings.page(rule, made[rule.code], []), rule.code


def test_links_lead_to_pages_or_to_the_repository():
    case = FOLDER / "clinic" / "02_it_installs_everywhere.ipynb"
    given = '[a](../01_meet_a_wheel.ipynb#b) <a href="../01_meet_a_wheel.ipynb"> [c](https://d/../e) [f](#g) x[0](1)'
    better = site.relinked(given, case, "clinic/02_it_installs_everywhere.ipynb")
    assert better == given.replace('wheel.ipynb"', 'wheel.html"')
    assert (
        site.relinked("<a href='../01_meet_a_wheel.ipynb'>", case, "clinic/a.ipynb")
        == "<a href='../01_meet_a_wheel.html'>"
    )
    given = "[a](../docs/doctor.md) [b](../CONTRIBUTING.md#c)"
    assert site.relinked(given, FOLDER / "12_your_wheel.ipynb", "12_your_wheel.ipynb") == (
        f"[a](doctor.md) [b]({site.REPOSITORY}/CONTRIBUTING.md#c)"
    )


def test_a_page_lists_its_own_scripts_and_asks_nobody_else():
    made = site.closed('<html><head></head><body><script>a = 1</script><p onclick="b()"></p></body></html>', "a.html")
    assert site.hash_of("a = 1") in made
    assert site.hash_of("b()") in made
    assert "'unsafe-inline'" not in re.findall(r"script-src [^;]*", made)[0]
    for tag in (
        '<script src="https://a/b.js">',
        '<img src="//a/b.png">',
        '<link rel="stylesheet" href="http://a/b.css">',
    ):
        with pytest.raises(site.Broken, match="would fetch"):
            site.closed(f"<head></head>{tag}", "a.html")
    site.closed('<head><link rel="canonical" href="https://a/b.html"></head><a href="https://a">b</a>', "a.html")


def test_a_page_that_shows_a_folder_of_this_machine_is_refused():
    with pytest.raises(site.Broken, match="shows"):
        site.closed(f"<head></head><p>{site.ROOT}/a</p>", "a.html")


def test_the_page_for_what_is_not_there_works_in_any_folder():
    made = site.closed('<head><link rel="icon" href="_static/a.svg"></head><a href="b.html"><a href="#c">', "404.html")
    assert 'href="/wheel-lab/_static/a.svg"' in made
    assert '<a href="/wheel-lab/b.html"><a href="#c">' in made


def test_what_others_may_use_has_a_page():
    names = {module.__name__ for module in reference.public()}
    assert {"wheel_lab.tags", "wheel_lab.binaries.elf", "wheel_lab.doctor", "wheel_lab.doctor.report"} <= names
    assert not any(name.startswith(("wheel_lab.lab", "wheel_lab.doctor.index")) for name in names)
