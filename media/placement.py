"""Which worker takes which leg: pure book-keeping by slots, one slot a leg.

A call lives in one *home* worker, where its shopper and, nearly always, its business legs are. What does not
fit there rings in *satellites*. Two legs in different workers are joined by a *tie*, which takes a slot in
both; so as long as a call has a leg in a satellite, a slot for the tie is kept there and at home.

An engine without ties has no satellites: all legs of a call are in its home, or are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from typing import Literal

from config.engines import EngineTraits
from routing.plan import CallPlan, PlannedStep


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a call asks of its home: ``slots`` in all, of which one for a tie if ``tie``."""

    slots: int
    tie: bool
    #: How many legs of the call ring at once, at most.
    width: int
    #: The slots, one of them for a tie, that do while it waits and room is scarce; None if it never waits.
    least: int | None = None
    #: Whether a slot is kept for the shopper, who is dialled after the business.
    shopper_kept: bool = False
    #: The slots that it keeps once it is bridged, used or not.
    bridged: int = 0


def reservation_for(plan: CallPlan, engine: EngineTraits) -> Reservation:
    """The room that a plan needs at home.

    The shopper, the destinations that ring at once, and those of the ring before: a leg that was cancelled
    keeps its slot until the far side confirms, up to 32 s (RFC 3261 section 17.1.1.2). Whoever answers and
    has not accepted yet is one of those that ring.

    No call has less than half a worker, though a shopper who leaves a message is alone in it: so a call that
    has three slots always finds the fourth free for a tie.

    Whom a queue lets a call ring is known when its turn comes: it has a worker to itself until it is bridged.
    Where room is scarce, half a worker does while it waits. Then its turn's legs ring in satellites; failing
    that, one leg at least rings at home.

    A call that may be passed on keeps a third slot: for whom its agent consults or names, or for the tie to
    them.

    Without ties, a call is promised what its plan is known to need. What a queue's turn rings beyond that
    finds room if its worker has slots to spare, as one of hundreds of slots nearly always has.
    """
    business_first, bridged = plan.first == "business", 3 if plan.transferable else 0
    whole = engine.slots
    if plan.queue is not None and engine.ties:
        return Reservation(whole, True, max(1, plan.width), whole // 2, business_first, bridged)
    rings = [ring for step in plan.steps for ring in _rings(step)]
    peak = max((ring + before for ring, before in zip(rings, [0, *rings], strict=False)), default=1)
    fits = 1 + peak <= whole
    slots = max(1 + peak, bridged) if fits else whole
    return Reservation(
        slots, not fits and engine.ties, plan.width, shopper_kept=business_first, bridged=bridged
    )


def _rings(step: PlannedStep) -> list[int]:
    """How many destinations each ring of a step has, one ring after the other."""
    width = len(step.endpoints)
    again = [1] if "retry" in astuple(step.actions) else []
    return [*([width] if step.strategy == "all" else [1] * width), *again]


@dataclass(slots=True)
class Share:
    """What one call holds in one worker."""

    #: Slots promised to the call, used or not, while it is not bridged.
    base: int = 0
    legs: set[str] = field(default_factory=set)
    ties: set[str] = field(default_factory=set)
    #: Whether a slot for a tie is kept.
    tie_kept: bool = False
    #: Whether a slot for the shopper is kept, who is yet to be dialled.
    shopper_kept: bool = False

    def size(self, more_legs: int = 0, tie: bool = False) -> int:
        """Slots that the share takes: now, or with so many more legs, or with a slot kept for a tie."""
        ties = max(len(self.ties), self.tie_kept or tie)
        return max(self.base, len(self.legs) + more_legs + ties + self.shopper_kept)


@dataclass(slots=True)
class WorkerSlots:
    """One worker's slots."""

    worker_id: int
    generation: int
    slots: int
    ready: bool = False
    #: It holds a leg of a dead call and is to be replaced: what is left of its room is not given away.
    condemned: bool = False
    shares: dict[str, Share] = field(default_factory=dict)

    @property
    def used(self) -> int:
        """Slots taken or promised."""
        return sum(share.size() for share in self.shares.values())

    @property
    def free(self) -> int:
        """Slots that may still be given away."""
        return 0 if self.condemned else self.slots - self.used


@dataclass(slots=True)
class _PlacedCall:
    """Where one call is."""

    room: Reservation
    generation: int
    home: int | None
    open: bool = True
    #: Whether the shopper is yet to be dialled, after the business.
    shopper_awaited: bool = False


class Placement:
    """All workers' slots, and which call has them. Ids of calls, legs and workers are unique."""

    def __init__(self, engine: EngineTraits) -> None:
        self._engine = engine
        self.workers: dict[int, WorkerSlots] = {}
        self._calls: dict[str, _PlacedCall] = {}
        self._legs: dict[str, tuple[str, int]] = {}

    # --- workers --------------------------------------------------------------------------------------

    def add_worker(self, worker_id: int, generation: int, ready: bool = False) -> None:
        """A worker has been asked for; it takes legs from now on, though ready ones are preferred."""
        self.workers[worker_id] = WorkerSlots(worker_id, generation, self._engine.slots, ready)

    def remove_worker(self, worker_id: int) -> list[tuple[str, str]]:
        """A worker is gone: the ``(call id, leg id)`` of every leg and tie that went with it."""
        seats = self.workers.pop(worker_id)
        lost = [(call_id, leg_id) for leg_id, (call_id, where) in self._legs.items() if where == worker_id]
        for _, leg_id in lost:
            del self._legs[leg_id]
        for call_id in seats.shares:
            call = self._calls[call_id]
            if call.home == worker_id:
                call.home = None
            self._tidy(call_id)
        return lost

    def vacant(self, worker_id: int) -> bool:
        """Whether no call has anything in this worker."""
        return not self.workers[worker_id].shares

    def open_calls(self, worker_id: int) -> bool:
        """Whether a call that is not closed has anything in this worker."""
        return any(self._calls[call_id].open for call_id in self.workers[worker_id].shares)

    # --- calls ----------------------------------------------------------------------------------------

    def open_call(self, call_id: str, room: Reservation, generation: int, scarce: bool = False) -> int | None:
        """Give a call its home; its worker, or None where no worker of this generation has the room.

        Where room is ``scarce``, a call that will wait in a queue takes the least that does.
        """
        call = _PlacedCall(room, generation, None, shopper_awaited=room.shopper_kept)
        if self._settle(call_id, call, scarce) is None:
            return None
        self._calls[call_id] = call
        return call.home

    def knows_call(self, call_id: str) -> bool:
        """Whether the call was opened and not closed yet."""
        return call_id in self._calls and self._calls[call_id].open

    def generation_of(self, call_id: str) -> int:
        """The generation of workers that an open call lives in."""
        return self._calls[call_id].generation

    def generations(self) -> set[int]:
        """The generations that open calls live in."""
        return {call.generation for call in self._calls.values() if call.open}

    def home_of(self, call_id: str) -> int | None:
        """The worker a call lives in; None when that died, or the call is forgotten."""
        call = self._calls.get(call_id)
        return call.home if call else None

    def bridged(self, call_id: str) -> None:
        """The call's two sides have met: give back what was promised and is not used.

        Where a tie carries the bridge, its slots stay kept, for another tie after it.
        """
        for _, share in self._shares(call_id):
            share.base, share.shopper_kept = 0, False
            share.tie_kept = share.tie_kept and bool(share.ties)
        call = self._calls[call_id]
        if call.home is not None:
            # As far as there is room: where it was scarce, others may have filled the worker meanwhile.
            home = self._home(call)
            share = home.shares[call_id]
            share.base = min(call.room.bridged, share.size() + home.free)
        self._tidy(call_id)

    def squeeze(self, generation: int) -> None:
        """Reservation is scarce: calls that wait in a queue give back what they can do without."""
        for call_id, call in self._calls.items():
            least = call.room.least
            if call.generation != generation or call.home is None or least is None:
                continue
            share = self._home(call).shares[call_id]
            if share.base > least and len(share.legs) <= 1:
                share.base, share.tie_kept = least, True

    def close_call(self, call_id: str) -> set[int]:
        """Forget a call. Legs still there keep their slots until they end; the workers that hold such."""
        call = self._calls.get(call_id)
        if call is None:
            return set()
        call.open = False
        holding = set()
        for seats, share in self._shares(call_id):
            share.base, share.tie_kept, share.shopper_kept = 0, False, False
            if share.legs:
                holding.add(seats.worker_id)
        self._tidy(call_id)
        return holding

    # --- legs -----------------------------------------------------------------------------------------

    def place_leg(self, call_id: str, leg_id: str, shopper: bool = False, scarce: bool = False) -> int | None:
        """The worker for another leg of an open call; None where there is no room for it.

        Where room is ``scarce``, a leg may have the slot that home keeps for a tie: rather one leg at home
        than none, though no satellite can ring then.
        """
        call = self._calls[call_id]
        if call.home is None and self._settle(call_id, call, scarce) is None:
            return None
        home = self._home(call)
        share = home.shares[call_id]
        before = share.size()
        share.shopper_kept = share.shopper_kept and not shopper
        growth = share.size(more_legs=1) - before
        tie = self._engine.ties and not share.tie_kept  # a slot for a tie has to be left
        if growth <= 0 or growth + tie <= home.free:
            return self._take(call_id, leg_id, home, shopper)
        if not self._engine.ties:
            return None
        satellite = self._satellite(call_id, call)
        if satellite is not None:
            share.tie_kept = True
            satellite.shares.setdefault(call_id, Share()).tie_kept = True
            return self._take(call_id, leg_id, satellite, shopper)
        alone = not share.ties and all(other is share for _, other in self._shares(call_id))
        if scarce and (alone or not share.tie_kept):
            kept, share.tie_kept = share.tie_kept, False
            if share.size(more_legs=1) - before <= home.free:
                return self._take(call_id, leg_id, home, shopper)
            share.tie_kept = kept
        return None

    def place_tie(self, call_id: str, tie_id: str, worker_id: int) -> bool:
        """Take a slot for one end of a tie; False only if the call's kept slot is in use already."""
        seats = self.workers[worker_id]
        share = seats.shares[call_id]
        size = len(share.legs) + len(share.ties) + 1
        if max(share.base, size) - share.size() > seats.free:
            return False
        share.ties.add(tie_id)
        self._legs[tie_id] = (call_id, worker_id)
        return True

    def end(self, leg_id: str) -> None:
        """A leg or one end of a tie is gone; what is not known is no error."""
        call_id, worker_id = self._legs.pop(leg_id, ("", -1))
        seats = self.workers.get(worker_id)
        if seats is not None:
            share = seats.shares[call_id]
            share.legs.discard(leg_id)
            share.ties.discard(leg_id)
            if not share.legs and self._calls[call_id].home != worker_id:
                share.tie_kept = False
            self._tidy(call_id)

    def worker_of(self, leg_id: str) -> int | None:
        """Where a living leg or tie is."""
        return self._legs[leg_id][1] if leg_id in self._legs else None

    # --- choices --------------------------------------------------------------------------------------

    def _settle(self, call_id: str, call: _PlacedCall, scarce: bool) -> WorkerSlots | None:
        """Choose a home: the fullest worker that has the room, so that whole workers stay free."""
        elsewhere = any(True for _ in self._shares(call_id))
        tie = call.room.tie or elsewhere
        slots = min(self._engine.slots, call.room.slots + (elsewhere and not call.room.tie))
        seats = self._fullest(call, call_id, slots)
        if seats is None and scarce and call.room.least is not None:
            slots, tie = call.room.least, True
            seats = self._fullest(call, call_id, slots)
        if seats is not None:
            seats.shares[call_id] = Share(slots, tie_kept=tie, shopper_kept=call.shopper_awaited)
            call.home = seats.worker_id
        return seats

    def _satellite(self, call_id: str, call: _PlacedCall) -> WorkerSlots | None:
        """Choose where a leg goes that home has no slot for; None if home could not take the tie."""
        home = self._home(call)
        share = home.shares[call_id]
        if share.size(tie=True) - share.size() > home.free:
            return None
        away = 0
        for seats, other in self._shares(call_id):
            if seats.worker_id != call.home:
                away += len(other.legs)
                if other.size(more_legs=1, tie=True) - other.size() <= seats.free:
                    return seats
        expected = max(1, call.room.width - len(share.legs) + 1 - away)
        return self._fullest(call, call_id, min(self._engine.slots, expected + 1)) or self._fullest(
            call, call_id, 2, emptiest=True
        )

    def _fullest(
        self, call: _PlacedCall, call_id: str, slots: int, emptiest: bool = False
    ) -> WorkerSlots | None:
        fitting = [
            seats
            for seats in self.workers.values()
            if seats.generation == call.generation and seats.free >= slots and call_id not in seats.shares
        ]
        order: Literal[1, -1] = -1 if emptiest else 1
        return min(fitting, key=lambda seats: (not seats.ready, order * seats.free), default=None)

    def _take(self, call_id: str, leg_id: str, seats: WorkerSlots, shopper: bool) -> int:
        if shopper:
            self._calls[call_id].shopper_awaited = False
        seats.shares[call_id].legs.add(leg_id)
        self._legs[leg_id] = (call_id, seats.worker_id)
        return seats.worker_id

    def _home(self, call: _PlacedCall) -> WorkerSlots:
        assert call.home is not None  # noqa: S101 - callers settle the call first
        return self.workers[call.home]

    def _shares(self, call_id: str) -> Iterator[tuple[WorkerSlots, Share]]:
        for seats in self.workers.values():
            if call_id in seats.shares:
                yield seats, seats.shares[call_id]

    def _tidy(self, call_id: str) -> None:
        """Drop shares that hold nothing, and the call when it is closed and has none left."""
        call = self._calls[call_id]
        held = False
        for seats, share in list(self._shares(call_id)):
            if share.size() or (call.open and seats.worker_id == call.home):
                held = True
            else:
                del seats.shares[call_id]
        if not held and not call.open:
            del self._calls[call_id]
