"""The screen pop: who sees what of a shopper, when, and who else is told.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from config.base import Model
from config.checks.templates import check_template
from config.draft import Draft
from config.marks import Form
from config.problems import Loc
from config.sections.data_pass import FieldKey
from config.sections.webhook import Webhook, check_webhook

#: When something is shown, or opened.
When = Literal["offer", "answer", "never"]
#: What an agent may see or do that others may not.
Right = Literal["sensitive", "numbers", "supervise"]
#: Placeholders stand behind the host alone: what a page passes cannot lead elsewhere.
UrlTemplate = Annotated[
    str,
    Field(pattern=r"^https?://[^\s/?#{}\\@]+([/?#]\S*)?$", max_length=2000),
    Form("a URL with placeholders after its host, such as https://crm.example/find?phone={number}"),
]
#: What a link may name, besides {context.KEY} and {signed.KEY}.
LINK_PLACEHOLDERS = ("call_id", "site", "agent", "number", "digits", "claimed_number", "page")
_SIGNED = re.compile(r"\{signed\.[^{}]{1,64}\}")


class PopLink(Model):
    """A page about the shopper in another system, such as a CRM."""

    label: Annotated[str, Field(min_length=1, max_length=60)]
    """What the agent reads: "Open in CRM"."""
    url: UrlTemplate
    """Its address. {call_id}, {site}, {agent}, {number} (+16175550123), {digits} (16175550123), {page},
    {context.KEY} and {signed.KEY} are filled in, each escaped, so that none leaves its place."""
    open_on: When = "never"
    """When the agent's page opens it by itself, in a tab of its own; otherwise the agent clicks it."""


class PopWebhook(Webhook):
    """An address that is told of each call that is offered, answered and over, with what is known of it."""

    when: Literal["offer", "answer"] = "offer"
    """From when on it is told."""
    sensitive_fields: bool = False
    """Whether it is told sensitive fields too. The shopper's number it is told in any case."""


class PopSettings(Model):
    """What an agent sees of the shopper, and when."""

    when: When = "offer"
    """When the agents' pages show it: while the call rings (`offer`), once it is answered (`answer`), or
    never."""
    history: Annotated[int, Field(ge=0, le=50)] = 5
    """How many earlier calls and chats of the same shopper are shown with it: those of their number, at this
    site."""
    visitor: FieldKey | None = None
    """The field that tells customers apart, such as `customer.id`, where the retailer's server signs it: a
    customer's earlier calls are then found whatever their number, and without one."""
    links: Annotated[tuple[PopLink, ...], Field(max_length=8)] = ()
    """Pages about the shopper in other systems."""
    webhook: PopWebhook | None = None
    """Another system that is told."""


def check_screen_pop(draft: Draft, loc: Loc, pop: PopSettings, *, signed: bool) -> None:
    """Problems and warnings of a site's screen pop; ``signed``: whether its server signs what it passes."""
    for index, link in enumerate(pop.links):
        here = (*loc, "links", index)
        check_template(draft, (*here, "url"), _SIGNED.sub("", link.url), LINK_PLACEHOLDERS)
        if link.open_on == "offer" and pop.when == "answer":
            draft.doubtful((*here, "open_on"), "opens on answer: nothing is shown before then then")
    if pop.visitor and not signed:
        draft.doubtful(
            (*loc, "visitor"), 'nothing is signed, so no customer is known: add "data_pass.signing"'
        )
    if pop.when == "never":
        for key in ("links", "history", "visitor"):
            if draft.source.find((*loc, key)):
                draft.doubtful((*loc, key), "has no effect: agents' pages never show anything")
    if pop.webhook:
        check_webhook(draft, (*loc, "webhook"), pop.webhook)
