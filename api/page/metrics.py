"""What pages do, counted for Prometheus. Labels come from the settings and closed lists, not from pages."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter


class PageMetrics:
    """Counts since the start."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._offers = Counter(
            "ringback_page_offers",
            "Invitations and buttons of rules, by what became of them.",
            ["site", "rule", "arm", "outcome"],
            registry=registry,
        )
        self._held = Counter(
            "ringback_page_held",
            "Rules that matched and were not shown, once a page view and reason.",
            ["site", "rule", "reason"],
            registry=registry,
        )
        self._events = Counter(
            "ringback_page_events",
            "What pages told, by what was done with it.",
            ["result"],
            registry=registry,
        )
        self._conversions = Counter(
            "ringback_conversions",
            "Orders of the retailer's server that were kept.",
            ["site"],
            registry=registry,
        )

    def offer(self, site: str, rule: str, arm: str, outcome: str) -> None:
        """Count what became of an offer."""
        self._offers.labels(site, rule, arm, outcome).inc()

    def held(self, site: str, rule: str, reason: str) -> None:
        """Count that a rule was held."""
        self._held.labels(site, rule, reason).inc()

    def told(self, result: str) -> None:
        """Count an event of a page."""
        self._events.labels(result).inc()

    def converted(self, site: str) -> None:
        """Count an order."""
        self._conversions.labels(site).inc()
