"""The section ``agents``: people who answer calls in a browser or at a phone of their own.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import (
    AGENT,
    AsteriskName,
    CustomerName,
    EmailAddress,
    HoursName,
    Model,
    Name,
    Named,
    TimeZone,
)
from config.checks.labels import check_labels
from config.checks.passwords import PasswordHash, check_password_hashes, check_totp_secrets
from config.draft import Draft
from config.fields import Secret
from config.problems import Loc, suggest
from config.section import Section
from config.sections.asterisk import Interface
from config.sections.cobrowse import Scope
from config.sections.screen_pop import Right
from config.sections.speech import Whisper, check_whisper


class Agent(Model):
    """Somebody who answers calls in a browser, as destination `agent:NAME`."""

    label: str
    """What the shopper's page shows: "Alice"."""
    password_hash: PasswordHash
    """What `ringback agent-password` prints for the agent's password."""
    customer: CustomerName | None = None
    """The customer that the agent works for, where the server serves several: the agent has the customer's
    `desk` and pages, and sees nothing of other customers and their agents."""
    totp_secret: Secret | None = None
    """What `ringback agent-totp` prints: then a log-in wants a code of the agent's authenticator app, too."""
    hours: HoursName | None = None
    """When the agent may be rung; without hours, whenever logged in and available."""
    time_zone: TimeZone | None = None
    """Where these hours are told, in place of the hours' own time zone."""
    weight: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    """The agent's share of the calls of a `weighted` step."""
    whisper: Whisper | None = None
    """What the agent is told before the shopper hears them, as for a destination."""
    phones: tuple[Name, ...] = ()
    """Destinations that are the agent's own phones: what they ring for, the agent's page shows, without audio
    in the browser."""
    interface: Interface | None = None
    """The agent's phone as Asterisk names it, such as `PJSIP/alice`: its state counts as the agent's, and the
    agent's page shows what it rings for."""
    asterisk: AsteriskName | None = None
    """The Asterisk that has this interface; needed where there are several."""
    email: EmailAddress | None = None
    """Where the agent gets mail about leads of theirs; needs `mail`."""
    follows: tuple[Named, ...] = ()
    """Destinations, and rows of store tables such as `shops/boston`, whose [leads](follow-up.md) are the
    agent's, besides those of their own phones."""
    teams: tuple[Name, ...] = ()
    """The teams that the agent is of: which of the `canned` replies they have."""
    rights: tuple[Right, ...] = ()
    """What the agent may see and do that others may not: fields that are `sensitive`, shoppers' whole
    `numbers`; `supervise`: read the chats of all agents, whisper to them, and take chats over."""
    takes: Annotated[tuple[Literal["calls", "chats"], ...], Field(min_length=1)] = ("calls", "chats")
    """What the agent takes: `calls`, `chats`, or both."""
    chats: Annotated[int, Field(ge=0, le=20)] = 2
    """How many chats the agent has at once."""
    chats_in_call: Annotated[int, Field(ge=0, le=20)] = 0
    """How many while they are in a call. An agent who has more chats than that is not rung by calls."""
    cobrowse: tuple[Scope, ...] | None = None
    """What the agent may do in shared views: `see`, `point`, `fill`; without it, all that the site's
    `cobrowse` allows. `[]` is nothing."""


def check_agents(draft: Draft) -> None:
    """Problems and warnings of agents' log-ins, hours and phones."""
    check_totp_secrets(draft, "agents")
    check_password_hashes(draft, "agents")
    for name, agent in draft.items(Agent).items():
        if agent.time_zone and not agent.hours:
            draft.doubtful(("agents", name, "time_zone"), 'has no effect without "hours"')
        check_whisper(draft, ("agents", name, "whisper"), agent.whisper)
        if agent.email is not None and draft.tree.get("mail") is None:
            draft.wrong(("agents", name, "email"), 'nothing says how mail is sent: add the section "mail"')
        if agent.chats_in_call > agent.chats:
            draft.doubtful(
                ("agents", name, "chats_in_call"), f"has no effect: the agent has {agent.chats} chats at most"
            )
        if "chats" not in agent.takes:
            for key in ("chats", "chats_in_call"):
                if draft.source.find(("agents", name, key)):
                    draft.doubtful(("agents", name, key), 'has no effect: the agent does not take "chats"')
        if agent.cobrowse and "see" not in agent.cobrowse:
            draft.wrong(
                ("agents", name, "cobrowse"), 'nobody can point or fill without seeing the page: add "see"'
            )
    _interfaces(draft)
    _phones(draft)
    check_labels(draft, "agents")


def _interfaces(draft: Draft) -> None:
    known = draft.named("asterisk")
    first_with: dict[tuple[str, str | None], str] = {}
    for name, agent in draft.items(Agent).items():
        loc: Loc = ("agents", name)
        if agent.interface is None:
            if agent.asterisk is not None:
                draft.doubtful((*loc, "asterisk"), 'has no effect without "interface"')
            continue
        if not known:
            draft.wrong(
                (*loc, "interface"), 'nothing reports the state of this phone: add the section "asterisk"'
            )
        elif agent.asterisk is None and len(known) > 1:
            draft.wrong(
                (*loc, "interface"),
                f'there are there are several Asterisks: add "asterisk", one of {", ".join(known)}',
            )
        key = (agent.interface, agent.asterisk)
        if key in first_with:
            draft.wrong((*loc, "interface"), f"agent {first_with[key]} has the same phone: choose another")
        first_with.setdefault(key, name)


def _phones(draft: Draft) -> None:
    whose: dict[str, str] = {}
    known = draft.named("destinations")
    for name, agent in draft.items(Agent).items():
        for index, phone in enumerate(agent.phones):
            loc: Loc = ("agents", name, "phones", index)
            if phone not in known:
                draft.wrong(
                    loc, f'there is no destination called "{phone}": {suggest(phone, known, "destinations")}'
                )
            elif phone in whose:
                draft.wrong(loc, f"this is already a phone of {whose[phone]}: a phone belongs to one agent")
            whose.setdefault(phone, name)


def _with_a_phone(draft: Draft) -> set[str]:
    """Agents who answer a phone of their own need not be rung in a browser."""
    return {name for name, agent in draft.items(Agent).items() if agent.phones or agent.interface}


AGENTS = Section(
    checks=(check_agents,),
    unused=f'no ring step names this agent: name it as "{AGENT}{{name}}", or remove it',
    in_use=_with_a_phone,
)
