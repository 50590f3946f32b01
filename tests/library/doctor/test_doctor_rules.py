"""Codes are frozen, and each rule says all that a reader needs."""

import re
import string

import pytest

from wheel_lab import SITE
from wheel_lab.doctor import RULES
from wheel_lab.doctor.findings import FAMILIES, LISTED, Rule, found, found_in, register

# Published codes and their names, by family. Lines are added here, and never changed or taken out.
INDEX = {
    "I101": "duplicate-member",
    "I102": "trailing-data",
    "I103": "stray-bytes",
    "I104": "data-descriptor",
    "I105": "member-comment",
    "I106": "archive-comment",
    "I107": "compression-method",
    "I108": "headers-differ",
    "I109": "hidden-member",
    "I110": "misplaced-member",
    "I111": "end-record-mismatch",
    "I112": "member-name-characters",
    "I113": "unsafe-member-name",
    "I114": "link-member",
    "I115": "encrypted-member",
    "I116": "compression-ratio",
    "I117": "unreadable-member",
    "I118": "case-collision",
    "I119": "extra-field",
    "I120": "damaged-member",
    "I201": "platform-tag",
    "I202": "dist-info-folder",
    "I203": "missing-file",
    "I204": "project-name-differs",
    "I205": "name-not-normalized",
    "I206": "version-differs",
    "I207": "local-version",
    "I301": "invalid-field",
    "I302": "metadata-version",
    "I303": "field-too-new",
    "I304": "unknown-field",
    "I305": "direct-url",
    "I306": "private-classifier",
    "I307": "licence-file-missing",
    "I308": "two-licences",
    "I309": "description-not-rendered",
    "I310": "description-not-tried",
    "I401": "entry-points",
    "I402": "record-names",
    "I403": "record-unreadable",
    "I404": "record-hash",
    "I405": "record-weak-hash",
    "I406": "record-row",
    "I501": "file-size",
    "I601": "sdist-name",
    "I602": "sdist-unreadable",
    "I603": "sdist-is-zip-too",
    "I604": "sdist-sparse-member",
    "I605": "sdist-folder",
    "I606": "sdist-pkg-info-missing",
    "I607": "sdist-licence-missing",
    "I608": "sdist-unsafe-member",
    "I609": "sdist-folder-name",
    "I610": "sdist-without-pyproject",
    "I611": "sdist-not-buildable",
    "I612": "sdist-metadata-version",
}
PROMISE = {
    "P101": "wheel-tags-differ",
    "P102": "wheel-without-tags",
    "P103": "wheel-line-malformed",
    "P104": "wheel-version",
    "P105": "build-number-differs",
    "P106": "wheel-not-utf8",
    "P110": "extension-in-purelib",
    "P111": "library-in-purelib",
    "P112": "pure-tag-extension",
    "P113": "pure-tag-library",
    "P114": "pure-tag-program",
    "P115": "platform-tag-without-binary",
    "P201": "glibc-too-new",
    "P202": "symbol-version-too-new",
    "P203": "private-symbol",
    "P204": "library-outside-policy",
    "P205": "internal-symbol",
    "P210": "architecture-differs",
    "P211": "foreign-architecture",
    "P212": "c-library-differs",
    "P213": "foreign-c-library",
    "P214": "architecture-unknown",
    "P215": "linux-tag",
    "P216": "compiled-file-unread",
    "P217": "musl-version",
    "P301": "extension-suffix",
    "P302": "extension-for-another",
    "P303": "stable-tag-suffix",
    "P304": "any-python-tag-suffix",
    "P305": "extension-platform",
    "P310": "symbol-outside-stable-abi",
    "P311": "python-symbol-too-new",
    "P312": "stable-abi-too-new",
    "P313": "free-threaded-build",
    "P314": "stable-abi-without-gil",
    "P315": "python-abi-undeclared",
    "P316": "abi-tag-without-extension",
    "P401": "macos-floor",
    "P402": "macos-minor-floor",
    "P403": "macos-slice",
    "P404": "macos-library-slice",
    "P501": "windows-processor",
    "P502": "windows-python",
    "P503": "windows-stable-abi",
    "P601": "android-processor",
    "P602": "android-level",
    "P603": "ios-target",
    "P604": "ios-floor",
    "P605": "foreign-module",
    "P606": "foreign-file",
}
IMPORT = {
    "M101": "missing-library",
    "M102": "missing-library-aside",
    "M103": "library-of-another-package",
    "M104": "library-of-the-system",
    "M105": "library-renamed",
    "M106": "library-not-found",
    "M107": "library-found-by-others",
    "M108": "libpython",
    "M109": "build-path",
    "M110": "absolute-path",
    "M111": "relative-path",
    "M112": "unreadable-binary",
    "M113": "empty-path",
    "M201": "undefined-symbol",
    "M202": "library-not-linked",
    "M203": "symbol-of-another-package",
    "M204": "version-not-there",
    "M205": "symbol-of-glibc",
    "M206": "library-by-chance",
    "M207": "version-damaged",
    "M301": "executable-stack",
    "M302": "misplaced-segment",
    "M303": "small-pages",
    "M304": "instruction-set",
    "M305": "text-relocations",
    "M306": "cut-off",
    "M307": "odd-alignment",
    "M308": "wide-instructions",
    "M401": "macos-library-missing",
    "M402": "macos-library-elsewhere",
    "M403": "macos-build-path",
    "M404": "macos-python-linked",
    "M405": "macos-build-rpath",
    "M406": "macos-unsigned",
    "M408": "macos-library-processor",
    "M409": "macos-library-aside",
    "M501": "windows-library-missing",
    "M502": "windows-library-elsewhere",
    "M503": "windows-library-place",
    "M504": "windows-debug-runtime",
    "M505": "windows-runtime-missing",
    "M506": "windows-library-processor",
    "M507": "windows-library-aside",
    "M601": "module-not-there",
    "M602": "openmp-runtime",
    "M603": "cpp-runtime",
    "M604": "cpp-runtime-exported",
}
BILL = {
    "B101": "large-file",
    "B102": "debug-information",
    "B103": "identical-copies",
    "B104": "library-loaded-twice",
    "B105": "build-products",
    "B201": "stray-package",
    "B202": "stray-file",
    "B203": "leftovers",
    "B204": "folder-without-module",
    "B205": "unknown-scheme",
    "B206": "data-in-prefix",
    "B207": "data-in-site-packages",
    "B301": "no-licence-text",
    "B302": "copyleft-library",
    "B303": "carried-without-text",
    "B304": "no-sbom",
    "B305": "sbom-unreadable",
    "B306": "sbom-lacks-library",
}
FROZEN = {**INDEX, **PROMISE, **IMPORT, **BILL}
GOOD = {"level": "note", "what": "{member}", "why": "b", "fix": "c", "reference": "https://d", "source": "e"}


def test_codes_and_names_are_frozen():
    assert {code: rule.name for code, rule in RULES.items()} == FROZEN


@pytest.mark.parametrize("code", FROZEN)
def test_a_rule_says_everything(code):
    rule = RULES[code]
    assert rule.level in ("error", "warning", "note")
    assert code[0] in FAMILIES
    assert rule.link == f"{SITE}findings/{code}.html"
    assert rule.reference.startswith("https://")
    assert re.search(r"20\d\d-\d\d-\d\d", rule.source)
    for sentence in (rule.what, rule.why, rule.fix):
        assert sentence
        assert not sentence.endswith(".")
    text = str(rule)
    assert "{" not in text
    for part in (code, rule.name, rule.level, rule.link, rule.reference, rule.source):
        assert part in text


@pytest.mark.parametrize(
    ("code", "name", "message"),
    [
        ("I101", "something-new", "taken"),
        ("I999", "trailing-data", "taken"),
        ("X101", "something-new", "no code"),
        ("I1", "something-new", "no code"),
        ("I999", "Something New", "no name"),
    ],
)
def test_a_registry_refuses(code, name, message):
    before = dict(RULES)
    with pytest.raises(ValueError, match=message):
        register([Rule(code=code, name=name, **GOOD)])
    assert before == RULES


def test_what_does_not_print_is_escaped():
    finding = found("I104", member="a\x1b[2J\n.py", file="f")
    assert finding.member == "a\x1b[2J\n.py"
    assert "a\\x1b[2J\\n.py" in finding.what
    assert str(finding).startswith("error I104 data-descriptor: a\\x1b")


def test_the_twentieth_tells_how_many_more():
    cases = [{"member": str(number)} for number in range(LISTED + 5)]
    findings = list(found_in("I104", cases, file="f"))
    assert [one.member for one in findings] == [str(number) for number in range(LISTED)]
    assert [one.what.endswith("the same holds for 5 more") for one in findings] == [False] * (LISTED - 1) + [True]
    assert not any("more" in one.what for one in found_in("I104", cases[:LISTED], file="f"))


def test_templates_ask_for_names_alone():
    for rule in RULES.values():
        for template in (rule.what, rule.why, rule.fix):
            names = [name for _, name, form, _ in string.Formatter().parse(template) if name is not None and not form]
            assert all(name.isidentifier() for name in names), rule.code
