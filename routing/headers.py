"""Header values with placeholders, filled in for one call."""

from __future__ import annotations

import re

from routing.plan import ClickToCall

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
#: What a placeholder may name, besides ``context.KEY``.
NAMES = ("call_id", "site", "page", "number")
#: The longest value that is put into one header; SIP over UDP has to stay below the path's MTU.
LONGEST = 200


def fill(template: str, click: ClickToCall, call_id: str) -> str:
    """The template with its placeholders filled in; what the page did not pass becomes empty.

    Control characters become spaces, so that no value can begin a header of its own (RFC 3261 section 7.3).
    """
    values = {"call_id": call_id, "site": click.site, "page": click.page, "number": click.number}

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name.startswith("context."):
            return click.context.get(name.removeprefix("context."), "")
        return values.get(name, "")

    return re.sub(r"[\x00-\x1f\x7f]", " ", PLACEHOLDER.sub(value, template))[:LONGEST]
