"""The section ``prompts``: recordings by name. Its items are paths, and have no model."""

from __future__ import annotations

from pathlib import Path

from config.checks.files import wav_problem
from config.draft import Draft
from config.section import UNUSED, Section


def check_prompts(draft: Draft) -> None:
    """Problems of recordings that cannot be played."""
    for loc, path in draft.at(("prompts", "*")):
        if problem := wav_problem(Path(path)):
            draft.wrong(loc, problem)


PROMPTS = Section(checks=(check_prompts,), unused=UNUSED)
