"""The operator's side: live calls, records, reload."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.askers import Whose
from api.core import Core
from api.paging import CursorText, PageSize, read_cursor
from api.problems import FieldError, Problem, RequestError
from api.wire import CallList, CdrList, LogLevelChange, Reloaded
from bridge.causes import Disposition
from config.base import E164
from config.problems import ConfigError
from store.reads import CdrFilter

Moment = Annotated[float, Query(allow_inf_nan=False, description="Seconds since the epoch.")]


class Operator:
    """The endpoints that want the admin key, or show a customer what is of their sites."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def live(self, asker: Whose) -> CallList:
        """The live calls."""
        return CallList(calls=[line for line in self._core.engine.live() if asker.sees(line.site)])

    async def cdrs(
        self,
        asker: Whose,
        site: str | None = None,
        disposition: Disposition | None = None,
        number: E164 | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        limit: PageSize = 100,
        cursor: CursorText = None,
    ) -> CdrList:
        """Finished calls with their legs, newest first; ``since`` <= requested_at < ``until``."""
        page = await self._core.store.cdrs(
            CdrFilter(site, disposition, number, since, until, sites=asker.sites),
            limit=limit,
            after=read_cursor(cursor),
        )
        return CdrList(cdrs=list(page.records), next=str(page.next) if page.next else None)

    async def reload(self) -> Reloaded:
        """Load the config file again. Live calls keep their plan; a bad file changes nothing."""
        try:
            report = await self._core.reload()
        except ConfigError as error:
            problems = [
                FieldError(path=f"{error.file.name}:{each.place.line}:{each.place.column}", message=text)
                for each in error.problems
                for text in (f"{each.path}: {each.text}" if each.path else each.text,)
            ]
            raise RequestError(Problem.CONFIG_INVALID, errors=problems) from None
        return Reloaded(
            loaded_at=self._core.config_state().loaded_at,
            warnings=list(report.warnings),
            needs_restart=list(report.needs_restart),
        )

    async def log_level(self, wanted: LogLevelChange) -> LogLevelChange:
        """Write log lines from this level on, until told otherwise, a reload or a restart."""
        self._core.set_log_level(wanted.level)
        return wanted
