"""Try all rules on the committed chapters: ``python -m tools.rules``."""

import sys

from tools.notebooks import chapters
from tools.rules import RULES

problems = [f"{chapter.number:3}  {said}" for chapter in chapters() for rule in RULES for said in rule(chapter)]
print(*problems or ["the chapters keep all rules"], sep="\n")
sys.exit(bool(problems))
