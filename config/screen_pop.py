"""The settings of the screen pop: who sees what of a shopper, when, and who else is told.

As in :mod:`config.models`, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import Model
from config.data_pass import FieldKey
from config.endings import Webhook
from config.fields import Form

#: When something is shown, or opened.
When = Literal["offer", "answer", "never"]
#: What an agent may see that others may not.
Right = Literal["sensitive", "numbers"]
#: Placeholders stand behind the host alone: what a page passes cannot lead elsewhere.
UrlTemplate = Annotated[
    str,
    Field(pattern=r"^https?://[^\s/?#{}\\@]+([/?#]\S*)?$", max_length=2000),
    Form("a URL with placeholders behind its host, such as https://crm.example/find?phone={number}"),
]


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


class ScreenPop(Model):
    """What an agent sees of the shopper, and when."""

    when: When = "offer"
    """When the agents' pages show it: while the call rings (`offer`), once it is answered (`answer`), or
    never."""
    history: Annotated[int, Field(ge=0, le=50)] = 5
    """How many earlier calls of the same shopper are shown with it: those of their number, at this site."""
    visitor: FieldKey | None = None
    """The field that tells customers apart, such as `customer.id`, where the retailer's server signs it: a
    customer's earlier calls are then found whatever their number, and without one."""
    links: Annotated[tuple[PopLink, ...], Field(max_length=8)] = ()
    """Pages about the shopper in other systems."""
    webhook: PopWebhook | None = None
    """Another system that is told."""
