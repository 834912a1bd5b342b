"""The settings of Asterisk's manager interface (AMI), which tells whom a PBX rings for our calls.

As in :mod:`config.models`, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.base import Model, Name
from config.fields import Form, HostPort, Peer, Secret

#: An endpoint as Asterisk names it, as in its queues and device states.
Interface = Annotated[
    str,
    Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}/[A-Za-z0-9_.@/+-]{1,120}$"),
    Form("an interface of Asterisk, such as PJSIP/alice"),
]
VariableName = Annotated[
    str,
    Field(pattern=r"^_{0,2}[A-Za-z][A-Za-z0-9_]{0,63}$"),
    Form("the name of a variable of the dialplan, such as CART"),
]
EndpointName = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$"),
    Form("the name of an endpoint of Asterisk, such as ringback"),
]
Text = Annotated[
    str, Field(min_length=1, max_length=80, pattern=r"^[!-~]+$"), Form("at most 80 characters without spaces")
]


class Originate(Model):
    """Has an Asterisk place the calls to a destination (AMI Originate): it rings its own phone, and dials
    this server once that is answered. While its manager cannot be reached, `sip` is dialled as usual."""

    asterisk: Name
    """Which Asterisk."""
    channel: Interface
    """What it rings: a phone, such as `PJSIP/alice`, or an extension, such as `Local/810@from-internal`."""
    endpoint: EndpointName
    """The endpoint in its `pjsip.conf` by which it dials this server; its address is the trunk's."""


class Asterisk(Model):
    """An Asterisk behind which agents have their phones; [how it is set up](asterisk.md)."""

    manager: Peer = HostPort("127.0.0.1", 5038)
    """Host and port of its manager interface."""
    tls: bool = False
    """Whether that is encrypted (`tlsenable`, port 5039)."""
    ca_file: Path | None = None
    """PEM file of the authority that its certificate is from; without one, the system's."""
    username: Text
    """The user of `manager.conf`."""
    secret: Secret
    """The user's secret; it is never sent, only proof of it."""
    queues: Annotated[tuple[Text, ...], Field(max_length=200)] = ()
    """Queues of this Asterisk in which a pause means that the agent is away; without any, all of them."""
    variables: Annotated[dict[VariableName, str], Field(max_length=32)] = {}
    """Variables of each of our calls' channels, besides RINGBACK_CALL_ID, RINGBACK_SITE and RINGBACK_PAGE;
    placeholders as in a destination's `headers`. Where `__` stands before the name, channels that are dialled
    for it have it too."""
    user_events: bool = True
    """Whether UserEvents tell other programs at this Asterisk what is known of our calls."""
    sensitive_fields: bool = False
    """Whether they are told sensitive fields, too."""
