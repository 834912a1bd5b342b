"""The audit trail: who did what, from where, when. Each is a line of the log with ``log: audit``.

These lines are written whatever ``server.log_level`` says. Those that a stranger can cause are bounded as all
lines are (bridge.repeats).
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from starlette.requests import HTTPConnection

from api.addresses import sender_of
from api.askers import customer_of
from config.models import Config

#: What marks a line of the audit trail.
MARK = "audit"

_log = structlog.get_logger(__name__)


class AuditTrail:
    """Writes the lines."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self.config = config

    def write(self, connection: HTTPConnection, event: str, **about: object) -> None:
        """Write what somebody did: ``event`` in the past tense, with what it was about."""
        address = sender_of(connection, self.config().server.trusted_proxies)
        if customer := customer_of(connection):
            about["customer"] = customer
        _log.info(event, log=MARK, address=address, **about)
