"""What is counted for Prometheus: calls as they pass, and requests."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from bridge.bulletin import Interest, on
from bridge.causes import Disposition
from bridge.cdr import CallRecord
from bridge.facts import CallEnded, CallProgressed
from bridge.progress import CallProgress, CallState

_WAITS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300)
_TALKS = (5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)
#: States of a call that has entered a queue and not left it for good.
_IN_LINE = (CallState.QUEUED, CallState.HUNTING, CallState.CALLING_SHOPPER)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Counts, as facts tell. Labels come from closed lists, never from requests."""

    def __init__(
        self, registry: CollectorRegistry, store_errors: Callable[[], Mapping[str, int]] = dict
    ) -> None:
        """``store_errors`` tells how many transactions failed since the start, by kind."""
        self._states: dict[str, CallState] = {}
        #: When the calls that wait in a queue, or are rung for from one, first came into it.
        self._queued_at: dict[str, float] = {}
        registry.register(_StoreErrors(store_errors))
        ProcessCollector(registry=registry)
        Info("ringback_build", "What runs.", registry=registry).info(
            {"version": version("ringback"), "python": platform.python_version()}
        )
        self._queue_wait = Histogram(
            "ringback_queue_wait_seconds",
            "From entering a queue to the bridge, or to giving up: a message, a callback, the end.",
            ["site", "result"],
            buckets=_WAITS,
            registry=registry,
        )
        self._calls = Counter(
            "ringback_calls", "Calls that ended, by disposition.", ["site", "disposition"], registry=registry
        )
        self._live = Gauge("ringback_live_calls", "Live calls, by state.", ["state"], registry=registry)
        self._legs = Counter(
            "ringback_legs",
            "Legs that ended, by role and hangup cause.",
            ["role", "cause"],
            registry=registry,
        )
        self._answer = Histogram(
            "ringback_shopper_answer_seconds",
            "From dialling the shopper to the answer.",
            buckets=_WAITS,
            registry=registry,
        )
        self._hunt = Histogram(
            "ringback_hunt_seconds",
            "From the shopper's answer to the bridge, or to the end of the call if nobody answered.",
            ["result"],
            buckets=_WAITS,
            registry=registry,
        )
        self._talk = Histogram(
            "ringback_talk_seconds", "How long bridged calls talked.", buckets=_TALKS, registry=registry
        )
        self._refused = Counter(
            "ringback_calls_refused", "Requests for a call that were refused.", ["reason"], registry=registry
        )
        self._by_request: dict[tuple[str, str, int], Counter] = {}
        self._requests = Counter(
            "ringback_http_requests",
            "HTTP requests, by route and status.",
            ["method", "route", "status"],
            registry=registry,
        )
        for state in CallState:
            if state is not CallState.ENDED:
                self._live.labels(state.value)

    def interests(self) -> Iterable[Interest]:
        """Where the calls stand, and how they ended."""
        return (
            on(CallProgressed, lambda fact: self._progressed(fact.progress)),
            on(CallEnded, lambda fact: self._recorded(fact.record)),
        )

    def _progressed(self, progress: CallProgress) -> None:
        """Move a call from state to state."""
        before = self._states.get(progress.call_id)
        if before is progress.state:
            return
        self._wait(progress)
        if before is not None:
            self._live.labels(before.value).dec()
        if progress.state is CallState.ENDED:
            self._states.pop(progress.call_id, None)
        else:
            self._states[progress.call_id] = progress.state
            self._live.labels(progress.state.value).inc()

    def _wait(self, progress: CallProgress) -> None:
        """A call that is rung for and comes back to its queue has waited all the while."""
        if progress.state is CallState.QUEUED:
            self._queued_at.setdefault(progress.call_id, progress.at)
        elif progress.state not in _IN_LINE and (since := self._queued_at.pop(progress.call_id, None)):
            result = "bridged" if progress.state is CallState.BRIDGED else "given_up"
            self._queue_wait.labels(progress.site, result).observe(max(0.0, progress.at - since))

    def _recorded(self, record: CallRecord) -> None:
        """Count a finished call and its legs."""
        self._calls.labels(record.site, record.disposition.value).inc()
        answered: list[float] = []
        for leg in record.legs:
            self._legs.labels(leg.role, leg.cause.value).inc()
            if leg.role == "shopper" and leg.answered_at is not None:
                self._answer.observe(max(0.0, leg.answered_at - leg.dialed_at))
                answered.append(leg.answered_at)
        if answered:
            result = "unanswered" if record.bridged_at is None else "bridged"
            until = record.ended_at if record.bridged_at is None else record.bridged_at
            self._hunt.labels(result).observe(max(0.0, until - min(answered)))
        if record.bridged_at is not None:
            self._talk.observe(max(0.0, record.talk_seconds))

    def refused(self, site: str | None, reason: str) -> None:
        """Count a request for a call that was refused; with a site, it is a refused call of that site."""
        self._refused.labels(reason).inc()
        if site is not None:
            self._calls.labels(site, Disposition.REFUSED.value).inc()

    def requested(self, method: str, route: str, status: int) -> None:
        """Count an HTTP request by its route's template."""
        key = (method if method in _METHODS else "other", route, status)
        counter = self._by_request.get(key)
        if counter is None:  # finding it among the labels takes longer than counting
            counter = self._by_request[key] = self._requests.labels(key[0], route, str(status))
        counter.inc()


class _StoreErrors(Collector):
    """Counted where transactions run, on threads of their own."""

    def __init__(self, errors: Callable[[], Mapping[str, int]]) -> None:
        self._errors = errors

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(
            "ringback_store_errors", "Transactions that the database did not carry out.", labels=["kind"]
        )
        for kind, count in self._errors().items():
            family.add_metric([kind], count)
        yield family
