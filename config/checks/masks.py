"""How a site describes what must be masked in chats."""

from __future__ import annotations


def mask_problem(pattern: str) -> str | None:
    """What is wrong with a pattern: ``#`` is a digit, ``@`` a letter, anything else itself, in any case.

    A pattern has no repetition, so that no text can make it slow.
    """
    if not any(character in "#@" for character in pattern):
        return "write # for a digit and @ for a letter, such as @@######@"
    if len(mask_signs(pattern)) < 4:
        return "too short: it would mask harmless text. Use at least 4 characters"
    return None


def mask_signs(pattern: str) -> list[str]:
    """The characters of a pattern that count: blanks and dashes may stand anywhere."""
    return [character for character in pattern if not character.isspace() and character != "-"]
