"""The section ``webrtc``: calls in browsers.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from config.base import IceUrl, Model, SomeSeconds
from config.checks.addresses import is_address
from config.draft import Draft
from config.fields import PortRange, Ports, Seconds, Secret
from config.section import Section
from config.sections.sip import Sip


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


def check_webrtc(draft: Draft) -> None:
    """Problems of the addresses, ports and servers of browser legs."""
    webrtc, sip = draft.section(WebRtc), draft.section(Sip)
    if webrtc is not None:
        _addresses(draft, webrtc)
        _ice(draft, webrtc)
        if sip is not None:
            _ports(draft, webrtc, sip)


def _addresses(draft: Draft, webrtc: WebRtc) -> None:
    for key in ("bind_address", "public_address"):
        address = getattr(webrtc, key)
        if address is not None and (not is_address(address) or ":" in address):
            draft.wrong(("webrtc", key), "write an IPv4 address, such as 192.0.2.10; names are not looked up")


def _ports(draft: Draft, webrtc: WebRtc, sip: Sip) -> None:
    ours = webrtc.media_ports
    for key, theirs in (("ports", sip.ports), ("rtp_ports", sip.rtp_ports)):
        if ours.first <= theirs.last and theirs.first <= ours.last:
            here = draft.written(("webrtc", "media_ports"), ("sip", key))
            draft.wrong(here, f"webrtc.media_ports and sip.{key} overlap: give each a range of its own")


def _ice(draft: Draft, webrtc: WebRtc) -> None:
    for index, url in enumerate(webrtc.stun):
        if not url.startswith("stun"):
            draft.wrong(("webrtc", "stun", index), 'not a STUN server: put it under "turn"')
        elif "?" in url:  # RFC 7064 has no such thing, and browsers refuse the whole list
            draft.wrong(
                ("webrtc", "stun", index), "a STUN address has no transport: remove everything after the port"
            )
    for index, url in enumerate(webrtc.turn):
        if not url.startswith("turn"):
            draft.wrong(("webrtc", "turn", index), 'not a TURN server: put it under "stun"')
    if webrtc.turn and webrtc.turn_secret is None:
        draft.wrong(
            ("webrtc", "turn"),
            'browsers need a password for the TURN servers: add "turn_secret_file" or "turn_secret_env"',
        )
    if webrtc.turn_secret is not None and not webrtc.turn:
        secret = draft.written(("webrtc", "turn_secret_file"), ("webrtc", "turn_secret_env"))
        draft.wrong(secret, 'a secret needs the servers that share it: add "turn"')


WEBRTC = Section(checks=(check_webrtc,))
