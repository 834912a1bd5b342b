"""The calls that call shoppers back: planned with what holds now, and placed if the day's spend allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from bridge.callback import Callback
from calls.callback_desk import NotNowError
from config.models import Config
from config.sections.callbacks import CallbackTerms
from server.call_door import CallDoor
from server.planner import Planner
from server.spending import Spending
from store.calls import SqlCallStore
from store.errors import StoreError

log = structlog.get_logger(__name__)


class CallbackCalls:
    """Places the tries of :class:`calls.callback_desk.CallbackDesk`."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        calls: CallDoor,
        store: SqlCallStore,
        planner: Planner,
        spending: Spending,
    ) -> None:
        self._config = config
        self._calls = calls
        self._store = store
        self._planner = planner
        self._spending = spending

    async def place(self, callback: Callback) -> None:
        """Place the call that ``callback.last_call_id`` names; it may raise what the engine raises.

        :class:`NotNowError` while nobody at the business can be rung, or the day's spend is used up.
        """
        assert callback.last_call_id is not None  # noqa: S101 - a try has the id of its call
        click = replace(callback.click, by="phone", reached=await self._is_reached(callback))
        plan = self._planner.plan_callback(replace(callback, click=click), callback.last_call_id)
        if self._spending.refuses_call(click.site, plan):
            raise NotNowError
        await self._calls.place(plan, click, callback.last_call_id)

    async def _is_reached(self, callback: Callback) -> bool:
        """Whether the business is rung for somebody whose phone was answered, now or when they asked."""
        terms = self._config().callbacks.get(callback.terms, CallbackTerms())
        if terms.first_leg == "shopper" or callback.click.reached:
            return True
        try:
            record = await self._store.call(callback.call_id)
        except StoreError as error:
            log.warning("callback_as_claimed", callback_id=callback.callback_id, error=str(error))
            return False
        return record is not None and record.number_verified
