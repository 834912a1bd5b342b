"""All legs in browsers of a switch: dialled by the switchboard, and told what their pages say."""

from __future__ import annotations

from pydantic import ValidationError

from bridge.commands import Dial
from routing.plan import BrowserEndpoint
from sip.journal import note
from switch.board import CommandBoard
from switch.browser_leg import BrowserLegHost, SwitchBrowserLeg
from switch.media import BrowserMedia
from webrtc.signalling import read_to_worker


class SwitchBrowserLegs:
    """Keeps to :class:`switch.board.Dialler`."""

    def __init__(self, media: BrowserMedia, host: BrowserLegHost) -> None:
        self._media = media
        #: Where legs are from now on.
        self.host = host
        self._legs: dict[str, SwitchBrowserLeg] = {}

    def dial(self, command: Dial, board: CommandBoard) -> SwitchBrowserLeg:
        """Expect a page as this leg."""
        endpoint = command.endpoint
        if not isinstance(endpoint, BrowserEndpoint):
            raise TypeError("not a browser")
        self._legs = {leg_id: leg for leg_id, leg in self._legs.items() if not leg.over}
        leg = SwitchBrowserLeg(command.leg_id, board, self._media, self.host, endpoint.audio)
        self._legs[leg.leg_id] = leg
        return leg

    def signal(self, leg_id: str, message: str) -> None:
        """Pass on what a leg's page says, as JSON; nothing in it is believed."""
        leg = self._legs.get(leg_id)
        if leg is None:
            return
        try:
            leg.signal(read_to_worker(message))
        except ValidationError as error:
            note("signal_refused", leg=leg_id, reason=error)
