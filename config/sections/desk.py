"""The section ``desk``: what agents find at their desk.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.base import Model, Name, Named, RouteName, SomeSeconds
from config.draft import Draft
from config.fields import MINUTE, Seconds
from config.marks import Form, Usual
from config.problems import Loc
from config.section import Section

Label = Annotated[str, Field(min_length=1, max_length=80), Form("a text of at most 80 characters")]


class Transfers(Model):
    """Where agents may transfer calls to."""

    agents: bool = True
    """Whether to any other agent who is available."""
    destinations: tuple[Named, ...] = ()
    """To these destinations, rows of a store table, or whole tables (the nearest row)."""
    routes: tuple[RouteName, ...] = ()
    """To the destinations in the ring steps of these routes."""
    numbers: bool = False
    """Whether to any phone number that the call's site may call, through the site's trunk."""
    timeout: SomeSeconds = 20.0
    """How long an agent, a destination or a number rings."""


class Desk(Model):
    """What agents find at their desk, whatever the site of the call."""

    wrap_up: Annotated[Seconds, Usual(0, "", 30 * MINUTE, "the agent gets no calls until then")] = 0.0
    """How long an agent is not rung after a call, unless they give a wrap-up code before. A chat that has
    ended takes its room so long, too, unless the agent is done with it before."""
    codes: dict[Name, Label] = {}
    """What a call was about, for agents to choose from: wrap-up codes by name, and what the desk shows."""
    transfers: Transfers = Transfers()
    """Where agents may transfer calls to."""


def check_desk(draft: Draft) -> None:
    """Warnings of the desk."""
    warn_of_wrap_up(draft, ("desk",), draft.section(Desk))


def warn_of_wrap_up(draft: Draft, loc: Loc, desk: Desk | None) -> None:
    """A warning for a wrap-up that no agent can end."""
    if desk and desk.wrap_up and not desk.codes and draft.named("agents"):
        draft.doubtful(
            (*loc, "wrap_up"), 'agents have no code to end it with: add some to "codes", or remove it'
        )


DESK = Section(checks=(check_desk,))
