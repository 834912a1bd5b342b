"""The main of the engine ``rtpengine``: the switch, with Sofia-SIP for signalling and rtpengine for media."""

from __future__ import annotations

import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, NoReturn

from bridge.causes import HangupCause
from bridge.events import LegEvent
from config.sections.sip import Sip
from media.switch_worker import SwitchWorker, serve
from switch.board import Board
from switch.node_media import NodeMedia
from switch.rtpengine import Rtp
from switch.stack import local_address


class Teller:
    """Tells the switchboard, which is there before the first leg is."""

    def __init__(self, worker: SwitchWorker) -> None:
        self._worker = worker

    @property
    def _board(self) -> Board:
        if self._worker.board is None:
            raise RuntimeError("the switch is not ready")
        return self._worker.board

    def report(self, event: LegEvent) -> None:
        """To the core."""
        self._board.report(event)

    def key_pressed(self, leg_id: str, digit: str, way: Literal["rfc4733", "tone"]) -> None:
        """A key came in the leg's audio."""
        self._board.key_pressed(leg_id, digit, way)

    def early_media(self, leg_id: str, arrives: bool) -> None:
        """Audio of a leg that rings began, or stopped."""
        self._board.early_media(leg_id, arrives)

    def broke(self, leg_id: str, cause: HangupCause, why: str) -> None:
        """The leg's media cannot go on."""
        self._board.broke(leg_id, cause, why)


def media_of(worker: SwitchWorker, sip: Sip) -> NodeMedia:
    """The media half of a switch."""

    wildcard = sip.bind_address in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    own = ip_address(local_address() if wildcard else sip.bind_address)
    address = None if own.is_loopback else str(own)
    return NodeMedia(Teller(worker), Path(worker.beside_core("rtpengine")), Rtp(address, sip.rtp_ports))


def main(connection_path: str, token: str) -> NoReturn:
    """Run the switch until the core lets go of it."""
    serve(connection_path, token, media_of)


if __name__ == "__main__":
    main(*sys.argv[1:])
