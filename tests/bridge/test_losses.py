"""The business's leg breaks off under the call: the shopper is told, and the rest of the route rings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.causes import Disposition as D  # noqa: N817 - read often below
from bridge.causes import HangupCause as H
from bridge.commands import Dial, EnterQueue, HangUp, Join, Play
from bridge.events import (
    CallbackBooked,
    HangUpRequested,
    LegAnswered,
    LegEnded,
    LegSilent,
    PromptFinished,
    QueueMoved,
    RecordingFinished,
    Timer,
    TimerExpired,
    TransferRequested,
    TurnCame,
)
from bridge.losses import HUNG_UP, MOST_LOSSES, broke_off, lost_last
from bridge.progress import CallState
from routing.plan import PlannedStep, Prompt
from tests.bridge.playbook import (
    MESSAGE,
    OFFER,
    QUEUE,
    RINGBACK,
    Playbook,
    all_at_once,
    endpoint,
    in_order,
    plan,
    staggered,
)

LOST = Prompt("lost", "/prompts/lost.wav")
DROPS = [cause for cause in H if broke_off(cause)]


def bridged(*steps: PlannedStep, **changes: object) -> Playbook:
    book = Playbook(plan(*steps, **({"greeting": None, "lost": LOST} | changes)))  # type: ignore[arg-type]
    book.play(LegAnswered("c-s1"))
    book.play(LegAnswered("c-b1"))
    assert book.call.state is CallState.BRIDGED
    return book


def test_what_nobody_wanted_is_a_loss() -> None:
    assert {H.MEDIA_TIMEOUT, H.WORKER_LOST, H.UNREACHABLE, H.FAILED, H.CONGESTION} <= set(DROPS)
    assert {H.NORMAL, H.TRANSFERRED, H.PEER_ENDED, H.TIME_LIMIT} <= HUNG_UP


@pytest.mark.parametrize("cause", DROPS)
def test_the_shopper_is_told_and_the_rest_of_the_route_rings(cause: H) -> None:
    book = bridged(in_order("boston", "salem"))
    assert book.play(LegEnded("c-b1", cause)) == [Play("c-s1", LOST), Dial("c-b2", endpoint("salem"))]
    assert book.call.state is CallState.HUNTING
    assert (book.published[-1].ringing, book.published[-1].connected_to) == (("Salem",), None)
    assert book.play(PromptFinished("c-s1", "lost")) == [Play("c-s1", RINGBACK, loop=True)]
    assert book.play(LegAnswered("c-b2")) == [Join("c-s1", "c-b2")]
    book.play(LegEnded("c-b2", H.NORMAL))
    book.play(LegEnded("c-s1", H.PEER_ENDED))
    assert (book.record.disposition, book.record.cause) == (D.BRIDGED, H.NORMAL)
    assert [(leg.destination, leg.cause) for leg in book.record.legs] == [
        ("shopper", H.PEER_ENDED), ("boston", cause), ("salem", H.NORMAL),
    ]  # fmt: skip
    assert all(leg.joined_at is not None for leg in book.record.legs)
    assert len(book.settled) == 1


@pytest.mark.parametrize("cause", sorted(HUNG_UP))
def test_a_hang_up_of_either_side_ends_the_call(cause: H) -> None:
    book = bridged(in_order("boston", "salem"))
    assert book.play(LegEnded("c-b1", cause)) == [HangUp("c-s1", H.PEER_ENDED)]


def test_a_silent_business_leg_is_hung_up_and_lost() -> None:
    book = bridged(all_at_once("boston", "salem"))
    assert book.play(LegSilent("c-b1")) == [
        HangUp("c-b1", H.MEDIA_TIMEOUT),
        Play("c-s1", LOST),
        Dial("c-b3", endpoint("salem")),
    ]
    # Nobody else takes it: the phone that was lost may be back.
    assert book.play(LegEnded("c-b3", H.BUSY)) == [Dial("c-b4", endpoint("boston"))]
    assert book.play(LegAnswered("c-b4")) == [Join("c-s1", "c-b4")]


def test_the_only_phone_is_rung_again() -> None:
    book = bridged(all_at_once("boston"))
    assert Dial("c-b2", endpoint("boston")) in book.play(LegEnded("c-b1", H.MEDIA_TIMEOUT))


def test_an_answer_cuts_the_words_short() -> None:
    book = bridged(in_order("boston", "salem"))
    book.play(LegEnded("c-b1", H.FAILED))
    assert book.play(LegAnswered("c-b2")) == [Join("c-s1", "c-b2")]


def test_the_route_is_asked_who_is_there_now() -> None:
    book = bridged(in_order("boston", "salem"))
    book.route = lambda: (in_order("centre"),)
    assert Dial("c-b2", endpoint("centre")) in book.play(LegEnded("c-b1", H.FAILED))


def test_with_nobody_left_the_call_comes_to_its_ending_once_the_shopper_was_told() -> None:
    book = bridged(ending=MESSAGE)
    book.route = tuple
    assert book.play(LegEnded("c-b1", H.WORKER_LOST)) == [Play("c-s1", LOST)]
    assert book.call.state is CallState.LEAVING_MESSAGE
    assert book.play(PromptFinished("c-s1", "lost")) == [Play("c-s1", MESSAGE.greeting)]
    book = bridged(ending=OFFER)
    book.route = tuple
    book.play(LegEnded("c-b1", H.WORKER_LOST))
    assert book.play(CallbackBooked(9000.0, "today")) == []
    assert [command.audio.text for command in book.play(PromptFinished("c-s1", "lost"))] == [  # type: ignore[union-attr]
        "We call you back today."
    ]


def test_a_message_after_a_loss_is_kept_and_the_call_counts_as_bridged() -> None:
    book = bridged(ending=MESSAGE)
    book.route = tuple
    for event in (
        LegEnded("c-b1", H.WORKER_LOST), PromptFinished("c-s1", "lost"), PromptFinished("c-s1", "leave"),
    ):  # fmt: skip
        book.play(event)
    book.play(TimerExpired(Timer.BEEP))
    assert book.play(RecordingFinished("c-s1", 5.0))
    book.play(PromptFinished("c-s1", "thanks"))
    book.play(LegEnded("c-s1", H.NORMAL))
    assert book.record.disposition is D.BRIDGED


def test_while_all_are_busy_the_shopper_waits_in_the_queue() -> None:
    book = Playbook(plan(greeting=None, lost=LOST, queue=QUEUE))
    book.play(LegAnswered("c-s1"))
    book.play(TurnCame((all_at_once("boston"),)))
    book.play(LegAnswered("c-b1"))
    book.route = tuple
    assert book.play(LegEnded("c-b1", H.MEDIA_TIMEOUT)) == [
        Play("c-s1", LOST),
        EnterQueue("calls", first=True),
    ]
    assert book.call.state is CallState.QUEUED
    assert book.play(QueueMoved(1, 60.0)) == [], "the shopper hears first what has happened"
    (told,) = book.play(PromptFinished("c-s1", "lost"))
    assert told.audio.text == "You are number 1. Wait 1 minute."  # type: ignore[union-attr]
    assert Dial("c-b2", endpoint("salem")) in book.play(TurnCame((all_at_once("salem"),)))


def test_not_for_ever() -> None:
    book = bridged(ending=MESSAGE)
    for number in range(1, MOST_LOSSES + 1):
        book.play(LegEnded(f"c-b{number}", H.MEDIA_TIMEOUT))
        book.play(LegAnswered(f"c-b{number + 1}"))
        assert book.call.state is CallState.BRIDGED
    assert book.play(LegEnded(f"c-b{MOST_LOSSES + 1}", H.MEDIA_TIMEOUT)) == [Play("c-s1", LOST)]
    assert book.call.state is CallState.LEAVING_MESSAGE


def test_a_desk_that_hangs_up_and_a_transfer_are_no_losses() -> None:
    book = bridged(in_order("boston", "salem"))
    book.play(HangUpRequested("c-b1"))
    assert book.call.state is CallState.ENDING
    book = bridged(in_order("boston", "salem"))
    commands = book.play(TransferRequested("c-b1", (in_order("centre"),), attended=False))
    assert Dial("c-b2", endpoint("centre")) in commands
    # Who took the transfer is lost in turn: the call's own route is asked.
    book.play(LegAnswered("c-b2"))
    assert Dial("c-b3", endpoint("boston")) in book.play(LegEnded("c-b2", H.MEDIA_TIMEOUT))


def test_who_consults_and_is_lost_leaves_the_shopper_to_the_consulted_agent() -> None:
    book = bridged()
    book.play(TransferRequested("c-b1", (in_order("centre"),), attended=True))
    book.play(LegAnswered("c-b2"))
    assert book.play(LegEnded("c-b1", H.MEDIA_TIMEOUT)) == [Join("c-s1", "c-b2")]


def test_both_lost_with_their_worker_end_the_call() -> None:
    book = bridged()
    book.play(LegEnded("c-s1", H.WORKER_LOST))
    book.play(LegEnded("c-b1", H.WORKER_LOST))
    assert (book.record.disposition, book.record.cause) == (D.BRIDGED, H.WORKER_LOST)
    assert {leg.cause for leg in book.record.legs} == {H.WORKER_LOST}, "nobody hung up on the other"


def test_lost_phones_ring_last_at_their_own_times() -> None:
    mixed = staggered("a", "b", "c", delays=(0.0, 5.0, 9.0), timeouts=(20.0, 10.0, 8.0))
    first, second = mixed.endpoints[:2]
    steps = (mixed, in_order("d"))
    (kept, rest, last) = lost_last(steps, [first])
    assert [each.destination for each in kept.endpoints] == ["b", "c"]
    assert (kept.delays, kept.timeouts) == ((5.0, 9.0), (10.0, 8.0))
    assert rest == steps[1]
    assert (last.endpoints, last.delays, last.timeouts) == ((first,), (0.0,), (20.0,))
    assert lost_last(steps, []) == steps
    assert lost_last((in_order("d"),), [endpoint("d")]) == (in_order("d"),)
    # Another place of the same destination keeps its turn.
    mobile = replace(second, uri="sip:mobile@pbx.example")
    (both,) = lost_last((replace(in_order("b"), endpoints=(mobile,)),), [second])
    assert both.endpoints == (mobile,)
