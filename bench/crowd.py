"""Simulated visitors of a shop, who do with invitations what a shopper may do; and what they did, to compare.

Everything that the server counts is counted here as well, by what it answered.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bench.wire import WireAnswer

#: What is counted: arm, outcome.
Counted = tuple[str, str]


class Wire(Protocol):
    """A connection to the server."""

    async def post(self, path: str, body: bytes, address: str) -> WireAnswer:
        """Send a body."""


@dataclass(frozen=True)
class Habits:
    """How likely a visitor does what. The rest follows from it."""

    #: Leaves at once, when the invitation has appeared, and is not heard of again.
    leaves: float = 0.0
    accepts: float = 0.3
    declines: float = 0.3
    #: Buys, in the control group; and in the other, whether or not they talked.
    buys: float = 0.05
    buys_invited: float = 0.05


@dataclass
class CrowdDid:
    """What all of them did."""

    told: Counter[Counted] = field(default_factory=Counter)
    #: Visitors who were exposed, and those who bought, by arm.
    exposed: Counter[str] = field(default_factory=Counter)
    bought: Counter[str] = field(default_factory=Counter)
    refused: int = 0


def address_of(number: int) -> str:
    """An IPv4 address for each visitor."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


async def visit(
    wires: Sequence[Wire], site: str, count: int, habits: Habits, chance: random.Random
) -> CrowdDid:
    """Have so many visitors come, each on one of the connections; what they did."""
    did, numbers = CrowdDid(), iter(range(count))

    async def one_after_the_other(wire: Wire) -> None:
        for number in numbers:
            await _visitor(wire, site, number, habits, chance, did)

    await asyncio.gather(*(one_after_the_other(wire) for wire in wires))
    return did


async def _visitor(
    wire: Wire, site: str, number: int, habits: Habits, chance: random.Random, did: CrowdDid
) -> None:
    me = {"v": 1, "site": site, "view": secrets.token_urlsafe(12), "visitor": secrets.token_urlsafe(16)}
    me["consent"] = True
    address = address_of(number)

    async def say(path: str, more: dict[str, Any]) -> Any:
        answer = await wire.post(path, json.dumps({**me, **more}).encode(), address)
        if answer.status not in (200, 204):
            did.refused += 1
        return json.loads(answer.body) if answer.status == 200 else None

    question = {"page": {"url": "https://shop.example/cart"}, "facts": {"promo.failed": 2}, "trusted": True}
    plan = await say("/v1/page", question)
    if plan is None or plan["offer"] is None:
        did.told["", "no_offer"] += 1
        return
    offer, arm = plan["offer"]["id"], plan["offer"]["arm"]

    async def tell(what: str, times: int = 1) -> None:
        did.told[arm, what] += 1
        for _ in range(times):
            await say("/v1/page/events", {"what": what, "offer": offer})

    did.told[arm, "offered"] += 1
    # Networks repeat: what comes twice counts once.
    await tell("exposed", times=2 if chance.random() < 0.1 else 1)
    did.exposed[arm] += 1
    if chance.random() < habits.leaves:
        return
    if arm == "shown":
        draw = chance.random()
        if draw < habits.accepts:
            await tell("accepted")
        elif draw < habits.accepts + habits.declines:
            await tell("declined")
    if chance.random() < (habits.buys_invited if arm == "shown" else habits.buys):
        did.bought[arm] += 1
        await say("/v1/page/events", {"what": "converted", "ref": f"order-{me['visitor']}", "value": 4200,
                                      "currency": "EUR"})  # fmt: skip
