"""The settings of legs in browsers: how audio reaches them, and the agents who answer in one.

As in :mod:`config.models`, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from config.asterisk import Interface
from config.base import IceUrl, Model, Name, SomeSeconds, TimeZone
from config.endings import Whisper
from config.fields import Form, PortRange, Ports, Seconds, Secret
from config.screen_pop import Right

if TYPE_CHECKING:
    from config.models import Site

#: How an agent's password is kept: argon2's own form, salt and costs included (RFC 9106).
PasswordHash = Annotated[
    str,
    Field(
        pattern=r"^\$argon2id\$v=19\$m=[0-9]{1,7},t=[0-9]{1,3},p=[0-9]{1,2}\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,128}$"
    ),
    Form("what `ringback agent-password` prints, which begins with $argon2id$"),
]


class WebRtc(Model):
    """Browsers as legs: where their audio arrives, and the servers that help it through."""

    bind_address: str | None = None
    """The address of this machine that browsers' audio uses; without one, that of `sip.bind_address`."""
    public_address: str | None = None
    """The address that browsers see, where this node stands behind 1:1 NAT; without one, that of
    `sip.public_address`."""
    media_ports: Ports = PortRange(40000, 49999)
    """UDP ports of browsers' audio: one for each browser leg and address of this machine, and another while a
    reloaded page takes its leg over."""
    stun: Annotated[tuple[IceUrl, ...], Field(max_length=4)] = ()
    """STUN servers that browsers may ask for their address; not needed where this node can be reached."""
    turn: Annotated[tuple[IceUrl, ...], Field(max_length=4)] = ()
    """TURN servers for browsers whose network lets no UDP out to this node."""
    turn_secret: Secret | None = None
    """What the TURN servers share with us to make short-lived passwords (coturn's `use-auth-secret`)."""
    turn_lifetime: Annotated[Seconds, Field(ge=60)] = 3600.0
    """How long such a password is good for."""
    workers: Annotated[int, Field(ge=1, le=16)] = 1
    """Browser workers, each a process of its own, and a core's worth of calls."""
    grace_period: SomeSeconds = 20.0
    """How long a leg outlives its browser's connection, for a reloaded page or another network to take it
    over."""


class Agent(Model):
    """Somebody who answers calls in a browser, as destination `agent:NAME`."""

    label: str
    """What the shopper's page shows: "Alice"."""
    password_hash: PasswordHash
    """What `ringback agent-password` prints for the agent's password."""
    customer: Name | None = None
    """The customer that the agent works for, where the server serves several: the agent has the customer's
    `desk` and pages, and sees nothing of other customers and their agents."""
    totp_secret: Secret | None = None
    """What `ringback agent-totp` prints: then a log-in wants a code of the agent's authenticator app, too."""
    hours: Name | None = None
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
    asterisk: Name | None = None
    """The Asterisk that has this interface; needed where there are several."""
    rights: tuple[Right, ...] = ()
    """What the agent may see that others may not: fields that are `sensitive`, shoppers' whole `numbers`."""


Talk = Literal["phone", "pc"]
BrowserAudio = Literal["passthrough", "opus"]


def uses_browsers(agents: Collection[object], sites: Iterable[Site]) -> bool:
    """Whether any leg may be in a browser: an agent's, or that of a shopper who talks by PC."""
    return bool(agents) or any("pc" in site.talk_methods for site in sites)
