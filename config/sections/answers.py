"""Answers that a site's panel gives before a shopper gets in contact.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.base import Model
from config.draft import Draft
from config.problems import Loc
from config.sections.page import ContactWay


class AnswersSettings(Model):
    """Answers that shoppers find before they get in contact: [the guide](answers.md)."""

    file: Path
    """The YAML file with the answers."""
    before: Annotated[tuple[ContactWay, ...], Field(max_length=3)] = ("phone", "pc", "chat")
    """The ways of contact before which answers are shown. Whoever wants to talk gets on with one click."""
    at_most: Annotated[int, Field(ge=1, le=10)] = 3
    """How many answers are suggested or found at once."""


def check_answers(draft: Draft, loc: Loc, answers: AnswersSettings, ways: Sequence[ContactWay]) -> None:
    """Warnings of a site's answers. Their file is read by :mod:`answers.load`."""
    for index, way in enumerate(answers.before):
        here = (*loc, "before", index)
        if way in answers.before[:index]:
            draft.doubtful(here, "is here twice: remove one")
        elif way not in ways and draft.source.find(here):
            draft.doubtful(here, f"shoppers cannot get in contact by {way} here: remove it")
