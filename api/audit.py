"""The audit trail: who did what, from where, when. Each is a line of the log with ``log: audit``.

These lines are written whatever ``server.log_level`` says. Those that a stranger can cause are bounded as all
lines are (bridge.repeats).
"""

from __future__ import annotations

import structlog
from starlette.requests import HTTPConnection

from api.addresses import sender_of
from api.askers import customer_of
from api.core import Core

#: What marks a line of the audit trail.
MARK = "audit"

_log = structlog.get_logger(__name__)


def audit(core: Core, connection: HTTPConnection, event: str, **about: object) -> None:
    """Write what somebody did: ``event`` in the past tense, with what it was about."""
    address = sender_of(connection, core.config().server.trusted_proxies)
    if customer := customer_of(connection):
        about["customer"] = customer
    _log.info(event, log=MARK, address=address, **about)
