"""The callback desk: promises are kept, or somebody hears that they were not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from structlog.testing import capture_logs

from bridge.callback import Callback, CallbackState
from bridge.causes import Disposition
from bridge.events import CallbackBooked, CallbackRefused
from bridge.facts import CallBridged
from bridge.protocols import OutOfCapacityError
from calls import callback_desk as callbacks_module
from calls import open_callbacks
from calls.callback_desk import LONGEST_SLEEP, CallbackDesk, NotNowError
from calls.engine import DrainingError
from config.sections.callbacks import CallbackTerms
from routing.callback_times import CallbackHours
from routing.plan import ClickToCall
from tests.aio import asyncio_test
from tests.bridge.fake_clock import FakeClock
from tests.bridge.playbook import CLICK
from tests.bridge.told import Teller, a_record

#: Wednesday, 18 November 2026, noon in New York, where the shopper's number (CLICK) and the shop are.
NOON = datetime(2026, 11, 18, 17, tzinfo=UTC).timestamp()
HOUR = 3600.0


@pytest.fixture(autouse=True)
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What is logged; writes are tried again at once."""
    monkeypatch.setattr(open_callbacks, "WRITE_PAUSES", (0.0, 0.0))
    with capture_logs() as lines:
        yield lines


class Store:
    """A disk: what it holds survives the desk."""

    def __init__(self) -> None:
        self.rows: dict[str, Callback] = {}
        self.refuses = 0
        #: Writes wait for it.
        self.gate: asyncio.Event | None = None

    async def _write(self, callback: Callback) -> None:
        await asyncio.sleep(0)
        if self.gate is not None:
            await self.gate.wait()
        if self.refuses:
            self.refuses -= 1
            raise OSError("disk full")
        self.rows[callback.callback_id] = callback

    async def add_callback(self, callback: Callback) -> None:
        await self._write(callback)

    async def save_callback(self, callback: Callback) -> None:
        assert callback.callback_id in self.rows
        await self._write(callback)

    async def open_callbacks(self) -> list[Callback]:
        return sorted((row for row in self.rows.values() if row.open), key=lambda row: row.due_at)

    async def callbacks(self, *, limit: int = 100) -> list[Callback]:
        return list(self.rows.values())[:limit]

    async def callback_of_call(self, call_id: str) -> Callback | None:
        return next((row for row in self.rows.values() if row.call_id == call_id), None)

    async def callback_by_secret(self, secret: str) -> Callback | None:
        return next((row for row in self.rows.values() if row.secret == secret), None)


class Shop:
    """A desk, and the engine, the disk and the business around it."""

    def __init__(self, store: Store | None = None, now: float = NOON, most: int = 5, **changes: Any) -> None:
        self.clock, self.store = FakeClock(now), store or Store()
        self.terms = CallbackTerms(**({"shortest_delay": "15m", "pause": "30m"} | changes))
        self.said: list[tuple[str, Any]] = []
        self.placed: list[Callback] = []
        self.hung_up: list[str] = []
        self.told: list[Callback] = []
        self.refusal: Exception | None = None
        self.placing: Callable[[Callback], None] = lambda _: None
        self.count = 0
        self.desk = CallbackDesk(
            handle=lambda call_id, event: self.said.append((call_id, event)),
            clock=self.clock,
            store=self.store,
            hours=lambda _: CallbackHours(self.terms),
            home=lambda _: ZoneInfo("America/New_York"),
            new_call_id=self.new_call_id,
            place=self.place,
            hang_up=self.hung_up.append,
            on_given_up=self.tell,
            most=most,
        )
        self.teller = Teller(self.desk)

    def new_call_id(self) -> str:
        self.count += 1
        return f"back{self.count}-{id(self)}"

    async def place(self, callback: Callback) -> None:
        await asyncio.sleep(0)
        self.placing(callback)
        if self.refusal is not None:
            raise self.refusal
        self.placed.append(callback)

    async def tell(self, callback: Callback) -> None:
        self.told.append(callback)

    async def quiet(self) -> None:
        """Until all tasks have done what they can."""
        for _ in range(60):
            await asyncio.sleep(0)

    async def advance(self, seconds: float) -> None:
        """Let time pass, in the desk's own steps."""
        until = self.clock.now + seconds
        for _ in range(5000):
            await self.quiet()
            nearest = min([until, *self.clock.due])
            self.clock.advance(nearest - self.clock.now, most=100)
            if nearest >= until:
                await self.quiet()
                return
        raise AssertionError("a hot loop")

    async def book(self, call_id: str = "c", click: ClickToCall = CLICK) -> Any:
        before = len(self.said)
        self.desk.book(call_id, click, "later")
        assert len(self.said) == before, "not from within"
        await self.quiet()
        ((answered, answer),) = self.said[before:]
        assert answered == call_id
        return answer

    def end(self, call_id: str | None, disposition: Disposition = Disposition.UNANSWERED) -> None:
        assert call_id is not None
        self.teller.ended(a_record(call_id, disposition))

    def bridge(self, call_id: str | None) -> None:
        assert call_id is not None
        self.teller.tell(CallBridged(call_id=call_id, at=self.clock.now, leg_id=f"{call_id}-b1"))

    @property
    def row(self) -> Callback:
        (row,) = self.store.rows.values()
        return row


async def opened(**changes: Any) -> Shop:
    shop = Shop(**changes)
    await shop.desk.start()
    return shop


@asyncio_test
async def test_who_gave_no_number_cannot_be_called_back() -> None:
    shop = await opened()
    assert await shop.book(click=replace(CLICK, number="", by="pc")) == CallbackRefused()
    assert shop.store.rows == {}


@asyncio_test
async def test_a_callback_is_booked_dialled_and_done() -> None:
    shop = await opened()
    assert await shop.book() == CallbackBooked(NOON + 900.0, "in about 15 minutes")
    assert (shop.row.call_id, shop.row.state, shop.row.tries) == ("c", CallbackState.BOOKED, 0)
    assert len(shop.row.secret) >= 32
    await shop.advance(899.0)
    assert shop.placed == []
    await shop.advance(1.5)
    (placed,) = shop.placed
    assert placed == shop.row
    assert (placed.state, placed.tries, placed.last_call_id) == (
        CallbackState.DIALLING,
        1,
        placed.last_call_id,
    )
    shop.bridge(placed.last_call_id)
    await shop.quiet()
    assert shop.row.state is CallbackState.DONE, "before the call is over: a crash must not dial it again"
    shop.end(placed.last_call_id, Disposition.BRIDGED)
    await shop.advance(10 * HOUR)
    assert (shop.row.state, shop.row.tries, len(shop.placed), shop.told) == (CallbackState.DONE, 1, 1, [])
    assert shop.clock.due == []


@asyncio_test
async def test_a_callback_in_the_shopper_s_own_morning() -> None:
    shop = await opened(now=NOON + 10 * HOUR)  # ten in the evening
    hawaii = replace(CLICK, number="+18085550100")
    assert (await shop.book("a", hawaii)).when == "in about 15 minutes"
    assert (await shop.book("b")).when == "tomorrow at 9 a m"
    assert (await shop.book("b")).at == NOON + 21 * HOUR


@asyncio_test
async def test_no_time_that_suits_and_no_disk_are_refused() -> None:
    shop = await opened(daytime="Feb 29 10:00-12:00")
    assert await shop.book() == CallbackRefused()
    shop = await opened()
    shop.store.refuses = 1
    assert await shop.book("a") == CallbackRefused()
    assert shop.store.rows == {}
    assert isinstance(await shop.book("b"), CallbackBooked), "the shopper is not taken to have one"


@asyncio_test
async def test_a_second_booking_looks_like_the_first_and_nobody_is_called_twice() -> None:
    """Anybody may type any number: what they are told says nothing about somebody else's booking."""
    shop = await opened()
    await shop.book("a")
    await shop.advance(300.0)
    again = await shop.book("b")
    assert (again.at, again.when) == (shop.clock.now + 900.0, "in about 15 minutes")
    first, second = shop.store.rows.values()
    assert (second.call_id, second.state) == ("b", CallbackState.BOOKED)
    assert first.secret != second.secret
    await shop.advance(601.0)
    (placed,) = shop.placed
    assert placed.call_id == "a"
    assert (await shop.book("c")).when == "in about 15 minutes", "though it is being dialled"
    await shop.book("d", replace(CLICK, site="other"))
    shop.bridge(placed.last_call_id)
    shop.end(placed.last_call_id, Disposition.BRIDGED)
    await shop.advance(5 * HOUR)
    states = {row.call_id: row.state for row in shop.store.rows.values()}
    assert {states[call] for call in "abc"} == {CallbackState.DONE}
    assert [each.call_id for each in shop.placed if each.click.site == CLICK.site] == ["a"]
    await shop.book("f")
    await shop.advance(901.0)
    assert shop.placed[-1].call_id == "f", "the first one is over"


@asyncio_test
async def test_who_cancels_cancels_their_own_callback_alone() -> None:
    shop = await opened()
    for call in "abc":
        await shop.book(call)
    first, second, third = shop.store.rows.values()
    for mine in (second, first):
        cancelled = await shop.desk.cancel(mine.secret)
        assert cancelled is not None
        assert cancelled.state is CallbackState.CANCELLED
    await shop.advance(901.0)
    assert [each.call_id for each in shop.placed] == ["c"]
    assert (await shop.desk.cancel(third.secret)).state is CallbackState.CANCELLED  # type: ignore[union-attr]
    await shop.quiet()
    assert {row.state for row in shop.store.rows.values()} == {CallbackState.CANCELLED}


@asyncio_test
async def test_callbacks_of_one_number_are_given_up_together_and_told_once() -> None:
    shop = await opened(tries=1)
    await shop.book("a")
    await shop.book("b")
    await shop.advance(901.0)
    shop.end(shop.placed[0].last_call_id)
    await shop.advance(10 * HOUR)
    assert {row.state for row in shop.store.rows.values()} == {CallbackState.GIVEN_UP}
    assert [each.call_id for each in shop.told] == ["a"]
    assert len(shop.placed) == 1


@asyncio_test
async def test_a_later_booking_brings_the_call_forward_when_it_is_promised_sooner() -> None:
    shop = await opened(tries=3, pause="3h")
    await shop.book("a")
    await shop.advance(901.0)
    shop.end(shop.placed[0].last_call_id)
    await shop.advance(60.0)
    promised = await shop.book("b")
    await shop.advance(901.0)
    assert len(shop.placed) == 2
    assert shop.placed[1].call_id == "a"
    assert promised.when == "in about 15 minutes"


@asyncio_test
async def test_after_a_crash_one_of_a_number_is_dialled() -> None:
    shop = await opened()
    for call in "ab":
        await shop.book(call)
    await shop.advance(901.0)
    again = Shop(shop.store, shop.clock.now, pause="10m")
    await again.desk.start()
    await again.advance(HOUR)
    assert {each.call_id for each in again.placed} == {"a"}
    again.bridge(again.placed[-1].last_call_id)
    await again.quiet()
    assert {row.state for row in again.store.rows.values()} == {CallbackState.DONE}


@asyncio_test
async def test_of_two_bookings_at_once_one_is_dialled() -> None:
    for refuses in (0, 1):
        shop = await opened()
        shop.store.refuses, shop.store.gate = refuses, asyncio.Event()
        for call in "ab":
            shop.desk.book(call, CLICK, "later")
        await shop.quiet()
        assert shop.said == []
        shop.store.gate.set()
        await shop.quiet()
        answers = [type(event) for _, event in shop.said]
        assert answers == ([CallbackRefused] if refuses else [CallbackBooked]) + [CallbackBooked]
        assert len(shop.store.rows) == 2 - refuses
        await shop.advance(901.0)
        assert len(shop.placed) == 1


@asyncio_test
async def test_tries_are_repeated_and_at_last_given_up() -> None:
    shop = await opened(tries=3)
    await shop.book()
    dialled = []
    for _ in range(3):
        before = shop.clock.now
        while len(shop.placed) == len(dialled):
            await shop.advance(60.0)
            assert shop.clock.now - before < HOUR
        dialled.append(shop.clock.now)
        await shop.advance(30.0)
        shop.end(shop.placed[-1].last_call_id)
        await shop.quiet()
    assert (shop.row.state, shop.row.tries) == (CallbackState.GIVEN_UP, 3)
    assert [one.state for one in shop.told] == [CallbackState.GIVEN_UP]
    assert all(later - earlier >= 1800.0 for earlier, later in pairwise(dialled))
    await shop.advance(100 * HOUR)
    assert len(shop.placed) == 3


@asyncio_test
async def test_after_an_evening_without_an_answer_it_is_tried_in_the_morning_and_no_later_than_promised() -> (
    None
):
    shop = await opened(now=NOON + 7.5 * HOUR, longest_delay="24h", tries=9, pause="4h")  # half past seven
    await shop.book()
    await shop.advance(1000.0)
    shop.end(shop.placed[0].last_call_id)
    await shop.quiet()
    assert shop.row.due_at == NOON + 21 * HOUR
    for tries in (2, 3, 4):
        await shop.advance(shop.row.due_at - shop.clock.now + 1.0)
        assert len(shop.placed) == tries
        shop.end(shop.placed[-1].last_call_id)
        await shop.quiet()
        if tries == 4:
            break
        assert shop.row.state is CallbackState.BOOKED
    assert shop.row.state is CallbackState.GIVEN_UP, "17:00 and 24 hours have passed"


@pytest.mark.parametrize("refusal", [NotNowError(), OutOfCapacityError(), DrainingError()])
@asyncio_test
async def test_what_could_not_be_dialled_is_no_try(refusal: Exception) -> None:
    shop = await opened()
    await shop.book()
    shop.refusal = refusal
    tried: list[float] = []
    shop.placing = lambda _: tried.append(shop.clock.now)
    await shop.advance(900.0 + 5 * 60.0 + 1.0)
    assert [later - tried[0] for later in tried] == [0.0, 60.0, 120.0, 180.0, 240.0, 300.0]
    assert (shop.row.state, shop.row.tries) == (CallbackState.BOOKED, 0)
    shop.refusal = None
    await shop.advance(60.0)
    assert (shop.row.state, shop.row.tries) == (CallbackState.DIALLING, 1)


@asyncio_test
async def test_what_can_never_be_dialled_is_given_up_when_its_time_is_over() -> None:
    shop = await opened(longest_delay="1h")
    await shop.book()
    shop.refusal = NotNowError()
    await shop.advance(HOUR + 120.0)
    assert (shop.row.state, shop.row.tries, len(shop.told)) == (CallbackState.GIVEN_UP, 0, 1)


@asyncio_test
async def test_a_fault_counts_as_a_try() -> None:
    shop = await opened(tries=2, pause="10m")
    await shop.book()
    shop.refusal = KeyError("no such site")
    await shop.advance(2 * HOUR)
    assert (shop.row.state, shop.row.tries) == (CallbackState.GIVEN_UP, 2)


@asyncio_test
async def test_hours_that_change_meanwhile_hold() -> None:
    shop = await opened()
    await shop.book()
    shop.terms = CallbackTerms(daytime="Mo-Su 15:00-20:00")
    await shop.advance(1000.0)
    assert shop.placed == []
    assert shop.row.due_at == NOON + 3 * HOUR
    await shop.advance(3 * HOUR)
    assert len(shop.placed) == 1


@asyncio_test
async def test_only_so_many_are_dialled_at_once_and_who_talks_does_not_count() -> None:
    shop = await opened(most=2)
    for number in range(5):
        await shop.book(f"c{number}", replace(CLICK, number=f"+1617555010{number}"))
    await shop.advance(1000.0)
    assert [one.call_id for one in shop.placed] == ["c0", "c1"]
    shop.bridge(shop.placed[0].last_call_id)
    await shop.advance(1.0)
    assert [one.call_id for one in shop.placed] == ["c0", "c1", "c2"]
    shop.end(shop.placed[1].last_call_id)
    shop.end(shop.placed[2].last_call_id)
    await shop.advance(1.0)
    assert [one.call_id for one in shop.placed] == ["c0", "c1", "c2", "c3", "c4"]


@asyncio_test
async def test_a_call_that_is_over_before_it_is_said_to_be_placed() -> None:
    shop = await opened(tries=1)
    await shop.book()
    shop.placing = lambda callback: shop.end(callback.last_call_id)
    await shop.advance(1000.0)
    assert shop.row.state is CallbackState.GIVEN_UP


# Cancelling.


@asyncio_test
async def test_a_cancelled_callback_is_not_dialled() -> None:
    shop = await opened()
    await shop.book()
    cancelled = await shop.desk.cancel(shop.row.secret)
    assert cancelled == shop.row
    assert shop.row.state is CallbackState.CANCELLED
    await shop.advance(10 * HOUR)
    assert shop.placed == []
    assert await shop.desk.cancel(shop.row.secret) == shop.row
    assert await shop.desk.cancel("guessed") is None
    assert isinstance(await shop.book("d"), CallbackBooked)
    assert len(shop.store.rows) == 2


@asyncio_test
async def test_cancelling_while_it_is_dialled_hangs_up() -> None:
    shop = await opened()
    await shop.book()
    await shop.advance(1000.0)
    call_id = shop.placed[0].last_call_id
    await shop.desk.cancel(shop.row.secret)
    assert shop.hung_up == [call_id]
    shop.end(call_id, Disposition.CANCELLED)
    await shop.advance(10 * HOUR)
    assert (shop.row.state, len(shop.placed), shop.told) == (CallbackState.CANCELLED, 1, [])


@asyncio_test
async def test_cancelling_while_the_call_is_being_placed_hangs_up_once_it_is() -> None:
    shop = await opened()
    await shop.book()

    def cancel(callback: Callback) -> None:
        shop.cancelling = asyncio.ensure_future(shop.desk.cancel(callback.secret))  # type: ignore[attr-defined]

    shop.placing = cancel
    await shop.advance(1000.0)
    assert shop.hung_up[-1] == shop.placed[0].last_call_id
    assert shop.row.state is CallbackState.CANCELLED


@asyncio_test
async def test_cancelling_while_the_try_is_being_written() -> None:
    shop = await opened()
    await shop.book()
    shop.store.gate = asyncio.Event()
    shop.clock.advance(901.0)
    await shop.quiet()
    cancelling = asyncio.ensure_future(shop.desk.cancel(shop.row.secret))
    await shop.quiet()
    shop.store.gate.set()
    await shop.advance(HOUR)
    assert (await cancelling) == shop.row
    assert shop.row.state is CallbackState.CANCELLED
    assert shop.placed == []


@asyncio_test
async def test_a_callback_that_is_over_cannot_be_cancelled() -> None:
    shop = await opened()
    await shop.book()
    await shop.advance(1000.0)
    shop.bridge(shop.placed[0].last_call_id)
    await shop.quiet()
    over = await shop.desk.cancel(shop.row.secret)
    assert over is not None
    assert over.state is CallbackState.DONE
    assert shop.hung_up == []


@asyncio_test
async def test_cancelling_where_the_disk_refuses_is_told_and_done_all_the_same() -> None:
    shop = await opened()
    await shop.book()
    shop.store.refuses = 2
    with pytest.raises(OSError, match="disk full"):
        await shop.desk.cancel(shop.row.secret)
    await shop.advance(HOUR)
    assert shop.placed == []
    assert shop.row.state is CallbackState.CANCELLED


# Crashes, restarts and a disk that refuses.


@asyncio_test
async def test_after_a_crash_the_try_counts_and_the_callback_goes_on() -> None:
    shop = await opened()
    await shop.book()
    await shop.advance(1000.0)
    assert shop.row.state is CallbackState.DIALLING
    # The process dies; another one starts.
    later = Shop(shop.store, shop.clock.now + 60.0)
    await later.desk.start()
    await later.quiet()
    assert (later.row.state, later.row.tries) == (CallbackState.BOOKED, 1)
    assert later.row.due_at == later.clock.now + 1800.0
    await later.advance(1801.0)
    assert (later.row.state, later.row.tries, len(later.placed)) == (CallbackState.DIALLING, 2, 1)
    # And again, at the last try.
    for tries in (3, 3):
        last = Shop(shop.store, later.clock.now + 60.0)
        await last.desk.start()
        await last.advance(1801.0)
        assert last.row.tries == tries
        later = last
    assert last.row.state is CallbackState.GIVEN_UP
    assert len(last.told) == 1


@asyncio_test
async def test_what_was_due_while_the_server_was_down() -> None:
    shop = await opened()
    await shop.book("a")
    await shop.book("b", replace(CLICK, number="+18085550100"))
    # Nine in the evening: too late for New York, not for Honolulu.
    later = Shop(shop.store, NOON + 9 * HOUR)
    await later.desk.start()
    await later.advance(1.0)
    assert [one.call_id for one in later.placed] == ["b"]
    waiting = await later.store.callback_of_call("a")
    assert waiting is not None
    assert (waiting.state, waiting.due_at) == (CallbackState.BOOKED, NOON + 21 * HOUR)
    # A week later nobody expects a call any more.
    much_later = Shop(shop.store, NOON + 7 * 24 * HOUR)
    await much_later.desk.start()
    await much_later.advance(1.0)
    assert {row.state for row in shop.store.rows.values()} == {CallbackState.GIVEN_UP}
    assert len(much_later.told) == 2


@asyncio_test
async def test_without_a_disk_nobody_is_dialled() -> None:
    shop = await opened()
    await shop.book()
    shop.store.refuses = 2
    await shop.advance(905.0)
    assert shop.placed == []
    assert (shop.row.state, shop.row.tries) == (CallbackState.BOOKED, 0)
    await shop.advance(60.0)
    assert len(shop.placed) == 1


@asyncio_test
async def test_what_became_of_a_callback_is_written_once_the_disk_lets_us() -> None:
    shop = await opened()
    await shop.book()
    await shop.advance(901.0)
    shop.store.refuses = 2
    shop.bridge(shop.placed[0].last_call_id)
    await shop.quiet()
    assert shop.row.state is CallbackState.DONE


@asyncio_test
async def test_the_business_is_told_before_a_callback_is_put_away() -> None:
    shop = await opened(tries=1)
    await shop.book()
    await shop.advance(901.0)
    failures = 0

    async def fails(callback: Callback) -> None:
        nonlocal failures
        failures += 1
        raise OSError("no mail today")

    shop.desk._on_given_up = fails
    shop.end(shop.placed[0].last_call_id)
    await shop.quiet()
    assert failures == 3
    assert shop.row.open
    # The next start finds it as it was.
    later = Shop(shop.store, shop.clock.now + HOUR, tries=1)
    await later.desk.start()
    await later.quiet()
    assert (len(later.told), later.row.state) == (1, CallbackState.GIVEN_UP)


@asyncio_test
async def test_hours_that_cannot_be_told_stop_nothing(logged: list[Any]) -> None:
    shop = await opened()
    await shop.book()
    home = shop.desk._home

    def gone(site: str) -> ZoneInfo:
        raise KeyError(site)

    shop.desk._home = gone
    await shop.advance(905.0)
    assert shop.placed == []
    assert shop.row.open
    assert await shop.book("d") == CallbackRefused()
    shop.desk._home = home
    await shop.advance(60.0)
    assert len(shop.placed) == 1
    shop.desk._home = gone
    shop.end(shop.placed[0].last_call_id)
    await shop.quiet()
    assert (shop.row.state, shop.row.tries) == (CallbackState.BOOKED, 1)
    faults = [line["event"] for line in logged if line["log_level"] == "error"]
    assert faults == ["callback_not_dialled", "callback_not_booked", "callback_not_planned"]


@asyncio_test
async def test_a_stopped_desk_dials_nobody_and_finishes_its_writes() -> None:
    shop = await opened()
    await shop.book()
    await shop.advance(901.0)
    shop.store.gate = asyncio.Event()
    shop.bridge(shop.placed[0].last_call_id)
    stopping = asyncio.ensure_future(shop.desk.stop())
    await shop.quiet()
    assert not stopping.done()
    shop.store.gate.set()
    await stopping
    assert shop.row.state is CallbackState.DONE
    assert shop.clock.due == []


@asyncio_test
async def test_a_draining_desk_dials_nobody_and_takes_note_of_the_rest() -> None:
    shop = await opened()
    await shop.book()
    await shop.advance(901.0)
    shop.desk.drain()
    shop.end(shop.placed[0].last_call_id)
    await shop.book("d", replace(CLICK, site="other"))
    await shop.advance(5 * HOUR)
    assert [(row.state, row.tries) for row in shop.store.rows.values()] == [
        (CallbackState.BOOKED, 1),
        (CallbackState.BOOKED, 0),
    ]
    assert len(shop.placed) == 1


@asyncio_test
async def test_a_stopping_desk_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callbacks_module, "LAST_SECONDS", 0.05)
    shop = await opened()
    await shop.book()
    shop.store.gate = asyncio.Event()
    cancelling = asyncio.ensure_future(shop.desk.cancel(shop.row.secret))
    shop.desk.book("d", replace(CLICK, site="other"), "later")
    await shop.quiet()
    await shop.desk.stop()
    assert not shop.desk._tasks
    cancelling.cancel()


@asyncio_test
async def test_a_long_sleep_is_cut_short_since_clocks_are_set() -> None:
    shop = await opened()
    await shop.book()
    assert shop.clock.due == [NOON + LONGEST_SLEEP]


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["book", "wait", "end", "bridge", "cancel", "crash", "refuse", "full"]),
        st.integers(0, 3),
    ),
    max_size=25,
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
@asyncio_test
async def test_any_order_keeps_every_promise(moves: list[tuple[str, int]]) -> None:
    """No callback is lost or dialled twice at once; each is done, cancelled, or given up and told."""
    shop = await opened(tries=3, pause="10m", longest_delay="6h")
    live: dict[str, Callback] = {}
    told: list[Callback] = []
    booked: set[str] = set()
    cancelled: set[str] = set()
    crashes = 0

    def note() -> None:
        for placed in shop.placed:
            assert placed.click.number not in {one.click.number for one in live.values()}, (
                "dialled twice at once"
            )
            assert placed.secret not in cancelled
            assert placed.last_call_id is not None
            live[placed.last_call_id] = placed
        shop.placed.clear()

    for move, number in moves:
        match move:
            case "book":
                crowd = replace(CLICK, number=f"+1617555010{number}")
                answer = await shop.book(f"c{len(booked)}-{shop.clock.now}", crowd)
                booked |= set(shop.store.rows)
                assert isinstance(answer, CallbackBooked | CallbackRefused)
                mine = [row for row in shop.store.rows.values() if row.open and row.click == crowd]
                assert mine or isinstance(answer, CallbackRefused)
            case "wait":
                await shop.advance([1.0, 60.0, 900.0, 2 * HOUR][number])
            case "end" | "bridge" if live:
                call_id = sorted(live)[number % len(live)]
                if move == "bridge":
                    shop.bridge(call_id)
                    await shop.quiet()
                shop.end(call_id, Disposition.BRIDGED if move == "bridge" else Disposition.UNANSWERED)
                del live[call_id]
            case "cancel" if shop.store.rows:
                row = list(shop.store.rows.values())[number % len(shop.store.rows)]
                shop.store.refuses = 0
                after = await shop.desk.cancel(row.secret)
                assert after is not None
                if after.state is CallbackState.CANCELLED:
                    cancelled.add(row.secret)
            case "crash" if crashes < 2:
                crashes += 1
                note()
                told += shop.told
                for task in list(shop.desk._tasks):
                    task.cancel()
                await shop.quiet()
                live.clear()
                shop = Shop(shop.store, shop.clock.now, tries=3, pause="10m", longest_delay="6h")
                await shop.desk.start()
            case "refuse":
                shop.store.refuses = number
            case "full":
                shop.refusal = OutOfCapacityError() if number else None
        await shop.quiet()
        note()
    # From now on everything works, and nobody answers.
    shop.store.refuses, shop.refusal = 0, None
    for _ in range(200):
        for call_id in list(live):
            del live[call_id]
            shop.end(call_id)
        await shop.advance(300.0)
        note()
        if not live and not any(row.open for row in shop.store.rows.values()):
            break
    told += shop.told
    rows = shop.store.rows
    assert set(rows) >= booked
    assert all(not row.open for row in rows.values())
    assert all(row.tries <= 3 for row in rows.values())
    given_up = {row.click.number for row in rows.values() if row.state is CallbackState.GIVEN_UP}
    assert given_up <= {one.click.number for one in told}
    assert {row.secret for row in rows.values() if row.state is CallbackState.CANCELLED} >= cancelled
    await shop.desk.stop()
    assert shop.clock.due == []
