"""What engagement rules brought, for the operator."""

from __future__ import annotations

from collections.abc import Callable

from api.askers import Whose
from api.engagement import VisitCounts, read_engagement
from api.operator.reports import Moment
from api.routes import LIST_PROBLEMS, Audience, UrlRow
from config.models import Config
from visits.report import EngagementReport


class EngagementEndpoints:
    """Shows the report."""

    def __init__(self, config: Callable[[], Config], store: VisitCounts) -> None:
        self._config = config
        self._store = store

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of the report."""
        return (
            UrlRow("GET", "/v1/reports/engagement", self.report, "engagement_report", Audience.OPERATOR,
                  LIST_PROBLEMS),
        )  # fmt: skip

    async def report(self, asker: Whose, since: Moment, until: Moment) -> EngagementReport:
        """What became of engagement rules from ``since`` until before ``until``, what was bought, and uplift.

        Both are rounded down to 15 minutes; buttons are counted by days, UTC.
        """
        return await read_engagement(self._store, self._config(), since, until, asker.sites)
