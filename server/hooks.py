"""Something that happens, and parts that want to know of it: they may be made later than what tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Hook(Generic[P]):
    """Calls everybody who listens, in the order in which they began to."""

    def __init__(self) -> None:
        self._listeners: list[Callable[P, object]] = []

    def listen(self, listener: Callable[P, object]) -> None:
        """Have this called from now on; it must not raise."""
        self._listeners.append(listener)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Call them all."""
        for listener in self._listeners:
            listener(*args, **kwargs)
