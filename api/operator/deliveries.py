"""The outbox, for the operator: what is on its way, what was given up, and another try for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Protocol

from api.askers import Whose
from api.operator.models import DeliveryList, DeliveryView, ReceiverList, ReceiverResume, ReceiverView
from api.paging import PageSize
from api.problems import Problem, RequestError
from api.routes import BODY_PROBLEMS, LIST_PROBLEMS, Audience, UrlRow
from notify.delivery import Delivery
from notify.standing import ReceiverStanding


class DeliveryLookup(Protocol):
    """The outbox on disk; every method may raise store.errors.StoreError."""

    async def deliveries(
        self, *, dead: bool, limit: int = 100, sites: Collection[str] | None = None
    ) -> Sequence[Delivery]:
        """Those given up, or all, the newest first; with ``sites``, what tells of these sites alone."""

    async def delivery(self, delivery_id: str) -> Delivery | None:
        """One of them."""


class DeliveryEndpoints:
    """Shows the outbox.

    ``resend(delivery_id)`` tries a delivery again and returns it as it then is, None for an id of none;
    ``closed()`` are the receivers of webhooks that get nothing now; ``resume(target)`` lets the receiver at
    this URL have everything again and tells whether it had nothing.
    """

    def __init__(
        self,
        deliveries: DeliveryLookup,
        *,
        resend: Callable[[str], Awaitable[Delivery | None]],
        closed: Callable[[], Sequence[ReceiverStanding]],
        resume: Callable[[str], bool],
    ) -> None:
        self._deliveries = deliveries
        self._resend = resend
        self._closed = closed
        self._resume = resume

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of deliveries, and of the receivers of webhooks."""
        resend = "/v1/deliveries/{delivery_id}/resend"
        return (
            UrlRow("GET", "/v1/deliveries", self.list, "deliveries", Audience.OPERATOR, LIST_PROBLEMS),
            UrlRow("POST", resend, self.resend, "resend_delivery", Audience.OPERATOR,
                  (Problem.DELIVERY_UNKNOWN, Problem.STORE_UNAVAILABLE), status=202),
            UrlRow("GET", "/v1/receivers", self.receivers, "receivers", Audience.SERVER),
            UrlRow("POST", "/v1/receivers/resume", self.resume, "resume_receiver", Audience.SERVER,
                  (*BODY_PROBLEMS, Problem.RECEIVER_UNKNOWN)),
        )  # fmt: skip

    async def list(self, asker: Whose, dead: bool = False, limit: PageSize = 100) -> DeliveryList:
        """Mails and webhooks, newest first; with ``dead`` those alone that were given up."""
        found = await self._deliveries.deliveries(dead=dead, limit=limit, sites=asker.sites)
        return DeliveryList(deliveries=[DeliveryView.of(each) for each in found])

    async def receivers(self) -> ReceiverList:
        """The receivers of webhooks that get nothing now, and why."""
        return ReceiverList(receivers=[ReceiverView.of(each) for each in self._closed()])

    async def resume(self, wanted: ReceiverResume) -> ReceiverList:
        """Let a receiver have everything again, whatever it said."""
        if not self._resume(wanted.target):
            raise RequestError(Problem.RECEIVER_UNKNOWN)
        return await self.receivers()

    async def resend(self, delivery_id: str, asker: Whose) -> DeliveryView:
        """Try a mail or a webhook again, from the first try on."""
        known = await self._deliveries.delivery(delivery_id)
        if known is None or not asker.sees(known.site):
            raise RequestError(Problem.DELIVERY_UNKNOWN)
        delivery = await self._resend(delivery_id)
        if delivery is None:
            raise RequestError(Problem.DELIVERY_UNKNOWN)
        return DeliveryView.of(delivery)
