"""How an INVITE of ours leaves."""

from __future__ import annotations

from dataclasses import dataclass

from sip.gate.digest import Credentials
from sip.targets import Transport
from switch.sofia import SofiaAgent


@dataclass(frozen=True, slots=True)
class InvitePlan:
    """How an INVITE leaves: all that is settled before its SDP."""

    agent: SofiaAgent
    #: Where requests outside of the dialog go: ``sip:192.0.2.1:5060;transport=udp``.
    hop: str
    uri: str
    from_: str
    to: str
    contact: str
    headers: tuple[tuple[str, str], ...] = ()
    #: Route headers, the first first.
    routes: tuple[str, ...] = ()
    credentials: Credentials | None = None
    #: Seconds of Session-Expires (RFC 4028); None: no timer.
    session_expires: int | None = None
    #: Requests within the dialog go to ``hop`` as well, whatever the peer's Contact says.
    nat: bool = False
    #: Where ``hop`` is, and our own address as the peer sees it.
    address: str = ""
    port: int = 0
    transport: Transport = "udp"
    local_address: str = ""

    @property
    def sofia_acks(self) -> bool:
        """Whether Sofia knows the way within the dialog by itself, so that it may ACK and PRACK.

        A Contact without a transport means UDP to it, also where the dialog came by TCP or TLS.
        """
        return self.transport == "udp" and not self.nat
