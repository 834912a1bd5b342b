"""A desk of leads on a real database, with a clock that the test moves, and outsiders that take notes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from follow.commands import LeadWord
from follow.lead import Lead, ReminderKind, Unserved
from leads.desk import LeadDesk
from leads.policy import ConfiguredPolicy
from routing.router import Router
from store.database import Database, sqlite_url
from store.leads import SqlLeads
from tests.bridge.fake_clock import FakeClock
from tests.config.files import load_text
from tests.config.test_follow_up import LEADS
from tests.follow.samples import FRIDAY


def router_of(folder: Path, text: str = LEADS) -> Router:
    return Router.of(load_text(folder, text).config)


@dataclass
class Notes:
    """:class:`leads.desk.LeadOutside` that writes down."""

    reminded: list[tuple[str, str, str]] = field(default_factory=list)
    acknowledged: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def remind(self, reader: str, lead: Lead, kind: ReminderKind) -> None:
        self.reminded.append((reader, lead.lead_id, kind))

    def acknowledge(self, lead: Lead, unserved: Unserved) -> None:
        self.acknowledged.append(lead.lead_id)

    def tell(self, lead: Lead, word: LeadWord) -> None:
        self.told.append(word)


@dataclass
class Around:
    """A desk, and what is around it."""

    desk: LeadDesk
    clock: FakeClock
    notes: Notes
    store: SqlLeads
    database: Database
    router: Router
    there: set[str]

    def again(self) -> Around:
        """The desk of the next start, over what is on disk."""
        notes, there = Notes(), set(self.there)
        clock = FakeClock(self.clock.time())
        policy = ConfiguredPolicy(lambda: self.router, clock)
        desk = LeadDesk(self.store, clock, policy, notes, there.__contains__)
        return Around(desk, clock, notes, self.store, self.database, self.router, there)


@asynccontextmanager
async def around(folder: Path, text: str = LEADS, now: float = FRIDAY) -> AsyncIterator[Around]:
    router = router_of(folder, text)
    async with Database(sqlite_url(folder / "ringback.sqlite3")) as database:
        clock, notes, there = FakeClock(now), Notes(), {"kim"}
        store = SqlLeads(database)
        policy = ConfiguredPolicy(lambda: router, clock)
        desk = LeadDesk(store, clock, policy, notes, there.__contains__)
        await desk.start()
        yield Around(desk, clock, notes, store, database, router, there)
        await desk.stop()
