"""The columns that a leg's row has while the call lives, and in the CDR."""

from __future__ import annotations

from typing import Any

from bridge.cdr import LegRecord


def leg_columns(call_id: str, position: int, leg: LegRecord) -> dict[str, Any]:
    """What is known of a leg while it lives, and after; what it sounded like is known at its end only."""
    return {
        "call_id": call_id,
        "position": position,
        "leg_id": leg.leg_id,
        "role": leg.role,
        "destination": leg.destination,
        "label": leg.label,
        "uri": leg.uri,
        "dialed_at": leg.dialed_at,
        "ringing_at": leg.ringing_at,
        "answered_at": leg.answered_at,
        "joined_at": leg.joined_at,
        "ended_at": leg.ended_at,
        "cause": leg.cause.value,
        "sip_status": leg.sip_status,
        "sip_call_id": leg.sip_call_id,
    }
