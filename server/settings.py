"""The settings in force, and how a reload replaces them: all of them, or none."""

from __future__ import annotations

import asyncio
import time

import structlog

from api.operator.state import ConfigState, ReloadReport
from config.models import Config
from config.problems import ConfigError
from routing.load import LoadedRoutes, load_in_parts
from routing.router import Router
from server.checks import FURTHER_CHECKS
from server.hooks import Hook

log = structlog.get_logger(__name__)


class CurrentSettings:
    """Holds the current :class:`Config`; those who listen to ``changed`` hear when there is a new one.

    Whatever can fail, reading and checking the file, happens before anything live is touched.
    """

    def __init__(self, loaded: LoadedRoutes) -> None:
        self._loaded = loaded
        self.changed = Hook[[]]()
        self._one_at_a_time = asyncio.Lock()
        self.state = _state_of(loaded)

    def config(self) -> Config:
        """The settings in force."""
        return self._loaded.config

    def loaded(self) -> LoadedRoutes:
        """The settings in force with the files that they were read from."""
        return self._loaded

    def router(self) -> Router:
        """The routes in force, compiled."""
        return self._loaded.router

    async def reload(self) -> ReloadReport:
        """Load the file again; :class:`ConfigError` leaves everything as it was, and is kept for health."""
        async with self._one_at_a_time:
            file = self._loaded.file
            try:
                loaded = await asyncio.to_thread(
                    load_in_parts, file, further=FURTHER_CHECKS, former=self._loaded
                )
            except ConfigError as error:
                self.state = ConfigState(
                    loaded_at=self.state.loaded_at, failed_at=time.time(), problems=error.problems
                )
                log.error("reload_refused", problems=[problem.line(file) for problem in error.problems])
                raise
            tell_left_out(loaded)
            left = tuple(
                f"{problem.line(file)} ({problem.part} stays as it was)" for problem in loaded.left_out
            )
            warnings = (*left, *(warning.line(file) for warning in loaded.warnings))
            for warning in warnings:
                log.warning("config_warning", at=warning)
            before, self._loaded = self._loaded, loaded
            self.state = _state_of(loaded)
            self.changed()
            needs_restart = _fixed(before.config, loaded.config)
            log.info("reloaded", needs_restart=needs_restart)
            return ReloadReport(warnings, needs_restart)


def tell_left_out(loaded: LoadedRoutes) -> None:
    """Log the included files that are wrong, and are not in force as they are written."""
    for part in sorted({problem.part for problem in loaded.left_out}):
        problems = [problem.line(loaded.file) for problem in loaded.left_out if problem.part == part]
        log.error("included_file_refused", file=part, problems=problems)


def _state_of(loaded: LoadedRoutes) -> ConfigState:
    """What health tells of settings that are in force: also which included files are not, as they stand."""
    now = time.time()
    return ConfigState(loaded_at=now, failed_at=now if loaded.left_out else None, problems=loaded.left_out)


def _fixed(before: Config, after: Config) -> tuple[str, ...]:
    """The settings that changed in the file but stay as they were until the server is started again."""
    server = tuple(
        f"server.{name}"
        for name in ("listen_address", "database", "trusted_proxies", "log_format")
        if getattr(before.server, name) != getattr(after.server, name)
    )
    return (*server, *(("media.engine",) if before.media.engine != after.media.engine else ()))
