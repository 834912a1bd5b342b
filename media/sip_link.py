"""A worker that speaks SIP, toward the core: what it reports, whichever engine it belongs to."""

from __future__ import annotations

from bridge.events import LegEvent
from bridge.tracing import Sighting
from media.core_link import CoreLink
from media.protocol import DialogNoted, Report, Sighted, TrunkHeard, TrunkRegistered, TrunkRouted
from sip.gate.records import Record
from sip.outgoing import TrunkNews


class SipLink(CoreLink):
    """The connection of a worker with SIP legs, or with trunks' registrations."""

    #: For BYE, CANCEL and un-REGISTER.
    longest_farewell = 1.0

    def report(self, event: LegEvent) -> None:
        """Tell what happened to a leg."""
        self.tell(Report(event))

    def sighted(self, sighting: Sighting) -> None:
        """Show a SIP message that an operator asked to see."""
        self.tell(Sighted(sighting))

    def noted(self, leg_id: str, sip_call_id: str, record: Record | None) -> None:
        """Tell how a leg's dialog would be ended; None once it is over."""
        self.tell(DialogNoted(leg_id, sip_call_id, record.dump() if record else ""))

    def registered(self, trunk: str, registered: bool, status: int) -> None:
        """Tell whether a trunk is registered, and the SIP status that says so."""
        self.tell(TrunkRegistered(trunk, registered, status))

    def routed(self, trunk: str, routes: tuple[str, ...]) -> None:
        """Tell the route that a trunk's registrar asks for (Service-Route, RFC 3608)."""
        self.tell(TrunkRouted(trunk, routes))

    def heard(self, news: TrunkNews) -> None:
        """Tell whether a trunk could be used when a leg was dialled."""
        self.tell(TrunkHeard(news.trunk, news.outcome, news.status, news.retry_after))
