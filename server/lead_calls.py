"""The calls by which agents answer leads: the agent's own phones first, then the shopper's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from api.numbers import called_number
from api.placing import BUSY_WAIT, DRAINING_WAIT
from api.problems import Problem, RequestError
from bridge.protocols import OutOfCapacityError
from calls.engine import DrainingError
from config.models import Config
from follow.lead import Lead
from leads.of_calls import CallLeads, FollowUpCall
from routing.plan import CallPlan, ClickToCall

log = structlog.get_logger(__name__)


class FollowUpPlaces(Protocol):
    """The engine, as far as calls begin there."""

    async def place(self, plan: CallPlan, click: ClickToCall, call_id: str) -> None:
        """Begin a call; OutOfCapacityError or DrainingError where it cannot be."""


class LeadCalls:
    """:class:`api.lead_work.LeadCaller`.

    ``plan(click, agent, whisper, call_id)`` tells which phones of the agent ring; without steps none can.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        calls: FollowUpPlaces,
        new_call_id: Callable[[], str],
        plan: Callable[[ClickToCall, str, str, str], CallPlan],
        refuses: Callable[[str, CallPlan], bool],
        leads: CallLeads,
    ) -> None:
        self._config = config
        self._calls = calls
        self._new_call_id = new_call_id
        self._plan = plan
        self._refuses = refuses
        self._leads = leads

    def click(self, lead: Lead) -> ClickToCall | None:
        """What is dialled; None where its number may not be called.

        Anybody may have typed it, and the settings may have changed: it is judged again.
        """
        config = self._config()
        site = config.sites.get(lead.site)
        number = called_number(lead.person.number, site.countries, config.numbers) if site else None
        if number is None:
            return None
        return ClickToCall(
            site=lead.site,
            number=number,
            page=lead.page,
            context=lead.context,
            client_ip="",
            by="phone",
            signed=lead.signed,
            reached=False,
        )

    async def call(self, lead: Lead, agent: str) -> str:
        """Ring the agent's own phones, then the shopper; the call's id. RequestError where it cannot be."""
        config = self._config()
        site, settings = config.sites.get(lead.site), config.follow_up
        if site is None or settings is None:
            raise RequestError(Problem.LEAD_UNKNOWN)
        click = self.click(lead)
        if click is None:
            raise RequestError(Problem.LEAD_NO_NUMBER)
        call_id = self._new_call_id()
        plan = self._plan(click, agent, settings.whisper, call_id)
        if not plan.steps:
            raise RequestError(Problem.LEAD_NO_PHONE)
        if self._refuses(lead.site, plan):
            raise RequestError(Problem.SPEND_CAP)
        self._leads.placed(call_id, FollowUpCall(lead.lead_id, agent))
        try:
            await self._calls.place(plan, click, call_id)
        except OutOfCapacityError:
            self._leads.not_placed(call_id)
            raise RequestError(Problem.OUT_OF_CAPACITY, retry_after=BUSY_WAIT) from None
        except DrainingError:
            self._leads.not_placed(call_id)
            raise RequestError(Problem.DRAINING, retry_after=DRAINING_WAIT) from None
        except BaseException:
            self._leads.not_placed(call_id)
            raise
        log.info("lead_called", lead_id=lead.lead_id, call_id=call_id, agent=agent)
        return call_id
