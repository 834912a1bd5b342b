"""The flows of all sites, ready to be asked: made again in a thread whenever the settings change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from chat.flow import GuidedFlow
from chat.flow_compile import ChoiceTables, compile_flow
from config.models import Config
from config.problems import ConfigError

log = structlog.get_logger(__name__)


class FlowBook:
    """Each site's flow. What cannot be read any more stays as it was: the check at the reload has read it."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config
        self._flows = _compiled(config(), {})
        self._reading: asyncio.Task[None] | None = None

    def flow(self, site: str) -> GuidedFlow | None:
        """The flow with which chats of a site begin; None where they begin with a person."""
        return self._flows.get(site)

    def settings_changed(self) -> None:
        """Read the tables again, while chats go on."""
        self._reading = asyncio.create_task(self._read_again(self._reading), name="flows")

    async def _read_again(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        self._flows = await asyncio.to_thread(_compiled, self._config(), self._flows)


def _compiled(config: Config, former: Mapping[str, GuidedFlow]) -> dict[str, GuidedFlow]:
    flows: dict[str, GuidedFlow] = {}
    tables = ChoiceTables()
    for name, site in config.sites.items():
        flow = site.chat.flow if site.chat else None
        if flow is None:
            continue
        try:
            flows[name] = compile_flow(flow, config.flows[flow], site, tables)
        except ConfigError as error:
            log.error("flow_not_read", site=name, problems=[each.line(error.file) for each in error.problems])
            if name in former:
                flows[name] = former[name]
    return flows
