"""Of what orders came: each is credited to one way that its shopper was served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any, cast, get_args

from sqlalchemy import Connection, and_, case, func, not_, or_, select

from store.tables import calls, chats, conversions, offers
from visits.credit import Credit, Way

#: Whether an order was not paid back altogether.
STANDS = or_(conversions.c.refunded == 0, conversions.c.value > conversions.c.refunded)
WAYS: tuple[Way, ...] = get_args(Way)


def read_credits(
    connection: Connection, since: float, until: float, sites: Collection[str] | None
) -> list[Credit]:
    """The orders of a period, by site, source, currency and the way that has the credit."""
    # A call that was deleted since is believed to have been one in which they talked.
    deleted = and_(conversions.c.call_id.is_not(None), calls.c.id.is_(None))
    talked = or_(calls.c.bridged_at.is_not(None), deleted)
    chatted = conversions.c.chat_id.is_not(None)
    shown = and_(offers.c.id.is_not(None), offers.c.arm == "shown")
    accepted = and_(shown, offers.c.outcome == "accepted")
    call_was_last = or_(
        not_(chatted), func.coalesce(calls.c.bridged_at, 0) >= func.coalesce(chats.c.first_answer_at, 0)
    )
    had: dict[Way, Any] = {
        "call": talked,
        "chat": chatted,
        "accepted": accepted,
        "shown": and_(shown, not_(accepted)),
    }
    credited = case(
        (and_(talked, call_was_last), "call"),
        (chatted, "chat"),
        (talked, "call"),
        (accepted, "accepted"),
        (shown, "shown"),
        else_="nothing",
    )
    orders = (
        select(
            conversions.c.site,
            conversions.c.source,
            conversions.c.currency,
            credited.label("way"),
            conversions.c.value,
            conversions.c.refunded,
            case((STANDS, 1), else_=0).label("stands"),
            *(case((and_(STANDS, each), 1), else_=0).label(f"had_{way}") for way, each in had.items()),
        )
        .select_from(
            conversions.outerjoin(calls, calls.c.id == conversions.c.call_id)
            .outerjoin(chats, chats.c.id == conversions.c.chat_id)
            .outerjoin(offers, offers.c.id == conversions.c.offer_id)
        )
        .where(conversions.c.at >= since, conversions.c.at < until)
    )
    if sites is not None:
        orders = orders.where(conversions.c.site.in_(sites))
    each = orders.subquery()
    statement = select(
        each.c.site,
        each.c.source,
        each.c.currency,
        each.c.way,
        func.sum(each.c.stands),
        func.coalesce(func.sum(each.c.value - each.c.refunded), 0),
        func.sum(each.c.refunded),
        *(func.sum(each.c[f"had_{way}"]) for way in had),
    ).group_by(each.c.site, each.c.source, each.c.currency, each.c.way)
    found: dict[tuple[str, str, str, Way], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for site, source, currency, way, *numbers in connection.execute(statement):
        counted = [int(number) for number in numbers]
        row = found[site, source, currency, cast(Way, way)]
        row[:3] = counted[:3]
        for helper, number in zip(had, counted[3:], strict=True):
            if helper != way and number:
                found[site, source, currency, helper][3] += number
    return [Credit(*key, *numbers) for key, numbers in sorted(found.items(), key=_order)]


def _order(row: tuple[tuple[str, str, str, Way], list[int]]) -> tuple[str, str, str, int]:
    site, source, currency, way = row[0]
    return site, source, currency, WAYS.index(way)
