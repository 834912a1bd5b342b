"""Stand-ins for the engine and the media: calls on paper, which go where the test moves them."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace
from typing import Any

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, LegRecord
from bridge.commands import Dial, HangUp, MediaCommand
from bridge.events import CallbackRefused, CancelRequested, Event, LegEnded, LegEvent
from bridge.leg_ids import call_of
from bridge.progress import CallProgress, CallState
from bridge.protocols import OutOfCapacityError
from calls.engine import Engine
from routing.plan import CallPlan, ClickToCall, Endpoint, PlannedStep
from store.calls import SqlCallStore
from tests.bridge.told import Teller


class SetClock:
    """A clock that stands where it was set."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0
        self._timers: list[asyncio.TimerHandle] = []

    def time(self) -> float:
        return self.now

    def call_later(self, seconds: float, callback: Any) -> Any:
        timer = asyncio.get_running_loop().call_later(seconds, callback)
        self._timers.append(timer)
        return timer

    def stop(self) -> None:
        """Nothing comes due any more: what is over must not act in the next test."""
        for timer in self._timers:
            timer.cancel()


class PaperEngine:
    """Calls on paper: they go where the test moves them, and everyone who watches is told."""

    def __init__(self, store: SqlCallStore, clock: SetClock) -> None:
        self._store, self._clock = store, clock
        self._ids = itertools.count(1)
        self._clicks: dict[str, tuple[ClickToCall, CallPlan]] = {}
        self._lines: dict[str, CallProgress] = {}
        self.teller = Teller()
        self.draining = False
        self.full = False

    def new_call_id(self) -> str:
        return f"call{next(self._ids)}"

    async def place(self, plan: CallPlan, click: ClickToCall, call_id: str) -> None:
        if self.full:
            raise OutOfCapacityError
        await self._store.open_call(call_id, click, plan.route, self._clock.time())
        self._clicks[call_id] = (click, plan)
        self._tell(CallProgress(call_id, click.site, 0, self._clock.time(), CallState.CALLING_SHOPPER))

    def handle(self, call_id: str, event: Event) -> None:
        assert isinstance(event, CancelRequested)
        self.move(call_id, state=CallState.ENDING, disposition=Disposition.CANCELLED)

    def progress(self, call_id: str) -> CallProgress | None:
        return self._lines.get(call_id)

    def live(self) -> list[CallProgress]:
        return [line for line in self._lines.values() if line.state is not CallState.ENDED]

    def live_calls(self, site: str) -> int:
        return sum(line.site == site for line in self.live())

    def move(self, call_id: str, **changes: Any) -> None:
        before = self._lines[call_id]
        self._tell(replace(before, sequence=before.sequence + 1, at=self._clock.time(), **changes))

    async def end(self, call_id: str, disposition: Disposition = Disposition.BRIDGED) -> None:
        click, plan = self._clicks[call_id]
        self.move(call_id, state=CallState.ENDED, disposition=disposition, cause=HangupCause.NORMAL)
        record = call_record(call_id, click, plan, self._clock.time(), disposition)
        await self._store.write_cdr(record)
        self.teller.ended(record)

    def click(self, call_id: str) -> ClickToCall | None:
        return self._clicks[call_id][0] if call_id in self._clicks else None

    def forget(self, call_id: str) -> None:
        del self._lines[call_id]

    def _tell(self, line: CallProgress) -> None:
        self._lines[line.call_id] = line
        self.teller.progress(line)


class PaperPool:
    """The media of a real engine: legs do what the test reports, and what browsers say is written down."""

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.dialled: dict[str, Endpoint] = {}
        self.hung_up: dict[str, HangupCause] = {}
        self.signals: list[tuple[str, dict[str, Any]]] = []
        #: What else was asked of the legs.
        self.orders: list[MediaCommand] = []

    def open_call(self, call_id: str, plan: CallPlan) -> None: ...
    def close_call(self, call_id: str) -> None: ...

    def perform(self, call_id: str, command: MediaCommand) -> None:
        match command:
            case Dial(leg_id=leg_id, endpoint=endpoint):
                self.dialled[leg_id] = endpoint
            case HangUp(leg_id=leg_id, cause=cause):
                self.hung_up[leg_id] = cause
                asyncio.get_running_loop().call_soon(self.report, LegEnded(leg_id, cause))
            case _:
                self.orders.append(command)

    def report(self, event: LegEvent) -> None:
        assert self.engine is not None
        self.engine.handle(call_of(event.leg_id), event)

    def signal(self, leg_id: str, message: str) -> None:
        """As a browser worker, which ends the leg when its browser says so."""
        assert leg_id in self.dialled, "only what is dialled can be spoken to"
        said = json.loads(message)
        self.signals.append((leg_id, said))
        if said["type"] == "hang_up":
            ended = LegEnded(leg_id, _WHY.get(said["reason"], HangupCause.NORMAL))
            asyncio.get_running_loop().call_soon(self.report, ended)


_WHY = {
    "busy": HangupCause.BUSY,
    "declined": HangupCause.DECLINED,
    "no_path": HangupCause.UNREACHABLE,
}


class PlannedRota:
    """Rings who the plan names, whatever others do."""

    def steps(self, call_id: str, click: ClickToCall, plan: CallPlan) -> tuple[PlannedStep, ...]:
        return plan.steps

    def is_free(self, call_id: str, endpoint: Endpoint) -> bool:
        return True


class NoCallbacks:
    """Books none, as for a shopper who gave no number."""

    def __init__(self, pool: PaperPool) -> None:
        self._pool = pool

    def book(self, call_id: str, click: ClickToCall, terms: str) -> None:
        assert self._pool.engine is not None
        asyncio.get_running_loop().call_soon(self._pool.engine.handle, call_id, CallbackRefused())


def call_record(
    call_id: str, click: ClickToCall, plan: CallPlan, at: float, disposition: Disposition
) -> CallRecord:
    bridged = disposition is Disposition.BRIDGED

    def leg(role: Any, label: str, since: float) -> LegRecord:
        return LegRecord(
            leg_id=f"{call_id}-{role}", role=role, destination=role, label=label, uri="sip:x@127.0.0.1",
            dialed_at=at - since, ringing_at=at - since + 1, answered_at=at - since + 4,
            joined_at=at - since + 4 if bridged else None, ended_at=at, cause=HangupCause.NORMAL,
            sip_status=None, sip_call_id=None, stats=None,
        )  # fmt: skip

    return CallRecord(
        call_id=call_id, site=click.site, route=plan.route, number=click.number, page=click.page,
        requested_at=at - 40, bridged_at=at - 26 if bridged else None, ended_at=at,
        disposition=disposition, cause=HangupCause.NORMAL,
        legs=(leg("shopper", "shopper", 40), leg("business", "Boston store", 30)),
    )  # fmt: skip
