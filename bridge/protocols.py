"""What the engine needs of the world, owned here and implemented by the adapters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, NotedLeg
from bridge.commands import MediaCommand
from bridge.events import LegEvent
from bridge.snapshot import CallSnapshot
from routing.plan import CallPlan, ClickToCall, Endpoint, PlannedStep


class CallMedia(Protocol):
    """Does what media commands say, somewhere. Reports come through the engine's ``handle``."""

    def open_call(self, call_id: str, plan: CallPlan) -> None:
        """Reserve room for a call; :class:`OutOfCapacityError` where there is none."""

    def perform(self, call_id: str, command: MediaCommand) -> None:
        """Carry out one command. Never raises: what fails is reported as LegEnded."""

    def close_call(self, call_id: str) -> None:
        """Every leg of the call is gone: free its room."""


class CallKeeper(Protocol):
    """Keeps bridged calls alive while no core is there, and tells the next one what became of them."""

    def keep(self, call_id: str, known: CallSnapshot | None, ahead: float) -> None:
        """This is how a bridged call stands; None: it is not to outlive the core.

        ``ahead`` is by how much the call's clock is ahead of CLOCK_MONOTONIC.
        """

    def resume_call(self, known: CallSnapshot, live: Collection[str]) -> None:
        """Carry on with a call that was kept, as if it had been opened and these legs dialled here.

        :class:`OutOfCapacityError` where there is no room.
        """


class OutOfCapacityError(Exception):
    """No media worker has room for another call."""


#: How a media adapter reports: ``handle(call_id, event)``.
LegReport = Callable[[str, LegEvent], None]


class CallStore(Protocol):
    """Remembers calls across a crash. A call is there before its first INVITE leaves."""

    async def open_call(self, call_id: str, click: ClickToCall, route: str, requested_at: float) -> None:
        """Put a new, unfinished call on disk."""

    async def settle(
        self, call_id: str, disposition: Disposition, cause: HangupCause | None, bridged_at: float | None
    ) -> None:
        """Put a call's disposition on disk before its CDR: at the bridge, or when an unbridged call ends."""

    async def write_cdr(self, record: CallRecord) -> None:
        """Finish a call: its row is completed and its legs are written, in one transaction."""

    async def close_unfinished(self, at: float, kept: Collection[str] = ()) -> Sequence[str]:
        """Close what a dead core left open, as ``failed`` unless settled before; returns the call ids.

        Not the calls that are ``kept``.
        """


class LegStore(Protocol):
    """Remembers the legs of live calls across a crash, and when the core was last known to live."""

    async def note_legs(self, legs: Sequence[NotedLeg]) -> None:
        """Put legs of live calls on disk, in place of what was known of them; of finished calls, none."""

    async def beat(self, at: float) -> None:
        """Put on disk that the core lives at this moment."""


@dataclass(frozen=True, slots=True)
class VoiceMessage:
    """What a shopper said, as a file; ``number`` is E.164, ``at`` seconds since the epoch."""

    call_id: str
    mailbox: str
    site: str
    number: str
    page: str
    context: Mapping[str, str]
    path: str
    seconds: float
    at: float
    #: What the retailer's server had signed; ``context`` is what the page claimed.
    signed: Mapping[str, str] = field(default_factory=dict)
    #: Whether the number is the shopper's for certain (routing.identity).
    number_verified: bool = True


class Mailboxes(Protocol):
    """Keeps messages, and sends them on."""

    async def keep(self, message: VoiceMessage) -> None:
        """Put a message on disk. It is sent on later, whatever happens meanwhile."""


class Callbacks(Protocol):
    """Books callbacks. Reports CallbackBooked or CallbackRefused through the engine's ``handle``."""

    def book(self, call_id: str, click: ClickToCall, terms: str) -> None:
        """Book a callback; answers later, never from within."""


class Rota(Protocol):
    """Says who may be rung at this moment. Asked while an event is handled: answers from memory."""

    def steps(self, call_id: str, click: ClickToCall, plan: CallPlan) -> tuple[PlannedStep, ...]:
        """The steps that the route of a call rings now; none if nobody can be rung."""

    def is_free(self, call_id: str, endpoint: Endpoint) -> bool:
        """Whether this call may ring there, which it does at once where it may.

        The decision who to ring may be a minute old: others have been rung since. A destination that the
        call holds already is free for it.
        """


class Queues(Protocol):
    """Lets calls wait. Reports QueueMoved and TurnCame through the engine's ``handle``."""

    def enter(self, call_id: str, click: ClickToCall, queue: str, busy: bool, first: bool) -> None:
        """Let a call wait, or wait on after a turn that reached nobody; answers later, never from within.

        ``busy`` tells that phones were busy in that turn, ``first`` that it comes before all who wait.
        """

    def leave(self, call_id: str, queue: str, served: bool) -> None:
        """The call waits no more; one that does not is no error."""


class Pages(Protocol):
    """Pushes pages to shoppers. Reports PageAnswered through the engine's ``handle``."""

    def push(self, call_id: str, leg_id: str, keys: str) -> None:
        """Push the page that was keyed in on this leg; answers later, never from within."""


class Cancellable(Protocol):
    """A delayed call that can be called off."""

    def cancel(self) -> None:
        """Call it off."""


class Clock(Protocol):
    """Time, and calls in the future."""

    def time(self) -> float:
        """Seconds since the epoch, UTC."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Cancellable:
        """Call back in so many seconds."""
