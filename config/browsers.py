"""The settings of legs in browsers: how audio reaches them, and the agents who answer in one.

As in :mod:`config.models`, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from config.base import IceUrl, Model, Name, TimeZone
from config.fields import PortRange, Ports, Seconds, Secret

#: How an agent's password is kept: argon2's own form, salt and costs included (RFC 9106).
PasswordHash = Annotated[str, Field(pattern=r"^\$argon2id\$[A-Za-z0-9$=,+/]{20,200}$")]


class Turn(Model):
    """TURN servers (RFC 8656) for browsers that reach nothing else, with passwords that expire."""

    urls: Annotated[tuple[IceUrl, ...], Field(min_length=1, max_length=8)]
    """Their addresses, such as turn:turn.shop.example:3478 and turns:turn.shop.example:443?transport=tcp."""
    secret: Secret
    """The secret shared with them: coturn's `static-auth-secret`."""
    lifetime: Annotated[Seconds, Field(ge=60)] = 3600.0
    """How long a password lasts; a call goes on beyond that."""


class Webrtc(Model):
    """Calls in browsers. A change takes effect with the next browser worker."""

    ports: Ports = PortRange(40000, 40999)
    """UDP ports for browsers' audio, one for each call."""
    public_address: str | None = None
    """The address that browsers reach, where this node stands behind 1:1 NAT."""
    stun: tuple[IceUrl, ...] = ()
    """STUN servers that browsers may ask for their own address; Ringback's is public and needs none."""
    turn: Turn | None = None
    """TURN servers."""
    workers: Annotated[int, Field(ge=1, le=16)] = 1
    """Browser workers, each a process of its own on a core of its own."""
    grace: Annotated[Seconds, Field(ge=1, le=120)] = 20.0
    """How long a call waits for a browser that was lost: a page reload, another network."""


class Agent(Model):
    """Somebody who answers calls in a browser, as destination `agent:NAME`."""

    label: str
    """What the shopper's page shows: "Alice"."""
    password_hash: PasswordHash
    """What `ringback agent-password` prints for the agent's password."""
    hours: Name | None = None
    """When the agent may be rung; without hours, whenever logged in and available."""
    time_zone: TimeZone | None = None
    """Where these hours are told, in place of the hours' own time zone."""
    weight: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    """The agent's share of the calls of a `weighted` step."""


Talk = Literal["phone", "pc"]
BrowserAudio = Literal["passthrough", "opus"]
