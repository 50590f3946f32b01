"""The handout "Which tool tells you what", made from the table of benchmarks/JUDGES.md (`make judges`)."""

import json

from tools.notebooks import ROOT

__all__ = ["which_tool"]

OURS = "wheel-lab doctor"
TABLES, RESULTS = (ROOT / "benchmarks" / name for name in ("JUDGES.md", "judges.json"))
HALF = " (by half)"
VERDICTS = {"yes": "", "half": HALF}


def which_tool() -> str:
    """Return the page in MyST: for each tool, which of the defects it named."""
    date = json.loads(RESULTS.read_text(encoding="utf-8"))["date"]
    told = named()
    ours = next(tool for tool in told if tool.startswith(OURS))
    defects = {defect.removesuffix(HALF) for many in told.values() for defect in many}
    whole = {tool: [one for one in many if not one.endswith(HALF)] for tool, many in told.items()}
    others = {one for tool, many in whole.items() if tool != ours for one in many}
    alone = [one for one in whole[ours] if one not in others]
    missed = sorted(defects - set(whole[ours]))
    beside = f"**Not named by `{ours}`**: {'; '.join(missed)}.\n" if missed else ""
    rows = "\n".join(f"| `{tool}` | {'; '.join(many)} |" for tool, many in told.items() if tool != ours)
    return f"""---
myst:
  html_meta:
    description: Which checking tool names which defect of a Python wheel, on one page to print.
---

# Which tool tells you what

:::{{div}} handout
Forty wheels with one defect each were shown to these tools on {date}. A tool named a defect when its words say what is
wrong; *by half* when it shows the fact and does not say that it is wrong. *The index* speaks after the upload. Each
tool may do more in its own field. [How it was judged](../judges.md)

| tool | defects that it named |
|---|---|
{rows}

**Named by none of these**, and by `{ours}`: {"; ".join(alone)}.

{beside}
**Ask the file yourself.** `unzip -Z1 WHEEL` what is in it · `readelf -d FILE` what it needs, and where it looks ·
`ldd FILE` what this machine would load for it (only for files that you trust) · `objdump -T FILE | grep GLIBC_` which
versions it asks for · `auditwheel show --json WHEEL` which libraries must come from outside ·
`wheel unpack WHEEL` whether `RECORD` holds · `pip debug --verbose` which tags this Python takes
:::
"""


def named() -> dict[str, list[str]]:
    """Return what each tool named, in the order of the table that has a row for each defect."""
    tables = [part.strip().splitlines() for part in TABLES.read_text(encoding="utf-8").split("\n\n")]
    (table,) = (lines for lines in tables if lines[0].startswith("| defect "))
    head, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in (table[0], *table[2:]))
    return {
        tool: [f"{row[0]}{VERDICTS[row[column]]}" for row in rows if row[column] in VERDICTS]
        for column, tool in enumerate(head)
        if column
    }
