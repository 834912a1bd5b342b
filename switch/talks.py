"""Recording what legs say while they talk: an ear of its own for each, and a file that grows on disk.

rtpengine sends the ear a copy of what a leg says (a subscription). That is independent of who hears the leg:
it goes on over a hold, another partner, another codec.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bridge.commands import RecordTalk
from bridge.events import TalkRecorded
from sip.journal import note
from switch.ears import Ear
from switch.media import MediaOwner
from switch.media_leg import MediaLeg
from switch.ng import NgError
from switch.talk_writer import HeardTalk, TalkWriter


class Talks:
    """The legs that are recorded. What fails is told by TalkRecorded, and ends no call."""

    def __init__(self, owner: MediaOwner, has: Callable[[MediaLeg], bool]) -> None:
        self._owner = owner
        self._has = has

    async def record(self, leg: MediaLeg, command: RecordTalk) -> None:
        """Write down what a leg says from now on."""
        await self.stop(leg)
        try:
            if not leg.answered:
                raise ValueError("the leg was not answered")
            leg.talk = HeardTalk(command.path, TalkWriter(Path(command.path)), await Ear.open())
        except (OSError, ValueError) as error:
            self._tell(leg, command.path, error)
            return
        leg.talk.ear.listeners["talk"] = leg.talk.writer.hear
        leg.talk.ear.start()
        await self.follow(leg)

    async def follow(self, leg: MediaLeg) -> None:
        """Listen to the leg where it is now: a browser's connection may be another than before."""
        talk = leg.talk
        if talk is None:
            return
        await self._leave(leg, talk)
        try:
            talk.subscription = await leg.call.star.subscribe(leg.tag, talk.ear.port)
        except NgError as error:
            talk.missed = error  # what is written from here on is silence, whatever the leg says
            note("talk_not_heard", leg=leg.leg_id, reason=error)

    async def stop(self, leg: MediaLeg) -> None:
        """The leg's file is complete; TalkRecorded says so."""
        talk, leg.talk = leg.talk, None
        if talk is None:
            return
        talk.ear.finish()
        talk.ear.close()
        if not leg.broken:
            await self._leave(leg, talk)
        self._tell(leg, talk.path, await talk.writer.finish() or talk.missed)

    async def _leave(self, leg: MediaLeg, talk: HeardTalk) -> None:
        """Ask for no copy any more; one of a connection that is gone has ended by itself."""
        subscription, talk.subscription = talk.subscription, ""
        try:
            if subscription:
                await leg.call.star.unsubscribe(subscription)
        except NgError as error:
            note("talk_not_ended", level="info", leg=leg.leg_id, reason=error)

    def _tell(self, leg: MediaLeg, path: str, error: Exception | None) -> None:
        if error is not None:
            note("recording_failed", leg=leg.leg_id, kind=type(error).__name__, reason=error)
        if self._has(leg):
            self._owner.report(TalkRecorded(leg.leg_id, path, failed=error is not None))
