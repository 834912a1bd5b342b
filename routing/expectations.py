"""The expectations that an operator keeps beside the routes: what each click leads to, and what none does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from config.problems import Loc
from config.routes import RouteTest
from routing.clicks import moment_of, try_click
from routing.decide import Decision, plan_call
from routing.directory import Directory, Standing
from routing.explain import explain
from routing.router import Router

#: More calls than any destination can take.
_FULL = Standing(live_calls=10**9)


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that was expected otherwise, and the setting that expects it."""

    loc: Loc
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """One test and what came of it."""

    test: RouteTest
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All tests; ``uncovered`` are routes that took no call of any."""

    results: tuple[Result, ...]
    uncovered: tuple[str, ...]


def run_tests(router: Router) -> Outcomes:
    """Decide every test's click with the server's own function, and compare."""
    results: list[Result] = []
    covered: set[str] = set()
    for number, test in enumerate(router.config.tests):
        decision = _decide(test, router)
        covered |= {route.name for stage in decision.stages for route in stage.taken}
        results.append(Result(test, tuple(_failures(("tests", number, "expect"), test, decision, router))))
    uncovered = tuple(name for name, route in router.nodes.items() if route.takes and name not in covered)
    return Outcomes(tuple(results), uncovered)


def _decide(test: RouteTest, router: Router) -> Decision:
    click = try_click(router.config, test.site, test.number, test.page, test.ip, test.context)
    now = moment_of(test.at, router.zones[click.site])
    directory = Directory(dict.fromkeys(test.busy, _FULL))
    return plan_call(click, router, "test", directory, now, 0.5)


def _failures(loc: Loc, test: RouteTest, decision: Decision, router: Router) -> Iterator[Failure]:
    expect = test.expect
    endpoints = (endpoint for step in decision.plan.steps for endpoint in step.endpoints)
    order = tuple(dict.fromkeys(endpoint.destination for endpoint in endpoints))
    told = ", ".join(order) or "nobody"
    if expect.route is not None and expect.route != decision.plan.route:
        yield Failure((*loc, "route"), f"expected route {expect.route}, and it is {decision.plan.route}")
    if expect.destinations is not None and set(expect.destinations) != set(order):
        wanted = ", ".join(sorted(expect.destinations)) or "nobody"
        yield Failure((*loc, "destinations"), f"expected to ring {wanted}, and it rings {told}")
    if expect.order is not None and expect.order != order:
        wanted = ", ".join(expect.order) or "nobody"
        yield Failure((*loc, "order"), f"expected to ring {wanted}, and it rings {told}")
    if expect.reason is not None:
        lines = [line.text for line in explain(decision, router)]
        if not any(expect.reason in line for line in lines):
            yield Failure((*loc, "reason"), f'no line of the explanation says "{expect.reason}"')
