"""Texts that legs hear: a Play of a text becomes a Play of its file, in order and in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

from bridge.commands import Play
from media.speech_files import SpeechFiles
from routing.plan import Apology, CallPlan, Endpoint, OfferCallback, Prompt, Speech, Spoken, TakeMessage


class SpeechPlayer:
    """Speaks the texts of this node's calls.

    The texts that a call may need are rendered ahead. A leg whose text is not ready keeps hearing what it
    heard before, for ``seconds`` at most, and then hears :meth:`SpeechFiles.instead`.
    """

    def __init__(self, phrases: SpeechFiles, seconds: float) -> None:
        self._speech_files = phrases
        self._seconds = seconds
        #: The shopper of each open call.
        self._hearers: dict[str, str] = {}
        #: The Plays that wait for their file, by leg.
        self._waiting: dict[str, asyncio.Task[None]] = {}

    def open_call(self, call_id: str, plan: CallPlan) -> None:
        """Render the texts that a call may need."""
        self._hearers[call_id] = plan.shopper.uri
        for speech in texts_of(plan):
            self._hold(call_id, speech)

    def dialled(self, call_id: str, endpoint: Endpoint) -> None:
        """Render the texts for the person who answers: the plan may not have known them."""
        for audio in _told(endpoint):
            if isinstance(audio, Speech):
                self._hold(call_id, audio)

    def play(self, call_id: str, command: Play, perform: Callable[[Play], None]) -> None:
        """Perform a Play, now or when its text is ready; it replaces one that waits."""
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
        """Drop the Play that waits for a leg, which is gone or is to hear something else."""
        waiting = self._waiting.pop(leg_id, None)
        if waiting:
            waiting.cancel()

    def close_call(self, call_id: str) -> None:
        """A call is over and its legs are hushed: release its texts."""
        self._hearers.pop(call_id, None)
        self._speech_files.release(call_id)

    def _hold(self, call_id: str, speech: Speech) -> asyncio.Task[str]:
        return self._speech_files.hold(call_id, self._hearers[call_id], speech)

    async def _play_later(
        self, command: Play, speech: Speech, rendering: asyncio.Task[str], perform: Callable[[Play], None]
    ) -> None:
        await asyncio.wait([rendering], timeout=self._seconds)
        path = rendering.result() if rendering.done() else self._speech_files.instead(speech)
        del self._waiting[command.leg_id]
        perform(replace(command, audio=Prompt(speech.name, path)))


def texts_of(plan: CallPlan) -> Iterator[Speech]:
    """The texts that a call may need and that are known beforehand, the most urgent first."""
    for audio in _audio_of(plan):
        if isinstance(audio, Speech) and "{" not in audio.text:
            yield audio


def _audio_of(plan: CallPlan) -> Iterator[object]:
    yield from (audio for step in plan.steps for endpoint in step.endpoints for audio in _told(endpoint))
    yield plan.greeting
    yield plan.ringback
    if plan.recording:
        yield from (plan.recording.announcement, plan.recording.refused)
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
    """What the person who answers hears before the shopper, in order."""
    if endpoint.screening:
        yield endpoint.screening.prompt
    if endpoint.whisper:
        yield endpoint.whisper
