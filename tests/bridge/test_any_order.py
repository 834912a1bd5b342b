"""Any order of events, however late or simultaneous, keeps the promises of a call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bridge.call import CallMachine
from bridge.causes import Disposition, HangupCause
from bridge.commands import (
    AskRoute,
    BookCallback,
    Dial,
    EnterQueue,
    HangUp,
    Join,
    JudgeAnswerer,
    KeepMessage,
    LeaveQueue,
    Play,
    PushKeyedPage,
    RecordLeg,
    RecordTalk,
    SendDtmf,
    Settle,
    StartTimer,
    StopRecording,
    StopTalk,
    StopTimer,
    WriteCdr,
)
from bridge.events import (
    AnswererJudged,
    AudioHeard,
    AudioQuality,
    CallbackBooked,
    CallbackRefused,
    CallRequested,
    CancelRequested,
    HangUpRequested,
    HoldRequested,
    LegAnswered,
    LegAwaited,
    LegDtmf,
    LegEnded,
    LegFaltered,
    LegHeld,
    LegRecovered,
    LegResumed,
    LegRinging,
    LegSilent,
    PageAnswered,
    PromptFinished,
    QueueMoved,
    RecordingFinished,
    ResumeRequested,
    RouteAnswered,
    TalkRecorded,
    Timer,
    TimerExpired,
    TransferCompleted,
    TransferRequested,
    TurnCame,
)
from bridge.facts import CallProgressed, Fact, RecordingBegan, RecordingEnded
from bridge.legs import LegState
from bridge.losses import broke_off
from bridge.progress import CallState
from bridge.transitions import CALL_TRANSITIONS
from calls.engine import as_dialled
from routing.plan import HOLD_TONE, Apology, PlannedStep, Prompt, Screening
from tests.bridge.playbook import (
    CLICK,
    GREETING,
    MESSAGE,
    OFFER,
    QUEUE,
    RECORDING,
    SORRY,
    all_at_once,
    in_order,
    plan,
    staggered,
    with_actions,
)
from tests.bridge.projections import Seen

WHISPER = Prompt("whisper", "/prompts/whisper.wav")
LOST = Prompt("lost", "/prompts/lost.wav")
WORDS = Prompt("words", "/prompts/words.wav")
ACTION = st.sampled_from(["next", "next", "next_step", "retry", "end"])
PLAIN = st.builds(
    lambda build, size: build(*(f"d{i}" for i in range(size))),
    st.sampled_from([all_at_once, in_order]),
    st.integers(1, 4),
)
STAGGERED = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from([0.0, 3.0, 8.0]), st.sampled_from([5.0, 20.0])),
    min_size=1,
    max_size=4,
).map(
    lambda rows: staggered(
        *(row[0] for row in rows),
        delays=tuple(row[1] for row in rows),
        timeouts=tuple(row[2] for row in rows),
    )
)


def screened(step: PlannedStep, which: list[bool]) -> PlannedStep:
    """The step with screening at some of its destinations."""
    screening = Screening(GREETING, 10.0, detect_machine=True)
    endpoints = tuple(
        replace(endpoint, screening=screening if wanted else None)
        for endpoint, wanted in zip(step.endpoints, which, strict=False)
    )
    return replace(step, endpoints=endpoints)


def whispered(step: PlannedStep, which: list[bool]) -> PlannedStep:
    """The step with a whisper to some of its destinations."""
    endpoints = tuple(
        replace(endpoint, whisper=WHISPER if wanted else None)
        for endpoint, wanted in zip(step.endpoints, which, strict=False)
    )
    return replace(step, endpoints=endpoints)


ENDING = st.sampled_from(
    [
        MESSAGE,
        replace(MESSAGE, instead=OFFER),
        replace(MESSAGE, instead=Apology(SORRY)),
        OFFER,
        Apology(SORRY),
        None,
    ]
)
FOUR_TRUTHS = st.lists(st.booleans(), min_size=4, max_size=4)
STEPS = st.lists(
    st.builds(
        with_actions,
        st.builds(whispered, st.builds(screened, PLAIN | STAGGERED, FOUR_TRUTHS), FOUR_TRUTHS),
        busy=ACTION,
        declined=ACTION,
        unreachable=ACTION,
        no_answer=ACTION,
    ),
    min_size=1,
    max_size=3,
)


def audio_heard(leg_id: str) -> AudioHeard:
    """What any browser may tell."""
    return AudioHeard(leg_id, AudioQuality(1.0, 5.0, 0.5))


#: Clocks that have nothing to do with a hunt.
WHOLE_CALL = (Timer.DURATION, Timer.QUEUE)


class AnyOrder(RuleBasedStateMachine):
    """The world around one call: it obeys the commands, but reports in any order, and late."""

    @initialize(
        steps=STEPS,
        on_loss=st.sampled_from(["end", "redial"]),
        dial_business=st.sampled_from(["at_once", "after_greeting"]),
        early_media=st.booleans(),
        greeting=st.sampled_from([GREETING, None]),
        ending=ENDING,
        queue=st.sampled_from([QUEUE, None]),
        business_first=st.integers(0, 4),
        closed=st.integers(0, 4),
        patience=st.integers(0, 30),
        unasked=st.booleans(),
        push_by_keys=st.booleans(),
        lost=st.sampled_from([LOST, None]),
        recording=st.sampled_from([RECORDING, None]),
        taken=st.sets(st.sampled_from(["d0", "d1", "a"]), max_size=1),
        answers=st.lists(st.just(()) | STEPS.map(tuple), max_size=3),
    )
    def begin(
        self,
        steps: list[Any],
        patience: int,
        unasked: bool,
        business_first: int,
        closed: int,
        taken: set[str],
        answers: list[Any],
        **changes: Any,
    ) -> None:
        #: Who other calls have; and what the route says when it is asked, the last first.
        self.taken, self.answers = taken, answers
        if business_first == 0:  # a callback
            changes |= {"first": "business", "ending": None, "queue": None}
            closed = 1
        self.steps = tuple(steps)
        self.call = CallMachine(
            "c", replace(plan(**changes), steps=() if closed == 0 else self.steps), CLICK, 0.0
        )
        self.queue = changes["queue"] is not None
        self.in_queue = False
        #: Whether the queue has given a turn that somebody answered.
        self.in_turn = False
        self.booking = False
        self.kept: list[KeepMessage] = []
        self.recording: set[str] = set()
        #: The file that each leg is written to; files that are complete, and not told of; what was begun.
        self.written: dict[str, str] = {}
        self.complete: list[tuple[str, str]] = []
        self.begun: dict[str, bool] = {}
        self.judging: set[str] = set()
        self.pushes: list[str] = []
        self.names: dict[str, str] = {}
        self.hears: dict[str, str] = {}
        self.now = 0.0
        #: What the far side of each leg is: dialing, ringing, answered, gone; and whether it was hung up.
        self.world: dict[str, str] = {}
        self.hung_up: set[str] = set()
        self.playing: set[str] = set()
        self.timers: set[tuple[Any, Any]] = set()
        self.settled: list[Settle] = []
        self.records: list[Any] = []
        self.sequence = 0
        #: Events before somebody may cancel or a leg may end: else few calls would come far.
        self.patience = patience
        self.seen = Seen()
        if not (unasked and patience == 0):
            self.send(CallRequested())

    def send(self, event: Any) -> None:
        self.now += 1.0
        #: What this moment makes true, and who was not rung in it.
        self.facts: list[Fact] = []
        self.not_free: set[str] = set()
        self.obey(event)
        self.seen.tell(as_dialled(self.facts, self.not_free))

    def obey(self, event: Any) -> None:
        self.carry_out(self.call.handle(event, self.now))

    def carry_out(self, commands: list[Any]) -> None:
        follow: list[Any] = []
        for command in commands:
            assert not self.records, f"{command} after the CDR"
            match command:
                case AskRoute():
                    answer = RouteAnswered(self.answers.pop() if self.answers else self.steps)
                    assert self.call.state is CallState.HUNTING
                    follow.append(answer)
                case Dial(leg_id=leg_id, endpoint=endpoint) if endpoint.destination in self.taken:
                    assert leg_id not in self.world
                    self.world[leg_id] = "gone"
                    self.not_free.add(leg_id)
                    follow.append(LegEnded(leg_id, HangupCause.NOT_FREE))
                case Dial(leg_id=leg_id):
                    assert leg_id not in self.world
                    self.world[leg_id] = "dialing"
                case Play(leg_id=leg_id, audio=audio, loop=loop):
                    self.commanded(leg_id)
                    assert leg_id not in self.recording
                    speaks = not loop and audio.name != "beep"
                    (self.playing.add if speaks else self.playing.discard)(leg_id)
                    self.names[leg_id] = self.hears[leg_id] = audio.name
                case JudgeAnswerer(leg_id=leg_id):
                    self.commanded(leg_id)
                    self.judging.add(leg_id)
                case RecordLeg(leg_id=leg_id):
                    self.commanded(leg_id)
                    assert leg_id not in self.recording
                    self.playing.discard(leg_id)
                    self.recording.add(leg_id)
                case StopRecording(leg_id=leg_id):
                    self.commanded(leg_id)
                case RecordTalk(leg_id=leg_id, path=path):
                    self.commanded(leg_id)
                    assert leg_id not in self.written
                    assert self.hears[leg_id] == "each other"
                    self.written[leg_id] = path
                case StopTalk(leg_id=leg_id):
                    self.file_ends(leg_id)
                case EnterQueue():
                    assert self.queue
                    assert self.in_turn or not self.in_queue
                    self.in_queue, self.in_turn = True, False
                case LeaveQueue():
                    assert self.in_queue
                    self.in_queue = self.in_turn = False
                case BookCallback():
                    assert not self.booking
                    self.booking = True
                case KeepMessage():
                    self.kept.append(command)
                case Join(leg_id=leg_id, other_leg_id=other):
                    self.commanded(leg_id)
                    self.commanded(other)
                    self.playing -= {leg_id, other}
                    self.hears[leg_id] = self.hears[other] = "each other"
                case PushKeyedPage(leg_id=leg_id):
                    self.pushes.append(leg_id)
                case SendDtmf(leg_id=leg_id):
                    self.commanded(leg_id)
                case HangUp(leg_id=leg_id):
                    self.commanded(leg_id)
                    self.hung_up.add(leg_id)
                case StartTimer(timer=timer, leg_id=leg_id):
                    self.timers.add((timer, leg_id))
                case StopTimer(timer=timer, leg_id=leg_id):
                    self.timers.remove((timer, leg_id))
                case Settle():
                    self.settled.append(command)
                case WriteCdr(record=record):
                    self.records.append(record)
        self.facts += self.call.facts
        for fact in self.call.facts:
            if isinstance(fact, RecordingBegan):
                assert self.begun.setdefault(fact.recording_id, True)
            elif isinstance(fact, RecordingEnded):
                assert self.begun[fact.recording_id]
                self.begun[fact.recording_id] = False
            elif isinstance(fact, CallProgressed):
                assert fact.progress.sequence == self.sequence + 1
                self.sequence += 1
        for answer in follow:  # at once, before anything else may happen
            self.obey(answer)

    def commanded(self, leg_id: str) -> None:
        """No command goes to a leg that has reported its end, nor to one that was hung up."""
        assert leg_id in self.world
        assert self.world[leg_id] != "gone" or leg_id in self.told_late or leg_id in self.not_free
        assert leg_id not in self.hung_up

    #: Legs whose end is on its way while the call, not knowing, may still command them.
    told_late: frozenset[str] = frozenset()

    def legs(self, *states: str) -> list[str]:
        return sorted(leg for leg, state in self.world.items() if state in states)

    @precondition(lambda self: self.now >= self.patience or not self.world)
    @rule()
    def cancel(self) -> None:
        self.send(CancelRequested())

    @precondition(lambda self: self.legs("dialing", "ringing", "answered"))
    @rule(data=st.data(), kind=st.sampled_from([LegFaltered, LegRecovered]))
    def falters(self, data: st.DataObject, kind: Any) -> None:
        self.send(kind(data.draw(st.sampled_from(self.legs("dialing", "ringing", "answered")))))

    @precondition(lambda self: self.legs("dialing"))
    @rule(data=st.data())
    def is_awaited(self, data: st.DataObject) -> None:
        self.send(LegAwaited(data.draw(st.sampled_from(self.legs("dialing"))), "sip:us@127.0.0.1"))

    @precondition(lambda self: self.legs("dialing", "ringing"))
    @rule(data=st.data(), early=st.booleans())
    def rings(self, data: st.DataObject, early: bool) -> None:
        leg = data.draw(st.sampled_from(self.legs("dialing", "ringing")))
        self.world[leg] = "ringing"
        self.send(LegRinging(leg, early))

    @precondition(lambda self: self.legs("dialing", "ringing"))
    @rule(data=st.data())
    def answers(self, data: st.DataObject) -> None:
        leg = data.draw(st.sampled_from(self.legs("dialing", "ringing")))
        self.world[leg] = "answered"
        self.send(LegAnswered(leg))

    @precondition(lambda self: self.legs("answered"))
    @rule(
        data=st.data(),
        kind=st.sampled_from([LegAnswered, LegHeld, LegResumed, LegSilent, LegRinging, audio_heard]),
    )
    def something_happens(self, data: st.DataObject, kind: Any) -> None:
        leg = data.draw(st.sampled_from(self.legs("answered")))
        self.send(kind(leg))

    @precondition(lambda self: self.legs("answered"))
    @rule(data=st.data(), digit=st.sampled_from("112#59*"))
    def key_is_pressed(self, data: st.DataObject, digit: str) -> None:
        self.send(LegDtmf(data.draw(st.sampled_from(self.legs("answered"))), digit))

    @precondition(lambda self: self.legs("answered"))
    @rule(
        data=st.data(),
        kind=st.sampled_from([HoldRequested, ResumeRequested, TransferCompleted, HangUpRequested]),
    )
    def desk_asks(self, data: st.DataObject, kind: Any) -> None:
        self.send(kind(data.draw(st.sampled_from(self.legs("answered")))))

    @precondition(lambda self: self.legs("answered"))
    @rule(data=st.data(), steps=STEPS, attended=st.booleans())
    def desk_transfers(self, data: st.DataObject, steps: list[Any], attended: bool) -> None:
        leg = data.draw(st.sampled_from(self.legs("answered")))
        self.send(TransferRequested(leg, tuple(steps), attended))

    @precondition(lambda self: self.pushes)
    @rule()
    def page_is_pushed(self) -> None:
        self.send(PageAnswered(self.pushes.pop(), WORDS))

    @precondition(lambda self: self.judging & set(self.legs("answered")))
    @rule(data=st.data(), answerer=st.sampled_from(["human", "machine", "unknown"]))
    def verdict(self, data: st.DataObject, answerer: Any) -> None:
        leg = data.draw(st.sampled_from(sorted(self.judging & set(self.legs("answered")))))
        self.judging.discard(leg)
        self.send(AnswererJudged(leg, answerer))

    @precondition(lambda self: self.recording)
    @rule(seconds=st.sampled_from([0.0, 0.5, 30.0]), failed=st.booleans())
    def recording_finishes(self, seconds: float, failed: bool) -> None:
        self.send(RecordingFinished(self.recording.pop(), seconds, failed))

    def file_ends(self, leg_id: str) -> None:
        if path := self.written.pop(leg_id, None):
            self.complete.append((leg_id, path))

    @precondition(lambda self: self.complete)
    @rule(data=st.data(), failed=st.booleans())
    def talk_is_recorded(self, data: st.DataObject, failed: bool) -> None:
        leg_id, path = self.complete.pop(data.draw(st.integers(0, len(self.complete) - 1)))
        self.send(TalkRecorded(leg_id, path, failed))

    @precondition(lambda self: self.in_queue and not self.in_turn)
    @rule(position=st.integers(1, 3), wait=st.sampled_from([0.0, 90.0]))
    def queue_moves(self, position: int, wait: float) -> None:
        self.send(QueueMoved(position, wait))

    @precondition(lambda self: self.in_queue and not self.in_turn)
    @rule(hopeless=st.integers(0, 5))
    def turn_comes(self, hopeless: int) -> None:
        self.in_turn = True
        self.send(TurnCame(() if hopeless == 0 else self.steps))

    @precondition(lambda self: self.booking)
    @rule(booked=st.booleans())
    def booking_is_answered(self, booked: bool) -> None:
        self.booking = False
        self.send(CallbackBooked(5000.0, "today") if booked else CallbackRefused())

    @precondition(lambda self: self.playing & set(self.legs("answered")))
    @rule(data=st.data())
    def prompt_finishes(self, data: st.DataObject) -> None:
        leg = data.draw(st.sampled_from(sorted(self.playing & set(self.legs("answered")))))
        self.playing.discard(leg)
        self.send(PromptFinished(leg, self.names[leg]))

    @precondition(lambda self: self.now >= self.patience / 4 and self.legs("dialing", "ringing", "answered"))
    @rule(data=st.data(), cause=st.sampled_from(HangupCause))
    def leg_ends(self, data: st.DataObject, cause: HangupCause) -> None:
        leg = data.draw(st.sampled_from(self.legs("dialing", "ringing", "answered")))
        if leg in self.recording and cause is not HangupCause.WORKER_LOST:
            self.recording_finishes(30.0, False)  # a worker finishes the file before it reports the end
        self.recording.discard(leg)
        self.file_ends(leg)
        for each in [each for each in self.complete if each[0] == leg]:
            self.complete.remove(each)
            if cause is not HangupCause.WORKER_LOST:
                self.send(TalkRecorded(*each))
        self.world[leg] = "gone"
        live = self.call.legs[leg].live
        stays = live and self.call.state is CallState.BRIDGED and not leg.startswith("c-s")
        self.send(LegEnded(leg, cause))
        if stays and broke_off(cause) and self.call.plan.ending:
            assert self.call.state is not CallState.ENDING, "who still talks is not hung up on for a loss"

    @precondition(
        lambda self: self.now >= self.patience / 4 and len(self.legs("dialing", "ringing", "answered")) > 1
    )
    @rule(data=st.data())
    def worker_dies(self, data: st.DataObject) -> None:
        """Several legs are gone at once; the call learns of them one by one, in any order."""
        legs = data.draw(st.permutations(self.legs("dialing", "ringing", "answered")))
        legs = legs[: data.draw(st.integers(2, len(legs)))]
        for leg in legs:
            self.world[leg] = "gone"
            self.recording.discard(leg)
            self.written.pop(leg, None)
        self.complete = [each for each in self.complete if each[0] not in legs]
        for number, leg in enumerate(legs):
            self.told_late = frozenset(legs[number + 1 :])
            self.send(LegEnded(leg, HangupCause.WORKER_LOST))
        self.told_late = frozenset()

    @precondition(lambda self: self.call.state is CallState.BRIDGED)
    @rule()
    def core_dies(self) -> None:
        """Another one takes over, and has the two who talk alone."""
        known = self.call.snapshot()
        assert known is not None
        for leg in set(self.legs("dialing", "ringing", "answered")) - set(known.talking):
            self.world[leg] = "gone"
            self.written.pop(leg, None)
        self.complete = [each for each in self.complete if each[0] in known.talking]
        self.timers.clear()
        self.judging.clear()
        self.pushes.clear()
        self.now += 1.0
        self.facts, self.not_free, self.seen = [], set(), Seen()
        self.call = CallMachine("c", known.plan, known.click, known.requested_at)
        self.carry_out(self.call.resume(known, self.now))
        self.seen.tell(self.facts)
        after = self.call.snapshot()
        assert after is not None
        # A recording that was over is complete on the side of a leg that is gone; one that runs goes on, and
        # one begins where the agent heard words in between.
        ran, runs = ([each for each in of.recording.running if each.on] for of in (known, after))
        assert runs[: len(ran)] == ran
        assert after.recording.begun - known.recording.begun == len(runs) - len(ran)
        assert after.recording.consent is known.recording.consent
        same = replace(known, sequence=0, legs=self.legs_now(), recording=after.recording)
        assert replace(after, sequence=0) == same

    def legs_now(self) -> tuple[Any, ...]:
        return tuple(replace(leg) for leg in self.call.legs.values())

    @precondition(lambda self: self.legs("gone"))
    @rule(
        data=st.data(),
        kind=st.sampled_from(
            [LegRinging, LegAnswered, LegHeld, LegSilent, LegFaltered, LegRecovered, "ended"]
        ),
    )
    def late_report(self, data: st.DataObject, kind: Any) -> None:
        leg = data.draw(st.sampled_from(self.legs("gone")))
        self.send(LegEnded(leg, HangupCause.NORMAL) if kind == "ended" else kind(leg))

    @precondition(lambda self: self.timers)
    @rule(data=st.data())
    def timer_expires(self, data: st.DataObject) -> None:
        timer, leg_id = data.draw(st.sampled_from(sorted(self.timers, key=str)))
        self.timers.discard((timer, leg_id))
        self.send(TimerExpired(timer, leg_id))

    @invariant()
    def promises(self) -> None:
        if not hasattr(self, "call"):
            return
        assert self.call.fault is None
        assert len(self.settled) <= 1
        assert len(self.records) <= 1
        talk = {leg for leg in self.written if self.hears[leg] == "each other"}
        assert talk == set(self.written), "nobody is recorded who hears something else"
        assert not self.written or self.call.plan.recording
        if self.call.state is CallState.ENDED:
            assert not any(self.begun.values()), "what was begun is complete before the record"
            assert self.records, "an ended call has its CDR"
            assert not self.timers, "no timer outlives its call"
            (record,) = self.records
            assert record.disposition is self.settled[0].disposition
            assert {leg.leg_id for leg in record.legs} == set(self.world)
            assert not self.in_queue, "an ended call waits no more"
            bridged = record.bridged_at is not None
            assert (record.disposition is Disposition.BRIDGED) is bridged
            assert bridged or (record.disposition is Disposition.MESSAGE_TAKEN) is bool(self.kept)
        if self.call.state is CallState.ENDING:
            assert self.hung_up >= {leg for leg in self.world if self.world[leg] != "gone"}
        self.seen.agrees_with(self.call)
        if self.call.state is CallState.BRIDGED:
            self.promises_of_the_bridge()
        if self.call.state is CallState.HUNTING:
            self.promises_of_the_hunt()
        if self.call.state is CallState.QUEUED:
            assert self.in_queue
            assert not self.in_turn
            assert (Timer.QUEUE, None) in self.timers, "nobody waits for ever"
        if self.call.state is CallState.BOOKING_CALLBACK and self.call.progress.callback_at is None:
            assert self.booking or self.playing, "the shopper waits for an answer, or hears it"
        if self.call.state is CallState.LEAVING_MESSAGE:
            assert self.playing or self.recording or (Timer.BEEP, None) in self.timers

    def promises_of_the_hunt(self) -> None:
        business = [leg for leg in self.call.legs.values() if leg.role == "business" and leg.live]
        assert business, "somebody rings, or is asked, while we hunt"
        pending = {leg.leg_id for leg in business if leg.pending}
        asked = {leg.leg_id for leg in business if not leg.pending}
        clocks = {(timer, leg) for timer, leg in self.timers if timer not in WHOLE_CALL}
        if told := [leg for timer, leg in clocks if timer is Timer.WHISPER]:
            assert clocks == {(Timer.WHISPER, *told)}
            assert asked == set(told), "the person who took the call is alone, and is told about it"
            return
        assert {leg for timer, leg in clocks if timer is Timer.SCREENING} == asked
        clocks -= {(Timer.SCREENING, leg) for leg in asked} | {(Timer.NEXT, None)}
        rung = {leg for timer, leg in clocks if timer is Timer.RING}
        if rung:
            assert rung == pending, "each leg has its clock"
            assert clocks == {(Timer.RING, leg) for leg in rung}
        else:
            assert clocks <= {(Timer.STEP, None)}
            assert clocks or not pending
        assert 1 <= self.call.progress.attempt <= self.call.progress.attempts

    def promises_of_the_bridge(self) -> None:
        assert not self.in_queue
        progress, live = self.call.progress, [leg for leg in self.call.legs.values() if leg.live]
        (shopper,) = (leg for leg in live if leg.role == "shopper")
        business = [leg for leg in live if leg.role == "business"]
        clocks = {timer for timer, _ in self.timers} - {Timer.DURATION}
        assert (Timer.DURATION, None) in self.timers
        match progress.transfer:
            case "talking":
                assert [leg.state for leg in business] == [LegState.JOINED] * 2
                assert progress.consulting
            case "ringing":
                assert len(business) >= 2
                assert business[0].state is LegState.ANSWERED
                assert progress.consulting
                assert clocks, "nobody rings for ever"
                clocks -= {Timer.RING, Timer.STEP, Timer.NEXT, Timer.SCREENING}
            case _:
                (agent,) = business
                told = agent.leg_id in self.playing
                assert shopper.state is agent.state or told
        assert not clocks
        assert progress.held or progress.transfer is None
        on_hold = self.hears[shopper.leg_id] == HOLD_TONE.name
        assert shopper.state is (LegState.ANSWERED if on_hold else LegState.JOINED)

    def teardown(self) -> None:
        """Whatever happened: once every leg is gone and cancel was asked, the call is over."""
        if not hasattr(self, "call"):
            return
        self.send(CancelRequested())
        if self.booking:
            self.booking_is_answered(True)
        for leg in self.legs("dialing", "ringing", "answered"):
            self.world[leg] = "gone"
            self.send(LegEnded(leg, HangupCause.CANCELLED))
        assert self.call.state is CallState.ENDED
        self.promises()


class OnceBridged(AnyOrder):
    """The same world, from the moment on when the two talk: few calls of the other come so far."""

    @initialize(
        push_by_keys=st.booleans(),
        on_loss=st.sampled_from(["end", "redial"]),
        ending=ENDING,
        lost=st.sampled_from([LOST, None]),
        recording=st.sampled_from([RECORDING, None]),
        queue=st.sampled_from([QUEUE, None]),
        answers=st.lists(st.just(()) | STEPS.map(tuple), max_size=3),
    )
    def begin(self, answers: list[Any], **changes: Any) -> None:
        first = (all_at_once("d0"),)
        super().begin(
            steps=list(first), patience=40, unasked=False, business_first=1, closed=1,
            greeting=None, taken=set(), answers=[*answers, first], **changes,
        )  # fmt: skip
        for leg in ("c-s1", "c-b1"):
            if leg == "c-b1" and self.in_queue:
                self.in_turn = True
                self.send(TurnCame(first))
            self.world[leg] = "answered"
            self.send(LegAnswered(leg))
            if leg == "c-s1" and changes["recording"]:
                self.playing.discard(leg)
                self.send(PromptFinished(leg, RECORDING.announcement.name))
        assert self.call.state is CallState.BRIDGED


TestOnceBridged = OnceBridged.TestCase
TestOnceBridged.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_every_state_has_a_way_to_its_end() -> None:
    reached = {CallState.REQUESTED}
    while True:
        more = {after for state in reached for after in CALL_TRANSITIONS[state].values()} - reached
        if not more:
            break
        reached |= more
    assert reached == set(CallState)
    for state in set(CallState) - {CallState.ENDING, CallState.ENDED}:
        assert CallState.ENDING in CALL_TRANSITIONS[state].values()
