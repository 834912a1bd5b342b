"""Leads in numbers, for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from api.lead_views import is_overdue
from bridge.protocols import Clock
from config.models import Config
from follow.lead import CLOSED_HOW, Lead
from leads.desk import LeadDesk


class LeadMetrics(Collector):
    """Counts what happens to leads, and tells how many there are, by site."""

    def __init__(self, desk: LeadDesk, config: Callable[[], Config], clock: Clock) -> None:
        self._desk = desk
        self._config = config
        self._clock = clock
        self._closed: Counter[tuple[str, str]] = Counter()
        desk.watch(self._moved)

    def _moved(self, lead: Lead) -> None:
        if not lead.open:  # nothing happens to a closed one until it is open again
            self._closed[lead.site, lead.closed_how] += 1

    def collect(self) -> Iterable[Metric]:
        """The numbers as they stand."""
        now, open_leads = self._clock.time(), self._desk.open_leads()
        waiting = GaugeMetricFamily("ringback_leads", "Open leads.", labels=["site"])
        late = GaugeMetricFamily(
            "ringback_leads_overdue", "Open leads whose promise is broken.", labels=["site"]
        )
        for site in self._config().sites:
            own = [lead for lead in open_leads if lead.site == site]
            waiting.add_metric([site], len(own))
            late.add_metric([site], sum(is_overdue(lead, now) for lead in own))
        closed = CounterMetricFamily(
            "ringback_leads_closed", "Leads that were closed, by how.", labels=["site", "how"]
        )
        for site in self._config().sites:
            for how in CLOSED_HOW:
                closed.add_metric([site, how], self._closed[site, how])
        return (waiting, late, closed)
