"""Everything about leads, made of the parts that calls, chats and mails have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from api.agents.lead_news import LeadPages
from api.lead_work import LeadWork
from bridge.bulletin import Later
from bridge.callback import Callback
from bridge.causes import Disposition
from bridge.cdr import CallRecord
from bridge.protocols import Clock
from chat.entries import ChatEntry
from chat.transcript import Transcript, TranscriptHead, transcript
from chats.engine import ChatEngine
from config.models import Config
from cti.agents import Agents
from follow.events import PersonOrdered
from follow.lead import ContactKind, Lead, LeadContact, LeadPerson
from leads.board import LiveLead
from leads.callbacks import AgreedCallbacks, LeadCallbacks
from leads.desk import LeadDesk
from leads.of_calls import CallLeads
from leads.of_chats import ChatLeads
from leads.policy import ConfiguredPolicy
from leads.times import LeadTimes
from leads.watchers import LeadWatchers
from notify.lead_post import LeadOutbox, LeadPost
from routing.plan import CallPlan, ClickToCall, Endpoint
from routing.router import Router
from server.lead_calls import FollowUpPlaces, LeadCalls
from store.reads import CdrFilter
from store.stores import Stores
from visits.records import ConversionRow

#: Entries of a chat that are read at once; a transcript has all of them.
PIECE = 1000
#: What begins the id of a chat.
_CHAT = "th-"
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class LeadParts:
    """What follows up shoppers nobody served."""

    desk: LeadDesk
    of_calls: CallLeads
    of_chats: ChatLeads
    post: LeadPost
    work: LeadWork
    watchers: LeadWatchers
    pages: LeadPages
    times: LeadTimes
    callbacks: LeadCallbacks
    calls: LeadCalls
    stores: Stores

    async def start(self, cut_off: Sequence[str]) -> None:
        """Take up the leads on disk, and the calls that a dead core has cut off. May raise StoreError."""
        await self.desk.start()
        await self.post.start()
        for call_id in cut_off:
            record = await self.stores.calls.call(call_id)
            if record is not None:
                self.of_calls.over(record)

    async def stop(self) -> None:
        """Write what waits."""
        await self.callbacks.stop()
        await self.of_calls.stop()
        await self.desk.stop()
        await self.post.stop()

    async def callback_given_up(self, callback: Callback) -> None:
        """A callback was given up: its shopper has a lead, on disk when this returns."""
        self.of_calls.given_up(callback)
        await self.desk.writer.flushed()

    def bought(self, row: ConversionRow) -> None:
        """Somebody bought something: they need nobody any more."""
        who = row.visitor or ""
        site, _, signed_id = who.partition(":")
        person = (
            LeadPerson(signed_id=signed_id) if site == row.site and signed_id else LeadPerson(visitor=who)
        )
        found = {lead.lead_id for lead in self.desk.of_persons(person, row.site)}
        if row.call_id is not None and (lead := self.desk.of_ref(row.call_id)) is not None:
            found.add(lead.lead_id)
        for lead_id in found:
            self.desk.happens(lead_id, PersonOrdered())


def make_lead_parts(
    *,
    router: Callable[[], Router],
    clock: Clock,
    stores: Stores,
    outbox: LeadOutbox,
    agents: Agents,
    owner: Callable[[Endpoint], str | None],
    click: Callable[[str], ClickToCall | None],
    is_callback: Callable[[str], bool],
    callbacks: AgreedCallbacks,
    settle: Later,
    chats: ChatEngine,
    calls: FollowUpPlaces,
    new_call_id: Callable[[], str],
    plan: Callable[[ClickToCall, str, str, str], CallPlan],
    refuses: Callable[[str, CallPlan], bool],
) -> LeadParts:
    """All of them. The bulletin's subscribers among them are ``of_calls`` and ``of_chats``."""

    def config() -> Config:
        return router().config

    def lead(lead_id: str) -> Lead | None:
        live = desk.board.get(lead_id)
        return live.lead if live else None

    def queue(chat_id: str) -> str:
        row = chats.row(chat_id)
        return row.queue if row else ""

    watchers = LeadWatchers(clock)
    attachments = StoredAttachments(stores, config, lambda lead_id: desk.board.get(lead_id))
    post = LeadPost(
        store=stores.leads,
        outbox=outbox,
        config=config,
        clock=clock,
        lead=lead,
        keep=lambda write: desk.writer.put(write),
        watches=watchers.watches,
        attachments=attachments,
    )
    policy = ConfiguredPolicy(router, clock)
    desk = LeadDesk(
        stores.leads,
        clock,
        policy,
        post,
        lambda agent: agents.state(agent) != "offline",
    )
    agents.watch(lambda agent, state: desk.presence(agent))
    of_calls = CallLeads(
        desk=desk,
        config=config,
        clock=clock,
        click=click,
        owner=owner,
        is_callback=is_callback,
        unreached=lambda record: unreached_before(stores, record),
        settle=settle,
    )
    lead_calls = LeadCalls(
        config=config, calls=calls, new_call_id=new_call_id, plan=plan, refuses=refuses, leads=of_calls
    )
    times = LeadTimes(desk.board, clock, policy.slots)
    work = LeadWork(
        config=config,
        clock=clock,
        desk=desk,
        store=stores.leads,
        caller=lead_calls,
        times=times,
        chat=attachments.entries,
    )
    return LeadParts(
        desk=desk,
        of_calls=of_calls,
        of_chats=ChatLeads(desk=desk, config=config, clock=clock, opening=chats.opening, queue=queue),
        post=post,
        work=work,
        watchers=watchers,
        pages=LeadPages(desk, config, clock),
        times=times,
        callbacks=LeadCallbacks(
            desk=desk, clock=clock, callbacks=callbacks, terms=policy.dials, click=lead_calls.click
        ),
        calls=lead_calls,
        stores=stores,
    )


class StoredAttachments:
    """:class:`notify.lead_post.LeadAttachments` and the chats of leads, from what is on disk."""

    def __init__(
        self, stores: Stores, config: Callable[[], Config], live: Callable[[str], LiveLead | None]
    ) -> None:
        self._stores = stores
        self._config = config
        self._live = live

    async def transcript(self, lead: Lead) -> Transcript | None:
        """Of its chat, all that was said; None where it has none."""
        chat_id = self._ref(lead, lambda contact: contact.ref.startswith(_CHAT))
        entries = await self.entries(chat_id) if chat_id else []
        if not entries or chat_id is None:
            return None
        config = self._config()
        site = config.sites.get(lead.site)
        head = TranscriptHead(
            chat_id=chat_id,
            site=site.label if site else lead.site,
            zone=ZoneInfo(site.time_zone if site else "UTC"),
            agents={name: agent.label for name, agent in config.agents.items()},
            for_shopper=False,
        )
        return transcript(head, entries)

    async def recording(self, lead: Lead) -> str | None:
        """The file of its voice message; None where it has none."""
        call_id = self._ref(lead, lambda contact: contact.kind == ContactKind.VOICEMAIL)
        return await self._stores.messages.path_of_call(call_id) if call_id else None

    async def entries(self, chat_id: str) -> list[ChatEntry]:
        """All that was said in a chat, in order."""
        found: list[ChatEntry] = []
        while piece := await self._stores.chats.entries(
            chat_id, after=found[-1].seq if found else 0, limit=PIECE
        ):
            found += piece
        return found

    def _ref(self, lead: Lead, fits: Callable[[LeadContact], bool]) -> str | None:
        """The reference of the last contact that fits."""
        live = self._live(lead.lead_id)
        return next((each.ref for each in reversed(live.contacts if live else []) if fits(each)), None)


async def unreached_before(stores: Stores, record: CallRecord) -> bool:
    """Whether the shopper's phone was not answered in another call, within a day before."""
    page = await stores.calls.cdrs(
        CdrFilter(
            site=record.site,
            number=record.number,
            disposition=Disposition.SHOPPER_UNREACHABLE,
            since=record.requested_at - DAY,
        ),
        limit=2,
    )
    return any(each.call_id != record.call_id for each in page.records)
