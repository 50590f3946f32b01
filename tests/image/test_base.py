"""What the lab takes from its base image: nothing but what ``binder/README.md`` lists, each with its source."""

import ast
import fnmatch
import functools
import importlib.metadata
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_bash

from tools.notebooks import name_of
from wheel_lab.lab import clinic, fetching, workbench
from wheel_lab.lab.clinic import shared

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "binder/Dockerfile"
README = ROOT / "binder/README.md"
TEXTS = sorted((ROOT / "notebooks/text").rglob("*.md"))
PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
# Programs that start the one which is named after their options.
STARTERS = {"env", "exec", "nohup", "time", "xargs"}


# --- which programs a script starts ----------------------------------------------------------------------------------


def commands(script: str) -> set[str]:
    """Return the programs that a shell script starts, without the functions that it defines.

    Raises
    ------
    ValueError
        The script is not understood, or a program's name is in a variable that has no default.
    """
    tree = PARSER.parse(script.encode())
    if tree.root_node.has_error:
        raise ValueError(f"this script is not understood:\n{script}")
    found, functions = set(), set()
    for node in walk(tree.root_node):
        if node.type == "command":
            found |= started([child.text.decode() for child in node.named_children if child.type not in
                              ("variable_assignment", "file_redirect", "herestring_redirect")])  # fmt: skip
        elif node.type == "function_definition":
            functions.add(node.child_by_field_name("name").text.decode())
    return found - functions


def walk(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """Give a node of the tree and all below it."""
    yield node
    for child in node.children:
        yield from walk(child)


def started(words: list[str]) -> set[str]:
    """Return the programs that one command starts: its own, and one that it is told to start."""
    name = re.sub(r"^\$\{\w+:-(\S+)\}$", r"\1", words[0].strip("\"'"))
    if name.startswith("$"):
        raise ValueError(f"what {words[0]} starts cannot be known here; give it a default: ${{NAME:-program}}")
    found, rest = {re.sub(r"\$\w+|\$\{\w+\}", "*", name)}, words[1:]
    if name in ("bash", "sh") and "-c" in rest:
        found |= commands(shlex.split(rest[rest.index("-c") + 1])[0])
    for place, word in enumerate(rest):
        if name == "find" and word in ("-exec", "-execdir", "-ok"):
            found |= started(rest[place + 1 :])
    if name in STARTERS:
        inner = [word for word in rest if not re.match(r"-|\w+=", word)]
        found |= started(inner) if inner else set()
    return found


# --- the scripts -----------------------------------------------------------------------------------------------------


def of_dockerfile(text: str) -> set[str]:
    """Return the programs that the Dockerfile's RUN lines start, and the shell that runs them."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    scripts = re.findall(r"(?m)^RUN\s+(?:--\S+\s+)*(.+)", joined)
    return {"sh"}.union(*map(commands, scripts)) if scripts else set()


def of_chapter(text: str) -> set[str]:
    """Return the programs that the code cells of a chapter start."""
    found = set()
    for cell in re.findall(r"(?ms)^```\{code-cell\}[^\n]*\n(.*?)^```$", text):
        cell = re.sub(r"(?s)\A(---\n.*?\n---\n|:[^\n]*\n|\s*\n)*", "", cell)  # tags and other options
        magic, _, script = cell.partition("\n")
        if re.match(r"%%(bash|manylinux)\b", magic):
            found |= {"bash"} | commands(script)
        elif not magic.startswith("%%"):
            found |= {name for line in re.findall(r"(?m)^\s*!(.*)", cell) for name in commands(line)}
            found |= of_python(re.sub(r"(?m)^\s*[!%].*", "", cell))
    return found


def of_python(source: str) -> set[str]:
    """Return the programs that a Python cell starts with ``subprocess.run`` or ``builds.steps``."""
    tree = ast.parse(source)
    known = {target.id: node.value for node in ast.walk(tree) if isinstance(node, ast.Assign)
             for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip
    found = set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        told = ast.unparse(call.func)
        if told in ("subprocess.run", "subprocess.Popen", "builds.steps"):
            argument = known.get(getattr(call.args[0], "id", None), call.args[0])
            for script in argument.values if isinstance(argument, ast.Dict) else [argument]:
                found |= of_argument(script, known)
    return found


def of_argument(node: ast.expr, known: dict[str, ast.expr]) -> set[str]:
    """Return the programs that a command starts: a list of words, or a string for the shell."""
    return commands(text_of(node.elts[0] if isinstance(node, ast.List) else node, known))


def text_of(node: ast.expr, known: dict[str, ast.expr]) -> str:
    """Return the string that an expression gives, with a word for each value that only running it would tell."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part, known) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return text_of(known.get(getattr(node.value, "id", ""), node.value), known)
    return node.value if isinstance(node, ast.Constant) else "something"


@functools.cache
def used() -> dict[str, set[str]]:
    """Return which programs each file starts, by the file's name, with its folder when that is another one."""
    found = {name_of(path): of_chapter(path.read_text()) for path in TEXTS}
    found[DOCKERFILE.name] = of_dockerfile(DOCKERFILE.read_text())
    # chapter 0 asks these for their version
    asked = {sys.executable: "python", "<compiler>": "c++"}
    found["workbench.py"] = {asked.get(command[0], command[0]) for _, command, _ in workbench.TOOLS}
    # the cases of the clinic are made by scripts, and solved with tools that only their hints name
    found["clinic"] = commands(shared.SCRIPT + shared.PACK) | set(clinic.TOOLS)
    return found


# --- what there is ---------------------------------------------------------------------------------------------------


@functools.cache
def rows() -> list[tuple[list[str], str]]:
    """Return the rows of the README's table of commands: their names, and the last column."""
    section = README.read_text().partition("\n### Commands\n")[2].partition("\n#")[0]
    lines = [line.strip("| ").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [(re.findall(r"`([^`]+)`", cells[0]), cells[-1]) for cells in lines]


@functools.cache
def of_bash() -> set[str]:
    """Return the commands that bash brings with it."""
    return set(subprocess.run(["bash", "-c", "compgen -b"], capture_output=True, text=True, check=True).stdout.split())


@functools.cache
def of_the_lab() -> set[str]:
    """Return the programs that the lab installs in its own environment."""
    found = {"python", "python3"}
    for name in (*fetching.pinned(ROOT / "requirements.txt"), "wheel-lab"):
        try:
            one = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:  # for another Python than this one
            continue
        found |= {script.name for script in one.entry_points if script.group == "console_scripts"}
        found |= {file.name for file in one.files or () if file.parent.name == "bin" and ".." in file.parts}
    return found


def unlisted(programs: set[str], listed: set[str]) -> list[str]:
    """Return which `programs` are not `listed`; a relative path is what the script made itself."""
    own = of_bash() | of_the_lab()
    taken = {name for name in programs - own if "/" not in name or name.startswith("/")}
    return sorted(name for name in taken if not any(fnmatch.fnmatch(name, pattern) for pattern in listed))


# --- the tests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*map(name_of, TEXTS), DOCKERFILE.name, "workbench.py", "clinic"])
def test_nothing_else_is_taken_from_the_base(name):
    listed = {name for names, _ in rows() for name in names}
    assert unlisted(used()[name], listed) == [], "not in the table of binder/README.md, nor installed by the lab"


def test_all_that_is_listed_is_used():
    everything = set().union(*used().values())
    for names, _ in rows():
        for name in names:
            assert fnmatch.filter(everything, name), f"{name}: nothing takes it from the base any more"


def test_each_row_names_the_line_that_provides_it():
    assert len(rows()) > 5
    for names, source in rows():
        assert re.search(r"`(manylinux|almalinux|changelog): [\w./-]+:\d+`", source), f"{names}: {source}"


@pytest.mark.parametrize("script", [
    "jq . a.json", "a=$(jq . b)", "diff <(jq . a) b", "if true; then x=1 jq . a; fi", "ls | jq .", "(cd a; jq .)",
    "find . -name a -exec jq . {} +", "bash -e -c 'ls; jq .'", "${JQ:-jq} .", "env -i A=b jq .", "f() { jq .; }; f",
    "for i in 1; do jq .; done", 'echo "$(jq .)"', "a || jq . > b", "/usr/bin/jq .", "jq . <<'END'\nls\nEND",
])  # fmt: skip
def test_a_program_that_is_not_listed_is_seen(script):
    assert unlisted(commands(script), {"ls", "find", "diff", "env", "bash", "a"}) in (["jq"], ["/usr/bin/jq"])
    line = script.replace("\n", "\\n")
    if "\n" not in script:
        assert "jq" in str(of_dockerfile(f"FROM a\nRUN --mount=type=cache,target=/b ls \\\n    && {line}\n"))
    assert "jq" in str(of_chapter(f"Text\n\n```{{code-cell}} ipython3\n:tags: [x]\n\n%%bash -e\n{script}\n```\n"))


@pytest.mark.parametrize("source", [
    'subprocess.run(["jq", "."])', 'command = "jq . a"\nsubprocess.run(command, shell=True)', "!jq . a",
    'a = "jq ."\nbuilds.steps({"one": f"{a} > b", "two": "ls"})',
])  # fmt: skip
def test_a_program_that_python_starts_is_seen(source):
    assert "jq" in of_chapter(f"```{{code-cell}} ipython3\n{source}\n```\n")


def test_what_cannot_be_read_is_said():
    with pytest.raises(ValueError, match="not understood"):
        commands("if true; then")
    with pytest.raises(ValueError, match="give it a default"):
        commands("$EDITOR a")
