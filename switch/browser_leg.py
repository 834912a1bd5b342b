"""One leg in a browser, from Dial to LegEnded: its page's connections, and its reports.

It is answered when its page is connected. When the page is lost, the leg stays up for the grace period, and
a new offer takes it over. It ends once, and reports that once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded, LegEvent, LegFaltered, LegRecovered
from sip.journal import note
from switch.media import BrowserMedia, MediaError, PageState, Terms
from switch.page_sdp import MOST_CANDIDATES, PagePathError, candidate_of, path_of, toward_rtpengine
from webrtc.sdp import BrowserOffer, SdpError, choose_codec, read_offer, write_answer
from webrtc.signalling import (
    BrowserHangUp,
    Bye,
    Connected,
    ConnectFailed,
    EndOfCandidates,
    IceCandidate,
    Quality,
    SdpAnswer,
    SdpOffer,
    ToWorker,
)

#: Seconds from an offer until its path must be there.
_CONNECT_WITHIN = 15.0
#: Seconds between looks whether it is: at first, and at most.
_FIRST_LOOK, _LONGEST_LOOK = 0.03, 0.25
#: Seconds for which candidates are collected before rtpengine is told.
_COLLECT = 0.03
#: Seconds between looks at a connection that stands, and looks between two messages of quality.
_LOOK, _LOOKS_A_MESSAGE = 2.0, 3
#: A page that sends audio counts as lost after so many seconds without any; another one, whose microphone is
#: gone, after so many without RTCP, which comes every 5 s. (ICE's checks and the end of DTLS are not told.)
_GONE_AFTER, _SILENT_GONE_AFTER = 3.0, 8.0
#: Packets between two looks from which on they are audio.
_AUDIO = 20
#: Offers that one leg may make. Each reload or change of network takes one.
_MOST_OFFERS = 100
#: Codecs that every browser has (RFC 7874 section 3).
_CODECS = ("PCMU", "PCMA")
#: Loss, in per cent, from which Opus with its error correction sounds better than G.711.
_POOR_LOSS = 3.0

Ending = Literal["hung_up", "declined", "busy", "no_microphone", "no_path", "lost", "failed"]
Problem = Literal["bad_offer", "no_common_codec", "no_path", "too_many_offers"]
_BYES: dict[str, Literal["lost", "failed"]] = {"lost": "lost", "failed": "failed", "no_path": "failed"}


class BrowserLegBoard(Protocol):
    """What a leg tells the switchboard."""

    def report(self, event: LegEvent) -> None:
        """Pass a report on to the core."""

    def leg_ended(self, leg: SwitchBrowserLeg) -> None:
        """The leg's end has been reported: forget it."""


@dataclass(frozen=True, slots=True)
class BrowserLegHost:
    """Where browsers have their audio, and what legs need from the switch."""

    #: Our own address, rtpengine's interface with it, and the address that pages see (1:1 NAT).
    address: str
    interface: str
    public_address: str | None
    #: Seconds that a leg stays up without its page.
    grace: float
    #: Tells a leg's page, and tells the core that it has been told the last.
    tell: Callable[[str, BaseModel], None]
    told_all: Callable[[str, str], None]
    #: Why a leg ended, by what came of its page and whether it was answered.
    why: Callable[[Ending, bool], HangupCause]


@dataclass(slots=True, eq=False)
class _Page:
    """One connection of the page."""

    session: int
    offer: BrowserOffer
    codec: str
    #: Its candidates in their order.
    candidates: dict[str, None] = field(default_factory=dict)
    telling: asyncio.TimerHandle | None = None

    @property
    def sdp(self) -> str:
        return toward_rtpengine(self.offer, self.codec, self.candidates)


class SwitchBrowserLeg:
    """What the switchboard knows of it is as of any leg (:class:`switch.board.AnyLeg`)."""

    takes_events = keys_stay = False

    def __init__(
        self,
        leg_id: str,
        board: BrowserLegBoard,
        media: BrowserMedia,
        host: BrowserLegHost,
        audio: Literal["passthrough", "opus"],
    ) -> None:
        self.leg_id = leg_id
        self._board, self._media, self._host, self._audio = board, media, host, audio
        self._loop = asyncio.get_running_loop()
        self._over = self._answered = self._faltered = False
        self._page: _Page | None = None
        self._coming: _Page | None = None
        self._session = -1
        self._offers = 0
        self._looks = 0
        #: Packets of the page at the last look, and whether it sends audio.
        self._packets = 0
        self._speaks = True
        #: When the page was lost; None while it is there.
        self._lost_at: float | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._opening: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] = self._spawn(self._watch())

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._over

    # What the switchboard asks --------------------------------------------------------------------------

    def hang_up(self, cause: HangupCause) -> None:
        """End the leg from our side."""
        self._end(cause, Bye(cause="ended" if self._answered else "cancelled"), "ended")

    def broke(self, cause: HangupCause, why: str) -> None:
        """The leg cannot be trusted any more."""
        note("leg_broke", leg=self.leg_id, reason=why)
        self._end(cause, Bye(cause="failed"), "failed")

    def send_dtmf(self, digit: str) -> None:
        """A page is told of keys by its server."""

    def key_heard(self, digit: str, way: Literal["rfc4733", "tone", "info"]) -> None:
        """A page's keys come by its server."""

    def early_media(self, arrives: bool) -> None:
        """A page says nothing before it is connected."""

    # Messages of the page -------------------------------------------------------------------------------

    def signal(self, message: ToWorker) -> None:
        """Handle what the page says."""
        if self._over:
            return
        match message:
            case SdpOffer():
                self._offered(message)
            case IceCandidate(session=session, candidate=candidate):
                page = self._coming
                if page is not None and page.session == session:
                    self._add(page, candidate)
            case EndOfCandidates():
                pass  # its checks may still come from addresses that it did not name
            case BrowserHangUp(reason=reason):
                self._end_as(reason)

    def _offered(self, message: SdpOffer) -> None:
        session = message.session
        if session <= self._session:
            return  # late or repeated
        self._session = session
        self._offers += 1
        if self._offers > _MOST_OFFERS:
            self._tell(ConnectFailed(session=session, problem="too_many_offers"))
            return
        self._discard()
        try:
            offer = read_offer(message.sdp)
        except SdpError as error:
            self._refuse(session, "bad_offer", str(error))
            return
        codec = choose_codec(offer, self._wanted(message.audio))
        if codec is None:
            self._refuse(session, "no_common_codec", ", ".join(offer.codecs))
            return
        page = self._coming = _Page(session, offer, codec)
        for candidate in offer.candidates:
            self._add(page, candidate, at_once=True)
        self._opening = self._spawn(self._connect(page))

    def _wanted(self, audio: str) -> tuple[str, ...]:
        """The codecs to ask the page for, the best first."""
        if "opus" in (self._audio, audio):
            return ("opus", *_CODECS)
        beside = self._media.codec_beside(self.leg_id)
        return (beside, *_CODECS) if beside in (*_CODECS, "G722") else _CODECS

    def _add(self, page: _Page, candidate: str, *, at_once: bool = False) -> None:
        known = candidate_of(candidate)
        if known is None or known in page.candidates or len(page.candidates) >= MOST_CANDIDATES:
            return
        page.candidates[known] = None
        if not at_once and page.telling is None:
            page.telling = self._loop.call_later(_COLLECT, lambda: self._spawn(self._tell_candidates(page)))

    async def _tell_candidates(self, page: _Page) -> None:
        page.telling = None
        if page is self._coming and not self._over:
            try:
                await self._media.tell_page(self.leg_id, page.session, page.sdp, page.codec)
            except MediaError as error:
                note("candidates_lost", level="info", leg=self.leg_id, reason=error)

    # Connections ----------------------------------------------------------------------------------------

    async def _connect(self, page: _Page) -> None:
        try:
            async with asyncio.timeout(_CONNECT_WITHIN):
                await self._open(page)
                await self._connected(page)
        except (MediaError, PagePathError) as error:
            self._failed(page, str(error))
            return
        except TimeoutError:
            self._failed(page, f"not connected within {_CONNECT_WITHIN:.0f} s")
            return
        if page is not self._coming or self._over:
            return
        try:
            await self._media.take_over(self.leg_id, page.session, page.sdp, page.codec)
        except MediaError as error:
            self._failed(page, str(error))
            return
        if not self._over:
            self._took_over(page)

    async def _open(self, page: _Page) -> None:
        host = self._host
        terms = Terms(host.address, (page.codec,), known=frozenset({ip_address(host.address)}))
        made = await self._media.open_page(
            self.leg_id, page.session, page.sdp, page.codec, terms, host.interface
        )
        path = path_of(made, host.public_address)
        answer = write_answer(page.offer, path, page.codec, None, page.session)
        audio: Literal["opus", "passthrough"] = "opus" if page.codec == "opus" else "passthrough"
        if page is self._coming and not self._over:
            self._tell(SdpAnswer(session=page.session, sdp=answer, audio=audio))

    async def _connected(self, page: _Page) -> None:
        pause = _FIRST_LOOK
        while page is self._coming and not self._over:
            state = await self._media.look_at_page(self.leg_id, page.session)
            if state is not None and state.connected:
                return
            await asyncio.sleep(pause)
            pause = min(_LONGEST_LOOK, pause * 1.2)

    def _took_over(self, page: _Page) -> None:
        self._page, self._packets, self._speaks = page, 0, True
        if self._coming is page:
            self._coming = None
        self._recover()
        note("browser_connected", level="info", leg=self.leg_id, session=page.session, codec=page.codec)
        self._tell(Connected(session=page.session))
        if not self._answered:
            self._answered = True
            self._media.answered(self.leg_id)
            self._board.report(LegAnswered(self.leg_id))

    def _refuse(self, session: int, problem: Problem, why: str) -> None:
        note("browser_failed", leg=self.leg_id, problem=problem, detail=why)
        self._tell(ConnectFailed(session=session, problem=problem))
        if self._page is None:
            self._lose("offer_failed")

    def _failed(self, page: _Page, why: str) -> None:
        """The offer failed; the leg goes on for as long as another offer may come."""
        if page is self._coming and not self._over:
            self._discard()
            self._refuse(page.session, "no_path", why)

    def _discard(self) -> None:
        """Let go of a connection that does not stand yet."""
        page, self._coming = self._coming, None
        if page is not None:
            if page.telling is not None:
                page.telling.cancel()
            self._spawn(self._drop(page.session))

    async def _drop(self, session: int) -> None:
        try:
            await self._media.drop_page(self.leg_id, session)
        except MediaError as error:
            note("page_lost", level="info", leg=self.leg_id, reason=error)

    # Alive or gone --------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        """Look every other second whether the page is there, and how long it has been lost."""
        while not self._over:
            await asyncio.sleep(_LOOK)
            page, state = self._page, None
            if page is not None:
                try:
                    state = await self._media.look_at_page(self.leg_id, page.session)
                except MediaError:
                    continue  # whatever is wrong is told elsewhere
            if state is not None and page is self._page and page is not None:
                self._judge(page, state)
            if self._lost_at is not None and self._loop.time() - self._lost_at > self._host.grace:
                self._end_as("lost" if self._answered else "no_path")

    def _judge(self, page: _Page, state: PageState) -> None:
        since, self._packets = state.packets - self._packets, state.packets
        if state.age is None or state.age > (_GONE_AFTER if self._speaks else _SILENT_GONE_AFTER):
            self._lose("silent")
            return
        if since >= _AUDIO:
            self._speaks = True
        elif self._lost_at is not None:
            self._speaks = False  # it is there, as its RTCP says, and silent
        if self._lost_at is not None:
            note("browser_back", level="info", leg=self.leg_id)
            self._recover()
        self._looks += 1
        if self._looks % _LOOKS_A_MESSAGE == 0:
            self._tell(quality_of(page.session, page.codec, state))

    def _lose(self, how: str) -> None:
        if self._lost_at is not None or self._over:
            return
        note("browser_lost", leg=self.leg_id, how=how)
        self._lost_at = self._loop.time()
        if self._answered:
            self._faltered = True
            self._board.report(LegFaltered(self.leg_id))
            self._spawn(self._fill(on=True))

    def _recover(self) -> None:
        self._lost_at = None
        if self._faltered:
            self._faltered = False
            self._board.report(LegRecovered(self.leg_id))
            self._spawn(self._fill(on=False))

    async def _fill(self, *, on: bool) -> None:
        try:
            await self._media.fill(self.leg_id, on=on)
        except MediaError as error:
            note("silence_lost", level="info", leg=self.leg_id, reason=error)

    # The end --------------------------------------------------------------------------------------------

    def _end_as(self, ending: Ending) -> None:
        self._end(self._host.why(ending, self._answered), Bye(cause=_BYES.get(ending, "ended")), ending)

    def _end(self, cause: HangupCause, bye: Bye, ending: str) -> None:
        if self._over:
            return
        self._over = True
        self._watching.cancel()
        if self._opening is not None:
            self._opening.cancel()
        if self._coming is not None and self._coming.telling is not None:
            self._coming.telling.cancel()
        self._tell(bye)
        self._host.told_all(self.leg_id, ending)
        self._spawn(self._close(cause))

    async def _close(self, cause: HangupCause) -> None:
        stats = None
        try:
            stats = await self._media.close(self.leg_id)
        except Exception as error:  # noqa: BLE001 - the end must be told, whatever is lost
            note("stats_lost", leg=self.leg_id, kind=type(error).__name__, reason=error)
        self._board.report(LegEnded(self.leg_id, cause, stats=stats))
        self._board.leg_ended(self)

    def _tell(self, message: BaseModel) -> None:
        self._host.tell(self.leg_id, message)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.broke(HangupCause.FAILED, f"{type(error).__name__}: {error}")


def quality_of(session: int, codec: str, state: PageState) -> Quality:
    """What the page is told of its connection."""
    worst = max(state.up.loss, state.down.loss)
    return Quality(
        session=session,
        up_loss=round(state.up.loss, 1),
        up_jitter_ms=round(state.up.jitter_ms, 1),
        down_loss=round(state.down.loss, 1),
        down_jitter_ms=round(state.down.jitter_ms, 1),
        round_trip_ms=state.down.round_trip_ms,
        advise_opus=codec != "opus" and worst >= _POOR_LOSS,
    )
