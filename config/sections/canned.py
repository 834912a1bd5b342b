"""The section ``canned``: replies that agents of chats pick instead of typing them.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from config.base import Language, Model, Name, SiteName
from config.checks.templates import check_brackets, check_template
from config.draft import Draft
from config.marks import Form
from config.problems import Loc, suggest
from config.section import Section
from config.sections.agents import Agent
from config.sections.data_pass import DataPass
from config.sections.sites import Site

CannedText = Annotated[
    str, Field(min_length=1, max_length=2000), Form("a text of at most 2000 characters, in straight quotes")
]
#: What a canned reply may name, besides {context.KEY} and {signed.KEY}.
CANNED_PLACEHOLDERS = ("site", "agent")
_PASSED = re.compile(r"\{(context|signed)\.([A-Za-z0-9_.-]{1,64})\}")


class CannedReply(Model):
    """A reply that agents pick from a menu while they chat, and may change before they send it."""

    title: Annotated[str, Field(min_length=1, max_length=60)]
    """What the agent reads in the menu: "Delivery times"."""
    text: Annotated[dict[Language, CannedText], Field(min_length=1)]
    """The reply by language; the shopper's is picked, else the site's, else the first. {site}, {agent} (the
    agent's label), {context.KEY} and {signed.KEY} are filled in. A value that nobody knows becomes a gap,
    which the agent must fill before the reply can be sent; in [brackets] the part is left out instead."""
    sites: tuple[SiteName, ...] = ()
    """The sites whose chats have it; without any, all."""
    teams: tuple[Name, ...] = ()
    """The teams whose agents have it (`agents.NAME.teams`); without any, all agents."""


def check_canned(draft: Draft) -> None:
    """Problems and warnings of canned replies: placeholders that nothing can fill, and teams of nobody."""
    sites = draft.items(Site)
    known = {team for agent in draft.items(Agent).values() for team in agent.teams}
    for name, reply in draft.items(CannedReply).items():
        loc: Loc = ("canned", name)
        for language, text in reply.text.items():
            here: Loc = (*loc, "text", language)
            check_template(draft, here, text, CANNED_PLACEHOLDERS)
            check_brackets(draft, here, text)
            named = [sites[site] for site in reply.sites or sites if site in sites]
            for offset, problem in () if not named else _unknown(text, [site.data_pass for site in named]):
                draft.wrong_within(here, offset, problem)
        for index, team in enumerate(reply.teams):
            if team not in known:
                tip = suggest(team, known, "teams")
                draft.doubtful((*loc, "teams", index), f'no agent is of the team "{team}": {tip}')


def _unknown(text: str, passed: list[DataPass]) -> Iterator[tuple[int, str]]:
    """Placeholders that none of the sites can fill: where, and what to do."""
    for found in _PASSED.finditer(text):
        source, key = found[1], found[2]
        if source == "signed" and not any(each.signing for each in passed):
            yield (
                found.start(),
                f'nothing is signed: {found[0]} would always be a gap. Add "data_pass.signing"',
            )
        elif all(each.unknown_fields != "keep" and each.field_of(key) is None for each in passed):
            fields = sorted({field for each in passed for field in each.fields})
            yield found.start(), f"no page passes {key}: {suggest(key, fields, 'fields of data_pass')}"


CANNED = Section(checks=(check_canned,), one="canned reply", many="canned replies")
