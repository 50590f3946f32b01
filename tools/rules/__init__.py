"""What a chapter keeps, as rules: small functions that yield what is wrong with a chapter, in words for its author.

``python -m tools.rules`` tries all of them on the committed chapters; the tests do the same.
"""

from collections.abc import Callable, Iterator

from tools.notebooks import Chapter
from tools.rules import cells, pages, story

Rule = Callable[[Chapter], Iterator[str]]

RULES: list[Rule] = [
    cells.executed_in_order,
    cells.nothing_empty,
    cells.nothing_skipped,
    cells.ignored_with_a_reason,
    cells.few_ignored,
    cells.proof_is_compared,
    cells.markers_are_understood,
    cells.exit_codes_count,
    cells.bash_stops_at_errors,
    cells.no_trailing_semicolon,
    cells.no_silent_error,
    cells.short,
    cells.followed_by_nbval,
    pages.nothing_of_this_machine,
    pages.opens_as_agreed,
    pages.closes_as_agreed,
    pages.links_hold,
    pages.no_formula_by_accident,
    pages.pictures_in_words,
    pages.widgets_have_twins,
    pages.works_in_its_own_folder,
    pages.made_from_its_text,
    story.one_artefact_one_value,
    story.values_without_a_name_are_known,
    story.parts_fit_their_total,
    story.exceptions_say_why,
    story.made_by_the_agreed_python,
]
