"""A page of 10,000 open leads, from the desk to the bytes of the answer; part of ``bench.portal``."""

from __future__ import annotations

import asyncio
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog

from api.lead_views import LeadView, agent_view
from api.lead_work import LeadWork
from bench.agent_pages import PASSWORD_HASH
from chat.entries import ChatEntry
from config.models import Config
from follow.commands import LeadWord
from follow.lead import ContactKind, Lead, LeadContact, LeadPerson, ReminderKind, Unserved
from leads.desk import LeadDesk
from leads.policy import ConfiguredPolicy
from leads.times import LeadTimes
from routing.router import Router
from server.clock import LoopClock
from store.database import Database, sqlite_url
from store.leads import SqlLeads

LEADS, ROUNDS = 10_000, 30
#: Seconds over which they came.
_OVER = 20_000.0


class Nobody:
    """Is told everything, and does nothing."""

    def remind(self, reader: str, lead: Lead, kind: ReminderKind) -> None:
        """Tell nobody."""

    def acknowledge(self, lead: Lead, unserved: Unserved) -> None:
        """Tell nobody."""

    def tell(self, lead: Lead, word: LeadWord) -> None:
        """Tell nobody."""

    async def call(self, lead: Lead, agent: str) -> str:
        """Call nobody."""
        return ""


def measure() -> dict[str, Any]:
    """Milliseconds of a first page, the last one, an agent's, a search, and of reading all at a start."""
    # Ten thousand lines of a log would be most of what is printed.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="ringback-bench-") as name:
        return asyncio.run(_measure(Path(name)))


async def _measure(folder: Path) -> dict[str, Any]:
    router = Router.of(_config())
    async with Database(sqlite_url(folder / "leads.sqlite3")) as database:
        clock, store = LoopClock(asyncio.get_running_loop()), SqlLeads(database)
        policy = ConfiguredPolicy(lambda: router, clock)
        desk = LeadDesk(store, clock, policy, Nobody(), lambda agent: True)
        await desk.start()
        for number in range(LEADS):
            at = clock.time() - _OVER * (LEADS - number) / LEADS
            who = LeadPerson(
                f"+1617{number + 2_000_000}", f"guest{number}@mail.example", name=f"Guest {number}"
            )
            contact = LeadContact(ContactKind.CALL_UNANSWERED, f"call-{number}", at)
            desk.unserved(Unserved("shop", contact, who, "https://shop.example/", {"cart.value": "120"}))
        await desk.writer.flushed()
        work = LeadWork(
            config=lambda: router.config,
            clock=clock,
            desk=desk,
            store=store,
            caller=Nobody(),
            times=LeadTimes(desk.board, clock, policy.slots),
            chat=_no_chat,
        )
        everybody, alice = LeadView(None), agent_view("alice", router.config)
        figures = {
            "leads": len(desk.open_leads()),
            "first_page_ms": _median(lambda: work.list(everybody, "open").model_dump_json()),
            "last_page_ms": _median(lambda: work.list(everybody, "open", "", LEADS - 100).model_dump_json()),
            "agents_page_ms": _median(lambda: work.list(alice, "open").model_dump_json()),
            "search_ms": _median(lambda: work.list(alice, "open", "guest 9876").model_dump_json()),
        }
        await desk.stop()
        began = time.perf_counter()
        await store.live_leads(0.0)
        return {**figures, "read_at_start_ms": _ms(began)}


def _config() -> Config:
    return Config.model_validate(
        {
            "trunks": {"carrier": {"host": "127.0.0.1:5060"}},
            "sites": {
                "shop": {
                    "key": "shop-example-1",
                    "label": "Shop",
                    "origins": ["https://shop.example"],
                    "countries": ["US"],
                    "trunk": "carrier",
                    "caller_id": {"number": "+16175550100"},
                    "route": "main",
                }
            },
            "destinations": {"store": {"label": "Store", "sip": "sip:store@127.0.0.1"}},
            "routes": {"main": {"steps": [{"destinations": ["store"]}], "message": "office"}},
            "mailboxes": {"office": {"label": "Office"}},
            "hours": {"office": {"opening_hours": "Mo-Fr 09:00-18:00"}},
            "agents": {"alice": {"label": "Alice", "password_hash": PASSWORD_HASH}},
            "follow_up": {"promises": {"all": {"first": "4h", "in": "office"}}},
        },
        strict=False,
    )


async def _no_chat(chat_id: str) -> Sequence[ChatEntry]:
    return ()


def _median(ask: Callable[[], str]) -> float:
    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        took.append(_ms(began))
    return round(statistics.median(took), 1)


def _ms(began: float) -> float:
    return round(1000 * (time.perf_counter() - began), 1)
