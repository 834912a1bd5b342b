"""Calls that are dialled by themselves at the times that shoppers chose, by the real desk of callbacks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.bulletin import at_once
from bridge.callback import CallbackState
from follow.events import LeadCancelled, PersonServed, TimeChosen
from follow.lead import ChosenTime, ContactKind, Lead
from leads.callbacks import LeadCallbacks
from leads.of_calls import CallLeads
from leads.policy import ConfiguredPolicy, click_of
from tests.aio import asyncio_test
from tests.calls.test_callback_desk import Shop
from tests.config.test_follow_up import LEADS
from tests.follow.samples import HOUR, PAT, at, unserved
from tests.leads.parts import Around, around

NOW = at("2026-11-16 08:00")
CHOSEN = ChosenTime(at("2026-11-16 10:00"), 1800.0)
BY_ITSELF = LEADS + "  forms: {times: {in: office, callback: later}}\ncallbacks: {later: {}}\n"


@dataclass
class Both:
    """A desk of leads, one of callbacks, and what keeps them together."""

    leads: Around
    calls: Shop
    between: LeadCallbacks

    async def passes(self, seconds: float) -> None:
        await self.calls.quiet()  # what was asked for before is on disk
        self.leads.clock.advance(seconds)
        await self.calls.advance(seconds)

    def chooses(self, chosen: ChosenTime = CHOSEN) -> Lead:
        lead = self.leads.desk.unserved(replace(unserved(NOW, ContactKind.FORM, ref="form-1"), chosen=chosen))
        assert lead is not None
        return lead

    def lead(self, lead_id: str) -> Lead:
        live = self.leads.desk.board.get(lead_id)
        assert live is not None
        return live.lead


@asynccontextmanager
async def both(folder: Path, text: str = BY_ITSELF) -> AsyncIterator[Both]:
    async with around(folder, text, NOW) as leads:
        calls = Shop(now=NOW, tries=2, pause="10m")
        policy = ConfiguredPolicy(lambda: leads.router, leads.clock)
        between = LeadCallbacks(
            desk=leads.desk,
            clock=leads.clock,
            callbacks=calls.desk,
            terms=policy.dials,
            click=lambda lead: click_of(unserved(person=lead.person)),
        )
        await calls.desk.start()
        between.start()
        yield Both(leads, calls, between)
        await between.stop()
        await calls.desk.stop()


@asyncio_test
async def test_it_is_dialled_when_its_slot_begins_whatever_the_terms_say_of_times(tmp_path: Path) -> None:
    async with both(tmp_path) as here:
        here.chooses()
        await here.passes(2 * HOUR - 1)
        assert here.calls.placed == []
        await here.passes(2)
        [placed] = here.calls.placed
        assert (placed.click.number, placed.due_at, placed.terms) == (PAT.number, CHOSEN.start, "later")


@asyncio_test
async def test_another_time_moves_it_and_none_cancels_it(tmp_path: Path) -> None:
    async with both(tmp_path) as here:
        lead = here.chooses()
        await here.calls.quiet()
        here.leads.desk.happens(lead.lead_id, TimeChosen(replace(CHOSEN, start=CHOSEN.start + HOUR)))
        here.leads.desk.happens(lead.lead_id, TimeChosen(replace(CHOSEN, start=CHOSEN.start + 2 * HOUR)))
        await here.passes(3 * HOUR)
        assert here.calls.placed == []
        here.leads.desk.happens(lead.lead_id, LeadCancelled())
        await here.passes(10 * HOUR)
        assert here.calls.placed == []
        assert {row.state for row in here.calls.store.rows.values()} == {CallbackState.CANCELLED}


@asyncio_test
async def test_who_is_served_before_is_not_called_and_a_call_that_rings_is_not_hung_up_on(
    tmp_path: Path,
) -> None:
    async with both(tmp_path) as here:
        lead = here.chooses()
        await here.passes(2 * HOUR + 1)
        [placed] = here.calls.placed
        here.leads.desk.happens(lead.lead_id, PersonServed("kim"))  # as once the two talk
        await here.calls.quiet()
        assert here.calls.hung_up == []
        here.calls.bridge(placed.last_call_id)
        await here.calls.quiet()
        assert here.calls.row.state is CallbackState.DONE
        assert not here.lead(lead.lead_id).open


@asyncio_test
async def test_tries_end_and_the_lead_stays_with_its_people(tmp_path: Path) -> None:
    async with both(tmp_path) as here:
        lead = here.chooses()
        of_calls = CallLeads(
            desk=here.leads.desk,
            config=lambda: here.leads.router.config,
            clock=here.leads.clock,
            click=lambda call_id: None,
            owner=lambda endpoint: None,
            is_callback=lambda call_id: True,
            unreached=_never,
            settle=at_once,
        )
        for number in range(2):
            await here.passes((2 * HOUR if number == 0 else 600) + 1)
            here.calls.end(here.calls.placed[number].last_call_id)
            await here.calls.quiet()
        [told] = here.calls.told
        of_calls.given_up(told)
        lead = here.lead(lead.lead_id)
        assert (lead.open, lead.shared, lead.tries) == (True, False, 1)
        assert len(here.leads.desk.board) == 1
        await here.passes(HOUR)
        assert len(here.calls.placed) == 2
        assert here.lead(lead.lead_id).breached


@asyncio_test
async def test_without_terms_agents_call(tmp_path: Path) -> None:
    async with both(tmp_path, BY_ITSELF.replace(", callback: later", "")) as here:
        here.chooses()
        await here.passes(3 * HOUR)
        assert here.calls.placed == []
        assert here.calls.store.rows == {}


async def _never(record: object) -> bool:
    return False
