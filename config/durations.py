"""Durations that are right by their form and absurd where they stand: a wrong unit, or a zero too many."""

from __future__ import annotations

from config.draft import Draft
from config.fields import parse_duration, write_duration
from config.shape import Shape, texts


def check_durations(draft: Draft, root: Shape) -> None:
    """Warnings for durations that make no sense where they stand (:class:`config.marks.Usual`)."""
    for loc, text, shape in texts(draft.tree, root):
        if shape.usual is None:
            continue
        try:
            seconds = parse_duration(text)
        except ValueError:
            continue  # the models have told
        if seconds < shape.usual.least:
            draft.doubtful(
                loc, f"{write_duration(seconds)} is very short: {shape.usual.too_short}. Is the unit right?"
            )
        elif seconds > shape.usual.most:
            draft.doubtful(
                loc, f"{write_duration(seconds)} is very long: {shape.usual.too_long}. Is the unit right?"
            )
