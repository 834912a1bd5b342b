"""Recording of talks: who is told, who may refuse, and what is in it."""

import pytest

from bridge.causes import HangupCause
from bridge.commands import HangUp, Join, Play, RecordTalk, StopTalk
from bridge.events import (
    CallRequested,
    HoldRequested,
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegRinging,
    PromptFinished,
    ResumeRequested,
    TalkRecorded,
    TransferRequested,
)
from bridge.facts import RecordingBegan, RecordingEnded
from bridge.progress import CallState
from tests.bridge.playbook import NOT_RECORDED, RECORDED, RECORDING, Playbook, all_at_once, plan

SHOPPER, BUSINESS = "/recordings/c.t1.shopper.wav", "/recordings/c.t1.business.wav"


def recorded(**changes):
    book = Playbook(plan(**{"recording": RECORDING} | changes))
    book.play(CallRequested())
    return book


def talking(**changes):
    """A call whose shopper was told, and talks."""
    book = recorded(**changes)
    book.play(LegAnswered("c-s1"))
    book.play(PromptFinished("c-s1", "hello"))
    book.play(PromptFinished("c-s1", "recorded"))
    book.play(LegAnswered("c-b1"))
    return book


def test_the_shopper_is_told_before_anybody_is_rung():
    book = recorded()
    assert [command.audio.name for command in book.play(LegAnswered("c-s1"))] == ["hello"]
    assert book.play(PromptFinished("c-s1", "hello")) == [Play("c-s1", RECORDED)]
    assert book.call.state is CallState.GREETING
    book.play(PromptFinished("c-s1", "recorded"))
    assert book.call.state is CallState.HUNTING
    assert book.play(LegAnswered("c-b1")) == [
        Join("c-s1", "c-b1"),
        RecordTalk("c-s1", SHOPPER),
        RecordTalk("c-b1", BUSINESS),
    ]
    (began,) = [fact for fact in book.call.facts if isinstance(fact, RecordingBegan)]
    assert (began.recording_id, began.leg_id) == ("c.t1", "c-b1")


def test_without_a_greeting_they_are_told_all_the_same():
    book = recorded(greeting=None)
    assert book.play(LegAnswered("c-s1")) == [Play("c-s1", RECORDED)]


@pytest.mark.parametrize("state", ["told", "ringing"])
def test_who_refuses_is_not_recorded_and_hears_that(state):
    book = recorded(greeting=None)
    book.play(LegAnswered("c-s1"))
    if state == "ringing":
        book.play(PromptFinished("c-s1", "recorded"))
        book.play(LegRinging("c-b1"))
    assert book.play(LegDtmf("c-s1", "9")) == [Play("c-s1", NOT_RECORDED)]
    book.play(PromptFinished("c-s1", "not"))
    assert book.call.state is CallState.HUNTING
    assert book.play(LegAnswered("c-b1")) == [Join("c-s1", "c-b1")]


def test_other_keys_and_keys_in_the_talk_do_not_refuse():
    book = recorded(greeting=None)
    book.play(LegAnswered("c-s1"))
    assert book.play(LegDtmf("c-s1", "8")) == []
    book.play(PromptFinished("c-s1", "recorded"))
    book.play(LegAnswered("c-b1"))
    assert not [each for each in book.play(LegDtmf("c-s1", "9")) if isinstance(each, StopTalk)]


def test_where_the_business_comes_first_it_waits_until_the_shopper_knows():
    book = recorded(first="business")
    book.play(LegAnswered("c-b1"))
    assert book.play(LegAnswered("c-s1")) == [Play("c-s1", RECORDED)]
    assert book.call.state is CallState.GREETING
    assert book.play(PromptFinished("c-s1", "recorded"))[0] == Join("c-s1", "c-b1")
    assert book.call.state is CallState.BRIDGED


def test_what_is_said_on_hold_is_in_no_recording():
    book = talking()
    held = book.play(HoldRequested("c-b1"))
    assert held[:2] == [StopTalk("c-s1"), StopTalk("c-b1")], "before anything else is heard"
    book.play(TalkRecorded("c-s1", SHOPPER))
    book.play(TalkRecorded("c-b1", BUSINESS))
    assert RecordingEnded(call_id="c", at=book.now, recording_id="c.t1", failed=False) in book.call.facts
    resumed = book.play(ResumeRequested("c-b1"))
    assert resumed[-2:] == [
        RecordTalk("c-s1", "/recordings/c.t2.shopper.wav"),
        RecordTalk("c-b1", "/recordings/c.t2.business.wav"),
    ]


def test_whom_the_agent_consults_is_in_no_recording():
    book = talking()
    book.play(TransferRequested("c-b1", (all_at_once("cambridge"),), True))
    assert not [each for each in book.play(LegAnswered("c-b2")) if isinstance(each, RecordTalk)]


def test_a_recording_is_complete_when_a_worker_died():
    book = talking(on_loss="end")
    book.play(LegEnded("c-b1", HangupCause.WORKER_LOST))
    book.play(TalkRecorded("c-s1", SHOPPER, failed=True))
    (ended,) = [fact for fact in book.call.facts if isinstance(fact, RecordingEnded)]
    assert ended.failed


def test_a_call_that_ends_completes_its_recording_before_its_record():
    book = talking()
    out = book.play(LegEnded("c-b1", HangupCause.NORMAL))
    assert out[0] == StopTalk("c-s1")
    assert HangUp("c-s1", HangupCause.PEER_ENDED) in out
    book.play(TalkRecorded("c-s1", SHOPPER))
    assert any(isinstance(fact, RecordingEnded) for fact in book.call.facts)


def test_nobody_is_told_whom_nobody_can_be_rung_for():
    book = recorded(steps=())
    assert "recorded" not in [
        getattr(each, "audio", NOT_RECORDED).name for each in book.play(LegAnswered("c-s1"))
    ]
