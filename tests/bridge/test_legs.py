"""What a leg remembers."""

from __future__ import annotations

import pytest

from bridge.events import AudioHeard, AudioQuality, CallRequested, LegAnswered, RouteAnswered
from bridge.legs import IllegalEventError, Leg, LegState
from routing.plan import BrowserEndpoint
from tests.bridge.playbook import Playbook, plan


def test_what_a_browser_heard_is_recorded_on_the_average() -> None:
    leg = Leg("one-s", "shopper", BrowserEndpoint("shopper", "Shopper"), 100.0)
    with pytest.raises(IllegalEventError):
        leg.take(AudioHeard("one-s", AudioQuality(9.0, 90.0, 9.0)), 100.5)
    leg.take(LegAnswered("one-s"), 101.0)
    assert leg.record(102.0).heard is None
    for loss, jitter_ms, concealed in ((0.0, 2.0, 0.5), (1.0, 5.0, 0.1), (0.0, 3.0, 0.0)):
        leg.take(AudioHeard("one-s", AudioQuality(loss, jitter_ms, concealed)), 105.0)
    assert leg.state is LegState.ANSWERED
    assert leg.record(110.0).heard == AudioQuality(0.33, 3.33, 0.2)


def test_what_is_heard_leaves_the_history_to_what_happens() -> None:
    book = Playbook(plan(shopper=BrowserEndpoint("shopper", "Shopper")))
    book.play(LegAnswered("c-s1"))
    told = len(book.published)
    for _ in range(60):
        assert book.play(AudioHeard("c-s1", AudioQuality(0.0, 2.0, 0.0))) == []
    kinds = [type(event) for _, event in book.call.history]
    assert kinds == [CallRequested, LegAnswered, RouteAnswered]
    assert len(book.published) == told
