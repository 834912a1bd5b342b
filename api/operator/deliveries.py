"""The outbox, for the operator: what is on its way, what was given up, and another try for it."""

from __future__ import annotations

from api.askers import Whose
from api.core import Core
from api.paging import PageSize
from api.problems import Problem, RequestError
from api.wire import DeliveryList, DeliveryView, ReceiverList, ReceiverResume, ReceiverView


class Deliveries:
    """The endpoints of ``/v1/deliveries``."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def list(self, asker: Whose, dead: bool = False, limit: PageSize = 100) -> DeliveryList:
        """Mails and webhooks, newest first; with ``dead`` those alone that were given up."""
        found = await self._core.deliveries.deliveries(dead=dead, limit=limit, sites=asker.sites)
        return DeliveryList(deliveries=[DeliveryView.of(each) for each in found])

    async def receivers(self) -> ReceiverList:
        """The receivers of webhooks that get nothing now, and why."""
        return ReceiverList(receivers=[ReceiverView.of(each) for each in self._core.closed_receivers()])

    async def resume(self, wanted: ReceiverResume) -> ReceiverList:
        """Let a receiver have everything again, whatever it said."""
        if not self._core.resume_receiver(wanted.target):
            raise RequestError(Problem.RECEIVER_UNKNOWN)
        return await self.receivers()

    async def resend(self, delivery_id: str, asker: Whose) -> DeliveryView:
        """Try a mail or a webhook again, from the first try on."""
        known = await self._core.deliveries.delivery(delivery_id)
        if known is None or not asker.sees(known.site):
            raise RequestError(Problem.DELIVERY_UNKNOWN)
        delivery = await self._core.resend(delivery_id)
        if delivery is None:
            raise RequestError(Problem.DELIVERY_UNKNOWN)
        return DeliveryView.of(delivery)
