"""Checks of texts with placeholders in braces."""

from __future__ import annotations

import re

from config.draft import Draft
from config.problems import Loc, suggest

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")
_PASSED = re.compile(r"(context|signed)\.[A-Za-z0-9_.-]{1,64}")
#: A part that is left out where its placeholders tell nothing, or a bracket that is none of it.
_BRACKETS = re.compile(r"\[([^\[\]]*)\]|[\[\]]")
PLACEHOLDERS = ("call_id", "site", "page", "number", "claimed_number")


def check_template(draft: Draft, loc: Loc, template: str, names: tuple[str, ...]) -> None:
    """Problems for braces that are none of these placeholders; {context.KEY}, {signed.KEY} are everywhere."""
    for found in _PLACEHOLDER.finditer(template):
        name = found[1]
        if name is None:
            opens = "is never closed" if found[0] == "{" else "was never opened"
            draft.wrong_within(
                loc, found.start(), f"this brace {opens}: use braces only for placeholders, such as {{site}}"
            )
        elif name not in names and not _PASSED.fullmatch(name):
            tip = suggest(name, (*names, "context.KEY", "signed.KEY"), "placeholders")
            draft.wrong_within(loc, found.start(), f"{{{name}}} is not a placeholder: {tip}")


def check_brackets(draft: Draft, loc: Loc, text: str) -> None:
    """Problems and warnings of a text's [parts] that are left out where a placeholder in them is empty."""
    for found in _BRACKETS.finditer(text):
        if found[1] is None:
            draft.wrong_within(loc, found.start(), "an unmatched bracket, or one within another")
        elif "{" not in found[1]:
            draft.doubtful(
                loc, "this part in brackets is always said: it has no placeholder that can be empty"
            )
