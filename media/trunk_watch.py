"""Watches the trunks: looks up their hosts, pings those with ``ping_interval``, and learns from calls."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol, cast, get_args

import structlog
from twisted.internet.defer import ensureDeferred

from config.sections.sip import Sip
from config.sections.trunks import Trunk
from media.options_ping import NoAnswerError, OptionsPing, ask
from media.trunk_conditions import Outcome, TrunkCondition, TrunkConditions
from routing.plan import SipEndpoint
from sip.addresses import split_host
from sip.resolver import Lookup, Resolver
from sip.targets import Target, Transport, in_order

log = structlog.get_logger(__name__)

#: Seconds between two lookups of a host: DNS is asked again only when its answer is too old.
LOOK = 30.0
#: Seconds that a peer has to answer a ping.
PATIENCE = 4.0
#: Seconds that a start waits for DNS.
FIRST_LOOK = 4.0


class HostLookup(Protocol):
    """Looks up the hosts of peers."""

    async def find(self, host: str, port: int | None, transport: Transport | None) -> Lookup:
        """What DNS says of a host; a coroutine for Twisted."""


class TrunkWatch:
    """Keeps every trunk's condition up to date, on the event loop.

    ``clock`` gives seconds since the epoch. ``asking`` sends one ping, like :func:`media.options_ping.ask`.
    """

    def __init__(
        self,
        reactor: Any,
        clock: Callable[[], float],
        *,
        names: HostLookup | None = None,
        asking: Callable[[OptionsPing, float], Awaitable[int]] = ask,
    ) -> None:
        self._reactor = reactor
        self._clock = clock
        self._names = names
        self._ask = asking
        self._states = TrunkConditions()
        self._sip = Sip()
        self._trunks: dict[str, Trunk] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._looked: dict[str, asyncio.Event] = {}
        self._running = False
        self._routes: dict[str, tuple[str, ...]] = {}

    @property
    def conditions(self) -> dict[str, TrunkCondition]:
        """Every trunk's condition."""
        found = self._states.conditions(self._clock())
        self._tell()
        return found

    def configure(self, sip: Sip, trunks: Mapping[str, Trunk]) -> None:
        """Take new settings; trunks that do not change keep their condition."""
        kept = {} if sip != self._sip else {n for n, trunk in trunks.items() if self._trunks.get(n) == trunk}
        changed = [name for name in trunks if name not in kept]
        self._sip, self._trunks = sip, dict(trunks)
        pinged = {name: trunk.ping_interval is not None for name, trunk in trunks.items()}
        self._states.configure(pinged, changed, self._clock())
        self._routes = {name: routes for name, routes in self._routes.items() if name in kept}
        for name in [name for name in self._tasks if name not in kept]:
            self._tasks.pop(name).cancel()
        if self._running:
            self._watch_all()

    async def start(self) -> None:
        """Begin, and wait a moment for the first answers of DNS."""
        self._running = True
        self._names = self._names or Resolver(self._reactor)
        self._watch_all()
        waiting = [asyncio.ensure_future(event.wait()) for event in self._looked.values()]
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=FIRST_LOOK)
            for each in late:
                each.cancel()

    async def stop(self) -> None:
        """Ask nobody any more."""
        self._running = False
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def called(self, trunk: str, outcome: str, status: int, retry_after: float) -> None:
        """A worker reports how a trunk took a leg."""
        if outcome in get_args(Outcome):
            self._states.called(trunk, cast(Outcome, outcome), status, retry_after, self._clock())
            self._tell()

    def routed(self, trunk: str, routes: tuple[str, ...]) -> None:
        """A trunk's registrar asks for these Route headers (RFC 3608), or for none."""
        if self._routes.get(trunk, ()) != routes:
            log.info("trunk service route", trunk=trunk, routes=list(routes))
        self._routes[trunk] = routes

    def arrange(self, endpoint: SipEndpoint) -> SipEndpoint | None:
        """The leg with its trunks in the order to try them; None if all of them are held."""
        arranged = self._states.arrange(endpoint, self._clock())
        routes = tuple((name, each) for name, each in self._routes.items() if each)
        if arranged is None or not routes:
            return arranged
        wanted = {way.trunk for way in arranged.ways}
        return replace(arranged, service_routes=tuple(each for each in routes if each[0] in wanted))

    def _watch_all(self) -> None:
        for name in self._trunks:
            if name not in self._tasks:
                self._looked[name] = asyncio.Event()
                self._tasks[name] = asyncio.ensure_future(self._watch(name, self._trunks[name]))

    async def _watch(self, name: str, trunk: Trunk) -> None:
        while True:
            try:
                targets = await self._look_up(name, trunk)
                if trunk.ping_interval is not None and targets:
                    await self._ping(name, trunk, targets)
            except Exception:  # go on with this trunk and the others
                log.exception("trunk watch failed", trunk=name)
            self._looked[name].set()
            self._tell()
            pause = LOOK if trunk.ping_interval is None else trunk.ping_interval
            await asyncio.sleep(pause * random.uniform(0.9, 1.0))  # noqa: S311 - not all at once

    async def _look_up(self, name: str, trunk: Trunk) -> tuple[Target, ...]:
        assert self._names is not None  # noqa: S101 - start() made them
        hop = split_host(trunk.outbound_proxy or trunk.host)
        found = ensureDeferred(self._names.find(hop.host, hop.port, trunk.transport))
        finding = await found.asFuture(asyncio.get_running_loop())
        targets = in_order(finding.servers, lambda: 0.0)
        addresses = tuple(f"{target.address}:{target.port}" for target in targets)
        self._states.resolved(name, addresses, finding.problem, self._clock())
        return targets

    async def _ping(self, name: str, trunk: Trunk, targets: tuple[Target, ...]) -> None:
        """The trunk is there where one of its addresses answers."""
        loop, problem = asyncio.get_running_loop(), ""
        host = split_host(trunk.host).host
        bind = "" if self._sip.bind_address == "0.0.0.0" else self._sip.bind_address  # noqa: S104 - compared, not bound
        for target in targets:
            began = loop.time()
            try:
                status = await self._ask(
                    OptionsPing(target, host, trunk.tls, self._sip.user_agent, bind), PATIENCE
                )
            except NoAnswerError as error:
                problem = f"{target.address}:{target.port}: {error}"
            else:
                self._states.pinged(name, status, loop.time() - began, "", self._clock())
                return
        self._states.pinged(name, 0, None, problem, self._clock())

    def _tell(self) -> None:
        for name, before, after in self._states.take_changes():
            write = log.info if after.usable else log.warning
            write("trunk state", trunk=name, old=before.state, new=after.state, reason=after.reason)
