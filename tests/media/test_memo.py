"""What a core writes of a bridged call, the next one reads; nothing else is believed."""

from dataclasses import replace

import pytest

from bridge.events import LegAnswered, LegDtmf, LegRinging, TurnCame
from media.memo import Memo, read, write
from routing.plan import BrowserEndpoint, Screening
from tests.bridge.playbook import GREETING, MESSAGE, OFFER, QUEUE, SORRY, Playbook, endpoint, in_order, plan


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ending": MESSAGE, "lost": SORRY, "early_media": True, "push_by_keys": True},
        {"ending": OFFER, "hold_audio": GREETING},
        {"shopper": BrowserEndpoint("shopper", "You", None, "opus")},
        {"queue": QUEUE},
    ],
)
def test_a_call_is_read_as_it_was_written(changes):
    screened = replace(endpoint("boston"), screening=Screening(GREETING, 10.0), headers=(("X-A", "b"),))
    book = Playbook(plan(replace(in_order("boston"), endpoints=(screened,)), **changes))
    book.play(LegAnswered("c-s1", "abc"))
    if book.call.plan.queue:
        book.play(TurnCame(book.call.plan.steps))
    book.play(LegRinging("c-b1", sip_call_id="def"))
    book.play(LegAnswered("c-b1"))
    assert book.call.snapshot() is None
    book.play(LegDtmf("c-b1", "1"))
    known = book.call.snapshot()
    assert known is not None
    assert read(write(Memo(known, -12.5))) == Memo(known, -12.5)


@pytest.mark.parametrize("text", [b"", b"0123456789abcdef", b"x" * 400])
def test_nothing_else_is_read(text):
    with pytest.raises(ValueError, match=r"."):
        read(text)
