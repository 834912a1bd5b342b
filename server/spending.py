"""Daily spend caps at work: legs are reserved for and settled, new calls stop at the cap, alarms are given.

What is decided stands in :mod:`bridge.spend`; here are the settings, the disk, the clock, and who is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bridge.bulletin import Interest, on
from bridge.causes import HangupCause
from bridge.commands import Dial, MediaCommand
from bridge.events import Event, LegEnded
from bridge.facts import LegGone, LegPickedUp
from bridge.protocols import CallMedia, Clock
from bridge.spend import Ceiling, Entry, Ledger, Rate, SpendStanding, Sum
from config.models import Config
from config.prefixes import Prefixes
from config.sections.spend import Cap
from config.sections.trunks import Trunk
from notify.delivery import Delivery
from notify.spend import alarm_deliveries
from routing.plan import CallPlan, ClickToCall, Endpoint, SipEndpoint
from store.errors import StoreError
from store.spend import SqlSpendStore

log = structlog.get_logger(__name__)

#: Seconds between two looks at what live calls cost meanwhile.
EVERY = 30.0
#: Days for which what was spent is kept.
KEEP_DAYS = 35


@dataclass(frozen=True, slots=True)
class _Spender:
    """A site or a trunk whose legs are counted."""

    name: str
    cap: Cap
    currency: str
    zone: ZoneInfo

    @property
    def ceiling(self) -> Ceiling:
        """What it may spend a day."""
        minutes = self.cap.daily_minutes
        return Ceiling(self.cap.daily_cost, None if minutes is None else Decimal(minutes))

    def day(self, at: float) -> str:
        """The day that it is there."""
        return datetime.fromtimestamp(at, self.zone).date().isoformat()


def accounts_of(config: Config) -> dict[str, _Spender]:
    """The accounts of the settings: ``site:NAME`` and ``trunk:NAME``."""
    found: dict[str, _Spender] = {}
    for name, trunk in config.trunks.items():
        if trunk.spend is not None:
            key = f"trunk:{name}"
            found[key] = _Spender(key, trunk.spend, trunk.spend.currency, ZoneInfo(trunk.spend.time_zone))
    for name, site in config.sites.items():
        if site.spend is not None:
            currency = next((t.spend.currency for t in config.trunks.values() if t.spend), "")
            key = f"site:{name}"
            found[key] = _Spender(key, site.spend, currency, ZoneInfo(site.time_zone))
    return found


def rate_of(trunk: Trunk | None, number: str | None) -> Rate:
    """What a leg to this number costs; one without a price costs as the dearest of the trunk's."""
    if trunk is None or trunk.spend is None:
        return Rate(Decimal(0))
    prices = trunk.spend.prices
    found = Prefixes(prices).of(number) if number else None
    price = found[1] if found else max(prices.values(), default=Decimal(0))
    # What has no number, such as a SIP URI of a PBX, is no call that a carrier bills.
    return Rate(price if number else Decimal(0), trunk.spend.increment)


class Spending(Collector):
    """Keeps the ledger: asked before each dial, told by facts what came of it. Prometheus reads it, too."""

    def __init__(
        self,
        *,
        config: Callable[[], Config],
        click: Callable[[str], ClickToCall | None],
        store: SqlSpendStore,
        tell: Callable[[Sequence[Delivery]], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self._config = config
        self._click = click
        self._store = store
        self._tell = tell
        self._clock = clock
        self._ledger = Ledger()
        #: The accounts of each leg that lives.
        self._legs: dict[str, tuple[Entry, ...]] = {}
        self._alarmed: dict[tuple[str, str], int] = {}
        self._accounts: tuple[Config, dict[str, _Spender]] | None = None
        self._writes: asyncio.Queue[Callable[[], Awaitable[object]]] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    # --- life -----------------------------------------------------------------------------------------

    async def start(self, known: Collection[str] = ()) -> None:
        """Take up what was spent; legs of a core that died count until now, for nobody saw their end.

        Those that are ``known`` go on counting: what becomes of them, or became, is told.
        """
        now = self._clock.time()
        since = datetime.fromtimestamp(now, UTC).date() - timedelta(days=1)
        longest = max((site.max_duration for site in self._config().sites.values()), default=0.0)
        for spent in await self._store.spent_since(since.isoformat()):
            self._ledger.add(spent.account, spent.day, spent.settled)
            for entry in spent.open:
                if entry.leg_id in known:
                    self._legs[entry.leg_id] = (*self._legs.get(entry.leg_id, ()), entry)
                    self._ledger.dialled(entry)
                    continue
                lost = Entry(
                    entry.leg_id, entry.account, entry.day, entry.rate, entry.dialed_at, entry.dialed_at
                )
                cost = lost.settled(min(now, entry.dialed_at + longest))
                self._ledger.add(entry.account, entry.day, cost)
                await self._store.settle(entry, cost)
        for account in self._current().values():
            # What was told before the restart is not told again.
            self._alarmed[account.name, account.day(now)] = self._level(account, now)
        self._tasks = [
            asyncio.create_task(self._write_all(), name="spend-writer"),
            asyncio.create_task(self._keep_looking(), name="spend-alarms"),
        ]

    async def stop(self) -> None:
        """Write what is to be written, and look no more."""
        if self._tasks:
            await self._writes.join()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # --- decisions ------------------------------------------------------------------------------------

    def refuses_call(self, site: str, plan: CallPlan) -> bool:
        """Whether a new call of this site would pass a cap: the site's, or that of all shopper's trunks."""
        accounts, now = self._current(), self._clock.time()
        trunks = self._config().trunks
        shopper = plan.shopper
        ways: list[tuple[str, Rate]] = []
        if isinstance(shopper, SipEndpoint):
            ways = [(way.trunk, rate_of(trunks.get(way.trunk), shopper.number)) for way in shopper.ways]
        if ways and all(self._full(accounts.get(f"trunk:{trunk}"), rate, now) for trunk, rate in ways):
            return True
        first = [rate for _, rate in ways[:1]]
        first += sorted(self._rates(plan), key=lambda rate: rate.per_minute)[-1:]
        cost = sum((Sum(rate.cost(1), rate.minutes(1)) for rate in first), Sum())
        account = accounts.get(f"site:{site}")
        return account is not None and not account.ceiling.holds(
            self._ledger.spent(account.name, account.day(now), now) + cost
        )

    def admits(self, call_id: str, leg_id: str, endpoint: Endpoint) -> bool:
        """Reserve for a leg that is about to be dialled; False, with nothing reserved, past the cap."""
        if not isinstance(endpoint, SipEndpoint) or endpoint.trunk is None:
            return True
        now, accounts = self._clock.time(), self._current()
        rate = rate_of(self._config().trunks.get(endpoint.trunk), endpoint.number)
        if self._full(accounts.get(f"trunk:{endpoint.trunk}"), rate, now):
            return False
        click = self._click(call_id)
        entries = tuple(
            Entry(leg_id, key, accounts[key].day(now), rate, now)
            for key in (f"site:{click.site if click else ''}", f"trunk:{endpoint.trunk}")
            if click and key in accounts
        )
        if entries:
            self._legs[leg_id] = entries
            for entry in entries:
                self._ledger.dialled(entry)
            self._write(self._store.open, entries)
        return True

    def _full(self, account: _Spender | None, rate: Rate, now: float) -> bool:
        if account is None:
            return False
        spent = self._ledger.spent(account.name, account.day(now), now)
        return not account.ceiling.holds(spent + Sum(rate.cost(1), rate.minutes(1)))

    def _rates(self, plan: CallPlan) -> Iterator[Rate]:
        """The endpoints that the call may ring."""
        trunks = self._config().trunks
        for step in plan.steps:
            for endpoint in step.endpoints:
                if isinstance(endpoint, SipEndpoint) and endpoint.trunk is not None:
                    yield rate_of(trunks.get(endpoint.trunk), endpoint.number)

    # --- legs -----------------------------------------------------------------------------------------

    def interests(self) -> Iterable[Interest]:
        """Whether a leg that was reserved for is answered, and its end."""
        return on(LegPickedUp, self._answered), on(LegGone, self._gone)

    def _answered(self, fact: LegPickedUp) -> None:
        for entry in self._legs.get(fact.leg_id, ()):
            self._ledger.answered(fact.leg_id, entry.account, fact.at)

    def _gone(self, fact: LegGone) -> None:
        entries = self._legs.pop(fact.leg_id, ())
        for entry in entries:
            settled = self._ledger.ended(fact.leg_id, entry.account, fact.at)
            if settled is not None:
                self._write(self._store.settle, *settled)
        if entries:
            self._look()

    def _current(self) -> dict[str, _Spender]:
        config = self._config()
        if self._accounts is None or self._accounts[0] is not config:
            self._accounts = (config, accounts_of(config))
        return self._accounts[1]

    # --- the disk -------------------------------------------------------------------------------------

    def _write(self, write: Callable[..., Awaitable[object]], *what: object) -> None:
        self._writes.put_nowait(lambda: write(*what))

    async def _write_all(self) -> None:
        while True:
            write = await self._writes.get()
            try:
                await write()
            except StoreError as error:
                log.error("spend_not_written", error=str(error))
            finally:
                self._writes.task_done()

    # --- alarms ---------------------------------------------------------------------------------------

    async def _keep_looking(self) -> None:
        day = ""
        while True:
            await asyncio.sleep(EVERY)
            self._look()
            today = datetime.fromtimestamp(self._clock.time(), UTC).date()
            if today.isoformat() != day:
                day = today.isoformat()
                self._ledger.forget_before((today - timedelta(days=2)).isoformat())
                before = (today - timedelta(days=KEEP_DAYS)).isoformat()
                self._write(self._store.forget, before)

    def _level(self, account: _Spender, now: float) -> int:
        """0, the percentage of the first alarm, or 100."""
        share = account.ceiling.share(self._ledger.spent(account.name, account.day(now), now))
        if share >= 1:
            return 100
        return account.cap.alarm_percent if share * 100 >= account.cap.alarm_percent else 0

    def _look(self) -> None:
        now = self._clock.time()
        for account in self._current().values():
            key, level = (account.name, account.day(now)), self._level(account, now)
            if level > self._alarmed.get(key, 0):
                self._alarmed[key] = level
                self._alarm(account, level, now)

    def _alarm(self, account: _Spender, level: int, now: float) -> None:
        standing = self._standing(account, now)
        told = log.error if level == 100 else log.warning
        told(
            "spend_cap_reached" if level == 100 else "spend_alarm",
            account=account.name,
            day=standing.day,
            percent=level,
            spent=str(standing.spent),
            cap=None if standing.cap is None else str(standing.cap),
            minutes=float(standing.minutes),
            cap_minutes=standing.cap_minutes,
        )
        deliveries = alarm_deliveries(standing, level, account.cap.mailbox, self._config(), now)
        self._write(self._tell, deliveries)

    # --- what is told ---------------------------------------------------------------------------------

    def standings(self) -> list[SpendStanding]:
        """How every account stands today."""
        now = self._clock.time()
        return [self._standing(account, now) for account in self._current().values()]

    def _standing(self, account: _Spender, now: float) -> SpendStanding:
        day = account.day(now)
        spent = self._ledger.spent(account.name, day, now)
        legs = list(self._ledger.open_of(account.name, day))
        return SpendStanding(
            account=account.name,
            day=day,
            currency=account.currency,
            spent=spent.money,
            cap=account.cap.daily_cost,
            minutes=spent.minutes,
            cap_minutes=account.cap.daily_minutes,
            live_legs=len(legs),
            level=self._level(account, now),
        )

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """``ringback_spend_share{account}`` and what it is made of."""
        share = GaugeMetricFamily(
            "ringback_spend_share", "How much of a daily cap is spent, 1 being all.", labels=["account"]
        )
        money = GaugeMetricFamily(
            "ringback_spend", "What the day's calls have cost.", labels=["account", "currency"]
        )
        minutes = GaugeMetricFamily(
            "ringback_spend_minutes", "Minutes of the day's legs on trunks.", labels=["account"]
        )
        now = self._clock.time()
        for account in self._current().values():
            spent = self._ledger.spent(account.name, account.day(now), now)
            share.add_metric([account.name], account.ceiling.share(spent))
            money.add_metric([account.name, account.currency], float(spent.money))
            minutes.add_metric([account.name], float(spent.minutes))
        yield from (share, money, minutes)


class CappedMedia:
    """:class:`bridge.protocols.CallMedia` that dials nobody through a trunk whose day's cap is passed."""

    def __init__(self, media: CallMedia, spending: Spending, handle: Callable[[str, Event], None]) -> None:
        self._media = media
        self._spending = spending
        self._handle = handle

    def open_call(self, call_id: str, plan: CallPlan) -> None:
        """As the media that it stands before."""
        self._media.open_call(call_id, plan)

    def perform(self, call_id: str, command: MediaCommand) -> None:
        """As the media that it stands before; a leg that would cost too much ends as one without a line."""
        if isinstance(command, Dial) and not self._spending.admits(call_id, command.leg_id, command.endpoint):
            log.warning("leg_beyond_spend_cap", call_id=call_id, leg_id=command.leg_id)
            ended = LegEnded(command.leg_id, HangupCause.CONGESTION)
            asyncio.get_running_loop().call_soon(self._handle, call_id, ended)
            return
        self._media.perform(call_id, command)

    def close_call(self, call_id: str) -> None:
        """As the media that it stands before."""
        self._media.close_call(call_id)
