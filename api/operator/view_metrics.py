"""What is counted of shared views for Prometheus. Labels are sites of the settings and closed lists."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from cobrowse.actions import ActionKind
from cobrowse.view_events import ViewEnd


class ViewMetrics:
    """:class:`views.audience.ViewCounts`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._asked = Counter(
            "ringback_views_asked", "Shared views that agents asked for.", ["site"], registry=registry
        )
        self._open = Gauge(
            "ringback_open_views", "Shared views that shoppers agreed to and that go on.", ["site"],
            registry=registry,
        )  # fmt: skip
        self._over = Counter(
            "ringback_views", "Shared views that ended, by reason.", ["site", "reason"], registry=registry
        )
        self._actions = Counter(
            "ringback_view_actions", "What agents did on shoppers' pages.", ["kind", "result"],
            registry=registry,
        )  # fmt: skip
        self._events = Counter(
            "ringback_view_events", "Events of shoppers' pages: passed on, or why not.", ["fate"],
            registry=registry,
        )  # fmt: skip
        self._fates: dict[str, Counter] = {}

    def began(self, site: str) -> None:
        """A shopper was asked."""
        self._asked.labels(site).inc()

    def agreed(self, site: str) -> None:
        """They agreed for the first time."""
        self._open.labels(site).inc()

    def ended(self, site: str, why: ViewEnd, *, agreed: bool) -> None:
        """It is over."""
        self._over.labels(site, why).inc()
        if agreed:
            self._open.labels(site).dec()

    def acted(self, kind: ActionKind, result: str) -> None:
        """What became of an action."""
        self._actions.labels(kind, result).inc()

    def event(self, fate: str) -> None:
        """What became of an event."""
        if fate not in self._fates:
            self._fates[fate] = self._events.labels(fate)
        self._fates[fate].inc()
