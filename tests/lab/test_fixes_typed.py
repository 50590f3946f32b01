"""Each fix that is a command which runs on Linux is typed by some test, or it stands here why not."""

import re

import test_doctor_fixes
import test_import_fixes
import test_promise_fixes

from wheel_lab.doctor import RULES

# What a fix has to hold, to be more than advice: the name of a program, and what it is to do.
COMMAND = re.compile(
    r"\b(python -m \w+|pip install|auditwheel repair\b|delvewheel repair|delocate-wheel -|patchelf (-|{)|wheel tags"
    r"|readelf -|install_name_tool -|codesign -|lipo -|tar -)"
)
LOOKS = "it shows what there is, and changes nothing"
MAC = "the program runs on a Mac alone"
PART = "it names an option of a program, and not all that the program is to be given"
UNTYPED = {
    "I310": "pip would fetch the extra from the package index; test_descriptions.py tries the rest",
    "I501": PART,
    "M401": MAC,
    "M403": MAC,
    "M405": MAC,
    "M406": MAC,
    "M408": MAC,
    "M409": MAC,
    "M601": LOOKS,
    "M602": PART,
    "P105": PART,
    "P113": PART,
    "P203": LOOKS,
    "P216": LOOKS,
    "P315": PART,
}


def typed():
    """Return the codes that tests of the three modules are given, of which each types the fix of its code."""
    found = set()
    for module in (test_doctor_fixes, test_import_fixes, test_promise_fixes):
        for name, test in vars(module).items():
            marks = getattr(test, "pytestmark", []) if name.startswith("test_") else []
            for mark in (one for one in marks if one.name == "parametrize"):
                names, values = mark.args
                alone = isinstance(names, str)
                if "code" in ([names] if alone else names):
                    found |= {one if alone else getattr(one, "values", one)[names.index("code")] for one in values}
    return found


def test_each_command_is_typed_or_it_is_said_why_not():
    commands = {code for code, rule in RULES.items() if COMMAND.search(rule.fix)}
    assert len(commands) > 40
    assert commands - typed() == set(UNTYPED)


def test_what_is_typed_is_known_by_its_form():
    # The fix of I201 depends on the tag.
    assert all(COMMAND.search(RULES[code].fix) for code in typed() - {"I201"})


def test_it_would_tell_of_one_that_is_not_typed():
    assert {"I102", "M105", "P201", "M507", "M102", "B102", "I611"} <= typed()
    assert not {"I107", "M401"} & typed()
