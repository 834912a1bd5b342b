"""The seam between the two halves of the switch: what signalling asks of media, and what media tells.

A leg's life as its media sees it::

    offer ─▶ answer (early: 183) ─▶ answer (200) ─▶ answered ─▶ perform(Play, Join, …) ─▶ close
    offer ─▶ abandon ─▶ offer …                    (an INVITE failed, another trunk is tried)
    take_offer ─▶ answered                         (the far side's INVITE; a 200 to an INVITE without SDP)
    answered ─▶ take_offer … / reoffer ─▶ answer   (re-INVITE and UPDATE: hold, resume, a new address)

Legs whose ids differ in what follows the last hyphen are of one call, and may be joined. Coroutines of one
leg are awaited one after another; ``perform``, ``answered`` and ``abandon`` return at once and take effect in
the order in which they, and the coroutines, were called, across all legs of a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal, Protocol, runtime_checkable

from bridge.causes import HangupCause
from bridge.commands import Join, JudgeAnswerer, Play, RecordLeg, RecordTalk, StopRecording, StopTalk
from bridge.events import LegEvent, MediaStats

#: How a key came: by RFC 4733, which the partner got as well; by RFC 4733, kept from the partner; as a tone.
KeyWay = Literal["rfc4733", "kept", "tone"]

#: The media commands that media carries out by itself.
HeardCommand = Play | Join | JudgeAnswerer | RecordLeg | StopRecording | RecordTalk | StopTalk


class MediaError(Exception):
    """Media cannot do what it was asked: its engine is gone, full, or refuses. The leg fails."""


class IncompatibleError(MediaError):
    """The far side's SDP cannot be spoken to: no common codec, no audio, or not encrypted as it must be."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a leg's media may be; settled before its INVITE, and the same until its end."""

    #: Our address as the far side sees it: what ``c=`` says.
    address: str
    #: The best first: PCMU, PCMA, G722, opus.
    codecs: tuple[str, ...]
    srtp: Literal["off", "optional", "required"] = "off"
    #: All addresses of the peer that signals for this leg; its media may come from there.
    known: frozenset[IPv4Address | IPv6Address] = frozenset()
    #: Where else media may come from, as the operator lists it. With none, wherever the SDP says and the
    #: first packet shows (NAT); in any case pinned to the first source that is right (no RTP bleed).
    listed: tuple[IPv4Network | IPv6Network, ...] = ()
    #: Seconds without a sign of life after which LegSilent is reported; None: silence means nothing.
    media_timeout: float | None = None
    #: Whether keys must be heard however they come: as tones, too, where telephone-event is not agreed.
    asked: bool = False
    #: Whether keys reach the far side by INFO alone: then its partner's stay out of its audio.
    keys_by_info: bool = False
    #: Whether its own keys stay out of the audio: the core decides of each whether the partner gets it.
    keys_stay: bool = False


@dataclass(frozen=True, slots=True)
class Agreed:
    """What an offer and its answer came to (RFC 3264)."""

    #: The codec that the far side sends first.
    codec: str
    #: The far side put us on hold: it will not play what we send (``sendonly``, ``inactive``, ``c=0.0.0.0``).
    held: bool
    #: Whether telephone-event is agreed: without it keys go by INFO.
    events: bool


class SwitchMedia(Protocol):
    """The media of every leg of this node. All run on the event loop of the switch."""

    async def begin(self) -> None:
        """Be ready; :class:`MediaError`, with what the operator can do, where that fails."""

    def end(self) -> None:
        """The switch ends, and was told to: let go of everything, at once."""

    async def offer(self, leg_id: str, terms: Terms) -> str:
        """The SDP of an INVITE of ours; :class:`MediaError` where there is no port left."""

    async def answer(self, leg_id: str, sdp: str, *, early: bool) -> Agreed:
        """The far side answered our offer: in a 183 (``early``), a 200, or a PRACKed response.

        It comes again where another fork answers, and replaces what was. ``early``: the leg may be heard by
        Join, and is sent nothing. :class:`IncompatibleError` where we cannot speak to it.
        """

    async def take_offer(self, leg_id: str, sdp: str, terms: Terms) -> tuple[str, Agreed]:
        """The far side offers; our answer. For a leg that is there already its ports stay the same.

        What it heard before it goes on hearing: a hold is answered, and nothing else changes.
        """

    async def reoffer(self, leg_id: str) -> str:
        """Our SDP for a re-INVITE of ours, a session refresh or an answer to an INVITE without SDP.

        The same version (RFC 3264 section 8: ``o=``) where nothing changed.
        """

    def answered(self, leg_id: str) -> None:
        """The far side picked up: it is sent silence until told otherwise, and its silence is watched."""

    def abandon(self, leg_id: str) -> None:
        """Its INVITE failed, and another :meth:`offer` or :meth:`close` follows."""

    def perform(self, command: HeardCommand) -> None:
        """Change what a leg hears, or listen to it. What fails is told by :meth:`MediaOwner.broke`."""

    async def press(self, leg_id: str, digit: str) -> bool:
        """Send a key by RFC 4733; False where the far side takes none, so that INFO is left."""

    async def close(self, leg_id: str) -> MediaStats | None:
        """Let go of a leg; what its audio was like, if there was any. Recordings are finished before.

        RecordingFinished, TalkRecorded and AnswererJudged that are due are reported before this returns. A
        leg that is not there is no error.
        """

    @property
    def legs(self) -> int:
        """Legs that have media now."""


class MediaOwner(Protocol):
    """What media tells the signalling half, on the event loop."""

    def report(self, event: LegEvent) -> None:
        """To the core as it is: PromptFinished, AnswererJudged, RecordingFinished, LegSilent, …"""

    def key_pressed(self, leg_id: str, digit: str, way: KeyWay) -> None:
        """A key came in the leg's audio; INFO is signalling's."""

    def early_media(self, leg_id: str, arrives: bool) -> None:
        """Audio of a leg that rings began, or stopped."""

    def broke(self, leg_id: str, cause: HangupCause, why: str) -> None:
        """The leg's media cannot go on: end it for this cause. Told at most once a leg."""


@dataclass(frozen=True, slots=True)
class HeardQuality:
    """How audio arrived, by the reports (RTCP) of those who heard it; 0 where nobody reports."""

    #: Per cent.
    loss: float = 0.0
    jitter_ms: float = 0.0
    round_trip_ms: float | None = None


@dataclass(frozen=True, slots=True)
class PageState:
    """How a page's connection is."""

    #: ICE and DTLS are done.
    connected: bool
    #: Seconds since audio or a report came of it; None: never.
    age: float | None
    #: Packets that came of it.
    packets: int = 0
    #: What the page sends, and what it is sent.
    up: HeardQuality = HeardQuality()
    down: HeardQuality = HeardQuality()


@runtime_checkable
class BrowserMedia(Protocol):
    """The media of legs in browsers; :class:`SwitchMedia` carries out their commands as those of any leg.

    A page's connection is a *session*; a leg may have a next one beside that which it has now::

        open_page ─▶ tell_page … ─▶ look_at_page until connected ─▶ take_over ─▶ look_at_page … ─▶ close
        open_page ─▶ drop_page                                      (it did not connect)

    The SDPs are those of :mod:`switch.page_sdp`. Each raises :class:`MediaError`.
    """

    async def open_page(
        self, leg_id: str, session: int, sdp: str, codec: str, terms: Terms, interface: str
    ) -> str:
        """Open a connection on an interface of rtpengine; rtpengine's SDP."""

    async def tell_page(self, leg_id: str, session: int, sdp: str, codec: str) -> None:
        """The same connection with more candidates."""

    async def look_at_page(self, leg_id: str, session: int) -> PageState | None:
        """How it is; None where it is not open."""

    async def take_over(self, leg_id: str, session: int, sdp: str, codec: str) -> None:
        """The leg has this connection from now on, and lets go of the one before."""

    async def drop_page(self, leg_id: str, session: int) -> None:
        """Let go of a connection that the leg does not have."""

    async def fill(self, leg_id: str, *, on: bool) -> None:
        """Send silence to the other side while the leg's page is lost."""

    def codec_beside(self, leg_id: str) -> str | None:
        """What an answered leg of the same call speaks: then nothing needs to be decoded."""

    def answered(self, leg_id: str) -> None:
        """As :meth:`SwitchMedia.answered`."""

    async def close(self, leg_id: str) -> MediaStats | None:
        """As :meth:`SwitchMedia.close`."""
