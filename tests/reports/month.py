"""A month of simulated calls and chats, as a shop with a queue has them: many, and of every kind."""

from __future__ import annotations

import random
from collections.abc import Iterator

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord
from reports.parts import CountedChat, CountedUnder
from tests.store.records import a_leg

#: 1 October 2026, 00:00 UTC: in its month the clocks of Lord Howe are set forward.
OCTOBER = 1_790_812_800.0
DAYS = 31
ROUTES = {"sales": "line", "support": "line", "store": ""}
AGENTS = ("agent:alice", "agent:ben", "boston")
PAGES = (
    "https://shop.example/",
    "https://shop.example/cart?id=7",
    "https://shop.example/p/bike-12345678",
    "",
)
AROUND = CountedUnder(
    queue_of=lambda route: ROUTES.get(route, ""),
    in_time=lambda queue: 30.0 if queue else 20.0,
    agent_of=lambda destination: destination.removeprefix("agent:"),
)


def some_calls(
    count: int, seed: int = 7, *, in_order: bool = False
) -> Iterator[tuple[CallRecord, str, float]]:
    """Calls, each with the rule that it came of and its wrap-up in seconds; ``in_order`` of their times."""
    chance = random.Random(seed)
    for number in range(count):
        at = OCTOBER + (number / count if in_order else chance.random()) * DAYS * 86400
        disposition = chance.choice(list(Disposition))
        bridged, took = None, chance.choice(AGENTS)
        ended = at + chance.choice((1.0, 4.9, 30.0, 200.0))
        if disposition is Disposition.BRIDGED:
            bridged = at + chance.lognormvariate(2.5, 1)
            ended = bridged + chance.uniform(1, 600)
        answered = disposition not in (Disposition.REFUSED, Disposition.SHOPPER_UNREACHABLE)
        times = {"dialed_at": at + 0.5, "ringing_at": None, "ended_at": ended}
        legs = [a_leg(f"{number}-s", role="shopper", answered_at=at + 2 if answered else None, **times)]
        if bridged:
            legs.append(a_leg(f"{number}-x", **times))
            legs.append(a_leg(f"{number}-b", destination=took, joined_at=bridged, **times))
        yield (
            CallRecord(
                call_id=f"c{number}",
                site=chance.choice(("acme", "outdoor")),
                route=chance.choice(list(ROUTES)),
                number="",
                page=chance.choice(PAGES),
                requested_at=at,
                bridged_at=bridged,
                ended_at=ended,
                disposition=disposition,
                cause=HangupCause.NORMAL,
                legs=tuple(legs) if disposition is not Disposition.REFUSED else (),
                reason="out_of_capacity" if disposition is Disposition.REFUSED and number % 3 else None,
            ),
            chance.choice(("", "", "rescue")),
            chance.choice((0.0, 12.5)) if bridged else 0.0,
        )


def some_chats(count: int, seed: int = 8) -> Iterator[tuple[CountedChat, str]]:
    """Chats, each with the rule that it came of."""
    chance = random.Random(seed)
    for number in range(count):
        at = OCTOBER + chance.uniform(0, DAYS * 86400)
        accepted = at + chance.uniform(0, 90) if chance.random() < 0.8 else None
        first = accepted + chance.uniform(0, 40) if accepted and chance.random() < 0.9 else None
        yield (
            CountedChat(
                chat_id=f"t{number}",
                site=chance.choice(("acme", "outdoor")),
                route=chance.choice(list(ROUTES)),
                queue=chance.choice(("line", "")),
                page=chance.choice(PAGES),
                agent=chance.choice(("alice", "ben")) if accepted else "",
                outcome="answered" if first else "abandoned",
                asked_at=at,
                waited=(accepted or at + 20) - at,
                accepted_at=accepted,
                first_answer_at=first,
                ended_at=(first or accepted or at) + chance.choice((2.0, 300.0)),
                handled=chance.uniform(1, 500) if accepted else 0.0,
                replies=chance.randint(0, 5),
                reply_seconds=chance.uniform(0, 60),
            ),
            chance.choice(("", "rescue")),
        )
