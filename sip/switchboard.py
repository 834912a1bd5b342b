"""All legs of one worker: what each hears, which went silent, and what each command does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pjsua2 as pj
from twisted.internet import task

from bridge.causes import HangupCause
from bridge.commands import (
    Dial,
    HangUp,
    Join,
    JudgeAnswerer,
    MediaCommand,
    Play,
    RecordLeg,
    RecordTalk,
    SendDtmf,
    StopRecording,
    StopTalk,
)
from bridge.events import LegEnded, LegEvent, LegFaltered, LegRecovered, LegSilent, PromptFinished
from routing.plan import Audio
from sip import audio
from sip.journal import note
from sip.listening import Listening
from sip.pj_call import PjCall, describe
from sip.reactor import Reactor
from sip.sip_leg import SipLeg, SipLegState

_SILENCE_CHECK = 1.0
#: The most seconds without a sign of life before LegFaltered is reported.
_FALTERS_AFTER = 8.0
_EARLY_MEDIA_CHECK = 0.1
#: Seconds without a leg before PJSIP may rest; until then it still cleans up.
_REST_AFTER = 2.0


class LegDialler(Protocol):
    """Places calls through the trunks."""

    def dial(self, leg_id: str, command: Dial, board: Switchboard) -> SipLeg:
        """Begin a leg to an endpoint; a later failure ends the leg."""

    def dial_tie(self, leg_id: str, uri: str, board: Switchboard) -> SipLeg:
        """Begin a tie to another worker."""

    def await_tie(self, leg_id: str, secret: str, board: Switchboard) -> SipLeg:
        """Begin a leg for a tie that another worker will dial by this secret."""


@dataclass(slots=True)
class _Hearing:
    """What one leg hears: ``wish`` is what it should hear, ``connected`` what it is connected to."""

    #: Another leg, a source of its own, or None for silence.
    wish: SipLeg | pj.AudioMedia | None = None
    connected: pj.AudioMedia | None = None
    #: Number of the play whose source this is; 0 for none.
    play: int = 0


def _falters_after(media_timeout: float) -> float:
    """Seconds without a sign of life before a leg falters; RTCP comes every 5 s or so."""
    return min(_FALTERS_AFTER, media_timeout * 0.6)


@dataclass(slots=True)
class _Pulse:
    """When a leg's far side last gave a sign of life."""

    signs: int
    seen_at: float
    faltered: bool = False
    reported: bool = False


class Switchboard:
    """Carries out commands. A command that fails ends its leg with ``failed``; nothing is raised."""

    def __init__(
        self,
        reactor: Reactor,
        lines: LegDialler,
        report: Callable[[LegEvent], None],
        wake: Callable[[bool], None],
    ) -> None:
        self._reactor = reactor
        self._wake = wake
        self._lines = lines
        self.report = report
        self._legs: dict[str, SipLeg] = {}
        self._hearing: dict[SipLeg, _Hearing] = {}
        self._pulses: dict[SipLeg, _Pulse] = {}
        self._ties: dict[str, SipLeg] = {}
        self._silence = audio.silence()
        self._listening = Listening(reactor, report, self._silence)
        self._plays = 0
        self._listener = task.LoopingCall(self._check_silence)
        self._listener.clock = reactor
        self._early_listener = task.LoopingCall(self._look_for_early_media)
        self._early_listener.clock = reactor

    @property
    def busy(self) -> bool:
        """Whether there is any leg, or a message that is still being written."""
        return bool(self._legs) or self._listening.busy

    def perform(self, command: MediaCommand) -> None:
        """Carry out one command. A command for a leg that is gone does nothing."""
        try:
            match command:
                case Dial(leg_id=leg_id):
                    self._begin(leg_id, lambda: self._lines.dial(leg_id, command, self))
                case Play(leg_id=leg_id, audio=wanted, loop=loop):
                    self._play(leg_id, wanted, loop)
                case Join(leg_id=leg_id, other_leg_id=other_leg_id):
                    self._join(leg_id, other_leg_id)
                case SendDtmf(leg_id=leg_id, digit=digit):
                    if leg := self._legs.get(leg_id):
                        leg.send_dtmf(digit)
                case HangUp(leg_id=leg_id, cause=cause):
                    if leg := self._legs.get(leg_id):
                        leg.hang_up(cause)
                case JudgeAnswerer(leg_id=leg_id):
                    if leg := self._legs.get(leg_id):
                        self._listening.judge(leg)
                case RecordLeg(leg_id=leg_id):
                    if leg := self._legs.get(leg_id):
                        self._hear(leg, None)
                        self._listening.record(leg, command)
                case StopRecording(leg_id=leg_id):
                    if leg := self._legs.get(leg_id):
                        self._listening.stop_recording(leg)
                case RecordTalk(leg_id=leg_id):
                    if leg := self._legs.get(leg_id):
                        self._listening.record_talk(leg, command)
                case StopTalk(leg_id=leg_id):
                    if leg := self._legs.get(leg_id):
                        self._listening.stop_talk(leg)
        except Exception as error:  # noqa: BLE001 - the core learns of it as the leg's end
            self._fail(command.leg_id, type(command).__name__, error)

    def await_tie(self, leg_id: str, secret: str) -> None:
        """Expect a tie with this user part."""
        self._begin(leg_id, lambda: self._lines.await_tie(leg_id, secret, self))
        self._ties[secret] = self._legs[leg_id]

    def expect(self, leg: SipLeg, secret: str) -> None:
        """Take an incoming call to this user part as a leg that exists already."""
        self._ties[secret] = leg

    def dial_tie(self, leg_id: str, uri: str) -> None:
        """Dial the tie that another worker expects."""
        try:
            self._begin(leg_id, lambda: self._lines.dial_tie(leg_id, uri, self))
        except Exception as error:  # noqa: BLE001 - the core learns of it as the leg's end
            self._fail(leg_id, "DialTie", error)

    def accept_tie(self, secret: str, call: PjCall) -> bool:
        """Take an incoming call as the tie of this secret, if one is expected."""
        leg = self._ties.pop(secret, None)
        if leg is None:
            return False
        try:
            leg.accept(call)
        except Exception as error:  # noqa: BLE001 - the core learns of it as the leg's end
            leg.broke("accept_tie", error)
        return True

    def hang_up_all(self) -> None:
        """End every leg, because the worker leaves."""
        for leg in list(self._legs.values()):
            leg.hang_up(HangupCause.CANCELLED)

    # sip.sip_leg.LegOwner --------------------------------------------------------------------------------

    def media_changed(self, leg: SipLeg) -> None:
        """Connect a leg again: its old port is gone, and so are the connections of that port."""
        for listener, hearing in self._hearing.items():
            if listener is leg or hearing.wish is leg:
                hearing.connected = None
        for listener, hearing in self._hearing.items():
            if listener is leg or hearing.wish is leg:
                self._connect(listener, hearing)
        self._listening.media_changed(leg)
        if leg.early and not self._early_listener.running:
            self._early_listener.start(_EARLY_MEDIA_CHECK, now=False)
        if leg.state is SipLegState.ANSWERED and leg.media_timeout is not None:
            before = self._pulses.get(leg)
            faltered = before is not None and before.faltered
            self._pulses[leg] = _Pulse(leg.signs_of_life(), self._reactor.seconds(), faltered)
            if not self._listener.running:
                self._listener.start(_SILENCE_CHECK, now=False)

    def leg_ended(self, leg: SipLeg, ended: LegEnded) -> None:
        """Forget a leg and report its end; legs that heard it hear silence."""
        self._legs.pop(leg.leg_id, None)
        self._hearing.pop(leg, None)
        self._pulses.pop(leg, None)
        self._ties = {secret: tie for secret, tie in self._ties.items() if tie is not leg}
        for listener, hearing in self._hearing.items():
            if hearing.wish is leg:
                hearing.wish, hearing.connected = None, None
                self._connect(listener, hearing)
        if not self._pulses and self._listener.running:
            self._listener.stop()
        if not self._legs:
            self._reactor.callLater(_REST_AFTER, self._rest_or_wake)
        self._listening.leg_ended(leg, ended)

    # Commands --------------------------------------------------------------------------------------------

    def _begin(self, leg_id: str, start: Callable[[], SipLeg]) -> None:
        if leg_id in self._legs:
            raise ValueError("a leg of this id is there already")
        start()

    def adopt(self, leg: SipLeg) -> None:
        """Add a new leg, which hears silence."""
        if not self._legs:
            self._wake(True)
        self._legs[leg.leg_id] = leg
        self._hearing[leg] = _Hearing()

    def _play(self, leg_id: str, wanted: Audio, loop: bool) -> None:
        leg = self._legs.get(leg_id)
        if leg is None:
            return
        # The callback knows the play by its number, not by its player: a reference cycle would leave
        # the player to the garbage collector, which may run on a thread that PJSIP does not know.
        self._plays += 1
        play = self._plays
        source = audio.source_of(
            wanted,
            loop,
            lambda: self._reactor.callFromThread(self._prompt_finished, leg, play, wanted.name),
        )
        self._hear(leg, source)
        self._hearing[leg].play = play

    def _prompt_finished(self, leg: SipLeg, play: int, name: str) -> None:
        hearing = self._hearing.get(leg)
        if hearing is not None and hearing.play == play:
            self._hear(leg, None)
            self.report(PromptFinished(leg.leg_id, name))

    def _join(self, leg_id: str, other_leg_id: str) -> None:
        one, other = self._legs.get(leg_id), self._legs.get(other_leg_id)
        if one is None or other is None:
            return
        for listener, hearing in list(self._hearing.items()):
            if listener not in (one, other) and hearing.wish in (one, other):
                self._hear(listener, None)
        self._hear(one, other)
        self._hear(other, one)
        one.joined()
        other.joined()

    def _hear(self, leg: SipLeg, wish: SipLeg | pj.AudioMedia | None) -> None:
        hearing = self._hearing[leg]
        hearing.wish, hearing.play = wish, 0
        self._connect(leg, hearing)

    def _connect(self, leg: SipLeg, hearing: _Hearing) -> None:
        """Connect a leg to what it should hear: one source at a time, or silence.

        A leg that only rings is sent silence: its early media may be heard, but nobody is there to listen.
        """
        if leg.port is None:
            hearing.connected = None
            return
        source = hearing.wish.port if isinstance(hearing.wish, SipLeg) else hearing.wish
        if source is None or leg.state is not SipLegState.ANSWERED:
            source = self._silence
        if source is hearing.connected:
            return
        if hearing.connected is not None:
            hearing.connected.stopTransmit(leg.port)
        source.startTransmit(leg.port)
        hearing.connected = source

    def _fail(self, leg_id: str, what: str, error: Exception) -> None:
        leg = self._legs.get(leg_id)
        if leg is not None:
            leg.broke(what, error)
            return
        note("command_failed", leg=leg_id, command=what, kind=type(error).__name__, reason=describe(error))
        self.report(LegEnded(leg_id, HangupCause.FAILED))

    def _rest_or_wake(self) -> None:
        self._wake(self.busy)

    def _look_for_early_media(self) -> None:
        early = [leg for leg in self._legs.values() if leg.early]
        for leg in early:
            try:
                leg.look_for_early_media()
            except pj.Error as error:
                leg.broke("look_for_early_media", error)
        if not early:
            self._early_listener.stop()

    def _check_silence(self) -> None:
        now = self._reactor.seconds()
        for leg, pulse in list(self._pulses.items()):
            try:
                signs = leg.signs_of_life()
            except pj.Error as error:
                leg.broke("signs_of_life", error)
                continue
            if signs != pulse.signs or leg.held or not leg.far_side_sends:
                pulse.signs, pulse.seen_at = signs, now
                if pulse.faltered:
                    pulse.faltered = False
                    self.report(LegRecovered(leg.leg_id))
                continue
            quiet = now - pulse.seen_at
            if not pulse.faltered and leg.media_timeout and quiet >= _falters_after(leg.media_timeout):
                pulse.faltered = True
                self.report(LegFaltered(leg.leg_id))
            if not pulse.reported and leg.media_timeout and quiet >= leg.media_timeout:
                pulse.reported = True
                self.report(LegSilent(leg.leg_id))
