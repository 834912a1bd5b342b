"""Checks of texts with placeholders in braces."""

from __future__ import annotations

import re

from config.draft import Draft
from config.problems import Loc, suggest

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}|[{}]")
_PASSED = re.compile(r"(context|signed)\.[A-Za-z0-9_.-]{1,64}")
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
