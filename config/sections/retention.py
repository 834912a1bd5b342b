"""How long what is kept of people stays.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.base import Model
from config.fields import KeptSeconds

Kept = Annotated[KeptSeconds, Field(ge=3600)]


class Retention(Model):
    """How long what is kept of a site's shoppers stays; without a time, for ever. Once a day what is older
    goes, in small pieces. Messages have the `keep_messages` of their mailbox, mails and webhooks
    `server.keep_deliveries`."""

    calls: Kept | None = None
    """Calls with their legs, the agents' notes, and all that was passed: deleted, from reports too."""
    visitors: Kept | None = None
    """Who it was: number, page, what was passed and signed, IP address, customer id, notes. Then the call
    remains as a row that is counted."""
    chats: Kept | None = None
    """Chats that are over, with all that was said in them: deleted, from reports too."""
    callbacks: Kept | None = None
    """Callbacks that are over: done, cancelled or given up."""
    leads: Kept = 400 * 86400.0
    """[Leads](follow-up.md) that are closed, with their contacts. By when each was answered stays, without
    the person."""
    questions: Kept = 90 * 86400.0
    """What shoppers asked in the search of [answers](answers.md), and how often; and how often each answer
    helped."""
    pages: Kept = 90 * 86400.0
    """What the [line of JavaScript](page.md) keeps: visitors who agreed to be remembered, what each was
    offered, and orders. Counts without persons stay."""
