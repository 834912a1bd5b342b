"""Who is there for shoppers of a site at this moment, as its pages are told: from what decides its calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from bridge.protocols import Clock
from config.sections.page import ContactWay
from config.sections.sites import Site
from engage.availability import Availability, WayNow, WayState
from routing.directory import Directory
from routing.plan import ClickToCall
from routing.reachable import Reach, next_change, reach, reach_by_chat
from routing.router import Router
from visits.standing import SiteStanding

#: Seconds for which an answer holds; many pages ask at once.
HOLDS = 2.0
#: The most pages whose answers are kept: routes may depend on the page.
MOST_KEPT = 1000
#: Seconds after which a change of opening hours that is far away, or not in sight, is looked for again.
LOOK_AGAIN = 3600.0


@dataclass(slots=True)
class _Known:
    """What was found for one page."""

    at: float
    standing: SiteStanding


@dataclass(slots=True)
class _Change:
    """When opening hours change next."""

    looked_at: float
    at: float | None


@dataclass(slots=True)
class _Memory:
    """What was found with one router."""

    router: Router
    known: dict[tuple[str, str], _Known] = field(default_factory=dict)
    #: By site, page, and whether it is for chats.
    changes: dict[tuple[str, str, bool], _Change] = field(default_factory=dict)
    hours: dict[str, _Change] = field(default_factory=dict)


class SiteAvailability:
    """Answers from memory for two seconds.

    ``directory()`` tells who is free, ``chat_directory()`` who has room for a chat; ``wait(queue)`` how many
    seconds somebody who came now would wait there; ``draining()`` whether the server is about to stop and
    takes no calls.
    """

    def __init__(
        self,
        *,
        router: Callable[[], Router],
        directory: Callable[[], Directory],
        chat_directory: Callable[[], Directory] = Directory,
        wait: Callable[[str], float],
        draining: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._router = router
        self._directory = directory
        self._chat_directory = chat_directory
        self._wait = wait
        self._draining = draining
        self._clock = clock
        self._memory = _Memory(router())

    def now(self, site: str, page: str) -> SiteStanding:
        """How this site stands for somebody on this page; the site must be one of the settings."""
        router, now = self._router(), self._clock.time()
        if self._memory.router is not router:
            self._memory = _Memory(router)
        key = (site, _path(page) if _asks_for_pages(router) else "")
        known = self._memory.known.get(key)
        if known is None or not 0 <= now - known.at < HOLDS:
            if len(self._memory.known) >= MOST_KEPT:
                self._memory.known.clear()
                self._memory.changes.clear()
            known = self._memory.known[key] = _Known(now, self._look(router, site, page, key, now))
        return known.standing

    def _look(self, router: Router, name: str, page: str, key: tuple[str, str], now: float) -> SiteStanding:
        site, at = router.config.sites[name], datetime.fromtimestamp(now, UTC)
        directory = self._directory()
        chatting = replace(self._chat_directory(), waiting=directory.waiting)
        ways: dict[ContactWay, WayNow] = {}
        instead: list[Literal["callback", "message"]] = []
        found: Reach | None = None
        for way in site.contact_ways:
            if way == "chat" and site.chat is None:
                continue
            by: Literal["phone", "pc"] = "phone" if way == "phone" else "pc"
            click = ClickToCall(site=name, number="", page=page, context={}, client_ip="", by=by)
            if way == "chat":
                found = reach_by_chat(click, router, chatting, at)
            else:
                found = reach(click, router, directory, at)
            reached = found.reached and not self._draining()
            changes_at = self._change(router, click, (*key, way == "chat"), now)
            later = found.instead is not None and not _hides(site, way)
            # Questions need nobody: what can be had once they are answered, their flow says.
            guided = way == "chat" and site.chat is not None and site.chat.flow is not None
            is_open = reached or (guided and not self._draining())
            ways[way] = WayNow(
                state=WayState.OPEN if is_open else WayState.LATER if later else WayState.HIDDEN,
                open=found.open,
                free=found.free if reached else 0,
                wait=self._waits(found),
                changes_in=None if changes_at is None else max(0.0, changes_at - now),
            )
            if later and not is_open and found.instead and found.instead not in instead:
                instead.append(found.instead)
        opens_at = None
        if ways and not any(way.open for way in ways.values()):
            changes = (self._memory.changes.get((*key, chat)) for chat in (False, True))
            opens_at = min((each.at for each in changes if each and each.at is not None), default=None)
        hours, hours_at = self._hours(router, now)
        return SiteStanding(
            availability=Availability(
                ways=ways,
                hours=hours,
                hours_change_in=None if hours_at is None else max(0.0, hours_at - now),
            ),
            instead=tuple(instead),
            opens_at=opens_at,
            zone=site.time_zone,
        )

    def _waits(self, found: Reach) -> float | None:
        """Nobody waits while somebody is free."""
        if found.free > 0:
            return 0.0
        return self._wait(found.queue) if found.queue else None

    def _change(
        self, router: Router, click: ClickToCall, key: tuple[str, str, bool], now: float
    ) -> float | None:
        known = self._memory.changes.get(key)
        if known is None or _stale(known, now):
            change = next_change(click, router, datetime.fromtimestamp(now, UTC), chat=key[2])
            known = self._memory.changes[key] = _Change(now, change.timestamp() if change else None)
        return known.at

    def _hours(self, router: Router, now: float) -> tuple[Mapping[str, bool], float | None]:
        at = datetime.fromtimestamp(now, UTC)
        for name, hours in router.hours.items():
            known = self._memory.hours.get(name)
            if known is None or _stale(known, now):
                change = hours.next_change(at)
                self._memory.hours[name] = _Change(now, change.timestamp() if change else None)
        changes = [known.at for known in self._memory.hours.values() if known.at is not None]
        opened = {name: hours.is_open(at) for name, hours in router.hours.items()}
        return opened, min(changes, default=None)


def _hides(site: Site, way: ContactWay) -> bool:
    """Whether a button is hidden while nobody is there."""
    chat_hides = way == "chat" and site.chat is not None and site.chat.closed == "hide"
    return chat_hides or site.page.buttons.when_closed == "hide"


def _stale(change: _Change, now: float) -> bool:
    """A clock that was set back has changed everything, too."""
    return (
        (change.at is not None and change.at <= now)
        or now - change.looked_at > LOOK_AGAIN
        or now < change.looked_at
    )


def _asks_for_pages(router: Router) -> bool:
    """Whether the routes of any site depend on the page that the shopper is on."""
    return "page" in router.wanted.roots or ("page", "query") in router.wanted.maps or bool(router.tables)


def _path(page: str) -> str:
    try:
        parts = urlsplit(page)
    except ValueError:
        return ""
    return f"{parts.netloc}{parts.path}?{parts.query}"[:300]
