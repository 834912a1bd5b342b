"""What people do with leads: look, take, give back, call, close; the same from every page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Literal, Protocol

import structlog

from api.lead_views import (
    LeadCounts,
    LeadDetail,
    LeadList,
    LeadView,
    counts,
    detail,
    entry,
    is_overdue,
    matches,
)
from api.problems import Problem, RequestError
from bridge.protocols import Clock
from chat.entries import ChatEntry
from config.models import Config
from follow.events import (
    CancelAsked,
    ClosedByAgent,
    LeadCancelled,
    LeadEvent,
    LeadReleased,
    LeadTaken,
    PersonContacted,
    TimeChosen,
)
from follow.lead import Lead, LeadContact
from leads.desk import LeadDesk
from leads.records import StoredLead
from leads.times import LeadTimes, OfferedTimes
from store.paging import Cursor

log = structlog.get_logger(__name__)

#: Which open leads a list has: all; those that something is promised to; those whose time is over; the
#: viewer's own; and those besides that they may take.
LeadListName = Literal["open", "due", "overdue", "mine", "team"]
#: What begins the id of a chat among the references of contacts.
_CHAT = "th-"


class StoredLeads(Protocol):
    """The leads on disk; may raise store.errors.StoreError."""

    async def lead(self, lead_id: str) -> StoredLead | None:
        """One of them."""

    async def closed_leads(
        self, *, sites: Collection[str] | None = None, before: Cursor | None = None, limit: int = 100
    ) -> tuple[Sequence[Lead], Cursor | None]:
        """Those that are closed, the one closed last first; and where the next page begins."""


class LeadCaller(Protocol):
    """Places calls that answer leads."""

    async def call(self, lead: Lead, agent: str) -> str:
        """Ring the agent's own phones, then the shopper; the call's id. RequestError where it cannot be."""


class LeadWork:
    """The desk of leads for pages.

    ``chat(chat_id)`` is all that was said in a chat; it may raise StoreError.
    """

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        clock: Clock,
        desk: LeadDesk,
        store: StoredLeads,
        caller: LeadCaller,
        times: LeadTimes,
        chat: Callable[[str], Awaitable[Sequence[ChatEntry]]],
    ) -> None:
        self._config = config
        self._clock = clock
        self._desk = desk
        self._store = store
        self._caller = caller
        self._times = times
        self._chat = chat

    def list(
        self, view: LeadView, which: LeadListName, search: str = "", start: int = 0, limit: int = 100
    ) -> LeadList:
        """A page of the open leads that this viewer sees, the most urgent first."""
        now, config = self._clock.time(), self._config()
        seen = [lead for lead in self._desk.open_leads() if view.sees(lead)]
        chosen = [lead for lead in seen if _is_in(lead, which, view, now)]
        fits = matches(search)
        found = [lead for lead in chosen if fits(lead)] if search.strip() else chosen
        page = found[start : start + limit]
        codes = config.desk_of(view.agent).codes
        return LeadList(
            leads=[entry(lead, config, view, now) for lead in page],
            counts=counts(seen, view, now),
            next=str(start + limit) if len(found) > start + limit else None,
            codes=dict(codes),
        )

    def standing(self) -> LeadCounts:
        """How many leads are open, whosever they are."""
        open_leads = [live.lead for live in self._desk.board if live.lead.open]
        return counts(open_leads, LeadView(None), self._clock.time())

    async def closed(self, view: LeadView, before: Cursor | None, limit: int) -> LeadList:
        """A page of the closed leads of the viewer's sites, the one closed last first."""
        now, config = self._clock.time(), self._config()
        found, more = await self._store.closed_leads(sites=view.sites, before=before, limit=limit)
        return LeadList(
            leads=[entry(lead, config, view, now) for lead in found],
            counts=counts([lead for lead in self._desk.open_leads() if view.sees(lead)], view, now),
            next=str(more) if more else None,
            codes={},
        )

    async def look(self, view: LeadView, lead_id: str) -> LeadDetail:
        """One lead with everything; ``lead_unknown``."""
        lead, contacts = await self._find(view, lead_id)
        chat_id = next((each.ref for each in reversed(contacts) if each.ref.startswith(_CHAT)), None)
        said = await self._chat(chat_id) if chat_id else ()
        return detail(lead, contacts, said, self._config(), view, self._clock.time())

    async def take(self, view: LeadView, lead_id: str) -> LeadDetail:
        """Make it the agent's; ``lead_taken`` where a colleague was faster."""
        lead = self._open(view, lead_id)
        if lead.owner not in (None, view.agent):
            raise RequestError(Problem.LEAD_TAKEN)
        return await self._do(view, lead_id, LeadTaken(view.agent))

    async def release(self, view: LeadView, lead_id: str) -> LeadDetail:
        """Give it back; one that is a colleague's stays theirs."""
        self._open(view, lead_id)
        return await self._do(view, lead_id, LeadReleased(view.agent))

    async def answered(self, view: LeadView, lead_id: str) -> LeadDetail:
        """The agent has written to the shopper, by mail or otherwise: the promise is met, the lead stays."""
        self._open(view, lead_id)
        return await self._do(view, lead_id, PersonContacted(view.agent, "mail", served=False))

    async def close(self, view: LeadView, lead_id: str, code: str, note: str, by: str = "") -> LeadDetail:
        """Close it with a code."""
        self._open(view, lead_id)
        return await self._do(view, lead_id, ClosedByAgent(by or view.agent, code, note))

    async def call(self, view: LeadView, lead_id: str) -> str:
        """Take it and call: the agent's own phone first, then the shopper. The call's id."""
        lead = self._open(view, lead_id)
        if lead.owner not in (None, view.agent):
            raise RequestError(Problem.LEAD_TAKEN)
        call_id = await self._caller.call(lead, view.agent)
        self._desk.happens(lead_id, LeadTaken(view.agent))
        return call_id

    def cancel(self, lead_id: str) -> Lead | None:
        """The shopper needs nothing any more; None for a lead that is not in memory.

        One that is perhaps others' as well stays open: an agent is shown that this was asked.
        """
        live = self._desk.board.get(lead_id)
        shared = live is not None and live.lead.shared
        return self._desk.happens(lead_id, CancelAsked() if shared else LeadCancelled())

    def free_times(self, lead: Lead) -> OfferedTimes | None:
        """The times at which this lead's shopper may be called; None where none may be chosen."""
        return self._times.offered(lead.site, lead) if lead.open and lead.person.number else None

    def choose_time(self, lead_id: str, start: float) -> Lead | None:
        """The shopper chooses another time; ``time_gone`` where it is not free. None for no lead in memory.

        One that is perhaps others' as well keeps its time.
        """
        live = self._desk.board.get(lead_id)
        if live is None or not live.lead.open or live.lead.shared or not live.lead.person.number:
            return live.lead if live else None
        zone = live.lead.chosen.zone if live.lead.chosen else ""
        chosen = self._times.choose(live.lead.site, start, zone, live.lead)
        if chosen is None:
            raise RequestError(Problem.TIME_GONE)
        if chosen == live.lead.chosen:
            return live.lead
        return self._desk.happens(lead_id, TimeChosen(chosen))

    async def find(self, lead_id: str) -> Lead | None:
        """A lead by its id, whoever asks."""
        live = self._desk.board.get(lead_id)
        if live is not None:
            return live.lead
        stored = await self._store.lead(lead_id)
        return stored.lead if stored else None

    async def _find(self, view: LeadView, lead_id: str) -> tuple[Lead, Sequence[LeadContact]]:
        live = self._desk.board.get(lead_id)
        stored = None if live is not None else await self._store.lead(lead_id)
        lead = live.lead if live else stored.lead if stored else None
        if lead is None or not view.sees(lead):
            raise RequestError(Problem.LEAD_UNKNOWN)
        return lead, live.contacts if live else stored.contacts if stored else ()

    def _open(self, view: LeadView, lead_id: str) -> Lead:
        live = self._desk.board.get(lead_id)
        if live is None or not view.sees(live.lead):
            raise RequestError(Problem.LEAD_UNKNOWN)
        if not live.lead.open:
            raise RequestError(Problem.LEAD_OVER)
        return live.lead

    async def _do(self, view: LeadView, lead_id: str, event: LeadEvent) -> LeadDetail:
        self._desk.happens(lead_id, event)
        return await self.look(view, lead_id)


def _is_in(lead: Lead, which: LeadListName, view: LeadView, now: float) -> bool:
    match which:
        case "due":
            return lead.due_at is not None
        case "overdue":
            return is_overdue(lead, now)
        case "mine":
            return lead.owner == view.agent
        case "team":
            return view.works_on(lead)
    return True
