"""Pages that agents send shoppers to: from the desk, or by touch-tone from any phone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from bridge.bulletin import Interest, on
from bridge.events import Event, PageAnswered
from bridge.facts import CallEnded
from bridge.protocols import Clock
from config.models import Config
from config.sections.page_push import PagePush, origin_of
from config.sections.sites import Site
from routing.plan import ClickToCall, Speech

#: Seconds for which a push waits for a page of the shopper's, and is told again to one that connects.
PATIENCE = 60.0
#: The keys of the list, and the most pages that it tells.
LIST = "0"
LONGEST_LIST = 20
SPEECH = "page_push"


class PushRefusedError(Exception):
    """A page is not pushed: the catalogue has no such page, or shoppers are not sent there."""

    def __init__(self, reason: Literal["page_unknown", "page_refused"]) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PushedPage:
    """A page on its way to a shopper."""

    call_id: str
    #: Counts the pushes of a call, from 1.
    push: int
    url: str
    title: str
    mode: Literal["ask", "go"]
    #: ``waiting``: no page of the shopper's is connected; ``no_page``: nor was one in time.
    state: Literal["waiting", "sent", "accepted", "declined", "no_page"] = "waiting"


#: Where a push goes that is for a shopper's page.
Send = Callable[[PushedPage], None]


def choose_page(site: Site, wanted: str) -> tuple[str, str]:
    """The URL and the title of a page by its number in the catalogue, or by its URL; PushRefusedError."""
    push = site.page_push
    if push is None:
        raise PushRefusedError("page_refused")
    if page := push.catalogue.get(wanted):
        return page.url, page.title
    if wanted.isdigit():
        raise PushRefusedError("page_unknown")
    listed = {page.url: page.title for page in push.catalogue.values()}
    if wanted in listed:
        return wanted, listed[wanted]
    origin = origin_of(wanted)
    if not push.any_page or origin is None or origin not in {*site.origins, *push.origins}:
        raise PushRefusedError("page_refused")
    return wanted, wanted


def spoken_answer(push: PagePush, keys: str, *, connected: bool) -> str:
    """What the person who pressed ``*keys#`` hears."""
    if keys in ("", LIST):
        pages = list(push.catalogue.items())[:LONGEST_LIST]
        return push.list_text.replace(
            "{pages}", ". ".join(f"{number}: {page.title}" for number, page in pages)
        )
    page = push.catalogue.get(keys)
    if page is None:
        return push.unknown_page_text.replace("{page}", keys)
    text = push.pushed_text if connected else push.not_open_text
    return text.replace("{page}", keys).replace("{title}", page.title)


class PagePushes:
    """Pushes of all live calls: :class:`bridge.protocols.Pages`, and a subscriber to their ends.

    ``handle(call_id, event)`` and ``click(call_id)`` are the engine's.
    """

    def __init__(
        self,
        *,
        handle: Callable[[str, Event], None],
        click: Callable[[str], ClickToCall | None],
        config: Callable[[], Config],
        clock: Clock,
    ) -> None:
        self._handle = handle
        self._click = click
        self._config = config
        self._clock = clock
        self._watchers: list[Callable[[PushedPage], None]] = []
        #: The shoppers' pages by call; the one that connected last is last.
        self._pages: dict[str, list[Send]] = {}
        #: The newest push of each call, and until when it is told to a page that connects.
        self._newest: dict[str, tuple[PushedPage, float]] = {}

    def watch(self, watcher: Callable[[PushedPage], None]) -> None:
        """Have ``watcher`` called with each change of a push; it must not raise."""
        self._watchers.append(watcher)

    @contextmanager
    def page(self, call_id: str, send: Send) -> Iterator[None]:
        """Count a page among the shopper's while it is connected."""
        self._pages.setdefault(call_id, []).append(send)
        self._send_again(call_id)
        try:
            yield
        finally:
            newest = self._pages[call_id][-1]
            self._pages[call_id].remove(send)
            if not self._pages[call_id]:
                del self._pages[call_id]
            elif newest is send:
                self._send_again(call_id)

    def push_page(self, call_id: str, wanted: str) -> None:
        """Send the shopper of a live call to a page, by number or URL. Raises :class:`PushRefusedError`."""
        click, site = self._click(call_id), self._site(call_id)
        if click is None or site is None or site.page_push is None:
            raise PushRefusedError("page_refused")
        url, title = choose_page(site, wanted)
        before = self._newest.get(call_id)
        number = before[0].push + 1 if before else 1
        # A shopper who talks by PC talks in that very page: they are always asked first.
        mode = "ask" if click.by == "pc" else site.page_push.mode
        pushed = PushedPage(call_id, number, url, title, mode)
        self._newest[call_id] = (pushed, self._clock.time() + PATIENCE)
        if call_id in self._pages:
            self._send(pushed)
        else:
            self._become(pushed)
            self._clock.call_later(PATIENCE, lambda: self._give_up(call_id, number))

    def answered(self, call_id: str, push: int, *, accepted: bool) -> None:
        """The shopper's page opens what it was sent, or the shopper does not want it."""
        pushed, _ = self._newest.get(call_id, (None, 0.0))
        if pushed and pushed.push == push and pushed.state == "sent":
            self._become(replace(pushed, state="accepted" if accepted else "declined"))

    def push(self, call_id: str, leg_id: str, keys: str) -> None:
        """Push the page that was keyed in, or none, and tell the person who pressed the keys."""
        site = self._site(call_id)
        if site is None or site.page_push is None:
            return  # the settings have changed since the call began
        connected = call_id in self._pages
        if connected and keys in site.page_push.catalogue:
            self.push_page(call_id, keys)
        text = spoken_answer(site.page_push, keys, connected=connected)
        answer = PageAnswered(leg_id, Speech(text, site.spoken_by, SPEECH))
        self._clock.call_later(0.0, lambda: self._handle(call_id, answer))

    def interests(self) -> Iterable[Interest]:
        """Pushes stop when the call ends."""
        return (on(CallEnded, self._ended),)

    def _ended(self, fact: CallEnded) -> None:
        self._newest.pop(fact.call_id, None)

    # --- inside ---------------------------------------------------------------------------------------

    def _site(self, call_id: str) -> Site | None:
        click = self._click(call_id)
        return self._config().sites.get(click.site) if click else None

    def _send(self, pushed: PushedPage) -> None:
        """Send to the page that connected last: the shopper is looking at that one."""
        sent = replace(pushed, state="sent")
        self._become(sent)
        self._pages[pushed.call_id][-1](sent)

    def _send_again(self, call_id: str) -> None:
        """To another page than it was told, or the first one: unless it is answered, or too old."""
        pushed, until = self._newest.get(call_id, (None, 0.0))
        if pushed and pushed.state in ("waiting", "sent") and self._clock.time() < until:
            self._send(pushed)

    def _give_up(self, call_id: str, push: int) -> None:
        pushed, _ = self._newest.get(call_id, (None, 0.0))
        if pushed and pushed.push == push and pushed.state == "waiting":
            self._become(replace(pushed, state="no_page"))

    def _become(self, pushed: PushedPage) -> None:
        before, until = self._newest[pushed.call_id]
        self._newest[pushed.call_id] = (pushed, until)
        if pushed != before or pushed.state == "waiting":
            for watcher in self._watchers:
                watcher(pushed)
