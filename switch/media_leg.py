"""What is known of one leg's media, and of the call that it is in."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from sip.journal import note
from switch.ears import Ear, Judging, MessageWriter
from switch.media import Agreed, Terms
from switch.prompts import Loudness
from switch.sdp import Described, OurAudio, write
from switch.sources import SourceGuard
from switch.star import Star
from switch.talk_writer import HeardTalk

Result = TypeVar("Result")
#: What a leg hears: its partner, a prompt or a tone, silence that we send, or nothing at all.
Hearing = Literal["partner", "prompt", "silence", "nothing"]


@dataclass(slots=True, eq=False)
class MediaLeg:
    """One leg."""

    leg_id: str
    call: MediaCall
    terms: Terms
    #: What rtpengine knows it by: its id, or the browser's connection that it has now.
    tag: str
    #: Tags of its browser's connections, by session.
    pages: dict[int, str] = field(default_factory=dict)
    #: The far side's last SDP, and what it says.
    sdp: str = ""
    far: Described | None = None
    agreed: Agreed | None = None
    #: What the far side knows of us.
    ours: OurAudio | None = None
    version: int = 1
    answered: bool = False
    #: Whether it was opened in rtpengine.
    open: bool = False
    hearing: Hearing = "nothing"
    #: The file that it is played, whether over and over, and since when.
    playing: tuple[Path, bool, float] | None = None
    #: How loud that file is.
    loudness: Loudness | None = None
    partner: MediaLeg | None = None
    #: Whether its partner may not hear it yet: it only rings.
    muted: bool = False
    #: Whether its partner may not get its keys: INFO brings them.
    keys_blocked: bool = False
    #: Whether any audio of it is known to have come.
    spoke: bool = False
    #: Where rtpengine takes what its placeholder says: a port of loopback.
    placeholder_port: int = 0
    #: Keeps strangers from its ports; None for browsers, and where the kernel does not let us.
    guard: SourceGuard | None = None
    ear: Ear | None = None
    judging: Judging | None = None
    judged: bool = False
    writer: MessageWriter | None = None
    #: What it says while it talks, where that is recorded.
    talk: HeardTalk | None = None
    #: Counts what it was given to hear, so that the end of a prompt of before is no end.
    turn: int = 0
    ending: asyncio.TimerHandle | None = None
    injecting: asyncio.TimerHandle | None = None
    broken: bool = False
    #: Of its silence: the packets of the last look, when they changed, and what was told of it.
    packets: int = 0
    heard_at: float = 0.0
    faltered: bool = False
    silent: bool = False

    @property
    def codec(self) -> str:
        """What it is sent."""
        return self.agreed.codec if self.agreed else self.terms.codecs[0]

    @property
    def in_browser(self) -> bool:
        """Whether its far side is a browser."""
        return self.tag in self.call.star.browsers

    @property
    def hub_codec(self) -> str:
        """What its placeholder speaks: the same, or PCMU where an ear would not understand that."""
        return "PCMU" if self.codec == "opus" else self.codec

    @property
    def profile(self) -> str:
        """Its kind of RTP."""
        if self.far is not None and self.far.crypto:
            return "RTP/SAVP"
        return "RTP/AVP"

    def tell(self, ours: OurAudio) -> str:
        """Our SDP, of a new version where anything changed."""
        if self.ours is not None and ours != self.ours:
            self.version += 1
        self.ours = ours
        return write(ours, self.call.session, self.version)


@dataclass(slots=True, eq=False)
class MediaCall:
    """The legs of one call, and what is to be done for them, one after the other."""

    call_id: str
    star: Star
    session: int
    legs: dict[str, MediaLeg] = field(default_factory=dict)
    looking: asyncio.TimerHandle | None = None
    _waiting: deque[Callable[[], Awaitable[None]]] = field(default_factory=deque)
    _working: asyncio.Task[None] | None = None

    def then(self, work: Callable[[], Awaitable[Result]]) -> asyncio.Future[Result]:
        """Have something done after all that was asked before; its result, or what it raises."""
        done: asyncio.Future[Result] = asyncio.get_running_loop().create_future()

        async def run() -> None:
            try:
                result = await work()
            except Exception as error:  # noqa: BLE001 - the caller that waits for it gets it
                if not done.done():
                    done.set_exception(error)
                else:
                    note("media_work_failed", call=self.call_id, kind=type(error).__name__, reason=error)
            else:
                if not done.done():
                    done.set_result(result)

        self._waiting.append(run)
        if self._working is None:
            self._working = asyncio.ensure_future(self._work())
        return done

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._waiting.popleft()()
        finally:
            self._working = None


def ignored(done: asyncio.Future[Any]) -> None:
    """Take a failure that was told elsewhere."""
    if not done.cancelled():
        done.exception()
