"""A leg that breaks off under a call, and who to ring then: nobody hung up, so the shopper stays."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import compress

from bridge.causes import HangupCause
from routing.plan import Endpoint, PlannedStep

_C = HangupCause
#: Why a joined leg ended, where somebody wanted that. Every other cause, one that is added later too, says
#: that the line broke: a browser or phone that vanished, a timer, a transport, a worker of ours.
HUNG_UP: frozenset[HangupCause] = frozenset(
    {
        _C.NORMAL,
        _C.BUSY,
        _C.DECLINED,
        # What we decided ourselves:
        _C.RING_TIMEOUT,
        _C.NOT_FREE,
        _C.ANSWERED_ELSEWHERE,
        _C.PEER_ENDED,
        _C.CANCELLED,
        _C.TRANSFERRED,
        _C.TIME_LIMIT,
        _C.MACHINE,
        _C.NOT_ACCEPTED,
    }
)
#: How often one call goes on after the business's leg broke off; then it comes to its ending.
MOST_LOSSES = 3


def broke_off(cause: HangupCause) -> bool:
    """Whether a leg that had answered ended without anybody wanting it."""
    return cause not in HUNG_UP


def lost_last(steps: tuple[PlannedStep, ...], lost: Collection[Endpoint]) -> tuple[PlannedStep, ...]:
    """The same steps with those phones at the very end that were lost: all others ring before.

    The other places of a destination, such as a mobile phone, keep their turn.
    """
    where = {(endpoint.destination, endpoint.uri) for endpoint in lost}
    others, last = [], []
    for step in steps:
        gone = [(endpoint.destination, endpoint.uri) in where for endpoint in step.endpoints]
        others.append(_only(step, [not each for each in gone]))
        last.append(_only(step, gone))
    return tuple(step for step in (*others, *last) if step.endpoints)


def _only(step: PlannedStep, kept: list[bool]) -> PlannedStep:
    """The step with some of its endpoints alone, at their own times."""

    return replace(
        step,
        endpoints=tuple(compress(step.endpoints, kept)),
        delays=tuple(compress(step.delays, kept)),
        timeouts=tuple(compress(step.timeouts, kept)),
    )
