"""What the person who took a call does with it: whisper, hold, transfers, pages by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.causes import Disposition, HangupCause
from bridge.commands import Dial, HangUp, Join, Play, PushKeyedPage, SendDtmf
from bridge.events import (
    Event,
    HangUpRequested,
    HoldRequested,
    LegAnswered,
    LegDtmf,
    LegEnded,
    LegRinging,
    PageAnswered,
    PromptFinished,
    ResumeRequested,
    Timer,
    TimerExpired,
    TransferCompleted,
    TransferRequested,
)
from bridge.progress import CallState
from routing.plan import HOLD_TONE, Prompt
from tests.bridge.playbook import GREETING, MESSAGE, RINGBACK, Playbook, all_at_once, in_order, plan

WHISPER = Prompt("whisper", "/prompts/whisper.wav")
MUSIC = Prompt("music", "/prompts/music.wav")
WORDS = Prompt("words", "/prompts/words.wav")
SHOPPER, AGENT, OTHER = "c-s1", "c-b1", "c-b2"
TO_THE_OTHER = (all_at_once("other"),)


def whispering(*names: str) -> Any:
    step = all_at_once(*names)
    return replace(step, endpoints=tuple(replace(each, whisper=WHISPER) for each in step.endpoints))


def bridged(**changes: Any) -> Playbook:
    """A call that the shopper and "boston" talk on."""
    call = Playbook(plan(greeting=None, hold_audio=MUSIC, **changes))
    call.play(LegAnswered(SHOPPER))
    assert call.play(LegAnswered(AGENT)) == [Join(SHOPPER, AGENT)]
    return call


def plays(call: Playbook, *events: Event) -> list[Any]:
    return [command for event in events for command in call.play(event)]


# --- whisper ----------------------------------------------------------------------------------------------


def test_the_person_who_takes_the_call_is_told_before_the_shopper_hears_them() -> None:
    call = Playbook(plan(whispering("boston", "salem"), greeting=None))
    call.play(LegAnswered(SHOPPER))
    assert call.play(LegAnswered(AGENT)) == [
        HangUp(OTHER, HangupCause.ANSWERED_ELSEWHERE),
        Play(AGENT, WHISPER),
    ]
    assert call.call.state is CallState.HUNTING
    assert call.published[-1].connected_to == "Boston"
    assert call.play(PromptFinished(AGENT, "whisper")) == [Join(SHOPPER, AGENT)]
    assert call.call.state is CallState.BRIDGED


def test_a_whisper_without_an_end_ends() -> None:
    call = Playbook(plan(whispering("boston"), greeting=None))
    plays(call, LegAnswered(SHOPPER), LegAnswered(AGENT))
    assert call.timers[Timer.WHISPER, AGENT] == 30.0
    assert call.play(TimerExpired(Timer.WHISPER, AGENT)) == [Join(SHOPPER, AGENT)]


def test_who_leaves_while_they_are_told_did_not_take_it() -> None:
    call = Playbook(plan(whispering("boston"), in_order("salem"), greeting=None))
    plays(call, LegAnswered(SHOPPER), LegAnswered(AGENT))
    assert [type(each) for each in call.play(LegEnded(AGENT, HangupCause.NORMAL))] == [Dial]
    assert call.play(LegAnswered(OTHER)) == [Join(SHOPPER, OTHER)]


def test_the_shopper_does_not_hear_the_whisper_by_early_media() -> None:
    call = Playbook(plan(whispering("boston"), greeting=None, early_media=True))
    call.play(LegAnswered(SHOPPER))
    assert call.play(LegRinging(AGENT, early_media=True)) == [Join(SHOPPER, AGENT)]
    assert call.play(LegAnswered(AGENT)) == [Play(SHOPPER, RINGBACK, loop=True), Play(AGENT, WHISPER)]


def test_a_business_that_is_dialled_first_is_told_first() -> None:
    call = Playbook(plan(whispering("boston"), first="business"))
    assert call.play(LegAnswered(AGENT)) == [Play(AGENT, WHISPER)]
    dialled = call.play(PromptFinished(AGENT, "whisper"))
    assert [type(each) for each in dialled] == [Play, Dial]
    assert call.play(LegAnswered(SHOPPER)) == [Join(SHOPPER, AGENT)]


def test_a_greeting_goes_on_through_the_whisper() -> None:
    call = Playbook(plan(whispering("boston"), greeting=GREETING, early_media=True))
    plays(call, LegAnswered(SHOPPER))
    assert call.play(LegAnswered(AGENT)) == [Play(AGENT, WHISPER)]


# --- hold -------------------------------------------------------------------------------------------------


def test_hold_and_resume() -> None:
    call = bridged()
    assert call.play(HoldRequested(AGENT)) == [
        Play(SHOPPER, MUSIC, loop=True),
        Play(AGENT, HOLD_TONE, loop=True),
    ]
    assert call.published[-1].held
    assert call.play(HoldRequested(AGENT)) == []
    assert plays(call, LegDtmf(AGENT, "5"), LegDtmf(SHOPPER, "5")) == [], "nobody hears the other's keys"
    assert call.play(ResumeRequested(AGENT)) == [Join(SHOPPER, AGENT)]
    assert not call.published[-1].held
    assert call.play(ResumeRequested(AGENT)) == []
    assert call.play(LegDtmf(AGENT, "5")) == [SendDtmf(SHOPPER, "5")]


def test_only_who_has_the_call_may_do_something_with_it() -> None:
    call = bridged()
    for leg in (SHOPPER, "c-b9", ""):
        assert plays(call, HoldRequested(leg), TransferRequested(leg, TO_THE_OTHER, attended=False)) == []
    waiting = Playbook(plan())
    assert plays(waiting, HoldRequested(SHOPPER), TransferCompleted(AGENT)) == []


def test_a_shopper_on_hold_may_leave() -> None:
    call = bridged()
    call.play(HoldRequested(AGENT))
    assert call.play(LegEnded(SHOPPER, HangupCause.NORMAL)) == [HangUp(AGENT, HangupCause.PEER_ENDED)]


def test_who_has_the_call_ends_it_from_their_desk() -> None:
    call = bridged()
    call.play(HoldRequested(AGENT))
    assert call.play(HangUpRequested(AGENT)) == [
        HangUp(AGENT, HangupCause.NORMAL),
        HangUp(SHOPPER, HangupCause.PEER_ENDED),
    ]
    plays(call, LegEnded(AGENT, HangupCause.NORMAL), LegEnded(SHOPPER, HangupCause.NORMAL))
    assert (call.record.disposition, call.record.cause) == (Disposition.BRIDGED, HangupCause.NORMAL)


# --- transfers --------------------------------------------------------------------------------------------


def test_a_blind_transfer() -> None:
    call = bridged(ending=MESSAGE)
    commands = call.play(TransferRequested(AGENT, TO_THE_OTHER, attended=False))
    assert commands == [
        HangUp(AGENT, HangupCause.TRANSFERRED),
        Dial(OTHER, TO_THE_OTHER[0].endpoints[0]),
        Play(SHOPPER, RINGBACK, loop=True),
    ]
    assert call.published[-1].state is CallState.HUNTING
    assert call.play(LegEnded(AGENT, HangupCause.NORMAL)) == []
    assert call.play(LegAnswered(OTHER)) == [Join(SHOPPER, OTHER)]
    assert call.published[-1].connected_to == "Other"
    plays(call, LegEnded(OTHER, HangupCause.NORMAL), LegEnded(SHOPPER, HangupCause.NORMAL))
    assert call.record.disposition is Disposition.BRIDGED
    assert [leg.cause for leg in call.record.legs][1] is HangupCause.TRANSFERRED


def test_an_unanswered_blind_transfer_ends_as_an_unanswered_hunt_does() -> None:
    call = bridged(ending=MESSAGE)
    call.play(TransferRequested(AGENT, TO_THE_OTHER, attended=False))
    assert call.play(LegEnded(OTHER, HangupCause.BUSY)) == [Play(SHOPPER, MESSAGE.greeting)]
    assert call.call.state is CallState.LEAVING_MESSAGE


def consulting() -> Playbook:
    call = bridged()
    commands = call.play(TransferRequested(AGENT, TO_THE_OTHER, attended=True))
    assert commands == [
        Play(SHOPPER, MUSIC, loop=True),
        Play(AGENT, RINGBACK, loop=True),
        Dial(OTHER, TO_THE_OTHER[0].endpoints[0]),
    ]
    last = call.published[-1]
    assert (last.state, last.held, last.consulting, last.transfer) == (
        CallState.BRIDGED,
        True,
        "Other",
        "ringing",
    )
    return call


def test_an_attended_transfer() -> None:
    call = consulting()
    assert call.play(LegAnswered(OTHER)) == [Join(AGENT, OTHER)]
    assert call.published[-1].transfer == "talking"
    assert call.play(LegDtmf(AGENT, "5")) == [SendDtmf(OTHER, "5")]
    assert call.play(TransferCompleted(AGENT)) == [
        HangUp(AGENT, HangupCause.TRANSFERRED),
        Join(SHOPPER, OTHER),
    ]
    last = call.published[-1]
    assert (last.connected_to, last.held, last.transfer, last.consulting) == ("Other", False, None, None)
    assert call.play(HoldRequested(OTHER)) != [], "the call is theirs now"
    plays(call, LegEnded(AGENT, HangupCause.NORMAL), LegEnded(OTHER, HangupCause.NORMAL))
    plays(call, LegEnded(SHOPPER, HangupCause.NORMAL))
    assert call.record.disposition is Disposition.BRIDGED


def test_who_hangs_up_while_they_consult_completes_the_transfer() -> None:
    call = consulting()
    call.play(LegAnswered(OTHER))
    assert call.play(LegEnded(AGENT, HangupCause.NORMAL)) == [Join(SHOPPER, OTHER)]


def test_who_hangs_up_while_it_rings_leaves_the_shopper_to_those_who_ring() -> None:
    call = consulting()
    assert call.play(LegEnded(AGENT, HangupCause.NORMAL)) == [Play(SHOPPER, RINGBACK, loop=True)]
    assert call.call.state is CallState.HUNTING
    assert call.play(LegAnswered(OTHER)) == [Join(SHOPPER, OTHER)]


def test_a_transfer_completed_while_it_rings() -> None:
    call = consulting()
    assert call.play(TransferCompleted(AGENT)) == [
        HangUp(AGENT, HangupCause.TRANSFERRED),
        Play(SHOPPER, RINGBACK, loop=True),
    ]
    assert call.play(LegAnswered(OTHER)) == [Join(SHOPPER, OTHER)]


def test_back_to_the_shopper_from_a_consultation() -> None:
    call = consulting()
    call.play(LegAnswered(OTHER))
    assert call.play(ResumeRequested(AGENT)) == [
        HangUp(OTHER, HangupCause.CANCELLED),
        Join(SHOPPER, AGENT),
    ]
    assert call.play(LegEnded(OTHER, HangupCause.NORMAL)) == []


def test_back_to_the_shopper_while_it_rings() -> None:
    call = consulting()
    assert call.play(ResumeRequested(AGENT)) == [
        HangUp(OTHER, HangupCause.CANCELLED),
        Join(SHOPPER, AGENT),
    ]


def test_nobody_to_consult() -> None:
    call = consulting()
    assert call.play(LegEnded(OTHER, HangupCause.BUSY)) == [Play(AGENT, HOLD_TONE, loop=True)]
    assert (call.published[-1].transfer, call.published[-1].held) == ("failed", True)
    assert call.play(TransferCompleted(AGENT)) == []
    assert call.play(ResumeRequested(AGENT)) == [Join(SHOPPER, AGENT)]
    assert call.published[-1].transfer is None


def test_the_consulted_agent_hangs_up() -> None:
    call = consulting()
    call.play(LegAnswered(OTHER))
    assert call.play(LegEnded(OTHER, HangupCause.NORMAL)) == [
        Play(SHOPPER, MUSIC, loop=True),
        Play(AGENT, HOLD_TONE, loop=True),
    ]
    assert call.published[-1].transfer is None or call.published[-1].transfer == "failed"


def test_somebody_else_is_consulted_instead() -> None:
    call = consulting()
    commands = call.play(TransferRequested(AGENT, (all_at_once("third"),), attended=True))
    assert commands[0] == HangUp(OTHER, HangupCause.CANCELLED)
    assert commands[-1] == Dial("c-b3", all_at_once("third").endpoints[0])
    assert call.play(LegAnswered("c-b3")) == [Join(AGENT, "c-b3")]


def test_the_shopper_leaves_during_a_consultation() -> None:
    call = consulting()
    call.play(LegAnswered(OTHER))
    assert call.play(LegEnded(SHOPPER, HangupCause.NORMAL)) == [
        HangUp(AGENT, HangupCause.PEER_ENDED),
        HangUp(OTHER, HangupCause.PEER_ENDED),
    ]


def test_nobody_rings_for_ever_in_a_consultation() -> None:
    call = bridged()
    call.play(TransferRequested(AGENT, (in_order("other", "third"),), attended=True))
    assert [type(each) for each in call.play(TimerExpired(Timer.RING, OTHER))] == [HangUp, Dial]
    assert call.play(LegAnswered("c-b3")) == [Join(AGENT, "c-b3")]


# --- pages by keys ----------------------------------------------------------------------------------------


def keys(call: Playbook, digits: str) -> list[Any]:
    """Press keys, a second apart."""
    return plays(call, *(LegDtmf(AGENT, digit) for digit in digits))


def test_pages_are_keyed_in_and_kept_from_the_shopper() -> None:
    call = bridged(push_by_keys=True)
    assert keys(call, "*12#") == [PushKeyedPage(AGENT, "12")]
    assert call.play(PageAnswered(AGENT, WORDS)) == [Play(AGENT, WORDS)]
    assert call.play(PromptFinished(AGENT, "words")) == [Join(SHOPPER, AGENT)]
    assert keys(call, "5") == [SendDtmf(SHOPPER, "5")]
    assert keys(call, "*0#") == [PushKeyedPage(AGENT, "0")]


def test_keys_that_stop_halfway_are_forgotten() -> None:
    call = bridged(push_by_keys=True)
    keys(call, "*1")
    call.now += 10
    assert keys(call, "2") == [SendDtmf(SHOPPER, "2")]
    assert keys(call, "*1*2#") == [PushKeyedPage(AGENT, "2")], "a star starts over"
    keys(call, "*12345678")
    assert keys(call, "9") == [SendDtmf(SHOPPER, "9")], "no page has such a number"


def test_without_a_catalogue_keys_are_keys() -> None:
    call = bridged()
    assert keys(call, "*1#") == [SendDtmf(SHOPPER, digit) for digit in "*1#"]


def test_words_that_come_late_wait_for_nobody() -> None:
    call = bridged(push_by_keys=True)
    plays(call, HoldRequested(AGENT))
    assert call.play(PageAnswered(AGENT, WORDS)) == []
    call.play(ResumeRequested(AGENT))
    plays(call, PageAnswered(AGENT, WORDS), HoldRequested(AGENT))
    assert call.play(PromptFinished(AGENT, "words")) == []
