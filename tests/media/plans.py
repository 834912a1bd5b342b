"""Short ways to write plans and endpoints."""

from __future__ import annotations

from routing.plan import CallPlan, PlannedStep, SipEndpoint, Tone


def endpoint(user: str, destination: str = "store", at: str = "127.0.0.1") -> SipEndpoint:
    return SipEndpoint(destination, destination, f"sip:{user}@{at}", None)


def plan(*steps: tuple[str, int]) -> CallPlan:
    """A plan of steps such as ``("all", 3)``."""
    return CallPlan(
        site="shop",
        route="main",
        shopper=endpoint("answer", "shopper"),
        shopper_timeout=20.0,
        greeting=None,
        ringback=Tone("us", ((440, 480, 2000, 4000),)),
        steps=tuple(
            PlannedStep(strategy, tuple(endpoint("ring", f"d{n}") for n in range(width)), 20.0)
            for strategy, width in steps
        ),
        max_duration=3600.0,
    )
