"""The most calls or chats at once, from those that are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from sqlalchemy import Connection, func, or_, select

from bridge.causes import Disposition
from reports.at_once import Peak, peaks
from reports.parts import Channel
from reports.periods import DAY
from store.tables import calls, chats

#: One that began so long before a period is over by then, in seconds.
LONGEST = DAY


def read_peaks(
    connection: Connection,
    channel: Channel,
    bounds: Sequence[int],
    sites: Collection[str] | None,
    now: float,
) -> list[Peak | None]:
    """The peak of each stretch; None where it begins after ``now`` or ends before all that is kept."""
    table = calls if channel == "calls" else chats
    began = calls.c.requested_at if channel == "calls" else chats.c.asked_at
    here = [] if sites is None else [table.c.site.in_(sites)]
    oldest = connection.scalar(select(func.min(began)).where(*here))
    if oldest is None:
        return [None] * (len(bounds) - 1)
    statement = select(began, table.c.ended_at).where(*here, began >= bounds[0] - LONGEST, began < bounds[-1])
    if channel == "calls":  # what a limit refused took no line
        refused = Disposition.REFUSED.value
        statement = statement.where(or_(calls.c.disposition.is_(None), calls.c.disposition != refused))

    def spans() -> Iterator[tuple[float, float]]:
        for begins, ends in connection.execute(statement.order_by(began)):
            yield begins, max(now, begins + 1) if ends is None else ends

    return [
        peak if ends > oldest and begins <= now else None
        for peak, (begins, ends) in zip(peaks(spans(), bounds), pairwise(bounds), strict=True)
    ]
