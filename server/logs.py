"""Structured logs on standard error, every phone number in them masked, lines that repeat counted."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any, Literal

import structlog
from structlog.processors import NAME_TO_LEVEL

from bridge.masking import mask_line
from bridge.repeats import Repeats
from config.fields import LogLevel

_SHARED = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)
#: What lines of the audit trail have as ``log`` (api.audit): they are written at every level.
AUDIT = "audit"
#: The level in force, shared by every logger, so that it can change while they are in use.
_level = logging.INFO


def set_log_level(level: LogLevel) -> None:
    """Write lines from this level on, in the core process."""
    global _level
    _level = logging.getLevelNamesMapping()[level.upper()]
    # Libraries say little below a warning that concerns an operator, but everything when asked to debug.
    logging.getLogger().setLevel(_level if _level in (logging.DEBUG, logging.ERROR) else logging.WARNING)


def _drop_below_level(
    logger: object, method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    if NAME_TO_LEVEL[method] < _level and event.get("log") != AUDIT:
        raise structlog.DropEvent
    return event


class _Brake:
    """Holds back lines that repeat, ours and those of libraries, in whatever thread they are written."""

    def __init__(self) -> None:
        self._repeats = Repeats()
        self._lock = threading.Lock()

    def admits(self, line: dict[str, Any], level: str) -> bool:
        """Whether to write this line; summaries that are due are written first."""
        with self._lock:
            admitted, due = self._repeats.admit(line, level, time.monotonic())
        _write(due)
        return admitted

    def tell(self, *, everything: bool = False) -> None:
        """Write the summaries that are due, or all."""
        with self._lock:
            due = list(self._repeats.all() if everything else self._repeats.due(time.monotonic()))
        _write(due)


_brake = _Brake()
_SUMMARY = "lines_held_back"


def _write(summaries: Iterable[dict[str, Any]]) -> None:
    log = structlog.get_logger("server.logs")
    for summary in summaries:
        level = summary.pop("level")
        log.log(NAME_TO_LEVEL[level], summary.pop("event"), **summary)


def tell_of_repeats(*, everything: bool = False) -> None:
    """Write how many lines were held back a minute ago and longer; with ``everything``, all of them.

    To be called now and then, as nothing else tells of lines that have ceased.
    """
    _brake.tell(everything=everything)


def _hold_back(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # At the debug level, every line is wanted.
    if method != "debug" and event.get("event") != _SUMMARY and not _brake.admits(dict(event), method):
        raise structlog.DropEvent
    return event


def _hold_back_record(record: logging.LogRecord) -> bool:
    """The same for a library's line, by its text before anything is filled in, or by its logger."""
    level = record.levelname.lower()
    kind = f"{record.name}: {record.msg}" if record.args else record.name
    return _brake.admits({"event": kind}, level if level in NAME_TO_LEVEL else "warning")


class _Masked(logging.Formatter):
    """Renders a record of the standard library as structlog would, and masks the finished line."""

    def __init__(self, inner: structlog.stdlib.ProcessorFormatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        return str(mask_line(record, record.levelname, self._inner.format(record)))


def set_up_logs(style: Literal["json", "console"], level: LogLevel = "info") -> None:
    """Send our logs, and those of the libraries from WARNING on, to standard error in one form."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default prints local variables, tokens and keys among them.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    exceptions = [structlog.processors.format_exc_info] if style == "json" else []
    structlog.configure(
        processors=[_drop_below_level, _hold_back, *_SHARED, *exceptions, renderer, mask_line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED, processors=[*exceptions, _drop_meta, renderer]
    )
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(_Masked(formatter))
    output.addFilter(_hold_back_record)
    root = logging.getLogger()
    root.handlers[:] = [output]
    global _brake
    _brake = _Brake()
    set_log_level(level)


def _drop_meta(logger: object, method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(logger, method, event)
