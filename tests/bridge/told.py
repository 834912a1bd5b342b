"""Facts for tests that set legs by hand: what became true of a leg since the test looked at it last."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from bridge.bulletin import Bulletin, Subscriber
from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord
from bridge.facts import (
    CallEnded,
    CallProgressed,
    Fact,
    LegDialled,
    LegDropped,
    LegExpected,
    LegFact,
    LegFellSilent,
    LegGone,
    LegHeardAgain,
    LegIdentified,
    LegJoined,
    LegParted,
    LegPickedUp,
    LegPutOnHold,
    LegRang,
    LegTakenOffHold,
)
from bridge.leg_ids import call_of
from bridge.legs import Leg, LegState
from bridge.progress import CallProgress

_NEW = Leg("", "business", None, 0.0)  # type: ignore[arg-type]


def facts_of(before: Leg | None, leg: Leg, step: str = "") -> list[LegFact]:
    """What became true of a leg since it looked like ``before``; None for one that was not there."""
    was, facts = before or _NEW, []

    def tell(kind: type[LegFact], at: float | None, **more: Any) -> None:
        facts.append(
            kind(
                call_id=call_of(leg.leg_id),
                at=leg.dialed_at if at is None else at,
                leg=leg.record(leg.dialed_at),
                endpoint=leg.endpoint,
                position=leg.position,
                step=step,
                **more,
            )
        )

    if before is None and leg.state is not LegState.ENDED:
        tell(LegDialled, leg.dialed_at)
    if leg.awaited_at is not None and was.awaited_at is None:
        tell(LegExpected, None, uri=leg.awaited_at)
    if leg.sip_call_id != was.sip_call_id:
        tell(LegIdentified, None)
    if leg.ringing_at is not None and was.ringing_at is None:
        tell(LegRang, leg.ringing_at)
    if leg.answered_at is not None and was.answered_at is None:
        tell(LegPickedUp, leg.answered_at)
    if leg.held != was.held:
        tell(LegPutOnHold if leg.held else LegTakenOffHold, None)
    if leg.faltering != was.faltering:
        tell(LegFellSilent if leg.faltering else LegHeardAgain, None)
    if leg.state is LegState.JOINED is not was.state:
        tell(LegJoined, leg.joined_at)
    if was.state is LegState.JOINED and leg.state is LegState.ANSWERED:
        tell(LegParted, None)
    cause = leg.cause or HangupCause.FAILED
    if leg.state is LegState.ENDING is not was.state:
        tell(LegDropped, None, cause=cause)
    if leg.state is LegState.ENDED is not was.state:
        tell(LegGone, leg.ended_at, cause=cause)
    return facts


class Memory:
    """What the legs of a test looked like."""

    def __init__(self) -> None:
        self._known: dict[str, Leg] = {}

    def facts(self, *legs: Leg, step: str = "") -> list[LegFact]:
        """What became true of these legs since they were looked at last."""
        facts: list[LegFact] = []
        for leg in legs:
            facts += facts_of(self._known.get(leg.leg_id), leg, step)
            self._known[leg.leg_id] = replace(leg)
        return facts


_MEMORIES: WeakKeyDictionary[Any, Memory] = WeakKeyDictionary()


def look(noter: Any, *legs: Leg) -> list[Any]:
    """Have ``noter.note`` take what became true of these legs since it was told last; what it returned."""
    memory = _MEMORIES.setdefault(noter, Memory())
    return [outcome for fact in memory.facts(*legs) for outcome in noter.note(fact) or ()]


class Teller:
    """Tells subscribers what the legs of a test amount to, each time the test says that they have changed."""

    def __init__(self, *subscribers: Subscriber) -> None:
        self.bulletin = Bulletin(*subscribers)
        self._memory = Memory()

    def legs(self, *legs: Leg, step: str = "") -> None:
        """Something happened to these legs."""
        self.tell(*self._memory.facts(*legs, step=step))

    def progress(self, progress: CallProgress) -> None:
        """Another line of a call's story."""
        self.tell(CallProgressed(call_id=progress.call_id, at=progress.at, progress=progress))

    def ended(self, record: CallRecord) -> None:
        """A call is over."""
        self.tell(CallEnded(call_id=record.call_id, at=record.ended_at, record=record))

    def tell(self, *facts: Fact) -> None:
        """All of this, in one moment."""
        self.bulletin.tell(facts)
        assert not self.bulletin.failures


def a_record(call_id: str, disposition: Disposition = Disposition.BRIDGED) -> CallRecord:
    """A call that is over, of which nothing else matters."""
    return CallRecord(call_id, "shop", "main", "", "", 0.0, None, 0.0, disposition, None, ())
