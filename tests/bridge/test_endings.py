"""What becomes of a call that nobody takes: a queue, a message, a callback."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.causes import Disposition, HangupCause
from bridge.commands import (
    BookCallback,
    Dial,
    EnterQueue,
    HangUp,
    Join,
    KeepMessage,
    LeaveQueue,
    Play,
    RecordLeg,
    StopRecording,
)
from bridge.events import (
    CallbackBooked,
    CallbackRefused,
    CancelRequested,
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegSilent,
    PromptFinished,
    QueueMoved,
    RecordingFinished,
    Timer,
    TimerExpired,
    TurnCame,
)
from bridge.message import BEEP
from bridge.progress import CallState
from bridge.queue_wait import in_minutes
from routing.plan import Apology
from tests.bridge.playbook import (
    BOOKED,
    GREETING,
    MESSAGE,
    MUSIC,
    OFFER,
    QUEUE,
    RINGBACK,
    SORRY,
    THANKS,
    Playbook,
    all_at_once,
    endpoint,
    in_order,
    plan,
)

BUSY = LegEnded("c-b1", HangupCause.BUSY)


def over(book: Playbook) -> Any:
    """The record, once every leg has reported its end."""
    for leg in list(book.call.legs.values()):
        book.play(LegEnded(leg.leg_id, HangupCause.NORMAL))
    return book.record


# --- messages ---------------------------------------------------------------------------------------------


def leaving() -> Playbook:
    """A shopper who hears the mailbox's greeting."""
    book = Playbook(plan(greeting=None, ending=MESSAGE))
    book.play(LegAnswered("c-s1"))
    assert book.play(BUSY) == [Play("c-s1", MESSAGE.greeting)]
    assert book.call.state is CallState.LEAVING_MESSAGE
    return book


def recording() -> Playbook:
    book = leaving()
    assert book.play(PromptFinished("c-s1", MESSAGE.greeting.name)) == [Play("c-s1", BEEP)]
    assert book.play(TimerExpired(Timer.BEEP)) == [RecordLeg("c-s1", "/messages/c.wav", 120.0, 5.0)]
    return book


def test_a_message() -> None:
    book = recording()
    assert book.play(RecordingFinished("c-s1", 12.5)) == [
        KeepMessage("office", "/messages/c.wav", 12.5),
        Play("c-s1", THANKS),
    ]
    assert book.settled[0].disposition is Disposition.MESSAGE_TAKEN
    assert book.play(PromptFinished("c-s1", THANKS.name)) == [HangUp("c-s1", HangupCause.PEER_ENDED)]
    record = over(book)
    assert (record.disposition, record.cause) == (Disposition.MESSAGE_TAKEN, HangupCause.BUSY)


def test_the_hash_key_skips_the_greeting_and_ends_the_message() -> None:
    book = leaving()
    assert book.play(LegDtmf("c-s1", "#")) == [Play("c-s1", BEEP)]
    assert book.play(PromptFinished("c-s1", MESSAGE.greeting.name)) == []  # it was on its way
    book.play(TimerExpired(Timer.BEEP))
    assert book.play(LegDtmf("c-s1", "5")) == []
    assert book.play(LegDtmf("c-s1", "#")) == [StopRecording("c-s1")]
    assert KeepMessage("office", "/messages/c.wav", 3.0) in book.play(RecordingFinished("c-s1", 3.0))


def test_who_hangs_up_while_speaking_has_left_a_message() -> None:
    book = recording()
    book.play(RecordingFinished("c-s1", 8.0))
    book.play(LegEnded("c-s1", HangupCause.NORMAL))
    assert book.record.disposition is Disposition.MESSAGE_TAKEN


@pytest.mark.parametrize("event", [CancelRequested(), LegSilent("c-s1"), TimerExpired(Timer.DURATION)])
@pytest.mark.parametrize(
    ("seconds", "disposition"), [(8.0, Disposition.MESSAGE_TAKEN), (0.2, None), (None, None)]
)
def test_whatever_ends_a_message_keeps_what_was_said(event: Any, seconds: Any, disposition: Any) -> None:
    book = recording()
    book.play(event)
    assert book.settled == []  # not known yet
    if seconds is not None:
        out = book.play(RecordingFinished("c-s1", seconds))
        assert out == ([KeepMessage("office", "/messages/c.wav", 8.0)] if disposition else [])
    record = over(book)
    assert len(book.settled) == 1
    assert (record.disposition is Disposition.MESSAGE_TAKEN) is (disposition is not None)


def test_saying_nothing_is_no_message() -> None:
    book = recording()
    assert book.play(RecordingFinished("c-s1", 0.4)) == [HangUp("c-s1", HangupCause.PEER_ENDED)]
    assert over(book).disposition is Disposition.UNANSWERED


def lost(**changes: Any) -> Playbook:
    """A shopper who speaks into a mailbox that has ``instead``, and whose words the disk does not take."""
    book = Playbook(plan(greeting=None, ending=replace(MESSAGE, **changes)))
    for event in (LegAnswered("c-s1"), BUSY, PromptFinished("c-s1", MESSAGE.greeting.name)):
        book.play(event)
    book.play(TimerExpired(Timer.BEEP))
    return book


LOST = RecordingFinished("c-s1", 0.0, failed=True)


def test_a_message_that_cannot_be_recorded_becomes_a_callback() -> None:
    book = lost(instead=OFFER)
    assert book.play(LOST) == [BookCallback("later")]
    assert book.call.state is CallState.BOOKING_CALLBACK
    (said,) = book.play(CallbackBooked(1000.0, "tomorrow at noon"))
    assert isinstance(said, Play)
    record = over(book)
    assert record.disposition is Disposition.CALLBACK_BOOKED


def test_who_hung_up_meanwhile_is_called_back_all_the_same() -> None:
    book = lost(instead=OFFER)
    book.play(LOST)
    book.play(LegEnded("c-s1", HangupCause.NORMAL))
    book.play(CallbackBooked(1000.0, "tomorrow at noon"))
    assert over(book).disposition is Disposition.CALLBACK_BOOKED
    book = lost(instead=OFFER)
    book.play(CancelRequested())
    assert book.play(LOST) == [BookCallback("later")]
    book.play(CallbackBooked(1000.0, "tomorrow at noon"))
    assert over(book).disposition is Disposition.CALLBACK_BOOKED


def test_a_message_that_cannot_be_recorded_becomes_words_where_nobody_can_be_called_back() -> None:
    book = lost(instead=Apology(SORRY))
    assert book.play(LOST) == [Play("c-s1", SORRY)]
    assert book.call.state is CallState.APOLOGISING
    assert book.play(PromptFinished("c-s1", SORRY.name)) == [HangUp("c-s1", HangupCause.PEER_ENDED)]
    assert over(book).disposition is Disposition.UNANSWERED


def test_a_second_that_was_written_before_the_disk_was_full_is_a_message() -> None:
    book = lost(instead=OFFER)
    kept, thanks = book.play(RecordingFinished("c-s1", 1.5, failed=True))
    assert isinstance(kept, KeepMessage)
    assert thanks == Play("c-s1", THANKS)


def test_words_instead_of_any_ending() -> None:
    book = Playbook(plan(ending=Apology(SORRY)))
    book.play(LegAnswered("c-s1"))
    assert book.play(BUSY) == []  # the greeting plays
    assert book.play(PromptFinished("c-s1", GREETING.name)) == [Play("c-s1", SORRY)]
    assert book.play(PromptFinished("c-s1", SORRY.name)) == [HangUp("c-s1", HangupCause.PEER_ENDED)]
    assert over(book).disposition is Disposition.UNANSWERED
    nobody = Playbook(replace(plan(), steps=(), ending=Apology(SORRY)))
    assert nobody.call.state is CallState.ENDED  # nobody is rung for an apology
    assert nobody.record is not None
    assert nobody.record.disposition is Disposition.UNANSWERED


def test_the_sites_greeting_comes_before_the_mailbox() -> None:
    book = Playbook(plan(steps=(), ending=MESSAGE))
    assert book.play(LegAnswered("c-s1")) == [Play("c-s1", GREETING)]
    assert book.play(PromptFinished("c-s1", "hello")) == [Play("c-s1", MESSAGE.greeting)]

    book = Playbook(plan(ending=MESSAGE))
    book.play(LegAnswered("c-s1"))
    assert book.play(BUSY) == []  # the greeting still plays
    assert book.call.state is CallState.LEAVING_MESSAGE
    assert book.play(PromptFinished("c-s1", "hello")) == [Play("c-s1", MESSAGE.greeting)]


def test_a_lost_worker_lets_the_shopper_start_over_but_not_after_the_message() -> None:
    book = Playbook(plan(greeting=None, steps=(), ending=MESSAGE, on_loss="redial"))
    book.play(LegAnswered("c-s1"))
    assert book.play(LegEnded("c-s1", HangupCause.WORKER_LOST)) == [Dial("c-s2", endpoint("shopper"))]
    assert book.play(LegAnswered("c-s2")) == [Play("c-s2", MESSAGE.greeting)]

    book = Playbook(plan(greeting=None, steps=(), ending=MESSAGE, on_loss="redial"))
    book.play(LegAnswered("c-s1"))
    book.play(LegDtmf("c-s1", "#"))
    book.play(TimerExpired(Timer.BEEP))
    book.play(RecordingFinished("c-s1", 8.0))
    book.play(LegEnded("c-s1", HangupCause.WORKER_LOST))
    assert book.record.disposition is Disposition.MESSAGE_TAKEN


# --- callbacks --------------------------------------------------------------------------------------------


def booking() -> Playbook:
    book = Playbook(plan(greeting=None, ending=OFFER))
    book.play(LegAnswered("c-s1"))
    assert book.play(BUSY) == [BookCallback("later")]
    assert book.call.state is CallState.BOOKING_CALLBACK
    return book


def test_a_callback() -> None:
    book = booking()
    (told,) = book.play(CallbackBooked(5000.0, "today at 4 p m"))
    assert told.audio.text == BOOKED.text.replace("{when}", "today at 4 p m")
    assert book.call.progress.callback_at == 5000.0
    assert book.play(PromptFinished("c-s1", told.audio.name)) == [HangUp("c-s1", HangupCause.PEER_ENDED)]
    assert over(book).disposition is Disposition.CALLBACK_BOOKED


def test_a_callback_that_cannot_be_had() -> None:
    book = booking()
    assert book.play(CallbackRefused()) == [Play("c-s1", SORRY)]
    book.play(PromptFinished("c-s1", SORRY.name))
    assert over(book).disposition is Disposition.UNANSWERED


def test_who_hangs_up_at_once_is_called_back_all_the_same() -> None:
    book = booking()
    book.play(LegEnded("c-s1", HangupCause.NORMAL))
    assert book.record is None
    book.play(CallbackBooked(5000.0, "today"))
    assert book.record.disposition is Disposition.CALLBACK_BOOKED


def test_a_booking_that_is_never_answered_holds_up_nobody() -> None:
    book = booking()
    book.play(LegEnded("c-s1", HangupCause.NORMAL))
    book.play(TimerExpired(Timer.ENDING))
    assert book.record.disposition is Disposition.CANCELLED


def test_nobody_is_dialled_where_nobody_can_be_rung() -> None:
    book = Playbook(plan(steps=(), ending=OFFER))
    assert book.call.state is CallState.BOOKING_CALLBACK
    assert book.play(CallbackBooked(5000.0, "tomorrow")) == []
    assert book.record.disposition is Disposition.CALLBACK_BOOKED
    assert book.record.legs == ()


# --- queues -----------------------------------------------------------------------------------------------


def waiting(**changes: Any) -> Playbook:
    """A call that knows its place."""
    book = Playbook(plan(**({"greeting": None, "queue": QUEUE, "ending": MESSAGE} | changes)))
    assert book.play(LegAnswered("c-s1")) == [EnterQueue("calls"), Play("c-s1", RINGBACK, loop=True)]
    (told,) = book.play(QueueMoved(3, 130.0))
    assert told.audio.text == "You are number 3. Wait 3 minutes."
    return book


def test_a_turn_that_comes_at_once_is_a_hunt_like_any_other() -> None:
    book = Playbook(plan(queue=QUEUE))
    assert book.play(LegAnswered("c-s1")) == [EnterQueue("calls"), Play("c-s1", GREETING)]
    assert book.play(TurnCame((all_at_once("boston"),))) == [Dial("c-b1", endpoint("boston"))]
    assert book.play(PromptFinished("c-s1", "hello")) == [Play("c-s1", RINGBACK, loop=True)]
    assert book.play(LegAnswered("c-b1")) == [Join("c-s1", "c-b1"), LeaveQueue("calls", True)]
    assert set(book.timers) == {(Timer.DURATION, None)}


def test_the_shopper_is_told_again_and_hears_music_between() -> None:
    book = waiting()
    assert (book.call.progress.position, book.call.progress.wait) == (3, 130.0)
    assert book.play(PromptFinished("c-s1", "announcement")) == [Play("c-s1", MUSIC, loop=True)]
    assert book.play(QueueMoved(2, 50.0)) == []
    (told,) = book.play(TimerExpired(Timer.ANNOUNCE))
    assert told.audio.text == "You are number 2. Wait 1 minute."
    assert book.timers[Timer.ANNOUNCE, None] == 45.0


def test_an_unanswered_turn_leads_back_into_the_queue() -> None:
    book = waiting()
    book.play(TurnCame((in_order("boston", "salem"),)))
    assert book.call.state is CallState.HUNTING
    assert (Timer.ANNOUNCE, None) not in book.timers
    book.play(LegEnded("c-b1", HangupCause.NO_ANSWER))
    assert book.play(LegEnded("c-b2", HangupCause.BUSY)) == [EnterQueue("calls", busy=True)]
    assert book.call.state is CallState.QUEUED
    book.play(TurnCame((in_order("boston"),)))
    assert book.play(LegEnded("c-b3", HangupCause.NO_ANSWER)) == [EnterQueue("calls", busy=False)]


def test_no_more_turns_lead_to_the_ending() -> None:
    book = waiting()
    assert book.play(TurnCame(())) == [LeaveQueue("calls", False), Play("c-s1", MESSAGE.greeting)]
    assert {timer for timer, _ in book.timers} == {Timer.DURATION}


def test_the_longest_wait() -> None:
    book = waiting()
    assert book.timers[Timer.QUEUE, None] == 900.0
    assert book.play(TimerExpired(Timer.QUEUE))[-1] == Play("c-s1", MESSAGE.greeting)


def test_a_turn_under_way_is_the_last_one_when_the_wait_is_over() -> None:
    book = waiting()
    book.play(TurnCame((in_order("boston"),)))
    assert book.play(TimerExpired(Timer.QUEUE)) == []
    assert book.play(BUSY)[-1] == Play("c-s1", MESSAGE.greeting)


@pytest.mark.parametrize("in_turn", [False, True])
def test_a_key_leaves_the_queue_for_a_callback(in_turn: bool) -> None:
    book = waiting()
    if in_turn:
        book.play(TurnCame((in_order("boston"),)))
    hung_up = [HangUp("c-b1", HangupCause.PEER_ENDED)] if in_turn else []
    assert book.play(LegDtmf("c-s1", "7")) == []
    assert book.play(LegDtmf("c-s1", "1")) == [*hung_up, LeaveQueue("calls", False), BookCallback("later")]
    (told,) = book.play(CallbackBooked(5000.0, "today"))
    assert book.play(PromptFinished("c-s1", "announcement")) == []  # it was on its way
    book.play(PromptFinished("c-s1", told.audio.name))
    assert over(book).disposition is Disposition.CALLBACK_BOOKED


@pytest.mark.parametrize("event", [CancelRequested(), LegEnded("c-s1", HangupCause.NORMAL)])
def test_giving_up_leaves_the_queue(event: Any) -> None:
    book = waiting()
    assert LeaveQueue("calls", False) in book.play(event)
    assert over(book).disposition is Disposition.CANCELLED


def test_what_a_queue_says_too_late_is_forgotten() -> None:
    book = waiting()
    book.play(TurnCame((in_order("boston"),)))
    book.play(LegAnswered("c-b1"))
    assert book.play(TurnCame((in_order("salem"),))) == []
    assert book.play(QueueMoved(1, 0.0)) == []


def test_waits_in_words() -> None:
    words = [in_minutes(seconds) for seconds in (0.0, 1.0, 60.0, 61.0, 3600.0)]
    assert words == ["less than a minute", "1 minute", "1 minute", "2 minutes", "60 minutes"]


def test_a_recording_that_is_told_after_the_record_changes_nothing() -> None:
    book = Playbook(plan(greeting=None, steps=(), ending=MESSAGE))
    book.play(LegAnswered("c-s1"))
    book.play(PromptFinished("c-s1", "leave"))
    book.play(TimerExpired(Timer.BEEP))
    book.play(CancelRequested())
    book.play(TimerExpired(Timer.ENDING))  # the worker never said that the leg has ended
    assert book.record is not None
    assert book.call.handle(RecordingFinished("c-s1", 30.0), book.now) == []
