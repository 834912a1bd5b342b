"""Listens to legs of one worker: judges who answered, and records messages and talks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pjsua2 as pj
from twisted.internet import task, threads

from bridge.commands import RecordLeg, RecordTalk
from bridge.events import (
    Answerer,
    AnswererJudged,
    LegEnded,
    LegEvent,
    RecordingFinished,
    TalkRecorded,
)
from sip import message_file
from sip.answerer import Judge
from sip.journal import note
from sip.pj_call import describe
from sip.reactor import Reactor
from sip.recording import MessageRecording, WrittenTrack
from sip.sip_leg import SipLeg, SipLegState

#: Seconds between two measurements of a leg's level while it is judged: one frame of G.711.
JUDGING_TICK = 0.02
#: The same while it is recorded, where only seconds of silence matter.
RECORDING_TICK = 0.1
#: If more measurements were missed, they are not made up for: the reactor did not run, and nothing is known.
_MOST_MISSED = 10
#: Seconds that PJSIP may take to write the end of a file; it takes 20 ms.
_LONGEST_WRITE = 0.8
_WRITE_CHECK = 0.02


class Listening:
    """Measures levels while any leg is judged or recorded.

    It reports AnswererJudged once a leg, RecordingFinished once a message, TalkRecorded once a talk, and a
    leg's LegEnded after all of them.
    """

    def __init__(self, reactor: Reactor, report: Callable[[LegEvent], None], silence: pj.AudioMedia) -> None:
        self._reactor = reactor
        self._report = report
        self._silence = silence
        self._judges: dict[SipLeg, Judge] = {}
        self._judged: set[SipLeg] = set()
        self._recordings: dict[SipLeg, MessageRecording] = {}
        self._talks: dict[SipLeg, WrittenTrack] = {}
        #: How many files of a leg are still being written, and the leg's end, which waits for them.
        self._writing: dict[SipLeg, int] = {}
        self._ended: dict[SipLeg, LegEnded] = {}
        #: Legs whose last file could not be written completely.
        self._incomplete: set[SipLeg] = set()
        # PJSIP measures the level of a port only while something is connected to it.
        self._sink = pj.Endpoint.instance().audDevManager().getPlaybackDevMedia()
        self._judging: task.LoopingCall | None = None
        self._watching: task.LoopingCall | None = None

    @property
    def busy(self) -> bool:
        """Whether a file is still being written."""
        return bool(self._writing or self._recordings or self._talks)

    def judge(self, leg: SipLeg) -> None:
        """Judge who answered this leg; does nothing the second time."""
        if leg.state is not SipLegState.ANSWERED or leg in self._judged or leg in self._judges:
            return
        self._judges[leg] = Judge(JUDGING_TICK)
        self.media_changed(leg)
        if self._judging is None:
            self._judging = self._look(self._judge_all, JUDGING_TICK)

    def record(self, leg: SipLeg, command: RecordLeg) -> None:
        """Record a leg. If it is being recorded already, that recording ends first."""
        self.stop_recording(leg)
        try:
            if leg.state is not SipLegState.ANSWERED:
                raise ValueError(f"the leg is {leg.state.value}")
            self._recordings[leg] = MessageRecording(command, self._silence, RECORDING_TICK)
        except (OSError, ValueError, pj.Error) as error:
            self._failed(leg, error)
            self._report(RecordingFinished(leg.leg_id, 0.0, failed=True))
            return
        self.media_changed(leg)
        if self._watching is None:
            self._watching = self._look(self._watch_recordings, RECORDING_TICK)

    def stop_recording(self, leg: SipLeg) -> None:
        """End a leg's recording, if there is one."""
        if (running := self._recordings.pop(leg, None)) is None:
            return
        running.close()
        self._writing[leg] = self._writing.get(leg, 0) + 1
        self._await_written(leg, running, self._reactor.seconds() + _LONGEST_WRITE)

    def record_talk(self, leg: SipLeg, command: RecordTalk) -> None:
        """Record what a leg says, whatever it hears."""
        self.stop_talk(leg)
        try:
            if leg.state is not SipLegState.ANSWERED:
                raise ValueError(f"the leg is {leg.state.value}")
            self._talks[leg] = WrittenTrack(command.path, self._silence)
        except (OSError, ValueError, pj.Error) as error:
            self._failed(leg, error)
            self._report(TalkRecorded(leg.leg_id, command.path, failed=True))
            return
        self.media_changed(leg)

    def stop_talk(self, leg: SipLeg) -> None:
        """End what :meth:`record_talk` began, if there is one."""
        if (running := self._talks.pop(leg, None)) is None:
            return
        running.close()
        self._writing[leg] = self._writing.get(leg, 0) + 1
        self._await_talk(leg, running, self._reactor.seconds() + _LONGEST_WRITE)

    def media_changed(self, leg: SipLeg) -> None:
        """The leg may have another port now."""
        if leg.port is None:
            return
        if leg in self._judges:
            leg.port.startTransmit(self._sink)
        if leg in self._recordings:
            self._recordings[leg].connect(leg.port)
        if leg in self._talks:
            self._talks[leg].connect(leg.port)

    def leg_ended(self, leg: SipLeg, ended: LegEnded) -> None:
        """Report a leg's end when its files are complete."""
        self._judges.pop(leg, None)
        self._judged.discard(leg)
        self.stop_recording(leg)
        self.stop_talk(leg)
        if leg in self._writing:
            self._ended[leg] = ended
        else:
            self._report(ended)

    # Measuring levels -----------------------------------------------------------------------------------

    def _look(self, look: Callable[[int], None], tick: float) -> task.LoopingCall:
        """Measure from now on; ``look`` gets the number of ticks since the last time."""
        # A new one each time: a stopped one that starts again counts the ticks in between as missed.
        looking = task.LoopingCall.withCount(look)
        looking.clock = self._reactor
        looking.start(tick, now=False)
        return looking

    def _judge_all(self, ticks: int) -> None:
        for leg, judge in list(self._judges.items()):
            said, heard = _levels(leg)
            for _ in range(min(ticks, _MOST_MISSED)):
                if (verdict := judge.hear(said, heard)) is not None:
                    self._judged_as(leg, verdict)
                    break
        if not self._judges and self._judging is not None:
            self._judging.stop()
            self._judging = None

    def _judged_as(self, leg: SipLeg, verdict: Answerer) -> None:
        if self._judges.pop(leg, None) is None:
            return  # it broke as it was looked at
        self._judged.add(leg)
        if leg.port is not None:
            leg.port.stopTransmit(self._sink)
        if leg.state is SipLegState.ANSWERED:
            self._report(AnswererJudged(leg.leg_id, verdict))

    def _watch_recordings(self, ticks: int) -> None:
        for leg, running in list(self._recordings.items()):
            said, _ = _levels(leg)
            for _ in range(min(ticks, _MOST_MISSED)):
                if running.hear(said):
                    self.stop_recording(leg)
                    break
        if not self._recordings and self._watching is not None:
            self._watching.stop()
            self._watching = None

    # Finishing files -------------------------------------------------------------------------------------

    def _await_written(self, leg: SipLeg, running: MessageRecording, deadline: float) -> None:
        if not message_file.is_written(running.path):
            if self._reactor.seconds() < deadline:
                self._reactor.callLater(_WRITE_CHECK, self._await_written, leg, running, deadline)
                return
            note("recording_unfinished", leg=leg.leg_id, path=running.path)
            self._incomplete.add(leg)
        # On another thread, because the disk may be slow.
        cutting = threads.deferToThreadPool(
            self._reactor, self._reactor.getThreadPool(), message_file.cut, running.path, running.longest
        )
        cutting.addErrback(self._not_cut, leg).addCallback(self._written, leg)

    def _await_talk(self, leg: SipLeg, running: WrittenTrack, deadline: float) -> None:
        written = message_file.is_written(running.path)
        if not written and self._reactor.seconds() < deadline:
            self._reactor.callLater(_WRITE_CHECK, self._await_talk, leg, running, deadline)
            return
        if not written:
            note("recording_unfinished", leg=leg.leg_id, path=running.path)
        self._report(TalkRecorded(leg.leg_id, str(running.path), failed=not written))
        self._file_done(leg)

    def _not_cut(self, failure: Any, leg: SipLeg) -> float:
        self._failed(leg, failure.value)
        self._incomplete.add(leg)
        return 0.0

    def _written(self, seconds: float, leg: SipLeg) -> None:
        failed = leg in self._incomplete
        self._incomplete.discard(leg)
        self._report(RecordingFinished(leg.leg_id, seconds, failed))
        self._file_done(leg)

    def _file_done(self, leg: SipLeg) -> None:
        self._writing[leg] -= 1
        if not self._writing[leg]:
            del self._writing[leg]
            if (ended := self._ended.pop(leg, None)) is not None:
                self._report(ended)

    def _failed(self, leg: SipLeg, error: Exception) -> None:
        note("recording_failed", leg=leg.leg_id, kind=type(error).__name__, reason=describe(error))


def _levels(leg: SipLeg) -> tuple[int, int]:
    """The levels of a leg's far side and of what we send it; 0 without media."""
    if leg.port is None:
        return 0, 0
    try:
        # PJSUA2 names levels from the port's side: the port transmits what the far side says.
        return leg.port.getTxLevel(), leg.port.getRxLevel()
    except pj.Error as error:
        leg.broke("level", error)
        return 0, 0
