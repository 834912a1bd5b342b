"""Who owns what only one node at a time may do: the decision. Pure.

A lease is a row with an owner and an end, in the database's own time. Its owner makes the end later again and
again; when it no longer does, whoever comes first after the end takes over. The epoch counts owners: what an
owner of before still writes is told apart by it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

#: Seconds that a lease lasts from each beat on, and between two beats. A dead owner is followed after their
#: sum at the latest.
LENGTH, BEAT = 7.0, 2.0
#: Seconds before the end of its lease at which an owner stops by itself, if no beat went well.
MARGIN = 1.5


@dataclass(frozen=True, slots=True)
class Lease:
    """``until`` is in the database's time, epoch seconds; ``owner`` is a life of a node."""

    name: str
    owner: str
    until: float
    epoch: int


def taken(name: str, row: Lease | None, asker: str, now: float) -> Lease | None:
    """The lease as it is once ``asker`` has it; None while another one does.

    One that ran out is a new one, even for its last owner: it may have stopped meanwhile.
    """
    if row is None:
        return Lease(name, asker, now + LENGTH, 1)
    if row.until > now:
        return replace(row, until=now + LENGTH) if row.owner == asker else None
    return Lease(name, asker, now + LENGTH, row.epoch + 1)


def given_up(row: Lease | None, asker: str, now: float) -> Lease | None:
    """The lease once ``asker`` has given it up, for anybody to take; None where that changes nothing."""
    if row is None or row.owner != asker or row.until <= now:
        return None
    return replace(row, until=now)


def mine_until(lease: Lease, now: float, asked_at: float) -> float:
    """Until when its owner may act, on the clock on which it asked at ``asked_at``.

    ``now`` is the database's time of the answer. The asker counts from before it asked, so that a slow answer
    never makes it longer than the lease is.
    """
    return asked_at + (lease.until - now) - MARGIN


def holds(row: Lease | None, owner: str, epoch: int, now: float) -> bool:
    """Whether this owner still has the lease that it got with this epoch."""
    return row is not None and (row.owner, row.epoch) == (owner, epoch) and row.until > now
