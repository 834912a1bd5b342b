"""Two experiments of the shop: one that brought something, and one of which it is too early to tell."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from store.tables import conversions, offers
from tests.api.serving import Server

NOVEMBER = {"first": "2026-11-01", "last": "2026-11-30"}
#: 1 November 2026, 01:00 UTC.
BEGAN = 1_793_494_800.0


async def with_experiments(server: Server) -> None:
    """``rescue``: 240 of 2000 bought, 120 of 2000 of its control group. ``browse``: 20 of 100 each."""
    made: list[dict[str, object]] = []
    orders: list[dict[str, object]] = []
    for rule, arm, visitors, bought, accepted in (
        ("rescue", "shown", 2000, 240, 300),
        ("rescue", "control", 2000, 120, 0),
        ("browse", "shown", 50, 20, 10),
        ("browse", "control", 50, 20, 0),
    ):
        for number in range(visitors):
            visitor = f"{rule}-{arm}-{number}"
            said_yes = number < accepted
            made.append(
                {"id": visitor, "site": "shop", "visitor": visitor, "rule": rule, "epoch": "2026-11-01",
                 "variant": "", "arm": arm, "page": "/cart", "offered_at": BEGAN + number,
                 "outcome": "accepted" if said_yes else "exposed"}
            )  # fmt: skip
            # Every other one who accepted buys, and then as many of the others as it takes.
            buys = number % 2 == 0 if said_yes else number < accepted + bought - (accepted + 1) // 2
            if buys:
                orders.append(
                    {"site": "shop", "ref": visitor, "visitor": visitor, "at": BEGAN + number + 600,
                     "value": 4_900, "currency": "EUR", "source": "server", "offer_id": visitor}
                )  # fmt: skip

    def write(connection: Connection) -> None:
        connection.execute(insert(offers), made)
        connection.execute(insert(conversions), orders)

    await server.stores.database.write(write)
