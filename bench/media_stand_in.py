"""A media engine that carries nothing: it answers the core by the worker protocol, as the switch would.

Every leg rings and is answered at once, and its dialog is noted as a real one's. At SIGUSR1 the businesses
hang up, one after the other. So what the core costs is measured without telephony.
"""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from typing import Any, NoReturn

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp, MediaCommand
from bridge.events import LegAnswered, LegEnded, LegRinging, MediaStats
from media.core_link import run
from media.protocol import Ready
from media.sip_link import SipLink
from routing.plan import SipEndpoint
from sip.gate.records import Record
from sip.outgoing import TrunkNews

#: Seconds between two businesses that hang up.
APART = 0.02
#: A dialog as the core keeps it while a leg rings.
_RINGING = Record(
    method="CANCEL",
    uri="sip:+16175550123@127.0.0.1:5060;user=phone",
    routes=(),
    from_="<sip:+16175550199@127.0.0.1:5070>;tag=0123456789abcdef",
    to="<sip:+16175550123@127.0.0.1:5060;user=phone>",
    call_id="",
    cseq=1,
    via="SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bK0123456789abcdef",
    transport="udp",
    address="127.0.0.1",
    port=5060,
    local_address="127.0.0.1",
    trunk="carrier",
)


class MediaStandIn(SipLink):
    """The worker of the engine: its connection to the core is a real one."""

    def __init__(self, reactor: Any, token: str) -> None:
        super().__init__(reactor, token)
        self._legs: set[str] = set()
        #: Legs to the business that were answered.
        self._talking: list[str] = []

    def begin(self, settings: bytes) -> None:
        """Whatever the settings are."""
        asyncio.get_event_loop().add_signal_handler(signal.SIGUSR1, self._hang_up_all)
        self.tell(Ready())

    def farewell(self) -> bool:
        """Nobody has to be told."""
        return False

    def perform(self, command: MediaCommand) -> None:
        """Dial and hang up; the rest makes no difference."""
        match command:
            case Dial(leg_id=leg_id, endpoint=SipEndpoint() as endpoint):
                self._legs.add(leg_id)
                self.noted(leg_id, leg_id, replace(_RINGING, call_id=leg_id))
                # Not in one packet, as nobody answers before it rings.
                self.reactor.callLater(0.02, self._ring, leg_id)
                self.reactor.callLater(0.1, self._answer, leg_id, endpoint)
            case HangUp(leg_id=leg_id, cause=cause):
                self._end(leg_id, cause)

    def _ring(self, leg_id: str) -> None:
        if leg_id in self._legs:
            self.report(LegRinging(leg_id, False, leg_id))

    def _answer(self, leg_id: str, endpoint: SipEndpoint) -> None:
        if leg_id not in self._legs:
            return
        self.noted(leg_id, leg_id, replace(_RINGING, method="BYE", call_id=leg_id, cseq=2, via=""))
        if endpoint.trunk is not None:
            self.heard(TrunkNews(endpoint.trunk, "answers", 200))
        self.report(LegAnswered(leg_id, leg_id))
        if endpoint.destination != "shopper":
            self._talking.append(leg_id)

    def _hang_up_all(self) -> None:
        for place, leg_id in enumerate(self._talking):
            self.reactor.callLater(place * APART, self._end, leg_id, HangupCause.NORMAL)
        self._talking.clear()

    def _end(self, leg_id: str, cause: HangupCause) -> None:
        if leg_id in self._legs:
            self._legs.remove(leg_id)
            self.noted(leg_id, leg_id, None)
            stats = MediaStats("PCMU", 500, 0, 500, 1.0)
            self.report(LegEnded(leg_id, cause, 200, leg_id, stats))


def main(socket_path: str, token: str) -> NoReturn:
    """The program of a worker."""
    from twisted.internet import asyncioreactor

    asyncioreactor.install(asyncio.new_event_loop())  # type: ignore[no-untyped-call]
    run(MediaStandIn, socket_path, token)
