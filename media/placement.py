"""Decides which worker takes which leg, by slots: each leg takes one. Pure.

A call has one *home* worker, with its shopper and nearly always its business legs. Legs that do not fit there
ring in *satellites*. Two legs in different workers are joined by a *tie*, which takes a slot in both. So
while a call has a leg in a satellite, a slot for the tie is kept there and at home.

An engine without ties has no satellites: all legs of a call are at home, or are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from typing import Literal

from config.engines import EngineTraits
from routing.plan import CallPlan, PlannedStep


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a call needs at home: ``slots`` in all, one of them for a tie if ``tie``."""

    slots: int
    tie: bool
    #: The most legs of the call that ring at once.
    width: int
    #: The slots, one of them for a tie, that suffice while it waits in a queue; None if it never waits.
    least: int | None = None
    #: Whether a slot is kept for the shopper, because the business is dialled first.
    shopper_kept: bool = False
    #: The slots that it keeps when it is bridged, used or not.
    bridged: int = 0


def reservation_for(plan: CallPlan, engine: EngineTraits) -> Reservation:
    """The slots that a plan needs at home.

    They are for the shopper, the destinations that ring at once, and those of the ring before: a cancelled
    leg keeps its slot until the far side confirms, up to 32 s (RFC 3261 section 17.1.1.2). A person who
    answered and has not accepted yet still counts as ringing.

    Every call gets at least two slots, even for a shopper who leaves a message. So a call with three slots of
    four always finds the fourth free for a tie.

    A call in a queue gets a whole worker until it is bridged, because the destinations of its turn are not
    known before. If slots are scarce, half a worker suffices while it waits. Then the legs of its turn ring
    in satellites, or at least one leg rings at home.

    A call that may be transferred keeps a third slot: for the person consulted, or for the tie to them.

    Without ties, a call gets what its plan is known to need. The legs of a queue's turn beyond that find
    slots if the worker has free ones, and a worker with hundreds of slots nearly always has.
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
    """How many destinations ring at once, in each ring of a step."""
    width = len(step.endpoints)
    again = [1] if "retry" in astuple(step.actions) else []
    return [*([width] if step.strategy == "all" else [1] * width), *again]


@dataclass(slots=True)
class Share:
    """The slots of one call in one worker."""

    #: Slots reserved for the call, used or not.
    base: int = 0
    legs: set[str] = field(default_factory=set)
    ties: set[str] = field(default_factory=set)
    #: Whether a slot for a tie is kept.
    tie_kept: bool = False
    #: Whether a slot is kept for the shopper, who is not dialled yet.
    shopper_kept: bool = False
    #: What it was when its worker counted it last.
    counted: int = 0

    def size(self, more_legs: int = 0, tie: bool = False) -> int:
        """The slots taken: now, or with so many more legs, or with a slot kept for a tie."""
        ties = max(len(self.ties), self.tie_kept or tie)
        return max(self.base, len(self.legs) + more_legs + ties + self.shopper_kept)


@dataclass(slots=True)
class WorkerSlots:
    """One worker's slots."""

    worker_id: int
    generation: int
    slots: int
    ready: bool = False
    #: It still has a leg of a closed call, and will be replaced: its free slots are not used.
    condemned: bool = False
    shares: dict[str, Share] = field(default_factory=dict)
    #: Slots taken or reserved: kept, as hundreds of shares would have to be added up for each leg.
    used: int = 0

    def count(self, share: Share) -> None:
        """Count a share of this worker again, as it changed."""
        size = share.size()
        self.used += size - share.counted
        share.counted = size

    @property
    def free(self) -> int:
        """Slots that another call can have."""
        return 0 if self.condemned else self.slots - self.used


@dataclass(slots=True)
class _PlacedCall:
    """Where one call is."""

    room: Reservation
    generation: int
    home: int | None
    open: bool = True
    #: Whether the shopper is still to be dialled, after the business.
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
        """Add a worker that was asked for. It takes legs from now on, but ready workers are preferred."""
        self.workers[worker_id] = WorkerSlots(worker_id, generation, self._engine.slots, ready)

    def remove_worker(self, worker_id: int) -> list[tuple[str, str]]:
        """Remove a dead worker; returns the ``(call id, leg id)`` of its legs and ties."""
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
        """Whether an open call has anything in this worker."""
        return any(self._calls[call_id].open for call_id in self.workers[worker_id].shares)

    # --- calls ----------------------------------------------------------------------------------------

    def open_call(self, call_id: str, room: Reservation, generation: int, scarce: bool = False) -> int | None:
        """Give a call its home; returns the worker, or None if none of this generation has the slots.

        If slots are ``scarce``, a call that will wait in a queue gets its ``least``.
        """
        call = _PlacedCall(room, generation, None, shopper_awaited=room.shopper_kept)
        if self._settle(call_id, call, scarce) is None:
            return None
        self._calls[call_id] = call
        return call.home

    def knows_call(self, call_id: str) -> bool:
        """Whether the call is open."""
        return call_id in self._calls and self._calls[call_id].open

    def generation_of(self, call_id: str) -> int:
        """The generation of an open call's workers."""
        return self._calls[call_id].generation

    def generations(self) -> set[int]:
        """The generations of all open calls' workers."""
        return {call.generation for call in self._calls.values() if call.open}

    def home_of(self, call_id: str) -> int | None:
        """A call's home; None if that died, or the call is not known."""
        call = self._calls.get(call_id)
        return call.home if call else None

    def bridged(self, call_id: str) -> None:
        """The call is bridged: free the slots that it reserved and does not use.

        If a tie carries the bridge, its slots stay, for another tie after it.
        """
        for seats, share in self._shares(call_id):
            share.base, share.shopper_kept = 0, False
            share.tie_kept = share.tie_kept and bool(share.ties)
            seats.count(share)
        call = self._calls[call_id]
        if call.home is not None:
            # As far as slots are free: others may have taken them while the call waited with its least.
            home = self._home(call)
            share = home.shares[call_id]
            share.base = min(call.room.bridged, share.size() + home.free)
            home.count(share)
        self._tidy(call_id)

    def squeeze(self, generation: int) -> None:
        """Slots are scarce: calls that wait in a queue free all but their ``least``."""
        for call_id, call in self._calls.items():
            least = call.room.least
            if call.generation != generation or call.home is None or least is None:
                continue
            home = self._home(call)
            share = home.shares[call_id]
            if share.base > least and len(share.legs) <= 1:
                share.base, share.tie_kept = least, True
                home.count(share)

    def close_call(self, call_id: str) -> set[int]:
        """Close a call; returns the workers with legs of it, which keep their slots until they end."""
        call = self._calls.get(call_id)
        if call is None:
            return set()
        call.open = False
        holding = set()
        for seats, share in self._shares(call_id):
            share.base, share.tie_kept, share.shopper_kept = 0, False, False
            seats.count(share)
            if share.legs:
                holding.add(seats.worker_id)
        self._tidy(call_id)
        return holding

    # --- legs -----------------------------------------------------------------------------------------

    def place_leg(self, call_id: str, leg_id: str, shopper: bool = False, scarce: bool = False) -> int | None:
        """The worker for one more leg of an open call; None if there is no slot for it.

        If slots are ``scarce``, a leg may take the slot that home keeps for a tie: one leg at home is better
        than none, even if no satellite can ring then.
        """
        call = self._calls[call_id]
        if call.home is None and self._settle(call_id, call, scarce) is None:
            return None
        home = self._home(call)
        share = home.shares[call_id]
        before = share.size()
        share.shopper_kept = share.shopper_kept and not shopper
        home.count(share)
        growth = share.size(more_legs=1) - before
        tie = self._engine.ties and not share.tie_kept  # a slot for a tie has to be left
        if growth <= 0 or growth + tie <= home.free:
            return self._take(call_id, leg_id, home, shopper)
        if not self._engine.ties:
            return None
        satellite = self._satellite(call_id, call)
        if satellite is not None:
            share.tie_kept = True
            home.count(share)
            satellite.shares.setdefault(call_id, Share()).tie_kept = True
            return self._take(call_id, leg_id, satellite, shopper)
        alone = not share.ties and all(other is share for _, other in self._shares(call_id))
        if scarce and (alone or not share.tie_kept):
            kept, share.tie_kept = share.tie_kept, False
            home.count(share)
            if share.size(more_legs=1) - before <= home.free:
                return self._take(call_id, leg_id, home, shopper)
            share.tie_kept = kept
            home.count(share)
        return None

    def place_tie(self, call_id: str, tie_id: str, worker_id: int) -> bool:
        """Take a slot for one end of a tie; False only if the kept slot is already in use."""
        seats = self.workers[worker_id]
        share = seats.shares[call_id]
        size = len(share.legs) + len(share.ties) + 1
        if max(share.base, size) - share.size() > seats.free:
            return False
        share.ties.add(tie_id)
        seats.count(share)
        self._legs[tie_id] = (call_id, worker_id)
        return True

    def end(self, leg_id: str) -> None:
        """A leg or one end of a tie is over; does nothing if it is not known."""
        call_id, worker_id = self._legs.pop(leg_id, ("", -1))
        seats = self.workers.get(worker_id)
        if seats is not None:
            share = seats.shares[call_id]
            share.legs.discard(leg_id)
            share.ties.discard(leg_id)
            if not share.legs and self._calls[call_id].home != worker_id:
                share.tie_kept = False
            seats.count(share)
            self._tidy(call_id)

    def worker_of(self, leg_id: str) -> int | None:
        """The worker of a leg or tie; None if it is not known."""
        return self._legs[leg_id][1] if leg_id in self._legs else None

    # --- choices --------------------------------------------------------------------------------------

    def _settle(self, call_id: str, call: _PlacedCall, scarce: bool) -> WorkerSlots | None:
        """Choose a home: the fullest worker with the slots, so that whole workers stay free."""
        elsewhere = any(True for _ in self._shares(call_id))
        tie = call.room.tie or elsewhere
        slots = min(self._engine.slots, call.room.slots + (elsewhere and not call.room.tie))
        seats = self._fullest(call, call_id, slots)
        if seats is None and scarce and call.room.least is not None:
            slots, tie = call.room.least, True
            seats = self._fullest(call, call_id, slots)
        if seats is not None:
            share = seats.shares[call_id] = Share(slots, tie_kept=tie, shopper_kept=call.shopper_awaited)
            seats.count(share)
            call.home = seats.worker_id
        return seats

    def _satellite(self, call_id: str, call: _PlacedCall) -> WorkerSlots | None:
        """Choose a worker for a leg that does not fit at home; None if home cannot take the tie."""
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
        share = seats.shares[call_id]
        share.legs.add(leg_id)
        seats.count(share)
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
        """Remove empty shares, and the call if it is closed and has none left."""
        call = self._calls[call_id]
        held = False
        for seats, share in list(self._shares(call_id)):
            if share.size() or (call.open and seats.worker_id == call.home):
                held = True
            else:
                del seats.shares[call_id]
        if not held and not call.open:
            del self._calls[call_id]
