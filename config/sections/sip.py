"""The section ``sip``: SIP and RTP of this node.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from config.base import Model
from config.checks.addresses import is_address
from config.draft import Draft
from config.fields import PortRange, Ports
from config.section import Section


class Sip(Model):
    """The SIP and RTP side of this node. A change takes effect with the next media worker."""

    bind_address: str = "0.0.0.0"  # noqa: S104 - trunks live outside this machine; unknown sources are dropped
    """The address of this machine that SIP and RTP use."""
    public_address: str | None = None
    """The address that others see, where this node stands behind 1:1 NAT."""
    ports: Ports = PortRange(5100, 5399)
    """SIP ports: one for each media worker, and one for the registrar. Trunks with `one_port` see the first;
    they need one more for each further transport, or certificate."""
    rtp_ports: Ports = PortRange(20000, 29999)
    """RTP ports: 16 for each media worker, and 16 for the registrar."""
    user_agent: str = "Ringback"
    """What the User-Agent header says."""


def check_sip(draft: Draft) -> None:
    """Problems of addresses that are none, or of the wrong kind."""
    sip = draft.section(Sip)
    if sip is None:
        return
    for name in ("bind_address", "public_address"):
        address = getattr(sip, name)
        if address is not None and not is_address(address):
            draft.wrong(("sip", name), "write an IP address, such as 192.0.2.10; names are not looked up")
        elif address is not None and ":" in address:
            draft.wrong(
                ("sip", name), "SIP and RTP are IPv4 only (PJSIP's wheel has no IPv6): write an IPv4 address"
            )


SIP = Section(checks=(check_sip,))
