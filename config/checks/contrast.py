"""Whether people can read a theme: contrast of colours as WCAG 2.2 defines it (1.4.3, 1.4.11)."""

from __future__ import annotations

from pydantic import BaseModel

from config.draft import Draft
from config.problems import Loc

#: Foreground, background, and the least ratio: 4.5 for text, 3 for what one must see and not read.
_PAIRS = (
    ("text", "background", 4.5),
    ("text", "surface", 4.5),
    ("muted", "background", 4.5),
    ("muted", "surface", 4.5),
    ("on_accent", "accent", 4.5),
    ("danger", "background", 4.5),
    ("danger", "surface", 4.5),
    ("accent", "background", 3.0),
    ("accent", "surface", 3.0),
    ("border", "background", 3.0),
)


def check_contrast(draft: Draft, loc: Loc, theme: BaseModel) -> None:
    """Warnings for pairs of colours that people with weak eyes cannot tell apart."""
    for front, back, least in _PAIRS:
        colours = getattr(theme, front), getattr(theme, back)
        found = contrast(*colours)
        if found < least:
            here = draft.written((*loc, front), (*loc, back), loc)
            draft.doubtful(
                here,
                f"hard to read: {front} {colours[0]} on {back} {colours[1]} has a contrast of "
                f"{found:.2f}:1, and needs {least:g}:1 (WCAG 2.2)",
            )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours ``#rrggbb``, from 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2), with the threshold of sRGB's own definition."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
