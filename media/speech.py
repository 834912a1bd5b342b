"""What legs are told in words: from a Play of a text to a Play of its file, in order and in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

from bridge.commands import Play
from media.phrases import Phrases
from routing.plan import Apology, CallPlan, Endpoint, OfferCallback, Prompt, Speech, Spoken, TakeMessage


class Speaker:
    """Speaks for the calls of a pool.

    A text is rendered ahead where a call may come to say it; a leg that is told a text which is not ready
    hears what it heard before until it is, ``seconds`` at most, and then what :meth:`Phrases.instead` says.
    """

    def __init__(self, phrases: Phrases, seconds: float) -> None:
        self._phrases = phrases
        self._seconds = seconds
        #: Who hears the texts of an open call.
        self._hearers: dict[str, str] = {}
        #: What waits for its file, by leg.
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def open_call(self, call_id: str, plan: CallPlan) -> None:
        """Render what a call may come to say."""
        self._hearers[call_id] = plan.shopper.uri
        for speech in texts_of(plan):
            self._hold(call_id, speech)

    def dialled(self, call_id: str, endpoint: Endpoint) -> None:
        """Render what whoever answers is told first: the plan may not have known of them."""
        for audio in _told(endpoint):
            if isinstance(audio, Speech):
                self._hold(call_id, audio)

    def play(self, call_id: str, command: Play, perform: Callable[[Play], None]) -> None:
        """Perform a Play, at once or when its text is ready; it takes the place of one that waits."""
        self.hush(command.leg_id)
        if not isinstance(command.audio, Speech):
            perform(command)
            return
        speech, rendering = command.audio, self._hold(call_id, command.audio)
        if rendering.done():
            perform(replace(command, audio=Prompt(speech.name, rendering.result())))
        else:
            self._waiting[command.leg_id] = asyncio.ensure_future(
                self._play_later(command, speech, rendering, perform)
            )

    def hush(self, leg_id: str) -> None:
        """The leg is to hear something else, or is gone: what waits for it is not said."""
        waiting = self._waiting.pop(leg_id, None)
        if waiting:
            waiting.cancel()

    def close_call(self, call_id: str) -> None:
        """A call is over and its legs are hushed: let its texts go."""
        self._hearers.pop(call_id, None)
        self._phrases.release(call_id)

    def _hold(self, call_id: str, speech: Speech) -> asyncio.Task[str]:
        return self._phrases.hold(call_id, self._hearers[call_id], speech)

    async def _play_later(
        self, command: Play, speech: Speech, rendering: asyncio.Task[str], perform: Callable[[Play], None]
    ) -> None:
        await asyncio.wait([rendering], timeout=self._seconds)
        path = rendering.result() if rendering.done() else self._phrases.instead(speech)
        del self._waiting[command.leg_id]
        perform(replace(command, audio=Prompt(speech.name, path)))


def texts_of(plan: CallPlan) -> Iterator[Speech]:
    """What a call may say and is known beforehand, the most urgent first."""
    for audio in _audio_of(plan):
        if isinstance(audio, Speech) and "{" not in audio.text:
            yield audio


def _audio_of(plan: CallPlan) -> Iterator[object]:
    yield from (audio for step in plan.steps for endpoint in step.endpoints for audio in _told(endpoint))
    yield plan.greeting
    yield plan.ringback
    offers = [plan.ending]
    if plan.queue:
        yield plan.queue.music
        offers.append(plan.queue.callback)
    for ending in offers:
        match ending:
            case TakeMessage(greeting=greeting, thanks=thanks):
                yield from (greeting, thanks)
            case Apology(sorry=sorry):
                yield sorry
            case OfferCallback(booked=booked, sorry=sorry):
                yield from (booked, sorry)


def _told(endpoint: Endpoint) -> Iterator[Spoken]:
    """What whoever answers is told before they hear the shopper, in that order."""
    if endpoint.screening:
        yield endpoint.screening.prompt
    if endpoint.whisper:
        yield endpoint.whisper
