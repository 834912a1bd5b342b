"""The flows of all sites, ready to be asked: made again in a thread whenever the settings change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from chat.flow import GuidedFlow
from chat.flow_compile import ChoiceTables, compile_flow
from config.models import Config
from config.problems import ConfigError
from config.sections.flows import languages_of

log = structlog.get_logger(__name__)


class FlowBook:
    """Each site's flow. What cannot be read any more stays as it was: the check at the reload has read it."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config
        self._flows = _compiled(config(), {})
        self._reading: asyncio.Task[None] | None = None

    def flow(self, site: str, language: str) -> GuidedFlow | None:
        """The flow with which chats of a site begin; None where they begin with a person.

        ``language`` is the shopper's, such as ``de-AT``; empty where nobody knows it.
        """
        flows = self._flows.get(site)
        return flows.get(language.partition("-")[0].lower()) or flows[""] if flows else None

    def settings_changed(self) -> None:
        """Read the tables again, while chats go on."""
        self._reading = asyncio.create_task(self._read_again(self._reading), name="flows")

    async def _read_again(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        self._flows = await asyncio.to_thread(_compiled, self._config(), self._flows)


#: By language; for shoppers of any other one, by nothing.
_InLanguages = Mapping[str, GuidedFlow]


def _compiled(config: Config, former: Mapping[str, _InLanguages]) -> dict[str, _InLanguages]:
    flows: dict[str, _InLanguages] = {}
    tables = ChoiceTables()
    for name, site in config.sites.items():
        flow = site.chat.flow if site.chat else None
        if flow is None:
            continue
        try:
            settings = config.flows[flow]
            flows[name] = {
                language: compile_flow(flow, settings, site, tables, language)
                for language in ("", *languages_of(settings))
            }
        except ConfigError as error:
            log.error("flow_not_read", site=name, problems=[each.line(error.file) for each in error.problems])
            if name in former:
                flows[name] = former[name]
    return flows
