"""Daily spend caps over a real database: calls stop, alarms are given, and a restart forgets nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from structlog.testing import capture_logs

from bridge.causes import HangupCause
from bridge.commands import Dial, HangUp
from bridge.events import Event, LegAnswered, LegEnded, LegRinging
from bridge.leg_ids import call_of
from bridge.legs import Leg
from config.models import Config
from notify.delivery import Delivery
from routing.plan import CallPlan, SipEndpoint
from server.spending import CappedMedia, Spending, rate_of
from store.database import Database, sqlite_url
from store.spend import SqlSpendStore
from tests.aio import asyncio_test
from tests.api.paper import SetClock
from tests.api.serving import serving
from tests.api.shop import admin, settings
from tests.bridge.playbook import all_at_once, plan
from tests.bridge.told import Teller
from tests.store.records import a_click

SHOPPER = SipEndpoint("shopper", "Shopper", "sip:+16175550100@carrier", "carrier", number="+16175550100")
AGENT = SipEndpoint("cell", "Cell", "sip:+447400123456@carrier", "carrier", number="+447400123456")
ON_THE_PBX = SipEndpoint("desk", "Desk", "sip:200@pbx", None)
PLAN: CallPlan = replace(plan(), shopper=SHOPPER, steps=(replace(all_at_once("x"), endpoints=(ON_THE_PBX,)),))


def config(*, site: dict[str, Any] | None = None, trunk: dict[str, Any] | None = None) -> Config:
    """Half a cent a minute in the USA, three cents to British mobiles."""
    before = settings()
    spend = {"currency": "USD", "prices": {"+1": "0.005", "+44": "0.01", "+44 7": "0.03"}, **(trunk or {})}
    made = before.model_dump(context={"reveal": True}, mode="json", exclude_unset=True)
    made["server"]["admin_key"] = "x" * 20
    made["trunks"]["carrier"]["spend"] = spend
    made["sites"]["shop"]["time_zone"] = "America/New_York"
    if site:
        made["sites"]["shop"]["spend"] = site
    return Config.model_validate(made, strict=False)


class Rig:
    """The keeper, and what it told."""

    def __init__(self, settings: Config, database: Database, clock: SetClock) -> None:
        self.clock = clock
        self.sent: list[Delivery] = []
        self.spending = Spending(
            config=lambda: settings,
            click=lambda call_id: a_click(site="shop"),
            store=SqlSpendStore(database),
            tell=self._tell,
            clock=clock,
        )
        self.teller = Teller(self.spending)

    async def _tell(self, deliveries: Sequence[Delivery]) -> None:
        self.sent += deliveries

    def dial(self, leg_id: str, endpoint: SipEndpoint = SHOPPER) -> Leg:
        leg = Leg(leg_id, "shopper" if endpoint is SHOPPER else "business", endpoint, self.clock.now)
        assert self.spending.admits(call_of(leg_id), leg_id, endpoint)
        self.teller.legs(leg)
        return leg

    def answer(self, leg: Leg) -> None:
        leg.take(LegRinging(leg.leg_id), self.clock.now)
        leg.take(LegAnswered(leg.leg_id), self.clock.now)
        self.teller.legs(leg)

    def end(self, leg: Leg) -> None:
        leg.take(LegEnded(leg.leg_id, HangupCause.NORMAL), self.clock.now)
        self.teller.legs(leg)

    def call(self, leg_id: str, minutes: float, endpoint: SipEndpoint = SHOPPER) -> None:
        leg = self.dial(leg_id, endpoint)
        self.answer(leg)
        self.clock.now += minutes * 60
        self.end(leg)

    def spent(self, account: str) -> Decimal:
        return next(each.spent for each in self.spending.standings() if each.account == account)


@asynccontextmanager
async def rig(
    path: Path, settings: Config, clock: SetClock | None = None, known: Sequence[str] = ()
) -> AsyncIterator[Rig]:
    async with Database(sqlite_url(path / "ringback.sqlite3")) as database:
        made = Rig(settings, database, clock or SetClock())
        await made.spending.start(known)
        try:
            yield made
        finally:
            await made.spending.stop()


def test_prices() -> None:
    trunk = config().trunks["carrier"]
    assert rate_of(trunk, "+16175550100").per_minute == Decimal("0.005")
    assert rate_of(trunk, "+442079460958").per_minute == Decimal("0.01")
    assert rate_of(trunk, "+447400123456").per_minute == Decimal("0.03")
    assert rate_of(trunk, "+33142685300").per_minute == Decimal("0.03")  # without a price: as the dearest
    assert rate_of(trunk, None).per_minute == 0  # a phone of the PBX
    assert rate_of(None, "+16175550100").per_minute == 0


@asyncio_test
async def test_both_legs_count_and_the_cap_stops_the_next_call(tmp_path: Path) -> None:
    async with rig(tmp_path, config(site={"daily_cost": "0.20"})) as it:
        assert not it.spending.refuses_call("shop", PLAN)
        shopper, agent = it.dial("c-s1"), it.dial("c-b1", AGENT)
        assert it.spent("site:shop") == Decimal("0.035")  # a minute of each is reserved
        it.answer(shopper)
        it.answer(agent)
        it.clock.now += 61
        assert it.spent("site:shop") == Decimal("0.07")
        it.clock.now += 3 * 60
        assert it.spent("site:shop") == Decimal("0.175")
        assert not it.spending.refuses_call("shop", PLAN)
        it.clock.now += 60
        assert it.spent("site:shop") == Decimal("0.21")  # a live call is not cut
        assert it.spending.refuses_call("shop", PLAN)
        it.end(shopper)
        it.end(agent)
        assert it.spending.refuses_call("shop", PLAN)
        assert not it.spending.refuses_call("other", PLAN)  # which has no cap
        it.clock.now += 86400
        assert not it.spending.refuses_call("shop", PLAN)
        assert it.spent("site:shop") == 0


@asyncio_test
async def test_nobody_answers_and_nothing_is_spent(tmp_path: Path) -> None:
    async with rig(tmp_path, config(site={"daily_cost": "0.01"})) as it:
        leg = it.dial("c-s1")
        assert it.spending.refuses_call("shop", PLAN) is False
        other = it.dial("d-s1")
        assert it.spending.refuses_call("shop", PLAN) is True  # two are under way
        it.end(leg)
        it.end(other)
        assert it.spending.refuses_call("shop", PLAN) is False
        assert it.spent("site:shop") == 0


@asyncio_test
async def test_the_day_is_that_of_the_site(tmp_path: Path) -> None:
    clock = SetClock()
    clock.now = 1_800_000_000.0 - 1_800_000_000.0 % 86400 + 3 * 3600  # 3 a.m. in London, 10 p.m. in New York
    async with rig(tmp_path, config(site={"daily_cost": "1"}, trunk={"daily_cost": "1"}), clock) as it:
        it.call("c-s1", 10)
        clock.now += 2.5 * 3600
        assert (it.spent("site:shop"), it.spent("trunk:carrier")) == (Decimal(0), Decimal("0.050"))


@asyncio_test
async def test_minutes_need_no_prices(tmp_path: Path) -> None:
    async with rig(tmp_path, config(site={"daily_minutes": 10})) as it:
        it.call("c-s1", 9)
        assert not it.spending.refuses_call("shop", replace(PLAN, steps=()))
        it.call("d-s1", 1)
        assert it.spending.refuses_call("shop", PLAN)


@asyncio_test
async def test_a_restart_forgets_nothing_and_counts_what_it_cut(tmp_path: Path) -> None:
    clock, caps = SetClock(), config(site={"daily_cost": "1", "mailbox": "office"}, trunk={"daily_cost": "5"})
    async with rig(tmp_path, caps, clock) as it:
        it.call("c-s1", 170)  # 0.85: past the first alarm
        lost = it.dial("d-s1")
        it.answer(lost)
    clock.now += 600
    async with rig(tmp_path, caps, clock) as it:
        assert it.spent("site:shop") == Decimal("0.90")
        assert it.spent("trunk:carrier") == Decimal("0.90")
        it.call("e-s1", 1)
        assert it.sent == []  # the alarm was told before
        it.call("f-s1", 20)
        assert it.spending.refuses_call("shop", PLAN)
    async with rig(tmp_path, caps, clock) as it:
        assert it.spending.refuses_call("shop", PLAN)


@asyncio_test
async def test_alarms_by_log_mail_webhook_and_metrics(tmp_path: Path) -> None:
    caps = config(site={"daily_cost": "1", "alarm_percent": 50, "mailbox": "office"})
    office = caps.mailboxes["office"].model_copy(update={"email": ("boss@shop.example",)})
    caps = caps.model_copy(update={"mailboxes": {"office": office}})
    registry = CollectorRegistry()
    with capture_logs() as log:
        async with rig(tmp_path, caps) as it:
            registry.register(it.spending)
            for number in range(3):
                it.call(f"{number}-s1", 70)
            metrics = generate_latest(registry).decode()
    assert 'ringback_spend_share{account="site:shop"} 1.05' in metrics
    told = [(each["event"], each["percent"]) for each in log if each["event"].startswith("spend")]
    assert told == [("spend_alarm", 50), ("spend_cap_reached", 100)]
    subjects = [each.subject for each in it.sent]
    assert subjects == [
        "[Office] The site shop has spent 50 % of its daily cap",
        "[Office] The site shop has reached its daily cap",
    ]
    assert "0.70 of 1 USD" in it.sent[0].body
    assert "No new call begins until the next day" in it.sent[1].body


@asyncio_test
async def test_no_leg_is_dialled_through_a_trunk_beyond_its_cap(tmp_path: Path) -> None:
    dialled: list[str] = []
    ended: list[tuple[str, Event]] = []

    class Media:
        def open_call(self, call_id: str, plan: CallPlan) -> None: ...
        def close_call(self, call_id: str) -> None: ...
        def perform(self, call_id: str, command: Any) -> None:
            dialled.append(command.leg_id)

    async with rig(tmp_path, config(trunk={"daily_cost": "0.034"})) as it:
        media = CappedMedia(Media(), it.spending, lambda call_id, event: ended.append((call_id, event)))
        for number, endpoint in enumerate((AGENT, AGENT, ON_THE_PBX)):
            media.perform("c", Dial(f"c-b{number}", endpoint))
        media.perform("c", HangUp("c-b0", HangupCause.NORMAL))
        await asyncio.sleep(0)
        assert dialled == ["c-b0", "c-b2", "c-b0"]
        assert ended == [("c", LegEnded("c-b1", HangupCause.CONGESTION))]
        assert it.spending.refuses_call("shop", PLAN)  # the shopper's only trunk
        spare = replace(PLAN, shopper=replace(SHOPPER, trunk="spare"))
        assert not it.spending.refuses_call("shop", spare)


@asyncio_test
async def test_the_api_refuses_records_and_shows(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        assert (await server.place()).status_code == 201
        server.world.beyond_spend = True
        refused = await server.place()
        assert (refused.status_code, refused.json()["id"]) == (429, "spend_cap")
        assert refused.headers["Retry-After"]
        (cdr,) = (await server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"]
        assert (cdr["disposition"], cdr["reason"]) == ("refused", "spend_cap")
        assert (await server.http.get("/v1/spend")).status_code == 401
        assert (await server.http.get("/v1/spend", headers=admin())).json() == {"spend": []}
        (tmp_path / "spend").mkdir()
        async with rig(tmp_path / "spend", config(site={"daily_cost": "1"})) as it:
            it.call("c-s1", 3)
            server.world.spend = it.spending.standings()
        (site, trunk) = (await server.http.get("/v1/spend", headers=admin())).json()["spend"][::-1]
        assert (site["account"], site["spent"], site["cap"], site["minutes"]) == (
            "site:shop",
            "0.015",
            "1",
            3,
        )
        assert (trunk["account"], trunk["cap"]) == ("trunk:carrier", None)


@asyncio_test
async def test_a_leg_that_outlives_the_server_counts_from_its_answer_to_its_end(tmp_path: Path) -> None:
    settings, clock = config(site={"daily_cost": "1.00"}), SetClock()
    async with rig(tmp_path, settings, clock) as it:
        shopper, lost = it.dial("c-s1"), it.dial("d-s1")
        it.answer(shopper)
        it.answer(lost)
        clock.now += 60
    clock.now += 60
    async with rig(tmp_path, settings, clock, known=["c-s1"]) as it:
        # The other one's end nobody saw: it counts until now, but here it was dialled two minutes ago.
        assert it.spent("site:shop") == Decimal("0.010") + Decimal("0.005")
        Teller(it.spending).legs(shopper)
        assert it.spent("site:shop") == Decimal("0.010") + Decimal("0.010")
        clock.now += 60
        assert it.spent("site:shop") == Decimal("0.010") + Decimal("0.015")
        it.end(shopper)
        assert it.spent("site:shop") == Decimal("0.010") + Decimal("0.015")
