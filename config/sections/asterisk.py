"""The section ``asterisk``: Asterisks whose manager interface (AMI) tells of agents' phones.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.base import AsteriskName, Model
from config.checks.addresses import is_loopback
from config.checks.files import check_tls_file
from config.checks.templates import PLACEHOLDERS, check_template
from config.draft import Draft
from config.fields import HostPort, Peer, Secret
from config.marks import Form
from config.problems import Loc
from config.section import Section

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
#: What Ringback sets on every channel itself.
OWN_VARIABLES = ("RINGBACK_CALL_ID", "RINGBACK_SITE", "RINGBACK_PAGE")


class Origination(Model):
    """Has an Asterisk place the calls to a destination (AMI Originate): it rings its own phone, and dials
    this server once that is answered. While its manager cannot be reached, `sip` is dialled as usual."""

    asterisk: AsteriskName
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


def check_asterisk(draft: Draft) -> None:
    """Problems and warnings of how each Asterisk is reached, and what it is told."""
    for name, asterisk in draft.items(Asterisk).items():
        _asterisk(draft, ("asterisk", name), asterisk)
    for loc, path in draft.at(("asterisk", "*", "ca_file")):
        check_tls_file(draft, loc, Path(path))


def _asterisk(draft: Draft, loc: Loc, asterisk: Asterisk) -> None:
    if not asterisk.tls and not is_loopback(asterisk.manager.host):
        draft.doubtful((*loc, "manager"), "the connection to this Asterisk is not encrypted: set tls to true")
    if asterisk.ca_file and not asterisk.tls:
        draft.doubtful((*loc, "ca_file"), "has no effect while tls is false")
    for name, template in asterisk.variables.items():
        here = (*loc, "variables", name)
        if name.lstrip("_") in OWN_VARIABLES:
            draft.wrong(here, "Ringback sets this variable itself: choose another name")
        check_template(draft, here, template, PLACEHOLDERS)


ASTERISK = Section(checks=(check_asterisk,), one="Asterisk", many="Asterisks")
