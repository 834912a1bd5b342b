"""How a call that never reached the bridge counts; one that did is ``bridged``, whatever came later."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from bridge.causes import Disposition, HangupCause


class Ending(StrEnum):
    """What brought a call to its end."""

    CANCELLED = "cancelled"
    SHOPPER_NOT_REACHED = "shopper_not_reached"
    SHOPPER_LEFT = "shopper_left"  # an answered shopper's leg ended
    BUSINESS_LEFT = "business_left"  # having accepted
    HUNT_EXHAUSTED = "hunt_exhausted"
    TIME_LIMIT = "time_limit"
    FAULT = "fault"  # a worker reported the impossible


#: A leg that ended so says nothing of the person dialled: we, or the trunk, failed.
FAULTS: frozenset[HangupCause] = frozenset(
    {
        HangupCause.TRUNK_UNRESOLVED,
        HangupCause.TRUNK_UNREACHABLE,
        HangupCause.FORBIDDEN,
        HangupCause.UNAUTHORIZED,
        HangupCause.CONGESTION,
        HangupCause.INCOMPATIBLE,
        HangupCause.FAILED,
        HangupCause.MEDIA_TIMEOUT,
        HangupCause.SESSION_EXPIRED,
        HangupCause.WORKER_LOST,
    }
)
#: Behind a PBX, 403 may be a person who declined: Q.850 cause 21 becomes 403 (RFC 3398 section 7.2.4.1).
BUSINESS_FAULTS = FAULTS - {HangupCause.FORBIDDEN}


def judge(ending: Ending, cause: HangupCause | None, business_causes: Collection[HangupCause]) -> Disposition:
    """The disposition of a call that ended unbridged.

    ``cause`` is the hangup cause of the leg that ended it, ``business_causes`` those of all business legs.
    """
    match ending:
        case Ending.CANCELLED:
            return Disposition.CANCELLED
        case Ending.SHOPPER_NOT_REACHED:
            return Disposition.FAILED if cause in FAULTS else Disposition.SHOPPER_UNREACHABLE
        case Ending.SHOPPER_LEFT:
            return Disposition.FAILED if cause in FAULTS else Disposition.CANCELLED
        case Ending.BUSINESS_LEFT:  # it was there first, and left before the shopper was reached
            return Disposition.FAILED if cause in BUSINESS_FAULTS else Disposition.UNANSWERED
        case Ending.HUNT_EXHAUSTED | Ending.TIME_LIMIT:
            hopeless = bool(business_causes) and all(each in BUSINESS_FAULTS for each in business_causes)
            return Disposition.FAILED if hopeless else Disposition.UNANSWERED
        case Ending.FAULT:
            return Disposition.FAILED
