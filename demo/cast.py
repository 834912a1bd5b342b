"""The people at the simulated phones: they ring, pick up, talk and hang up as the call's story says."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.desks import DESKS, PHONES, DemoDesk, desk_of
from demo.dialogue import (
    PC_SECONDS,
    SHOPPER_ANSWERS,
    SHOPPER_MESSAGE,
    SHOPPER_TALKS,
    SHOPPER_TALKS_TO,
    STORE_TALKS,
    STORE_TALKS_TO_PC,
    VOICEMAIL,
    seconds_of,
    write_track,
)
from demo.stories import Accept, Ignore, PickUp, Reaction, Story, TurnDown, Voicemail, number_of, story_of
from phones import wire
from phones.control import Phone

#: Longer than any demo runs; waiting for a call or for its end has no other limit.
_EVER = 30 * 86400.0
_RECORDING_SECONDS = 5.0
#: Between the key that takes a call and the first word: both are connected meanwhile.
_BREATH_SECONDS = 0.6

#: Told who does what, for people to read: ``tell("Boston store", "answers")``.
Tell = Callable[[str, str], None]
#: Asks Ringback for a call to another shopper, as their own browser would.
Click = Callable[[Story], Awaitable[None]]
#: Returns when an agent's call has begun.
Met = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class RecordedLeg:
    """What one phone heard of one call; ``started_at`` in seconds since the epoch."""

    path: Path
    started_at: float


@dataclass(frozen=True, slots=True)
class Tracks:
    """What people say, as WAV files."""

    shopper: Path
    message: Path
    voicemail: Path
    #: By phone.
    stores: Mapping[str, Path]
    #: By phone, to shoppers who talk by PC.
    stores_to_pc: Mapping[str, Path]
    #: What the shopper says to a phone, if not the usual; by phone.
    shopper_to: Mapping[str, Path]


@dataclass(frozen=True, slots=True)
class _ShopperEnd:
    """The shopper's end of the newest call of a number."""

    call: int
    #: Nobody answered at the last desk either: now they will be asked for a message.
    nobody_came: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Cast:
    """Everybody who has a phone in the demo. :meth:`play` lets them live."""

    shopper: Phone
    stores: Mapping[str, Phone]
    tracks: Tracks
    tell: Tell
    #: Finished recordings by the SIP Call-ID of their leg.
    heard: dict[str, RecordedLeg] = field(default_factory=dict)
    #: By number, while the shopper's phone is in a call. A shopper who talks by PC has none.
    _scenes: dict[str, _ShopperEnd] = field(default_factory=dict)

    async def play(self, click: Click, met: Met) -> None:
        """Take calls until cancelled; raises :class:`phones.control.PhoneError` when a phone breaks."""

        async def shopper(incoming: wire.Incoming) -> None:
            number = number_of(incoming.request_uri)
            scene = self._scenes[number] = _ShopperEnd(incoming.call)
            try:
                await self._shopper(incoming, scene, click, met)
            finally:
                if self._scenes.get(number) is scene:
                    del self._scenes[number]

        async with asyncio.TaskGroup() as group:
            group.create_task(self._take_calls(group, self.shopper, shopper))
            for phone in self.stores.values():
                group.create_task(self._take_calls(group, phone, self._desk))

    async def _take_calls(
        self,
        group: asyncio.TaskGroup,
        phone: Phone,
        act: Callable[[wire.Incoming], Coroutine[Any, Any, None]],
    ) -> None:
        while True:
            incoming = await phone.expect(wire.Incoming, within=_EVER)
            group.create_task(self._live_through(phone, incoming, act(incoming)))

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
        self.tell(self._who(phone, incoming), "hangs up" if ended.was_answered else "is silent again")
        if ended.was_answered:
            recorded = await phone.expect(wire.Recorded, call=incoming.call, within=_RECORDING_SECONDS)
            call_id = incoming.header("Call-ID") or ""
            self.heard[call_id] = RecordedLeg(Path(recorded.path), recorded.started_at)
        elif phone is not self.shopper:
            scene = self._scenes.get(number_of(incoming.from_uri))
            if scene and desk_of(incoming.request_uri) == story_of(incoming.from_uri).message_after:
                scene.nobody_came.set()

    async def _shopper(self, incoming: wire.Incoming, scene: _ShopperEnd, click: Click, met: Met) -> None:
        """The shopper's end, as far as it is not told from the desk's; until the call is over."""
        story = story_of(incoming.request_uri)
        for other in story.others:
            await click(other)
        await self._react(self.shopper, incoming, story.shopper)
        await self.shopper.expect(wire.Answered, call=incoming.call, within=_EVER)
        if story.agent:
            await met()
            await self._talk(story, incoming.call, self.tracks.shopper)
        await scene.nobody_came.wait()
        await self._leave_message(incoming.call)

    async def _desk(self, incoming: wire.Incoming) -> None:
        # The demo's destinations show the shopper's number: it tells which story this is.
        number = number_of(incoming.from_uri)
        story, desk = story_of(incoming.from_uri), desk_of(incoming.request_uri)
        phone = self.stores[DESKS[desk].phone]
        reaction = _reaction(DESKS[desk], story.desks.get(desk, Ignore()))
        await self._react(phone, incoming, reaction)
        await phone.expect(wire.Answered, call=incoming.call, within=_EVER)
        match reaction:
            case Voicemail():
                await _say(phone, incoming.call, self.tracks.voicemail)
            case Accept(_, listens):
                await asyncio.sleep(listens)
                self.tell(self._who(phone, incoming), "presses 1")
                await phone.send(wire.PressKeys(incoming.call, "1"))
                await asyncio.sleep(_BREATH_SECONDS)
                await self._converse(number, story, phone, incoming.call)
            case _:
                await self._converse(number, story, phone, incoming.call)

    async def _react(self, phone: Phone, incoming: wire.Incoming, reaction: Reaction) -> None:
        who = self._who(phone, incoming)
        match reaction:
            case PickUp(after) | Accept(after) | Voicemail(after):
                self.tell(who, "rings")
                await asyncio.sleep(after)
                self.tell(who, "answers by voicemail" if isinstance(reaction, Voicemail) else "answers")
                await phone.send(wire.Answer(incoming.call))
            case TurnDown(status):
                self.tell(who, f"refuses the call (SIP {status})")
                await phone.send(wire.Refuse(incoming.call, status))
            case Ignore():
                self.tell(who, "rings, and nobody picks up")

    async def _converse(self, number: str, story: Story, phone: Phone, call: int) -> None:
        """Both halves of the conversation, at whose end the shopper hangs up; or the store's alone, by PC."""
        scene = self._scenes.get(number)
        if scene is None:
            await _say(phone, call, self.tracks.stores_to_pc[phone.name])
            await asyncio.sleep(PC_SECONDS)
            await phone.send(wire.HangUpCall(call))
        else:
            await _say(phone, call, self.tracks.stores[phone.name])
            track = self.tracks.shopper_to.get(phone.name, self.tracks.shopper)
            await self._talk(story, scene.call, track)

    async def _talk(self, story: Story, call: int, track: Path) -> None:
        await _say(self.shopper, call, track)
        await asyncio.sleep(story.talk_seconds)
        await self.shopper.send(wire.HangUpCall(call))

    async def _leave_message(self, call: int) -> None:
        """Hear the greeting out, speak after the tone, and press the key that ends the message."""
        await asyncio.sleep(seconds_of("message_greeting"))
        self.tell("Your phone", "leaves a message")
        await _say(self.shopper, call, self.tracks.message)
        (line,) = SHOPPER_MESSAGE
        await asyncio.sleep(line.at + seconds_of(line.sentence) + _BREATH_SECONDS)
        await self.shopper.send(wire.PressKeys(call, "#"))

    def _who(self, phone: Phone, incoming: wire.Incoming) -> str:
        return PHONES.get(phone.name) or story_of(incoming.request_uri).shopper_name


@contextlib.asynccontextmanager
async def open_cast(folder: Path, tell: Tell) -> AsyncIterator[Cast]:
    """Give everybody a phone; all phones are gone when the context ends. ``folder`` takes their files."""
    async with contextlib.AsyncExitStack() as stack:

        async def phone(name: str, speech: wire.PhoneSpeech) -> Phone:
            recordings = folder / f"heard-{name}"
            recordings.mkdir()
            script = wire.Script(then="nothing", speak=speech)
            return await stack.enter_async_context(Phone.start(name, script, recordings=recordings))

        tracks = Tracks(
            shopper=write_track(SHOPPER_TALKS, folder / "shopper-talks.wav"),
            message=write_track(SHOPPER_MESSAGE, folder / "shopper-message.wav"),
            voicemail=write_track(VOICEMAIL, folder / "voicemail.wav"),
            stores={
                name: write_track(lines, folder / f"{name}-talks.wav") for name, lines in STORE_TALKS.items()
            },
            stores_to_pc={
                name: write_track(lines, folder / f"{name}-talks-to-pc.wav")
                for name, lines in STORE_TALKS_TO_PC.items()
            },
            shopper_to={
                name: write_track(lines, folder / f"shopper-talks-to-{name}.wav")
                for name, lines in SHOPPER_TALKS_TO.items()
            },
        )
        hello = write_track(SHOPPER_ANSWERS, folder / "shopper-answers.wav")
        shopper = await phone("shopper", wire.PhoneSpeech(wav=str(hello)))
        stores = {name: await phone(name, wire.PhoneSpeech()) for name in PHONES}
        yield Cast(shopper, stores, tracks, tell)


def _reaction(desk: DemoDesk, by_number: Reaction) -> Reaction:
    """How a desk reacts: some pick up whoever calls."""
    return by_number if desk.picks_up is None else PickUp(desk.picks_up)


async def _say(phone: Phone, call: int, track: Path) -> None:
    await phone.send(wire.Speak(call, wire.PhoneSpeech(wav=str(track))))
