"""The section ``portal``: what operators find at the portal.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import Model
from config.fields import KeptSeconds
from config.section import Section

#: What may be edited at the portal: `engage` and `answers` are those of the sites.
EditableSection = Literal[
    "sites", "engage", "routes", "hours", "destinations", "stores", "agents", "queues", "mailboxes",
    "callbacks", "prompts", "canned", "flows", "answers",
]  # fmt: skip
ALL_SECTIONS: tuple[EditableSection, ...] = (
    "sites", "engage", "routes", "hours", "destinations", "stores", "agents", "queues", "mailboxes",
    "callbacks", "prompts", "canned", "flows", "answers",
)  # fmt: skip


class Portal(Model):
    """The portal, where operators change settings and read reports."""

    sections: tuple[EditableSection, ...] = ALL_SECTIONS
    """The sections that operators may edit there. What belongs to the machine, such as `server`, `sip`,
    `media` and `trunks`, and every secret, is never edited there."""
    git: bool = False
    """Whether each change is also committed, where the folder of the config file is a git work tree."""
    history: Annotated[KeptSeconds, Field(ge=86400)] = 400 * 86400.0
    """How long changes and the audit trail are kept."""


PORTAL = Section()
