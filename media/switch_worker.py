"""The main of the switch: every leg of a node in one process, driven by the core."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict
from twisted.internet.defer import Deferred

from bridge.commands import MediaCommand
from bridge.events import LegEvent
from bridge.tracing import TraceWish
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from config.sections.webrtc import WebRtc
from media.core_link import CoreLine, run
from media.protocol import BrowserLegEnded, Ready, Signalled
from media.sip_link import SipLink
from media.without_core import WithoutCore
from sip.gate.records import Record, load
from switch.board import CommandBoard
from switch.browser_leg import BrowserLegHost
from switch.browser_legs import SwitchBrowserLegs
from switch.legs import SwitchLegState, SwitchSipLeg
from switch.lines import SwitchLines
from switch.media import BrowserMedia, MediaError, SwitchMedia
from switch.records import record_of
from switch.registrations import Ears, SwitchRegistrations
from switch.sofia import Sofia, SofiaError
from switch.stack import SofiaStack, StackError
from switch.tracing import SofiaTaps
from webrtc.signalling import write


class SwitchSettings(BaseModel):
    """All that the switch needs to know. Holds trunk passwords."""

    model_config = ConfigDict(frozen=True)

    sip: Sip
    trunks: dict[str, Trunk]
    webrtc: WebRtc = WebRtc()
    #: Seconds that bridged calls go on without a core.
    keep_calls: float = 300.0

    def dump(self) -> bytes:
        """JSON with the passwords in it, for a worker of our own and nobody else."""
        return self.model_dump_json(context={"reveal": True}, exclude_defaults=True).encode()


MakeMedia = Callable[["SwitchWorker", SwitchSettings], SwitchMedia]
#: Where legs in browsers are, for a media half that has any.
MakeBrowserHost = Callable[["SwitchWorker", SwitchSettings], BrowserLegHost]


class SwitchWorker(SipLink):
    """SIP legs, and the trunks' registrations. ``media`` makes the media half."""

    def __init__(
        self, reactor: Any, token: str, media: MakeMedia, browser_host: MakeBrowserHost | None = None
    ) -> None:
        super().__init__(reactor, token)
        self._make_media = media
        self._make_browser_host = browser_host
        self._browsers: SwitchBrowserLegs | None = None
        self._media: SwitchMedia | None = None
        self.board: CommandBoard | None = None
        self._stack: SofiaStack | None = None
        self._lines: SwitchLines | None = None
        self._registrations: SwitchRegistrations | None = None
        self._settings: SwitchSettings | None = None
        self._wish = TraceWish()
        #: The folder that it shares with cores.
        self._folder = Path()
        self._without_core = WithoutCore(self, self._perform, self.leave)
        #: How the core was told that each leg's dialog would be ended.
        self._records: dict[str, Record] = {}

    def begin(self, settings: bytes) -> Any:
        """Load Sofia and listen."""
        return Deferred.fromFuture(
            asyncio.ensure_future(self._begin(SwitchSettings.model_validate_json(settings)))
        )

    async def _begin(self, settings: SwitchSettings) -> None:
        error = ""
        self._folder = Path(self.beside_core(""))
        try:
            sofia = Sofia.load()
            taps = SofiaTaps(self.sighted, self._whose, self._invite_left)
            sofia.worked = taps.look
            stack = SofiaStack(sofia, settings.sip, lambda *invite: self._the_lines().invited(*invite), taps)
            self._stack = stack
            stack.begin()
            self._media = media = self._make_media(self, settings)
            await media.begin()
            self._lines = SwitchLines(self.reactor, stack, settings.sip, settings.trunks, media, self.heard)
            if self._make_browser_host is not None and isinstance(media, BrowserMedia):
                self._browsers = SwitchBrowserLegs(media, self._make_browser_host(self, settings))
            self.board = CommandBoard(media, self._lines, self.report, self._dialog_changed, self._browsers)
            self._registrations = SwitchRegistrations(self._lines, Ears(self.registered, self.routed))
            self._registrations.configure(settings.trunks)
            stack.listen_for(self._wish)
            self._settings = settings
        except (SofiaError, StackError, MediaError, ValueError) as reason:
            error = str(reason)
        self.tell(Ready(error))

    def configure(self, settings: bytes) -> str:
        """Take new trunks while calls go on; where the switch listens cannot change."""
        told = SwitchSettings.model_validate_json(settings)
        if self._settings is None or self._lines is None or self._registrations is None:
            return "the switch is not ready"
        here = told.sip.model_copy(update={"user_agent": self._settings.sip.user_agent})
        if here != self._settings.sip:
            return "changes of sip, except user_agent, take effect with a restart"
        if told.webrtc.bind_address != self._settings.webrtc.bind_address:
            return "a change of webrtc.bind_address takes effect with a restart"
        if self._stack is not None:
            self._stack.rename(told.sip)
        try:
            self._lines.configure(told.trunks)
        except ValueError as error:
            return str(error)
        self._registrations.configure(told.trunks)
        if self._browsers is not None and self._make_browser_host is not None:
            self._browsers.host = self._make_browser_host(self, told)
        self._settings = told
        return ""

    def listen_for(self, wish: TraceWish) -> None:
        """Report these SIP messages from now on."""
        self._wish = wish
        if self._stack is not None:
            self._stack.listen_for(wish)

    def _whose(self, call_id: str) -> tuple[str, str]:
        leg_id, trunk = self.board.leg_of(call_id) if self.board is not None else ("", "")
        if not leg_id and self._registrations is not None:
            trunk = self._registrations.trunk_of(call_id)
        return leg_id, trunk

    def farewell(self) -> bool:
        """Hang up and unregister."""
        waiting = False
        if self.board is not None and self.board.busy:
            self.board.hang_up_all()
            waiting = True
        if self._registrations is not None and self._registrations.leave():
            waiting = True
        return waiting

    # --- when the core dies -----------------------------------------------------------------------------

    def keep(self, call_id: str, legs: tuple[str, str], memo: bytes) -> None:
        """Let a bridged call go on should the core be gone, or without a memo: do not."""
        self._without_core.keep(call_id, legs, memo)

    def disconnected(self) -> None:
        """The core is gone: bridged calls wait for the next one, and everything else ends."""
        if self._leaving or self.board is None or self._settings is None:
            super().disconnected()
            return
        self._line = None
        if not self._without_core.core_lost(self.board.live, self._folder, self._settings.keep_calls):
            self.leave()

    def connected(self, line: CoreLine) -> None:
        """A core is there: the first one, or one in its place, which is told what there is."""
        super().connected(line)
        if self._without_core.alone:
            for leg_id, record in self._records.items():
                self.noted(leg_id, record.call_id, record)
            self.tell(self._without_core.met_core())

    def adopted(self, call_ids: tuple[str, ...]) -> None:
        """Another core goes on with these calls."""
        self._without_core.adopted(call_ids)

    def report(self, event: LegEvent) -> None:
        """Tell what happened to a leg, or see to it while no core does."""
        super().report(event)
        if self.board is not None:
            self._without_core.took(event, carries=self.board.carries(event))

    def _perform(self, command: MediaCommand) -> None:
        if self.board is not None:
            self.board.perform(command)

    def last_act(self) -> None:
        """End the media half."""
        try:
            self._without_core.leave_record(self._folder)
        finally:
            if self._media is not None:
                self._media.end()

    def perform(self, command: MediaCommand) -> None:
        """Carry out a media command."""
        if self.board is None:
            raise RuntimeError("the switch is not ready")
        self.board.perform(command)

    def end_dialog(self, record: str) -> Deferred[bool]:
        """End the dialog of a switch that died."""
        return Deferred.fromFuture(asyncio.ensure_future(self._the_lines().end_dialog(load(record))))

    def signal(self, leg_id: str, message: str) -> None:
        """Take what a leg's page says."""
        if self._browsers is not None:
            self._browsers.signal(leg_id, message)

    def tell_page(self, leg_id: str, message: BaseModel) -> None:
        """Tell a leg's page."""
        self.tell(Signalled(leg_id, write(message)))

    def told_page_all(self, leg_id: str, cause: str) -> None:
        """A leg's page has been told the last."""
        self.tell(BrowserLegEnded(leg_id, cause))

    def _the_lines(self) -> SwitchLines:
        if self._lines is None:
            raise RuntimeError("the switch is not ready")
        return self._lines

    def _invite_left(self, text: bytes) -> None:
        if self.board is not None:
            self.board.invite_left(text)

    def _dialog_changed(self, leg: SwitchSipLeg) -> None:
        """Tell how the leg's dialog would be ended, where that is another way than before."""
        dialog, way = leg.dialog, leg.way
        record = None
        if dialog is not None and way is not None and not leg.over:
            answered = leg.state is SwitchLegState.ANSWERED
            record = record_of(way, dialog.sent, dialog.told, answered=answered, trunk=leg.trunk)
        known = self._records.get(leg.leg_id)
        if record == known:
            return
        if known is not None and (record is None or record.call_id != known.call_id):
            del self._records[leg.leg_id]
            self.noted(leg.leg_id, known.call_id, None)
        if record is not None:
            self._records[leg.leg_id] = record
            self.noted(leg.leg_id, record.call_id, record)


def serve(
    connection_path: str, token: str, media: MakeMedia, browser_host: MakeBrowserHost | None = None
) -> NoReturn:
    """Run a switch with this media half until the core lets go of it."""
    import uvloop
    from twisted.internet import asyncioreactor

    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    asyncioreactor.install(loop)  # type: ignore[no-untyped-call]
    run(lambda reactor, token: SwitchWorker(reactor, token, media, browser_host), connection_path, token)
