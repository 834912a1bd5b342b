"""The expectations that an operator keeps beside the routes: what each click leads to, and what none does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from config.models import Config
from config.problems import Loc
from config.sections.route import reached
from config.sections.tests import RouteTest
from routing.clicks import moment_of, try_click
from routing.decide import Decision, plan_call
from routing.directory import Directory, Standing
from routing.endings import ending_name
from routing.explain import explain
from routing.router import Router

#: Somebody who can take no call, however many they may have.
_FULL = Standing(live_calls=1, agent="on_call")


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
    #: Whether it stands in the file beside the config.
    beside: bool


@dataclass(frozen=True, slots=True)
class Outcomes:
    """All tests; ``uncovered`` are routes that took no call of any."""

    results: tuple[Result, ...]
    uncovered: tuple[str, ...]


def run_tests(router: Router, beside: Sequence[RouteTest] = ()) -> Outcomes:
    """Decide every test's click with the server's own function, and compare; ``beside`` the config's too."""
    results: list[Result] = []
    covered: set[str] = set()
    for tests in (router.config.tests, beside):
        for number, test in enumerate(tests):
            decision = _decide(test, router)
            covered |= {route.name for stage in decision.stages for route in stage.taken}
            failures = tuple(_failures(("tests", number, "expect"), test, decision, router))
            results.append(Result(test, failures, beside=tests is beside))
    others = _for_chats_alone(router.config)
    uncovered = tuple(
        name
        for name, route in router.nodes.items()
        if route.takes and name not in covered and name not in others
    )
    return Outcomes(tuple(results), uncovered)


def _for_chats_alone(config: Config) -> frozenset[str]:
    """The routes that say which agents are asked to chat: no call takes them."""
    chats = [site.chat.route for site in config.sites.values() if site.chat is not None]
    calls = [site.route for site in config.sites.values()]
    return frozenset(reached(config.routes, chats)) - frozenset(reached(config.routes, calls))


def _decide(test: RouteTest, router: Router) -> Decision:
    click = try_click(
        router.config, test.site, test.number, test.page, test.ip, test.context, test.signed, test.by
    )
    now = moment_of(test.at, router.zones[click.site])
    return plan_call(click, router, "test", with_busy(test.busy_destinations), now, 0.5)


def with_busy(names: Iterable[str]) -> Directory:
    """What is known where these destinations are busy, and all others free."""
    return Directory(dict.fromkeys(names, _FULL))


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
    ending = ending_name(decision.plan.ending)
    if expect.ending is not None and expect.ending != ending:
        yield Failure((*loc, "ending"), f"expected {expect.ending}, and it ends in {ending or 'nothing'}")
    if expect.queue is not None:
        queue = decision.plan.queue.queue if decision.plan.queue else None
        if expect.queue != queue:
            yield Failure((*loc, "queue"), f"expected the queue {expect.queue}, and it is {queue or 'none'}")
    if expect.reason is not None:
        lines = [line.text for line in explain(decision, router)]
        if not any(expect.reason in line for line in lines):
            yield Failure((*loc, "reason"), f'no line of the explanation says "{expect.reason}"')
