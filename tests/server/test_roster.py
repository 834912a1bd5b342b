"""The roster: who is in a call, told by the legs of the machine itself."""

from __future__ import annotations

from dataclasses import replace

from bridge.bulletin import Bulletin
from bridge.causes import HangupCause as H
from bridge.events import LegAnswered, LegEnded
from routing.directory import Standing
from server.roster import Roster
from tests.bridge.playbook import Playbook, all_at_once, in_order, plan


def test_calls_are_counted_from_ringing_to_the_end() -> None:
    roster = Roster()
    bulletin = Bulletin(roster)
    steps = (
        replace(in_order("boston", "salem"), name="sales.steps[0]"),
        replace(all_at_once("centre"), name="sales.steps[1]"),
    )
    book = Playbook(plan(*steps))

    def play(event: object) -> None:
        book.play(event)  # type: ignore[arg-type]
        bulletin.tell(book.told)

    play(LegAnswered("c-s1"))
    assert roster.directory().of("boston") == Standing(1, None, 1002.0, None, None, 1)
    play(LegEnded("c-b1", H.BUSY))
    assert roster.directory().of("boston") == Standing(0, None, 1002.0, None, 1003.0, 1)
    play(LegAnswered("c-b2"))
    assert roster.directory().of("salem") == Standing(1, None, 1003.0, 1004.0, None, 1)
    play(LegEnded("c-b2", H.NORMAL))
    play(LegEnded("c-s1", H.PEER_ENDED))
    assert roster.directory().of("salem") == Standing(0, None, 1003.0, 1004.0, 1005.0, 1)
    assert roster.directory().turns_of("sales.steps[0]").last == {"boston": 0, "salem": 1}
    assert roster.directory().of("centre") == Standing()
