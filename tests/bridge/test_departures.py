"""Who leaves, and what follows: every case has its row, and every row leads to an end."""

from __future__ import annotations

import pytest

from bridge.causes import HangupCause
from bridge.departures import ENDINGS, FOLLOWS, Follow, Leaver, Manner, manner_of
from bridge.losses import HUNG_UP


def test_every_leaver_and_manner_has_a_row() -> None:
    assert set(FOLLOWS) == set(Leaver)
    for leaver, follows in FOLLOWS.items():
        assert set(follows) == set(Manner), leaver


def test_what_may_be_impossible_is_never_the_last_resort() -> None:
    optional = {Follow.REDIAL, Follow.RING_OTHERS}
    for leaver, follows in FOLLOWS.items():
        for manner, tried in follows.items():
            if leaver is Leaver.NOBODY:
                assert tried == (), manner
            else:
                assert set(tried[:-1]) <= optional, (leaver, manner)
                assert tried[-1] not in optional, (leaver, manner)


def test_every_end_says_what_brought_it() -> None:
    ends = {follow for follow in Follow if follow.startswith("end_")}
    assert set(ENDINGS) == ends
    used = {follow for follows in FOLLOWS.values() for tried in follows.values() for follow in tried}
    assert used == set(Follow)


@pytest.mark.parametrize("cause", HangupCause)
def test_every_cause_is_a_manner(cause: HangupCause) -> None:
    if cause is HangupCause.WORKER_LOST:
        assert manner_of(cause) is Manner.WORKER_LOST
    else:
        assert (manner_of(cause) is Manner.HUNG_UP) == (cause in HUNG_UP)
