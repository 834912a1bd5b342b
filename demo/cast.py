"""The people at the simulated phones: they ring, pick up, talk and hang up as the call's story says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.dialogue import SHOPPER_ANSWERS, SHOPPER_TALKS, STORE_TALKS, TALK_SECONDS, write_track
from demo.stories import STORES, Answer, Ignore, Reaction, Refuse, Story, story_of
from phones import wire
from phones.control import Phone

#: Longer than any demo runs; waiting for a call or for its end has no other limit.
_EVER = 30 * 86400.0
_RECORDING_SECONDS = 5.0

#: Told who does what, for people to read: ``tell("Boston store", "answers")``.
Tell = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """What one phone heard of one call; ``started_at`` in seconds since the epoch."""

    path: Path
    started_at: float


@dataclass(slots=True)
class Cast:
    """Everybody who has a phone in the demo. :meth:`play` lets them live."""

    shopper: Phone
    stores: Mapping[str, Phone]
    shopper_talks: Path
    tell: Tell
    #: Finished recordings by the SIP Call-ID of their leg.
    heard: dict[str, Heard] = field(default_factory=dict)
    #: The shopper's newest call of each story.
    _shoppers: dict[str, int] = field(default_factory=dict)

    async def play(self) -> None:
        """Take calls until cancelled; raises :class:`phones.control.PhoneError` when a phone breaks."""
        async with asyncio.TaskGroup() as scene:
            scene.create_task(self._take_calls(scene, self.shopper, self._shopper))
            for name, phone in self.stores.items():
                scene.create_task(self._take_calls(scene, phone, self._store(name)))

    async def _take_calls(
        self,
        scene: asyncio.TaskGroup,
        phone: Phone,
        act: Callable[[wire.Incoming], Coroutine[Any, Any, None]],
    ) -> None:
        while True:
            incoming = await phone.expect(wire.Incoming, within=_EVER)
            scene.create_task(self._live_through(phone, incoming, act(incoming)))

    async def _live_through(
        self, phone: Phone, incoming: wire.Incoming, act: Coroutine[Any, Any, None]
    ) -> None:
        """Act until the call is over, then keep what was heard of it."""
        acting = asyncio.create_task(act)
        try:
            ended = await phone.expect(wire.Ended, call=incoming.call, within=_EVER)
        finally:
            acting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await acting
        self.tell(_who(phone), "hangs up" if ended.was_answered else "is silent again")
        if ended.was_answered:
            recorded = await phone.expect(wire.Recorded, call=incoming.call, within=_RECORDING_SECONDS)
            call_id = incoming.header("Call-ID") or ""
            self.heard[call_id] = Heard(Path(recorded.path), recorded.started_at)

    async def _shopper(self, incoming: wire.Incoming) -> None:
        story = story_of(incoming.request_uri)
        self._shoppers[story.id] = incoming.call
        await self._react(self.shopper, incoming.call, story.shopper)

    def _store(self, name: str) -> Callable[[wire.Incoming], Coroutine[Any, Any, None]]:
        async def act(incoming: wire.Incoming) -> None:
            # The demo's destinations show the shopper's number: it tells which story this is.
            story = story_of(incoming.from_uri)
            phone = self.stores[name]
            await self._react(phone, incoming.call, story.stores.get(name, Ignore()))
            await phone.expect(wire.Answered, call=incoming.call, within=_EVER)
            await self._converse(story)

        return act

    async def _react(self, phone: Phone, call: int, reaction: Reaction) -> None:
        match reaction:
            case Answer(after):
                self.tell(_who(phone), "rings")
                await asyncio.sleep(after)
                self.tell(_who(phone), "answers")
                await phone.send(wire.Answer(call))
            case Refuse(status):
                self.tell(_who(phone), f"refuses the call (SIP {status})")
                await phone.send(wire.Refuse(call, status))
            case Ignore():
                self.tell(_who(phone), "rings, and nobody picks up")

    async def _converse(self, story: Story) -> None:
        """The shopper's half of the conversation; the store's began with its answer."""
        call = self._shoppers[story.id]
        await self.shopper.send(wire.Speak(call, wire.Speech(wav=str(self.shopper_talks))))
        await asyncio.sleep(TALK_SECONDS)
        await self.shopper.send(wire.HangUp(call))


@contextlib.asynccontextmanager
async def open_cast(folder: Path, tell: Tell) -> AsyncIterator[Cast]:
    """Give everybody a phone; all phones are gone when the context ends. ``folder`` takes their files."""
    async with contextlib.AsyncExitStack() as stack:

        async def phone(name: str, speech: Path) -> Phone:
            recordings = folder / f"heard-{name}"
            recordings.mkdir()
            script = wire.Script(then="nothing", speak=wire.Speech(wav=str(speech)))
            return await stack.enter_async_context(Phone.start(name, script, recordings=recordings))

        hello = write_track(SHOPPER_ANSWERS, folder / "shopper-answers.wav")
        shopper = await phone("shopper", hello)
        stores = {
            name: await phone(name, write_track(STORE_TALKS[name], folder / f"{name}-talks.wav"))
            for name in STORES
        }
        yield Cast(shopper, stores, write_track(SHOPPER_TALKS, folder / "shopper-talks.wav"), tell)


def _who(phone: Phone) -> str:
    return STORES.get(phone.name, "Your phone")
