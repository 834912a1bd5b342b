"""Receivers that are held back or disabled: for how long, and what opens them again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notify.standing import Receivers
from notify.tries import LONGEST_PAUSE, TryDone, TryFailed, TryHeld, TryResult, after_hold
from tests.notify.parts import NOW, webhook_delivery

KEY = ("https://crm.example/hook", "whsec_x")
GONE, SLOW = TryFailed("410 Gone", final=True), TryFailed("429 Slow", retry_after=60.0)


def test_a_pause_ends_by_itself_and_a_longer_one_counts() -> None:
    receivers = Receivers()
    receivers.learn(KEY, SLOW, NOW)
    receivers.learn(KEY, TryFailed("429", retry_after=5.0), NOW + 1)
    standing = receivers.standing(KEY, NOW + 59)
    assert standing is not None
    assert standing.until == NOW + 60
    assert receivers.standing(KEY, NOW + 60) is None
    receivers.learn(KEY, TryFailed("503", retry_after=1e9), NOW)
    assert receivers.standing(KEY, NOW + LONGEST_PAUSE) is None


def test_gone_stays_gone_until_somebody_does_something() -> None:
    receivers = Receivers()
    receivers.learn(KEY, GONE, NOW)
    receivers.learn(KEY, SLOW, NOW + 1)
    assert [each.state for each in receivers.closed(NOW + 1e9)] == ["disabled"]
    receivers.keep([KEY, ("https://other.example/", "x")])
    assert receivers.closed(NOW)
    receivers.keep([(KEY[0], "another secret")])
    assert receivers.closed(NOW) == []


RESULTS = st.sampled_from([TryDone(), GONE, SLOW, TryFailed("500"), TryFailed("429", retry_after=1.0)])


@given(st.lists(st.tuples(RESULTS, st.floats(0, 100)), max_size=30))
def test_resuming_opens_whatever_was_said(told: list[tuple[TryResult, float]]) -> None:
    receivers, now = Receivers(), NOW
    for result, pause in told:
        now += pause
        receivers.learn(KEY, result, now)
        standing = receivers.standing(KEY, now)
        if result in (GONE, SLOW):
            assert standing is not None
    assert receivers.resume(KEY[0]) == (len(receivers.closed(now)) > 0) or not receivers.closed(now)
    assert receivers.standing(KEY, now) is None


def test_news_that_would_be_stale_is_dropped_and_the_rest_waits() -> None:
    message = after_hold(webhook_delivery(KEY[0]), TryHeld(NOW + 500, "429"), NOW, 0.5)
    assert (message.tries, message.dead) == (0, False)
    assert message.next_at is not None
    assert message.next_at >= NOW + 500
    news = webhook_delivery(KEY[0], subject="screen_pop.offered", created_at=NOW)
    assert after_hold(news, TryHeld(NOW + 500, "429"), NOW, 0.5).dead
    assert not after_hold(news, TryHeld(NOW + 20, "429"), NOW, 0.5).dead
