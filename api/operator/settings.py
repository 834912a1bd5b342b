"""The server's settings, for the operator: load the file again, change the log level."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from api.operator.models import LogLevelChange, Reloaded
from api.operator.state import ConfigState, ReloadReport
from api.problems import FieldError, Problem, RequestError
from api.routes import BODY_PROBLEMS, Audience, UrlRow
from config.fields import LogLevel
from config.problems import ConfigError


class SettingsEndpoints:
    """Replaces settings.

    ``reload()`` loads the config file again; it raises :class:`config.problems.ConfigError` and changes
    nothing then. ``state()`` tells which settings are in force.
    """

    def __init__(
        self,
        *,
        reload: Callable[[], Awaitable[ReloadReport]],
        state: Callable[[], ConfigState],
        set_log_level: Callable[[LogLevel], None],
    ) -> None:
        self._reload = reload
        self._state = state
        self._set_log_level = set_log_level

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of settings."""
        return (
            UrlRow("POST", "/v1/reload", self.reload, "reload", Audience.SERVER, (Problem.CONFIG_INVALID,)),
            UrlRow("PUT", "/v1/log-level", self.log_level, "log_level", Audience.SERVER, BODY_PROBLEMS),
        )

    async def reload(self) -> Reloaded:
        """Load the config file again. Live calls keep their plan; a bad file changes nothing."""
        try:
            report = await self._reload()
        except ConfigError as error:
            problems = [
                FieldError(path=f"{error.file.name}:{each.place.line}:{each.place.column}", message=text)
                for each in error.problems
                for text in (f"{each.path}: {each.text}" if each.path else each.text,)
            ]
            raise RequestError(Problem.CONFIG_INVALID, errors=problems) from None
        return Reloaded(
            loaded_at=self._state().loaded_at,
            warnings=list(report.warnings),
            needs_restart=list(report.needs_restart),
        )

    async def log_level(self, wanted: LogLevelChange) -> LogLevelChange:
        """Write log lines from this level on, until told otherwise, a reload or a restart."""
        self._set_log_level(wanted.level)
        return wanted
