"""How parts reach the engine that is made of them, and therefore after them."""

from __future__ import annotations

from bridge.events import Event
from calls.engine import Engine
from routing.plan import CallPlan, ClickToCall


class CallDoor:
    """The engine, for the parts that it is made of: they reach it once calls can begin, never before.

    Each method is the engine's of the same name.
    """

    def __init__(self) -> None:
        self._engine: Engine | None = None

    def open(self, engine: Engine) -> None:
        """From now on there is an engine behind the door."""
        self._engine = engine

    def handle(self, call_id: str, event: Event) -> None:
        """Let an event happen to a call."""
        self._opened.handle(call_id, event)

    def click(self, call_id: str) -> ClickToCall | None:
        """What a live call was asked for with."""
        return self._opened.click(call_id)

    def cancel(self, call_id: str) -> None:
        """End a call."""
        self._opened.cancel(call_id)

    def behind(self, call_id: str) -> float:
        """How many seconds to add to a live call's times for its record."""
        return self._opened.behind(call_id)

    async def place(self, plan: CallPlan, click: ClickToCall, call_id: str) -> None:
        """Begin a call."""
        await self._opened.place(plan, click, call_id)

    @property
    def _opened(self) -> Engine:
        assert self._engine is not None, "no call can happen before the engine is made"  # noqa: S101
        return self._engine
