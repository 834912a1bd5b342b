"""What is decided about browser legs."""

from __future__ import annotations

from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bridge.causes import HangupCause
from config.fields import PortRange
from config.sections.trunks import Trunk
from media.browser_choices import (
    CAPACITY,
    WEIGHTS,
    BrowserWorkerLoad,
    carve,
    cause_of_end,
    codecs_toward,
    least_loaded,
)
from routing.plan import BrowserEndpoint, SipEndpoint
from tests.media.plans import plan

RANGES = st.tuples(st.integers(1024, 65535), st.integers(0, 20000)).map(
    lambda pair: PortRange(pair[0], min(65535, pair[0] + pair[1]))
)
CARRIERS = st.builds(
    BrowserWorkerLoad,
    worker_id=st.integers(1, 99),
    ready=st.booleans(),
    legs=st.integers(0, 120),
    load=st.integers(0, 120),
    ports=st.integers(1, 400),
)


@given(RANGES, st.integers(1, 16))
def test_shares_are_disjoint_even_and_all_there_is(ports: PortRange, workers: int) -> None:
    shares = carve(ports, workers)
    every = [port for share in shares for port in range(share.first, share.last + 1)]
    assert every == list(range(ports.first, ports.last + 1))
    sizes = {share.last - share.first for share in shares}
    assert max(sizes) - min(sizes) <= 1
    assert len(shares) == min(workers, len(every))


@given(st.lists(CARRIERS, unique_by=lambda load: load.worker_id), st.sampled_from([*WEIGHTS.values()]))
def test_a_leg_goes_to_the_least_loaded_that_has_room(loads: list[BrowserWorkerLoad], weight: int) -> None:
    chosen = least_loaded(loads, weight)
    fitting = [c for c in loads if c.load + weight <= CAPACITY and c.legs < max(1, c.ports // 2)]
    assert (chosen is None) == (not fitting)
    for load in loads:
        assert (load.room > 0) == load.has_room(1)
        if load.worker_id == chosen:
            assert load in fitting
            rivals = [c for c in fitting if c.ready] or fitting
            assert load.ready == rivals[0].ready
            assert load.load == min(c.load for c in rivals)


def test_a_worker_carries_a_hundred_legs_or_fifteen_in_opus() -> None:
    for audio, most in (("passthrough", 105), ("opus", 15)):
        weight, legs = WEIGHTS[audio], 0
        while BrowserWorkerLoad(1, True, legs, legs * weight, 10_000).has_room(weight):
            legs += 1
        assert legs == most


@pytest.mark.parametrize(
    ("phone", "browser", "answered", "cause"),
    [
        ("not_found", "declined", False, "declined"),  # gone before the phone worker's INVITE came
        ("not_found", "busy", False, "busy"),
        ("declined", "hung_up", False, "declined"),
        ("unreachable", "no_microphone", False, "unreachable"),
        ("not_found", "no_path", False, "unreachable"),
        ("incompatible", "failed", False, "incompatible"),
        ("normal", "hung_up", True, "normal"),
        ("normal", "lost", True, "media_timeout"),
        ("normal", "ended", True, "normal"),
        ("failed", "ended", True, "failed"),  # the phone worker's own trouble
        ("failed", "cancelled", False, "failed"),
        ("normal", None, True, "normal"),
    ],
)
def test_why_a_leg_ended(phone: str, browser: str | None, answered: bool, cause: str) -> None:
    assert cause_of_end(HangupCause(phone), browser, answered) is HangupCause(cause)


def test_browsers_speak_what_the_call_s_trunk_likes_better() -> None:
    trunks = {
        "us": Trunk(host="127.0.0.1"),
        "eu": Trunk(host="127.0.0.1", codecs=("G722", "PCMA")),
        "hd": Trunk(host="127.0.0.1", codecs=("G722",)),
    }
    browser = BrowserEndpoint("shopper", "Shopper")

    def toward(*names: str | None) -> tuple[str, ...]:
        base = plan(("all", 1))
        step = base.steps[0]
        legs = tuple(SipEndpoint("d", "d", "sip:d@127.0.0.1", name) for name in names)
        return codecs_toward(replace(base, shopper=browser, steps=(replace(step, endpoints=legs),)), trunks)

    assert toward("us", "eu") == ("PCMU", "PCMA")
    assert toward("eu", "us") == ("PCMA", "PCMU")
    assert toward(None, "hd", "eu") == ("PCMA", "PCMU")
    assert toward(None) == toward("hd") == toward("gone") == ("PCMU", "PCMA")
