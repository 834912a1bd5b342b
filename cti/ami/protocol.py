"""One AMI connection as a Twisted protocol: actions are awaited with a time limit, events are passed on.

Nothing here can block the core. Input is handled in slices, with other work in between; requests are limited
in number and time; and when Asterisk does not read, new actions are refused.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from asterisk.ami.action import Action, SimpleAction
from asterisk.ami.event import Event
from asterisk.ami.response import Response
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from cti.ami.packets import AmiPeerError, Packets, UnsendableError, encode, value

log = structlog.get_logger(__name__)

#: Packets worked off at once; the rest waits until the loop comes round again.
SLICE = 50
#: Actions under way at once.
MOST_ASKED = 256
#: Entries of one list.
LONGEST_LIST = 50_000


class AmiError(Exception):
    """An action failed; the text is for the operator."""


class AmiLostError(AmiError):
    """The connection is gone."""


class AmiTimeoutError(AmiError):
    """Asterisk did not answer in time."""


class AmiBusyError(AmiError):
    """Too many actions are pending."""


class AmiRefusedError(AmiError):
    """Asterisk refused the action; the text is its answer."""


#: What Asterisk says of an action that it refuses whatever it is about.
_LASTING = re.compile(r"permission|privilege|not allowed|unknown command|invalid/unknown", re.IGNORECASE)


@dataclass(slots=True)
class _PendingAction:
    answer: asyncio.Future[None]
    #: Takes the events that follow the response, of which the last one says that it is.
    take: Callable[[Sequence[Event]], None] | None = None
    response: Response | None = None
    events: list[Event] = field(default_factory=list)


class AmiProtocol(Protocol):
    """``on_event(event)`` is told of what belongs to no list that was asked for.

    ``lost`` is done, with what was wrong in words, once the connection is gone.
    """

    transport: Any

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._packets = Packets()
        self._asked: dict[str, _PendingAction] = {}
        self._ids = (f"ringback-action-{number}" for number in itertools.count(1))
        self._loop = asyncio.get_running_loop()
        self.greeted: asyncio.Future[None] = self._loop.create_future()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        self._wrong: str | None = None
        #: Whether Asterisk takes what we send.
        self._flowing = True
        self._working = False
        #: Actions that this login may not have, and what Asterisk says: no other try would change that.
        self.denied: dict[str, str] = {}
        #: When anything was heard last, by the loop's clock.
        self.heard_at = self._loop.time()

    # --- asking ---------------------------------------------------------------------------------------

    async def ask(self, action: Action, seconds: float = 5.0, action_id: str | None = None) -> Response:
        """Have Asterisk do something; its response. :class:`AmiError` in every other case.

        ``action_id`` is an id of the caller's own, which events that come of it carry, too.
        """
        asked = await self._ask(action, seconds, action_id=action_id)
        assert asked.response is not None  # noqa: S101 - it is what was waited for
        return asked.response

    async def collect(
        self, action: Action, take: Callable[[Sequence[Event]], None], seconds: float = 20.0
    ) -> None:
        """Have Asterisk list something. :class:`AmiError` as above.

        ``take`` gets the entries, without the event that ends them, before anything that happened later.
        """
        await self._ask(action, seconds, take)

    async def _ask(
        self,
        action: Action,
        seconds: float,
        take: Callable[[Sequence[Event]], None] | None = None,
        action_id: str | None = None,
    ) -> _PendingAction:
        if self.lost.done():
            raise AmiLostError("the connection is gone")
        if len(self._asked) >= MOST_ASKED or not self._flowing:
            raise AmiBusyError("Asterisk is slow, and more is not asked of it")
        action_id = action_id or next(self._ids)
        try:
            data = encode(action, action_id)
        except UnsendableError as error:
            raise AmiRefusedError(f"{action.name} cannot be sent: {error}") from error
        asked = self._asked[action_id] = _PendingAction(self._loop.create_future(), take)
        self.transport.write(data)
        try:
            async with asyncio.timeout(seconds):
                await asked.answer
        except TimeoutError:
            raise AmiTimeoutError(f"no answer to {action.name} within {seconds:g} s") from None
        except AmiRefusedError as error:
            if take is not None or _LASTING.search(str(error)):
                self.denied[action.name] = str(error)
            raise
        else:
            self.denied.pop(action.name, None)
        finally:
            del self._asked[action_id]
        return asked

    def drop(self, why: str) -> None:
        """Cut the connection; ``lost`` tells why."""
        self._wrong = self._wrong or why
        if self.transport is not None and not self.lost.done():
            self.transport.abortConnection()

    def farewell(self) -> None:
        """Log off, and leave."""
        if self.transport is not None and not self.lost.done():
            self._wrong = self._wrong or "we left"
            self.transport.write(encode(SimpleAction("Logoff"), next(self._ids)))
            self.transport.loseConnection()

    # --- Twisted's side -------------------------------------------------------------------------------

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's name
        """Be told when Asterisk does not read."""
        self.transport.registerProducer(self, True)

    def pauseProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Asterisk does not read: ask it nothing more."""
        self._flowing = False

    def resumeProducing(self) -> None:  # noqa: N802 - Twisted's name
        """Asterisk reads again."""
        self._flowing = True

    def stopProducing(self) -> None:  # noqa: N802 - Twisted's name
        """The connection ends: ask nothing more."""
        self._flowing = False

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Work off what arrived."""
        self.heard_at = self._loop.time()
        try:
            self._packets.feed(data)
        except AmiPeerError as error:
            self.drop(str(error))
            return
        if not self._working:
            self._work()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's name
        """Tell everybody who waits."""
        why = self._wrong or reason.getErrorMessage()
        for asked in list(self._asked.values()):
            if not asked.answer.done():
                asked.answer.set_exception(AmiLostError(f"the connection is gone: {why}"))
        if not self.greeted.done():
            self.greeted.cancel()
        self.lost.set_result(why)

    # --- what arrives ---------------------------------------------------------------------------------

    def _work(self) -> None:
        """Work off one slice; while more is there, read no more than that."""
        for _ in range(SLICE):
            try:
                packet = self._packets.next()
            except AmiPeerError as error:
                self.drop(str(error))
                return
            if self._packets.greeted and not self.greeted.done():
                self.greeted.set_result(None)
            if packet is None:
                self._read_on(True)
                return
            self._take(packet)
        self._read_on(False)
        self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self.lost.done():
            self._work()

    def _read_on(self, on: bool) -> None:
        if self._working is not on or self.lost.done():
            return
        self._working = not on
        if on:
            self.transport.resumeProducing()
        else:
            self.transport.pauseProducing()

    def _take(self, packet: Response | Event) -> None:
        asked = self._asked.get(value(packet, "ActionID"))
        if isinstance(packet, Response):
            if asked is not None:
                self._answered(asked, packet)
        elif asked is not None and asked.take is not None:
            self._listed(asked, packet, asked.take)
        else:
            try:
                self._on_event(packet)
            except Exception:
                # Whatever is wrong with one event, the next one is not to be lost with it.
                log.exception("ami_event_failed", kind=packet.name)

    def _answered(self, asked: _PendingAction, response: Response) -> None:
        if asked.answer.done() or asked.response is not None:
            return
        asked.response = response
        if response.is_error():
            said = value(response, "Message") or "no reason given"
            asked.answer.set_exception(AmiRefusedError(f"Asterisk says: {said}"))
        elif asked.take is None:
            asked.answer.set_result(None)
        elif value(response, "EventList").lower() != "start":
            self._taken(asked, asked.take)

    def _listed(self, asked: _PendingAction, event: Event, take: Callable[[Sequence[Event]], None]) -> None:
        if asked.answer.done():
            return
        if value(event, "EventList").lower() in ("complete", "cancelled"):
            self._taken(asked, take)
        elif len(asked.events) >= LONGEST_LIST:
            asked.answer.set_exception(AmiRefusedError(f"a list of more than {LONGEST_LIST} entries"))
        else:
            asked.events.append(event)

    @staticmethod
    def _taken(asked: _PendingAction, take: Callable[[Sequence[Event]], None]) -> None:
        try:
            take(asked.events)
        except Exception as error:  # noqa: BLE001 - the one who asked learns of it, not the connection
            asked.answer.set_exception(error)
        else:
            asked.answer.set_result(None)
