"""Checks the engagement rules of a config file: a check of the loader's, as ``further`` takes them."""

from __future__ import annotations

from config.draft import Draft
from config.problems import Loc
from config.sections.sites import Site
from engage.doubts import doubt_rules
from engage.rules import compile_rules


def check_engagement(draft: Draft) -> None:
    """Problems of conditions and facts, with line and column."""

    def wrong(loc: Loc, offset: int | None, text: str) -> None:
        if offset is None:
            draft.wrong(loc, text)
        else:
            draft.wrong_within(loc, offset, text)

    for name, site in draft.items(Site).items():
        rules = compile_rules(name, site, draft.named("hours"), wrong)
        doubt_rules(draft, ("sites", name, "engage", "rules"), rules)
        draft.used("hours", (path[1] for path in rules.used if path[0] == "hours"))
