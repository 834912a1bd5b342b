"""Who is listened to, and why: early media, keys as tones, who answered, and messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from bridge.commands import RecordLeg
from bridge.events import Answerer, AnswererJudged, RecordingFinished
from sip.journal import note
from switch.ears import Ear, EarlyListener, Judging, KeyListener, MessageWriter
from switch.media import MediaOwner
from switch.media_leg import MediaLeg

#: Seconds between looks whether early media goes on.
_EARLY_LOOK = 0.5


class EarRelay(Protocol):
    """Who leads each leg's audio to where it goes, and so to its ear."""

    def has(self, leg: MediaLeg) -> bool:
        """Whether the leg is there still."""

    def begin(self, leg: MediaLeg, work: Callable[[], Awaitable[None]]) -> None:
        """Do something whose failure breaks the leg."""

    async def part(self, leg: MediaLeg) -> None:
        """Lead a leg's audio to its ear where one is used, else nowhere."""

    async def unlink(self, leg: MediaLeg) -> None:
        """Part a leg from its partner."""

    async def be_silent(self, leg: MediaLeg) -> None:
        """Send silence to a leg."""

    def own_level(self, leg: MediaLeg, ago: float) -> int:
        """How loud we were to a leg so many seconds ago."""


class LegEars:
    """The ears of all legs. A leg has one while somebody listens."""

    def __init__(self, owner: MediaOwner, relay: EarRelay) -> None:
        self._owner, self._relay = owner, relay
        self._loop = asyncio.get_running_loop()

    async def picked_up(self, leg: MediaLeg) -> None:
        """Early media is over; who was asked for a key may press it as a tone."""
        if leg.ear is not None:
            leg.ear.packet_listeners.pop("early", None)
        if leg.terms.asked and leg.agreed is not None and not leg.agreed.events:
            pressed = partial(self._owner.key_pressed, leg.leg_id, way="tone")
            (await self._ear(leg)).packet_listeners["keys"] = KeyListener(pressed).hear

    async def _ear(self, leg: MediaLeg) -> Ear:
        if leg.ear is None:
            leg.ear = await Ear.open()
        return leg.ear

    async def listen(self, leg: MediaLeg) -> None:
        """Bring where a leg's audio goes in line with whether anybody listens."""
        if leg.partner is None and leg.sdp and leg.open and leg.ear is not None:
            await self._relay.part(leg)
            if not leg.ear.used:
                leg.ear.close()
                leg.ear = None

    def await_early_media(self, leg: MediaLeg) -> None:
        """Tell when audio of a leg that rings begins, and when it stops."""

        async def work() -> None:
            ear = await self._ear(leg)
            if "early" in ear.packet_listeners or leg.answered:
                return
            listener = EarlyListener(lambda arrives: self._owner.early_media(leg.leg_id, arrives))
            ear.packet_listeners["early"] = listener.hear
            await self.listen(leg)

            def look() -> None:
                if self._relay.has(leg) and not leg.answered and leg.partner is None:
                    listener.look(self._loop.time())
                    self._loop.call_later(_EARLY_LOOK, look)

            self._loop.call_later(_EARLY_LOOK / 5, look)

        self._relay.begin(leg, work)

    async def judge(self, leg: MediaLeg) -> None:
        """Find out who answered; AnswererJudged follows."""
        if leg.judged or leg.judging is not None or not leg.answered:
            return
        ear = await self._ear(leg)
        leg.judging = Judging(
            lambda: self._relay.own_level(leg, ear.behind), lambda verdict: self.judged_as(leg, verdict)
        )
        ear.listeners["judge"] = leg.judging.hear
        await self.listen(leg)
        ear.start()

    def judged_as(self, leg: MediaLeg, verdict: Answerer) -> None:
        """Take this for what the answerer is."""
        leg.judging, leg.judged = None, True
        if leg.ear is not None:
            leg.ear.listeners.pop("judge", None)
        if self._relay.has(leg):
            self._owner.report(AnswererJudged(leg.leg_id, verdict))
            self._relay.begin(leg, lambda: self.listen(leg))

    async def record(self, leg: MediaLeg, command: RecordLeg) -> None:
        """Write down what a leg says; RecordingFinished follows."""
        await self.stop_recording(leg)
        await self._relay.unlink(leg)
        try:
            if not leg.answered:
                raise ValueError("the leg was not answered")
            leg.writer = MessageWriter(
                command, lambda: self._relay.begin(leg, lambda: self.stop_recording(leg))
            )
        except (OSError, ValueError) as error:
            note("recording_failed", leg=leg.leg_id, kind=type(error).__name__, reason=error)
            self._owner.report(RecordingFinished(leg.leg_id, 0.0, failed=True))
            return
        await self._relay.be_silent(leg)
        ear = await self._ear(leg)
        ear.listeners["record"] = leg.writer.hear
        await self.listen(leg)
        ear.start()

    async def stop_recording(self, leg: MediaLeg) -> None:
        """Finish the recording, if there is one."""
        writer, leg.writer = leg.writer, None
        if writer is None:
            return
        if leg.ear is not None:
            leg.ear.listeners.pop("record", None)
        seconds, error = await writer.finish()
        if error is not None:
            note("recording_failed", leg=leg.leg_id, kind=type(error).__name__, reason=error)
        self._owner.report(RecordingFinished(leg.leg_id, seconds, failed=error is not None))
        if not leg.broken:
            await self.listen(leg)
