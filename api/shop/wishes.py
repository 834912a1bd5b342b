"""One wish of a shopper is one call, however often a page asks: double clicks, lost answers, second tries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from api.shop.models import StartedCall
from bridge.protocols import Clock

#: Seconds for which a wish is known.
LIFETIME = 600.0
#: Wishes known at once: then the oldest is forgotten.
MOST = 20_000


@dataclass(frozen=True, slots=True)
class WishKey:
    """Which page wishes: the key that it made is secret, and good for its own site and origin alone."""

    site_key: str
    origin: str
    request: str


@dataclass(frozen=True, slots=True)
class _Wish:
    since: float
    call: asyncio.Task[StartedCall]


class Wishes:
    """The wishes of the last minutes, with the calls that came of them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[WishKey, _Wish] = {}

    async def once(self, key: WishKey, start: Callable[[], Coroutine[Any, Any, StartedCall]]) -> StartedCall:
        """The call of this wish, which is started by the first who asks. A wish that fails is forgotten."""
        self._forget_old()
        known = self._known.get(key)
        if known is None:
            # A page that goes away meanwhile must not stop what another try of its waits for.
            known = self._known[key] = _Wish(self._clock.time(), asyncio.ensure_future(start()))
            known.call.add_done_callback(_hear)
        try:
            return await asyncio.shield(known.call)
        except Exception:
            if self._known.get(key) is known:
                del self._known[key]
            raise

    def _forget_old(self) -> None:
        now = self._clock.time()
        while self._known:
            oldest, wish = next(iter(self._known.items()))
            if len(self._known) < MOST and now - wish.since < LIFETIME:
                return
            del self._known[oldest]


def _hear(call: asyncio.Task[StartedCall]) -> None:
    """Take the failure of a wish that nobody waits for any more: it was refused, as its CDR tells."""
    if not call.cancelled():
        call.exception()
