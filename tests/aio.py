"""Tests as coroutines on the reactor that the whole run shares (Twisted on asyncio)."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred


def asyncio_test(
    function: Callable[..., Coroutine[Any, Any, None]] | None = None, *, timeout: float = 60.0
) -> Any:
    """Run an ``async def`` test as an asyncio task; it fails after ``timeout`` seconds.

    Plain asyncio awaits work inside (not Deferreds: turn those with ``deferred.asFuture(loop)``).
    """
    if function is None:
        return functools.partial(asyncio_test, timeout=timeout)

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Deferred[None]:
        return Deferred.fromFuture(
            asyncio.ensure_future(asyncio.wait_for(function(*args, **kwargs), timeout))
        )

    return run
