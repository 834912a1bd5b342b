"""What the two kinds of sockets of a shared view have in common: the first message, limits, pings."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.page_queue import ClosedError, TooSlowError
from api.sockets import CALL_UNKNOWN, TOO_MANY, TOO_SLOW, close, run_both, welcome
from api.subprotocol.base import FromPage, NotUnderstoodError, Table
from api.subprotocol.view_words import PingPage, ViewMoved, ViewOver
from api.talk import Talk
from api.view_queue import ViewQueue
from cobrowse.standing import ViewPhase
from cobrowse.view_events import ViewEnd
from views.audience import ViewNow, ViewQuestion
from views.engine import SharedViews

log = structlog.get_logger(__name__)

#: Close codes of views, beside those of :mod:`api.sockets`.
VIEW_OVER, NO_HELLO, TAKEN_OVER, ASLEEP = 1000, 4408, 4409, 4410
#: Seconds: for the first message; between pings; and without a word until a page counts as gone.
HELLO_WITHIN, PING_EVERY, SILENT_FOR = 5.0, 25.0, 60.0
#: Characters of a message that is read without a thread.
AT_ONCE = 32 * 1024
#: What one socket may say: messages a second (and at once), bytes a minute, pointers a second.
MESSAGES, AT_BURST, BYTES, POINTERS = 60.0, 240.0, 20 * 1024 * 1024, 15.0


@dataclass(slots=True)
class ViewBucket:
    """So much a second, and so much at once at most."""

    rate: float
    room: float
    level: float = 0.0
    at: float = float("-inf")

    def takes(self, amount: float, now: float) -> bool:
        """Whether there is room for it now; then it is taken."""
        self.level = max(0.0, self.level - (now - self.at) * self.rate) if self.level else 0.0
        self.at = now
        if self.level + amount > self.room:
            return False
        self.level += amount
        return True


@dataclass(slots=True)
class ViewBudget:
    """What one socket may still say."""

    messages: ViewBucket = field(default_factory=lambda: ViewBucket(MESSAGES, AT_BURST))
    size: ViewBucket = field(default_factory=lambda: ViewBucket(BYTES / 60, BYTES))
    pointers: ViewBucket = field(default_factory=lambda: ViewBucket(POINTERS, POINTERS))

    def says(self, text: str, now: float) -> bool:
        """Whether a message is heard; else the socket is closed."""
        return self.messages.takes(1, now) and self.size.takes(len(text), now)


class ViewSpeaker(Protocol):
    """A page on a socket of a view."""

    @property
    def queue(self) -> ViewQueue:
        """Where messages for it go."""

    @property
    def owner(self) -> str:
        """Whose page it is, for the log."""

    #: Characters of the message that it says now.
    size: int


P = TypeVar("P", bound=ViewSpeaker)
M = TypeVar("M", bound=FromPage)


async def meet(
    socket: WebSocket, view: str, model: type[M], *, known_origin: bool, views: SharedViews, talk: Talk
) -> M | None:
    """Open the socket of a view, and hear what the page says first; None: it is closed, its code says why."""
    if not await welcome(socket, known_origin=known_origin):
        return None
    if views.view(view) is None:
        await close(socket, CALL_UNKNOWN)
        return None
    if not talk.connects(view):
        await close(socket, TOO_MANY)
        return None
    hello = await first_message(socket, model)
    if hello is None:
        await close(socket, NO_HELLO)
    return hello


async def first_message(socket: WebSocket, model: type[M]) -> M | None:
    """What a page says first, if it is this in time."""
    table: Table[Any] = Table((model, lambda page, message: None))
    try:
        message = await asyncio.wait_for(socket.receive(), HELLO_WITHIN)
    except TimeoutError:
        return None
    if message["type"] == "websocket.disconnect":
        return None
    try:
        read, _ = table.read(message.get("text") or "")
    except NotUnderstoodError:
        return None
    return read if isinstance(read, model) else None


async def converse_in_view(socket: WebSocket, table: Table[P], page: P) -> None:
    """Tell and hear until one of the two comes to its end, or the page is gone; then close."""
    heard = _Heard(asyncio.get_running_loop().time())
    await run_both(socket, _tell(socket, page.queue, heard), _hear(socket, table, page, heard))


@dataclass(slots=True)
class _Heard:
    at: float


async def _tell(socket: WebSocket, queue: ViewQueue, heard: _Heard) -> int | None:
    time = asyncio.get_running_loop().time
    pinged = time()
    try:
        while True:
            try:
                text = await asyncio.wait_for(queue.next(), max(0.0, pinged + PING_EVERY - time()))
            except TimeoutError:
                if time() - heard.at > SILENT_FOR:
                    return ASLEEP
                pinged, text = time(), PingPage().model_dump_json()
            await socket.send_text(text)
    except TooSlowError:
        return TOO_SLOW
    except ClosedError as closed:
        return closed.code
    except WebSocketDisconnect:
        return None


async def _hear(socket: WebSocket, table: Table[P], page: P, heard: _Heard) -> int | None:
    """Hear until the page has gone, which is None, or says too much: then the close code.

    The next message waits for what the last one led to: so a page that sends more than is read waits, too.
    """
    time, budget = asyncio.get_running_loop().time, ViewBudget()
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        text = message.get("text") or ""
        heard.at = time()
        if not budget.says(text, heard.at):
            log.info("view_page_too_fast", owner=page.owner)
            return TOO_MANY
        try:
            read = table.read(text) if len(text) <= AT_ONCE else await asyncio.to_thread(table.read, text)
        except NotUnderstoodError as error:
            log.info("page_not_understood", owner=page.owner, reason=error.refused.reason)
            page.queue.put(error.refused)
            continue
        said, handler = read
        if said.type == "pointer" and not budget.pointers.takes(1, heard.at):
            continue
        page.size = len(text)
        doing: Awaitable[None] | None = handler(page, said)
        if doing is not None:
            await doing
        else:
            await asyncio.sleep(0)
    return None


def leave(queue: ViewQueue, why: ViewEnd | None) -> None:
    """Say why the view is over, and close; None: another page has taken this one's place."""
    if why is not None:
        queue.put(ViewOver(reason=why))
    queue.close(TAKEN_OVER if why is None else VIEW_OVER)


def view_moved(now: ViewNow) -> ViewMoved:
    """How a view stands."""
    return ViewMoved(
        state=stands(now),
        agent=now.agent,
        agreed=list(now.agreed),
        agents=list(now.agents),
        ends_in=now.ends_in,
    )


def stands(now: ViewNow) -> Any:
    """Where a view stands, as a word of the wire."""
    return ViewPhase(now.phase).value


def consent_of(question: ViewQuestion) -> dict[str, Any]:
    """The question as the fields of ``ViewConsent``."""
    words = question.words
    return {
        "version": words.version,
        "language": words.language,
        "words": {str(scope): text for scope, text in words.words.items()},
        "note": words.note,
    }
