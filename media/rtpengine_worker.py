"""The main of the engine ``rtpengine``: the switch, with Sofia-SIP for signalling and rtpengine for media."""

from __future__ import annotations

import sys
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import NoReturn

from bridge.causes import HangupCause
from bridge.events import LegEvent
from media.browser_choices import cause_of_end
from media.switch_worker import SwitchSettings, SwitchWorker, serve
from switch.board import CommandBoard
from switch.browser_leg import BrowserLegHost
from switch.media import KeyWay
from switch.node_media import NodeMedia
from switch.rtpengine import BROWSERS, EXTERNAL, LOOP, Rtp
from switch.stack import local_address, local_addresses

Address = IPv4Address | IPv6Address


class Teller:
    """Tells the switchboard, which is there before the first leg is."""

    def __init__(self, worker: SwitchWorker) -> None:
        self._worker = worker

    @property
    def _board(self) -> CommandBoard:
        if self._worker.board is None:
            raise RuntimeError("the switch is not ready")
        return self._worker.board

    def report(self, event: LegEvent) -> None:
        """To the core."""
        self._board.report(event)

    def key_pressed(self, leg_id: str, digit: str, way: KeyWay) -> None:
        """A key came in the leg's audio."""
        self._board.key_pressed(leg_id, digit, way)

    def early_media(self, leg_id: str, arrives: bool) -> None:
        """Audio of a leg that rings began, or stopped."""
        self._board.early_media(leg_id, arrives)

    def broke(self, leg_id: str, cause: HangupCause, why: str) -> None:
        """The leg's media cannot go on."""
        self._board.broke(leg_id, cause, why)


def media_of(worker: SwitchWorker, settings: SwitchSettings) -> NodeMedia:
    """The media half of a switch."""
    own, browsers = addresses_of(settings)
    wildcard = settings.sip.bind_address in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    rtp = Rtp(
        None if own.is_loopback else str(own),
        settings.sip.rtp_ports,
        None if browsers.is_loopback or browsers == own else str(browsers),
        tuple(one for one in local_addresses() if one not in (str(own), str(browsers))) if wildcard else (),
    )
    return NodeMedia(Teller(worker), Path(worker.beside_core("rtpengine")), rtp)


def browser_host_of(worker: SwitchWorker, settings: SwitchSettings) -> BrowserLegHost:
    """Where legs in browsers are."""
    own, address = addresses_of(settings)
    return BrowserLegHost(
        address=str(address),
        interface=LOOP if address.is_loopback else EXTERNAL if address == own else BROWSERS,
        public_address=settings.webrtc.public_address or settings.sip.public_address,
        grace=settings.webrtc.grace_period,
        tell=worker.tell_page,
        told_all=worker.told_page_all,
        why=lambda ending, answered: cause_of_end(HangupCause.NORMAL, ending, answered),
    )


def addresses_of(settings: SwitchSettings) -> tuple[Address, Address]:
    """Our address for audio toward SIP's far sides, and toward browsers."""
    return tuple(  # type: ignore[return-value]
        ip_address(local_address() if each in ("0.0.0.0", "::") else each)  # noqa: S104 - compared, not bound
        for each in (settings.sip.bind_address, settings.webrtc.bind_address or settings.sip.bind_address)
    )


def main(connection_path: str, token: str) -> NoReturn:
    """Run the switch until the core lets go of it."""
    serve(connection_path, token, media_of, browser_host_of)


if __name__ == "__main__":
    main(*sys.argv[1:])
