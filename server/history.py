"""The shopper's earlier calls, from the CDRs, for the agent who is offered the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from bridge.causes import Disposition
from bridge.cdr import CallRecord, WrapUp
from config.models import Config
from cti.pop import EarlierCall, EarlierNote, printable
from routing.identity import shopper_number
from routing.plan import ClickToCall
from store.calls import SqlCallStore
from store.errors import StoreError
from store.reads import CdrFilter

log = structlog.get_logger(__name__)

#: How many times the calls that are wanted are read, as some of them are left out.
_MORE = 4


class CallHistory:
    """:class:`cti.screen_pops.History` on the store."""

    def __init__(self, store: SqlCallStore, config: Callable[[], Config]) -> None:
        self._store = store
        self._config = config
        self._looking: set[asyncio.Task[None]] = set()

    def look_up(
        self, call_id: str, click: ClickToCall, limit: int, found: Callable[[Sequence[EarlierCall]], None]
    ) -> None:
        """Call ``found`` later with the newest calls of this number, or of this customer, at this site."""
        task = asyncio.create_task(self._look_up(call_id, click, limit, found), name=f"history {call_id}")
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look_up(
        self, call_id: str, click: ClickToCall, limit: int, found: Callable[[Sequence[EarlierCall]], None]
    ) -> None:
        visitor = visitor_of(click, self._config())
        number = shopper_number(click).known
        asked = [CdrFilter(number=number)] if number else []
        asked += [CdrFilter(visitor=visitor)] if visitor else []
        try:
            pages = [await self._store.cdrs(which, limit=_MORE * limit) for which in asked]
        except StoreError as error:
            log.warning("history_not_read", call_id=call_id, error=str(error))
            return
        # A number may have called other sites too; what was refused is no call that anybody would remember.
        # One whose number was only typed may be a stranger's.
        known = {
            record.call_id: record
            for page in pages
            for record in page.records
            if record.site == click.site
            and record.disposition is not Disposition.REFUSED
            and (record.number_verified or (visitor and visitor_of(record, self._config()) == visitor))
        }
        newest = sorted(known.values(), key=lambda record: record.requested_at, reverse=True)[:limit]
        config = self._config()
        found([earlier_call(record, config) for record in newest])


def visitor_of(click: ClickToCall | CallRecord, config: Config) -> str | None:
    """Which customer the retailer's server says this is, unlike all other sites'; None where it does not."""
    site = config.sites.get(click.site)
    key = site.screen_pop.visitor if site else None
    value = click.signed.get(key) if key else None
    return f"{click.site}:{value}" if value else None


def earlier_call(record: CallRecord, config: Config) -> EarlierCall:
    """What an agent sees of a call that is over."""
    talked = [leg for leg in record.legs if leg.role == "business" and leg.joined_at is not None]
    talked.sort(key=lambda leg: leg.joined_at or 0.0)
    return EarlierCall(
        call_id=record.call_id,
        at=record.requested_at,
        page=record.page,
        disposition=record.disposition,
        talked_to=talked[-1].label if talked else "",
        seconds=round(record.talk_seconds, 1),
        notes=tuple(_note(wrap_up, config) for wrap_up in record.wrap_ups),
    )


def _note(wrap_up: WrapUp, config: Config) -> EarlierNote:
    agent = config.agents.get(wrap_up.agent)
    code = wrap_up.code or ""
    return EarlierNote(
        agent=agent.label if agent else wrap_up.agent,
        code=config.desk_of(wrap_up.agent).codes.get(code, code),
        text=printable(wrap_up.note or ""),
    )
