"""Texts of chats with placeholders: filled in for a shopper, so that none is ever left as it was written."""

from __future__ import annotations

import re
from collections.abc import Callable
from unicodedata import normalize

#: A placeholder in braces, such as ``{context.cart.value}``.
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
#: A part that is left out where one of its placeholders is empty: ``[, {context.customer.name}]``.
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
#: What no value may bring along: what begins a line, or would be taken for a placeholder.
_UNSAID = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029{}\[\]]+")
#: The longest value that is put into a text.
LONGEST_VALUE = 200


def fill(text: str, value_of: Callable[[str], str]) -> str:
    """The text with its placeholders filled in; what nobody knows becomes empty.

    A part in [brackets] is left out where one of its placeholders is empty.
    """

    def value(found: re.Match[str]) -> str:
        return safe_value(value_of(found[1]))

    def part(found: re.Match[str]) -> str:
        told = all(value(placeholder) for placeholder in _PLACEHOLDER.finditer(found[1]))
        return found[1] if told else ""

    return tidy_blanks(_PLACEHOLDER.sub(value, _OPTIONAL.sub(part, text)))


def placeholders(text: str) -> tuple[str, ...]:
    """The names of a text's placeholders, each once, in order."""
    return tuple(dict.fromkeys(found[1] for found in _PLACEHOLDER.finditer(text)))


def safe_value(value: str) -> str:
    """A value as it may stand in a text: on one line, without braces, and not too long."""
    return " ".join(_UNSAID.sub(" ", normalize("NFC", value)).split())[:LONGEST_VALUE]


def tidy_blanks(text: str) -> str:
    """The text without what an empty value leaves behind: a second blank, or one before a comma."""
    return re.sub(r" +(?=[,.;:!?](?:\s|$))", "", re.sub(r"[ \t]{2,}", " ", text)).strip()
