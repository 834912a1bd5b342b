"""Callbacks over HTTP: the shopper looks at their own and cancels it, the operator sees all."""

from __future__ import annotations

from api.askers import Whose
from api.core import Core
from api.paging import PageSize
from api.problems import Problem, RequestError
from api.shop.callback_words import written_time
from api.wire import CallbackEntry, CallbackList, CallbackView
from bridge.callback import Callback

#: Path of the page that a shopper's link leads to, before the secret.
PAGE = "/callbacks/"


class Callbacks:
    """The endpoints of callbacks. Whoever knows a callback's secret may look at it and cancel it."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def of_call(self, call_id: str) -> CallbackView:
        """The callback that was booked for a call, and the shopper's link to it."""
        return self._view(await self._core.callbacks.callback_of_call(call_id))

    async def show(self, secret: str) -> CallbackView:
        """How a callback stands."""
        return self._view(await self._core.callbacks.callback_by_secret(secret))

    async def cancel(self, secret: str) -> CallbackView:
        """Cancel a callback. Again, or after its end, it changes nothing."""
        return self._view(await self._core.cancel_callback(secret))

    async def list(self, asker: Whose, limit: PageSize = 100) -> CallbackList:
        """All callbacks, newest first."""
        found = await self._core.callbacks.callbacks(limit=limit, sites=asker.sites)
        return CallbackList(callbacks=[CallbackEntry.of(each) for each in found])

    def _view(self, callback: Callback | None) -> CallbackView:
        if callback is None:
            raise RequestError(Problem.CALLBACK_UNKNOWN)
        config = self._core.config()
        return CallbackView(
            at=callback.due_at,
            when=written_time(callback, config),
            state=callback.state,
            link=config.public_url_of(callback.click.site) + PAGE + callback.secret,
        )
