"""What is written of a call, each function one transaction's worth."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Update, bindparam, delete, insert, select, update

from bridge.causes import Disposition, HangupCause
from bridge.cdr import CallRecord, LegRecord
from routing.networks import wider_networks
from routing.plan import ClickToCall
from store.crash import forget_legs
from store.errors import UnknownCallError
from store.leg_columns import leg_columns
from store.tables import calls, legs, used_tokens

# Built once: SQLAlchemy then compiles each once, and finds the result by identity of its parts.
_OPEN = insert(calls)
_ADD_LEGS = insert(legs)
_LIVING = update(calls).where(calls.c.id == bindparam("call_id"), calls.c.ended_at.is_(None))
_SETTLE = _LIVING.where(calls.c.disposition.is_(None)).values(
    disposition=bindparam("disposition"), cause=bindparam("cause"), bridged_at=bindparam("bridged_at")
)
_FINISH = _LIVING.values(
    bridged_at=bindparam("bridged_at"),
    ended_at=bindparam("ended_at"),
    disposition=bindparam("disposition"),
    cause=bindparam("cause"),
    reason=bindparam("reason"),
)
#: A token of no site, which nobody can use.
_PROBE = insert(used_tokens).values({"site": "", "token_id": "probe", "expires_at": 0.0})
_UNPROBE = delete(used_tokens).where(used_tokens.c.site == "")
_IS_THERE = select(calls.c.id).where(calls.c.id == bindparam("call_id"))


def open_call(
    connection: Connection,
    call_id: str,
    click: ClickToCall,
    route: str,
    requested_at: float,
    visitor: str | None = None,
    life: str | None = None,
) -> None:
    """Add an unfinished call, of a visitor where that is known, which this life of a node runs."""
    connection.execute(_OPEN, _opening(call_id, click, route, requested_at, visitor) | {"life": life})


def write_refused(
    connection: Connection,
    call_id: str,
    click: ClickToCall,
    route: str,
    at: float,
    reason: str,
    visitor: str | None = None,
) -> None:
    """Add a request that was refused at once; ``reason`` is the stable id of the problem it was told."""
    result = {"ended_at": at, "disposition": Disposition.REFUSED.value, "reason": reason}
    connection.execute(_OPEN, _opening(call_id, click, route, at, visitor) | result)


def settle(
    connection: Connection,
    call_id: str,
    disposition: Disposition,
    cause: HangupCause | None,
    bridged_at: float | None,
) -> None:
    """Fix a call's disposition; the first time counts, a settled or finished call stays as it is."""
    values = {
        "call_id": call_id,
        "disposition": disposition.value,
        "cause": cause and cause.value,
        "bridged_at": bridged_at,
    }
    _update_one(connection, _SETTLE, values)


def write_cdr(connection: Connection, record: CallRecord) -> None:
    """Finish a call and add its legs; a call that is finished already stays as it is."""
    values = {
        "call_id": record.call_id,
        "bridged_at": record.bridged_at,
        "ended_at": record.ended_at,
        "disposition": record.disposition.value,
        "cause": record.cause and record.cause.value,
        "reason": record.reason,
    }
    if _update_one(connection, _FINISH, values):
        forget_legs(connection, record.call_id)
        if record.legs:
            rows = [_leg(record.call_id, position, leg) for position, leg in enumerate(record.legs)]
            connection.execute(_ADD_LEGS, rows)


def _update_one(connection: Connection, statement: Update, values: dict[str, Any]) -> bool:
    if connection.execute(statement, values).rowcount:
        return True
    if connection.scalar(_IS_THERE, {"call_id": values["call_id"]}) is None:
        raise UnknownCallError(f"call {values['call_id']} was never opened")
    return False


def _opening(
    call_id: str, click: ClickToCall, route: str, requested_at: float, visitor: str | None
) -> dict[str, Any]:
    wider = wider_networks(click.client_ip)
    return {
        "id": call_id,
        "site": click.site,
        "route": route,
        "number": click.number,
        "page": click.page,
        "context": dict(click.context),
        "signed": dict(click.signed),
        "client_ip": click.client_ip,
        "client_net56": wider.get(56),
        "client_net48": wider.get(48),
        "visitor": visitor,
        "chat_id": click.chat_id,
        "requested_at": requested_at,
    }


def _leg(call_id: str, position: int, leg: LegRecord) -> dict[str, Any]:
    stats = leg.stats
    return leg_columns(call_id, position, leg) | {
        "codec": stats.codec if stats else None,
        "packets_received": stats.received if stats else None,
        "packets_lost": stats.lost if stats else None,
        "packets_sent": stats.sent if stats else None,
        "jitter_ms": stats.jitter_ms if stats else None,
        "heard_loss": leg.heard.loss if leg.heard else None,
        "heard_jitter_ms": leg.heard.jitter_ms if leg.heard else None,
        "heard_concealed": leg.heard.concealed if leg.heard else None,
    }


def probe(connection: Connection) -> None:
    """Write something that is gone again when the transaction ends: pages that the disk must take."""
    connection.execute(_PROBE)
    connection.execute(_UNPROBE)
