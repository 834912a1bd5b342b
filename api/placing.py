"""Places calls within what is allowed, for all who ask on behalf of shoppers: pages, and guided chats."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol

from api.limits import LONGEST_WAIT, CallCounts, check_limits
from api.problems import Problem, RequestError
from bridge.protocols import Clock, OutOfCapacityError
from calls.engine import DrainingError
from config.sections.sites import Limits
from routing.plan import CallPlan, ClickToCall

#: Seconds to wait where there is no room, and where the server is about to stop.
BUSY_WAIT = 10.0
DRAINING_WAIT = 30.0


class CallStarter(Protocol):
    """The engine, as far as calls begin there."""

    async def place(self, plan: CallPlan, click: ClickToCall, call_id: str) -> None:
        """Start a call.

        Raises :class:`bridge.protocols.OutOfCapacityError` where there is no room, and
        :class:`calls.engine.DrainingError` when the server is about to stop.
        """

    def live_calls(self, site: str) -> int:
        """How many live calls a site has."""


class VisitorCounts(CallCounts, Protocol):
    """The calls of the past, also by who asked for them."""

    def visitor(self, click: ClickToCall) -> str | None:
        """Whose call it is, as its row says; None where nobody knows."""


class CallPlacing:
    """Places calls within the limits of their site, and what the day may cost.

    ``plan(click, call_id)`` tells who to ring now; no steps where nobody can be rung. ``beyond_spend(site,
    plan)`` tells whether a new call would cost more than the day has left.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        engine: CallStarter,
        counts: VisitorCounts,
        plan: Callable[[ClickToCall, str], CallPlan],
        beyond_spend: Callable[[str, CallPlan], bool],
    ) -> None:
        self._clock = clock
        self._engine = engine
        self._counts = counts
        self._plan = plan
        self._beyond_spend = beyond_spend
        # From counting to placing no other call may pass, else both could be the last within a limit.
        self._one_at_a_time = asyncio.Lock()

    async def place(
        self,
        click: ClickToCall,
        call_id: str,
        limits: Limits,
        using: AbstractAsyncContextManager[None] | None = None,
    ) -> None:
        """Place a call; :class:`RequestError` where it is not placed. May raise StoreError.

        ``using`` is entered once the call is within its limits, and left when it is placed or is not.
        """
        plan = self._plan(click, call_id)
        async with self._one_at_a_time:
            live = self._engine.live_calls(click.site)
            if self._beyond_spend(click.site, plan):
                raise RequestError(Problem.SPEND_CAP, retry_after=LONGEST_WAIT)
            now, visitor = self._clock.time(), self._counts.visitor(click)
            await check_limits(self._counts, limits, click, live, now, visitor)
            async with using or nullcontext():
                try:
                    await self._engine.place(plan, click, call_id)
                except OutOfCapacityError:
                    raise RequestError(Problem.OUT_OF_CAPACITY, retry_after=BUSY_WAIT) from None
                except DrainingError:
                    raise RequestError(Problem.DRAINING, retry_after=DRAINING_WAIT) from None
