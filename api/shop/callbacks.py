"""A shopper's callback over HTTP: they look at it, and cancel it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from api.problems import Problem, RequestError
from api.routes import Audience, UrlRow
from api.shop.callback_words import written_time
from api.shop.models import CallbackView
from bridge.callback import Callback
from config.models import Config

#: Path of the page that a shopper's link leads to, before the secret.
PAGE = "/callbacks/"
#: Cancel the callback with this secret, unless it is over; returns it as it then is, None for a secret of no
#: callback. It may raise store.errors.StoreError.
Cancel = Callable[[str], Awaitable[Callback | None]]


class CallbackLookup(Protocol):
    """The callbacks, one at a time; every method may raise store.errors.StoreError."""

    async def callback_of_call(self, call_id: str) -> Callback | None:
        """The callback that was booked for a call."""

    async def callback_by_secret(self, secret: str) -> Callback | None:
        """The callback whose secret this is."""


class CallbackEndpoints:
    """Shows and cancels callbacks. The secret of a callback opens it."""

    def __init__(self, config: Callable[[], Config], callbacks: CallbackLookup, cancel: Cancel) -> None:
        self._config = config
        self._callbacks = callbacks
        self._cancel = cancel

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of callbacks."""
        of_call, secret = "/v1/calls/{call_id}/callback", "/v1/callbacks/{secret}"
        unknown = (Problem.CALLBACK_UNKNOWN, Problem.STORE_UNAVAILABLE)
        return (
            UrlRow("GET", of_call, self.of_call, "callback_of_call", Audience.CALL, unknown, for_sites=True),
            UrlRow("GET", secret, self.show, "show_callback", problems=unknown, for_sites=True),
            UrlRow("DELETE", secret, self.cancel, "cancel_callback", problems=unknown, for_sites=True),
        )

    async def of_call(self, call_id: str) -> CallbackView:
        """The callback that was booked for a call, and the shopper's link to it."""
        return self._view(await self._callbacks.callback_of_call(call_id))

    async def show(self, secret: str) -> CallbackView:
        """How a callback stands."""
        return self._view(await self._callbacks.callback_by_secret(secret))

    async def cancel(self, secret: str) -> CallbackView:
        """Cancel a callback. Again, or after its end, it changes nothing."""
        return self._view(await self._cancel(secret))

    def _view(self, callback: Callback | None) -> CallbackView:
        if callback is None:
            raise RequestError(Problem.CALLBACK_UNKNOWN)
        config = self._config()
        return CallbackView(
            at=callback.due_at,
            when=written_time(callback, config),
            state=callback.state,
            link=config.public_url_of(callback.click.site) + PAGE + callback.secret,
        )
