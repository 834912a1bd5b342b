"""What comes of the tab that records: in order, masked by the mirror, and handed to all who watch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog

from cobrowse.outcomes import EventDropped, EventPassed, NeedsSnapshot, PageTooLarge
from cobrowse.rules import Rules
from cobrowse.view_events import PictureLost, TabTooLarge
from config.sections.sites import Site
from views.engine import SharedViews
from views.live import LiveTab, LiveView, ViewStream

log = structlog.get_logger(__name__)

#: Characters of one large event at most; what is shorter than the second is read at once, without a thread.
LONGEST_EVENT, AT_ONCE = 2 * 1024 * 1024, 32 * 1024
#: rrweb's types of events: a full snapshot, and what stands before it (size and address of the page).
FULL_SNAPSHOT, META = 2, 4


@dataclass(slots=True)
class _Read:
    """What became of some events."""

    passed: list[bytes] = field(default_factory=list)
    fates: list[str] = field(default_factory=list)
    snapshot: bool = False
    active: bool = False
    lost: bool = False
    too_large: bool = False


class Pictures:
    """Takes events of pages, and passes on what the mirrors let through. Raises nothing for any input."""

    def __init__(self, views: SharedViews) -> None:
        self._views = views
        #: Held until they are done: nobody else holds them.
        self._judging: set[asyncio.Task[None]] = set()

    def settings_changed(self) -> None:
        """What is hidden since the settings changed is hidden in the views that run, too."""
        for live in self._views.running():
            site = self._views.rights.site(live.site)
            if site is not None:
                task = asyncio.ensure_future(self.judge_anew(live, site))
                self._judging.add(task)
                task.add_done_callback(self._judging.discard)

    async def events(
        self,
        live: LiveView,
        tab: LiveTab,
        page: int,
        seq: int,
        events: Sequence[dict[str, Any]],
        size: int,
    ) -> None:
        """Some events; ``size`` is the length of the message that they came in."""
        async with live.reading:
            stream = self._follows(live, tab, page, seq)
            if stream is not None:
                await self._take(live, tab, stream, events, size)

    async def part(
        self, live: LiveView, tab: LiveTab, page: int, seq: int, of: int, index: int, count: int, data: str
    ) -> None:
        """A piece of one large event: read once it is whole."""
        async with live.reading:
            stream = self._follows(live, tab, page, seq)
            if stream is None:
                return
            if index == 0:
                stream.pieces, stream.pieces_of = [], of
            if stream.pieces_of != of or index != len(stream.pieces):
                stream.pieces, stream.pieces_of = [], None
                self._lost(live, tab, stream)
                return
            if sum(map(len, stream.pieces)) + len(data) > LONGEST_EVENT:
                stream.pieces, stream.pieces_of = [], None
                self._too_large(live, tab, stream)
                return
            stream.pieces.append(data)
            if len(stream.pieces) < count:
                return
            text = "".join(stream.pieces)
            stream.pieces, stream.pieces_of = [], None
            event = await asyncio.to_thread(_parsed, text)
            if event is None:
                self._views.counts.event("not_json")
                self._lost(live, tab, stream)
            else:
                await self._take(live, tab, stream, [event], len(text))

    async def refused(self, live: LiveView, tab: LiveTab, page: int) -> None:
        """The page does not even try to record itself: it is too large."""
        async with live.reading:
            stream = live.stream
            if stream and not stream.too_large and live.recorded is tab and stream.page == page:
                self._too_large(live, tab, stream)

    async def judge_anew(self, live: LiveView, site: Site) -> None:
        """Go by the rules of the settings as they are now, if they are others: agents get a new picture."""
        async with live.reading:
            tab, stream, rules = live.recorded, live.stream, Rules.of(site)
            if tab is None or stream is None or stream.rules.said == rules.said:
                return
            stream.rules, stream.lost, stream.meta = rules, True, None
            stream.mirror.judge_by(rules, tab.url, (*site.origins, *live.settings.assets))
            self._views.handle(live, PictureLost(tab.tab))

    def _follows(self, live: LiveView, tab: LiveTab, page: int, seq: int) -> ViewStream | None:
        """The stream, if this is of the document that is shown; what does not follow leads to a snapshot."""
        stream = live.stream
        if stream is None or stream.too_large or live.recorded is not tab or stream.page != page:
            return None
        if seq != stream.next_seq:
            self._lost(live, tab, stream)
        stream.next_seq = seq + 1
        return stream

    def _lost(self, live: LiveView, tab: LiveTab, stream: ViewStream) -> None:
        if not stream.lost:
            stream.lost = True
            self._views.handle(live, PictureLost(tab.tab))

    def _too_large(self, live: LiveView, tab: LiveTab, stream: ViewStream) -> None:
        stream.too_large = True
        log.info("view_too_large", view=live.view[:8], site=live.site)
        for viewer in live.viewers.values():
            viewer.link.too_large()
        self._views.handle(live, TabTooLarge(tab.tab))

    async def _take(
        self, live: LiveView, tab: LiveTab, stream: ViewStream, events: Sequence[dict[str, Any]], size: int
    ) -> None:
        read = _read(stream, events) if size <= AT_ONCE else await asyncio.to_thread(_read, stream, events)
        for fate in read.fates:
            self._views.counts.event(fate)
        if live.stream is not stream:
            return  # the view has turned to another document meanwhile, or is over
        if read.too_large:
            self._too_large(live, tab, stream)
            return
        if read.passed:
            self.show(live, stream, read.passed, whole=read.snapshot)
        if read.active:
            self._views.active(live)
        if read.lost:
            stream.lost = True
            self._views.handle(live, PictureLost(tab.tab))

    def show(self, live: LiveView, stream: ViewStream, events: Sequence[bytes], *, whole: bool) -> None:
        """Hand masked events to all who watch; who waits for a snapshot gets nothing before it."""
        for viewer in live.viewers.values():
            if whole:
                viewer.waiting = False
            if not viewer.waiting:
                viewer.link.picture(stream.page, events, whole)

    def again(self, live: LiveView, viewer_name: str) -> None:
        """A viewer has lost its place, or took events too slowly: it gets the next snapshot."""
        viewer = live.viewers.get(viewer_name)
        if viewer is not None and live.recorded is not None:
            viewer.waiting = True
            self._views.handle(live, PictureLost(live.recorded.tab))


def _read(stream: ViewStream, events: Sequence[dict[str, Any]]) -> _Read:
    """Have the mirror read events, in order."""
    read = _Read()
    for event in events:
        kind = event.get("type")
        if stream.lost and kind not in (FULL_SNAPSHOT, META):
            read.fates.append("waiting")
            continue
        outcome = stream.mirror.apply(event)
        match outcome:
            case EventPassed(data=data, snapshot=snapshot, active=active):
                read.fates.append("passed")
                read.active |= active
                if kind == META:
                    stream.meta = data
                if snapshot:
                    # All before it is of no use any more, but for what stands before each snapshot.
                    stream.lost, read.lost, read.snapshot = False, False, True
                    read.passed = [stream.meta] if stream.meta is not None else []
                read.passed.append(data)
            case EventDropped(reason=reason):
                read.fates.append(reason)
            case NeedsSnapshot():
                read.fates.append("lost")
                read.lost = stream.lost = True
            case PageTooLarge():
                read.fates.append("too_large")
                read.too_large = True
                return read
    return read


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None
