"""The section ``portal``: what operators find at the portal.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import Model, TimeZone
from config.fields import KeptSeconds, Percent, Seconds
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


class WallboardLimits(Model):
    """From when on the wallboard says that something is wrong."""

    waiting: Annotated[int, Field(ge=1, le=10_000)] = 5
    """So many wait in a queue."""
    longest_wait: Annotated[Seconds, Field(ge=1)] = 60.0
    """Somebody has waited that long."""
    service_level: Percent = 0.8
    """Less than this share of a queue's calls of the last hour was answered in time (`answer_within`)."""


class Portal(Model):
    """The portal, where operators change settings and read reports."""

    sections: tuple[EditableSection, ...] = ALL_SECTIONS
    """The sections that operators may edit there. What belongs to the machine, such as `server`, `sip`,
    `media` and `trunks`, and every secret, is never edited there."""
    git: bool = False
    """Commit each change that is applied or undone there, with the operator as its author, where the config
    file is in a git work tree. It needs the program `git`; what it refuses is told with the change."""
    history: Annotated[KeptSeconds, Field(ge=86400)] = 400 * 86400.0
    """How long changes and the audit trail are kept."""
    agent_time: Annotated[KeptSeconds, Field(ge=86400)] = 400 * 86400.0
    """How long it is kept what each agent did and when, for the report of agents' time."""
    time_zone: TimeZone = "UTC"
    """Where it is decided which day is today, on the wallboard."""
    wallboard: WallboardLimits = WallboardLimits()
    """What the [wallboard](portal.md#wallboard) warns of."""


PORTAL = Section()
