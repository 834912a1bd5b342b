"""Short ways to write plans and endpoints."""

from __future__ import annotations

from typing import Any

from routing.plan import Actions, CallPlan, PlannedStep, Prompt, Queueing, SipEndpoint, Tone

TONE = Tone("us", ((440, 480, 2000, 4000),))
QUEUE = Queueing("queue", Prompt("waiting", "waiting.wav"), TONE, announce_every=30.0, longest=900.0)


def endpoint(user: str, destination: str = "store", at: str = "127.0.0.1") -> SipEndpoint:
    return SipEndpoint(destination, destination, f"sip:{user}@{at}", None)


def plan(*steps: tuple[str, int], actions: Actions | None = None, **others: Any) -> CallPlan:
    """A plan of steps such as ``("all", 3)``."""
    return CallPlan(
        site="shop",
        route="main",
        shopper=endpoint("answer", "shopper"),
        shopper_timeout=20.0,
        greeting=None,
        ringback=TONE,
        steps=tuple(
            PlannedStep(
                strategy,
                tuple(endpoint("ring", f"d{n}") for n in range(width)),
                20.0,
                actions=actions or Actions(),
            )
            for strategy, width in steps
        ),
        max_duration=3600.0,
        **others,
    )
