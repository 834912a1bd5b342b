"""The shopper's earlier calls and chats, for the agent who is offered the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from bridge.causes import Disposition
from bridge.cdr import CallRecord, WrapUp
from chat.records import StoredChat
from config.models import Config
from config.sections.agents import Agent
from cti.pop import EarlierContact, EarlierNote, printable
from routing.identity import shopper_number
from routing.plan import ClickToCall
from store.calls import SqlCallStore
from store.chats import ChatFilter, SqlChatStore
from store.errors import StoreError
from store.reads import CdrFilter

log = structlog.get_logger(__name__)

#: How many times the calls that are wanted are read, as some of them are left out.
_MORE = 4


class ContactHistory:
    """:class:`cti.screen_pops.History` on the stores.

    A shopper is known by the customer that the retailer's server names, by a number whose phone they have
    answered, by the random id of their browser (chats alone), and by calls that came of chats.
    """

    def __init__(self, calls: SqlCallStore, chats: SqlChatStore, config: Callable[[], Config]) -> None:
        self._calls = calls
        self._chats = chats
        self._config = config
        self._looking: set[asyncio.Task[None]] = set()

    def look_up(
        self, call_id: str, click: ClickToCall, limit: int, found: Callable[[Sequence[EarlierContact]], None]
    ) -> None:
        """Call ``found`` later with the newest calls and chats of this shopper at this site.

        ``call_id`` is the call or the chat that they are looked up for.
        """
        task = asyncio.create_task(self._look_up(call_id, click, limit, found), name=f"history {call_id}")
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look_up(
        self, call_id: str, click: ClickToCall, limit: int, found: Callable[[Sequence[EarlierContact]], None]
    ) -> None:
        try:
            chats = await self._chats_of(click, _MORE * limit)
            calls = await self._calls_of(click, set(chats), _MORE * limit)
            # A number leads to the chats that it was typed into.
            others = {call.chat_id for call in calls.values() if call.chat_id} - set(chats)
            if others:
                chats |= await self._listed(ChatFilter(site=click.site, ids=others), _MORE * limit)
            over = [each for each in chats.values() if each.row.outcome and each.opening.chat_id != call_id]
            notes = await self._chats.wrap_ups([each.opening.chat_id for each in over])
        except StoreError as error:
            log.warning("history_not_read", call_id=call_id, error=str(error))
            return
        config = self._config()
        known = [earlier_call(record, config) for record in calls.values() if record.call_id != call_id]
        known += [earlier_chat(each, notes.get(each.opening.chat_id, ()), config) for each in over]
        found(sorted(known, key=lambda each: each.at, reverse=True)[:limit])

    async def _chats_of(self, click: ClickToCall, limit: int) -> dict[str, StoredChat]:
        visitor = visitor_of(click, self._config()) or click.visitor
        if click.chat_id and not visitor and (its_own := await self._chats.chat(click.chat_id)):
            opening = its_own.opening
            visitor = opening.visitor if opening.visitor != opening.client_ip else ""
        return await self._listed(ChatFilter(site=click.site, visitor=visitor), limit) if visitor else {}

    async def _listed(self, which: ChatFilter, limit: int) -> dict[str, StoredChat]:
        page = await self._chats.list_chats(which, limit=limit)
        return {each.opening.chat_id: each for each in page.chats}

    async def _calls_of(self, click: ClickToCall, chats: set[str], limit: int) -> dict[str, CallRecord]:
        visitor = visitor_of(click, self._config())
        number = shopper_number(click).known
        asked = [CdrFilter(number=number)] if number else []
        asked += [CdrFilter(visitor=visitor)] if visitor else []
        asked += [CdrFilter(chats=chats)] if chats else []
        pages = [await self._calls.cdrs(which, limit=limit) for which in asked]
        # A number may have called other sites too; what was refused is no call that anybody would remember.
        # One whose number was only typed may be a stranger's.
        return {
            record.call_id: record
            for page in pages
            for record in page.records
            if record.site == click.site
            and record.disposition is not Disposition.REFUSED
            and (
                record.number_verified
                or record.chat_id in chats
                or (visitor and visitor_of(record, self._config()) == visitor)
            )
        }


def visitor_of(click: ClickToCall | CallRecord, config: Config) -> str | None:
    """Which customer the retailer's server says this is, unlike all other sites'; None where it does not."""
    site = config.sites.get(click.site)
    key = site.screen_pop.visitor if site else None
    value = click.signed.get(key) if key else None
    return f"{click.site}:{value}" if value else None


def earlier_call(record: CallRecord, config: Config) -> EarlierContact:
    """What an agent sees of a call that is over."""
    talked = [leg for leg in record.legs if leg.role == "business" and leg.joined_at is not None]
    talked.sort(key=lambda leg: leg.joined_at or 0.0)
    return EarlierContact(
        call_id=record.call_id,
        at=record.requested_at,
        page=record.page,
        disposition=record.disposition,
        talked_to=talked[-1].label if talked else "",
        seconds=round(record.talk_seconds, 1),
        notes=_notes(record.wrap_ups, config),
        chat_id=record.chat_id,
    )


def earlier_chat(stored: StoredChat, written: Iterable[WrapUp], config: Config) -> EarlierContact:
    """What an agent sees of a chat that is over."""
    opening, row = stored.opening, stored.row
    return EarlierContact(
        call_id=row.call_id,
        at=row.asked_at,
        page=opening.page,
        disposition=None,
        talked_to=_label(row.last_agent, config.agents) if row.last_agent else "",
        seconds=round(row.handled, 1),
        notes=_notes(written, config),
        chat_id=opening.chat_id,
        outcome=row.outcome,
    )


def _notes(written: Iterable[WrapUp], config: Config) -> tuple[EarlierNote, ...]:
    return tuple(
        EarlierNote(
            agent=_label(each.agent, config.agents),
            code=config.desk_of(each.agent).codes.get(each.code or "", each.code or ""),
            text=printable(each.note or ""),
        )
        for each in written
    )


def _label(agent: str, agents: Mapping[str, Agent]) -> str:
    known = agents.get(agent)
    return known.label if known else agent
