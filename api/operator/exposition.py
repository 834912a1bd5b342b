"""Everything that is counted, for Prometheus."""

from __future__ import annotations

from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import Response

from api.operator.gauges import StoredCounts
from api.routes import UrlRow


class MetricsEndpoints:
    """Tells Prometheus the numbers of ``registry``; they want no key and name no call."""

    def __init__(self, registry: CollectorRegistry, stored: StoredCounts) -> None:
        self._registry = registry
        self._stored = stored

    def routes(self) -> tuple[UrlRow, ...]:
        """The address of the numbers."""
        text: dict[int | str, Any] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}
        return (UrlRow("GET", "/metrics", self.show, "metrics", answers=text),)

    async def show(self) -> Response:
        """Everything in Prometheus's text format."""
        await self._stored.count()
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)
