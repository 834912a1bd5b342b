"""What the screen pop must keep beyond its own form: whose phones, which placeholders, which secrets."""

from __future__ import annotations

import re

from config.destination_rules import check_template
from config.draft import Draft
from config.ending_rules import check_webhook
from config.problems import Loc, suggest

#: What a link may name, besides {context.KEY} and {signed.KEY}.
LINK_PLACEHOLDERS = ("call_id", "site", "agent", "number", "digits", "claimed_number", "page")

_SIGNED = re.compile(r"\{signed\.[^{}]{1,64}\}")


def check_screen_pop(draft: Draft) -> None:
    """Problems and warnings of screen pops and of the agents' own phones."""
    for name, site in draft.sites.items():
        loc: Loc = ("sites", name, "screen_pop")
        for index, link in enumerate(site.screen_pop.links):
            here = (*loc, "links", index)
            check_template(draft, (*here, "url"), _SIGNED.sub("", link.url), LINK_PLACEHOLDERS)
            if link.open_on == "offer" and site.screen_pop.when == "answer":
                draft.doubtful((*here, "open_on"), "opens on answer: nothing is shown before")
        if site.screen_pop.visitor and not site.data_pass.signing:
            draft.doubtful(
                (*loc, "visitor"), 'nothing is signed, so no customer is known: add "data_pass.signing"'
            )
        if site.screen_pop.when == "never":
            for key in ("links", "history", "visitor"):
                if draft.source.find((*loc, key)):
                    draft.doubtful((*loc, key), "has no effect: nothing is shown, ever")
        if site.screen_pop.webhook:
            check_webhook(draft, (*loc, "webhook"), site.screen_pop.webhook)
    _phones(draft)


def _phones(draft: Draft) -> None:
    whose: dict[str, str] = {}
    known = draft.named("destinations")
    for name, agent in draft.agents.items():
        for index, phone in enumerate(agent.phones):
            loc: Loc = ("agents", name, "phones", index)
            if phone not in known:
                draft.wrong(
                    loc, f'there is no destination called "{phone}": {suggest(phone, known, "destinations")}'
                )
            elif phone in whose:
                draft.wrong(loc, f"this is a phone of {whose[phone]}: a phone is one agent's own")
            whose.setdefault(phone, name)
