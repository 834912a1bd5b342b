"""The ids of legs: ``CALL-s1`` is a call's first leg to the shopper, ``CALL-b2`` its second to the business.

Facts name their call. Only what comes from a worker, which knows legs alone, has to ask an id for it.
"""

from __future__ import annotations

from bridge.cdr import LegRole


def leg_id_of(call_id: str, role: LegRole, number: int) -> str:
    """The id of a call's leg; ``number`` counts the legs of this role from 1."""
    return f"{call_id}-{role[0]}{number}"


def call_of(leg_id: str) -> str:
    """The call of a leg; empty for what is no leg's id."""
    return leg_id.rpartition("-")[0]
