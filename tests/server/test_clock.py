"""The steady clock: whatever is done to the wall clock, a duration is what it was."""

from __future__ import annotations

import asyncio

import hypothesis.strategies as st
import pytest
from hypothesis import given

from server.clock import SLEW, SteadyClock
from tests.aio import asyncio_test


class Times:
    def __init__(self) -> None:
        self.wall, self.monotonic = 1_000_000.0, 50.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds

    def clock(self) -> SteadyClock:
        loop = asyncio.new_event_loop()
        loop.close()
        return SteadyClock(loop, lambda: self.wall, lambda: self.monotonic)


def test_it_is_the_wall_clock_that_nobody_sets() -> None:
    times = Times()
    clock = times.clock()
    for seconds in (0.0, 1.0, 3600.0, 0.25):
        times.pass_by(seconds)
        assert clock.time() == pytest.approx(times.wall)


@pytest.mark.parametrize("step", [-86400.0, -3600.0, -1.0, 1.0, 3600.0, 86400.0])
def test_a_step_changes_no_duration_and_the_time_is_found_again(step: float) -> None:
    times = Times()
    clock = times.clock()
    before = clock.time()
    times.wall += step
    times.pass_by(60.0)
    assert clock.time() - before == pytest.approx(60.0, rel=1.01 * SLEW)
    times.pass_by(abs(step) / SLEW)
    assert clock.time() == pytest.approx(times.wall)


@given(st.lists(st.tuples(st.floats(0.0, 1e5), st.floats(-1e9, 1e9)), max_size=30))
def test_it_never_goes_back_and_never_jumps(happenings: list[tuple[float, float]]) -> None:
    times = Times()
    clock = times.clock()
    for seconds, step in happenings:
        before = clock.time()
        times.wall += step
        times.pass_by(seconds)
        assert seconds * (1 - SLEW) - 1e-3 <= clock.time() - before <= seconds * (1 + SLEW) + 1e-3


@asyncio_test
async def test_it_calls_later() -> None:
    called = asyncio.Event()
    SteadyClock(asyncio.get_running_loop()).call_later(0.0, called.set)
    await asyncio.wait_for(called.wait(), 5.0)
