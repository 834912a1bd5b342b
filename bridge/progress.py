"""What people may watch of a call while it lives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from bridge.causes import Disposition, HangupCause


class CallState(StrEnum):
    """Where a call stands."""

    REQUESTED = "requested"
    CALLING_SHOPPER = "calling_shopper"
    GREETING = "greeting"  # only where the business is dialled after the greeting
    HUNTING = "hunting"
    QUEUED = "queued"
    LEAVING_MESSAGE = "leaving_message"
    BOOKING_CALLBACK = "booking_callback"
    APOLOGISING = "apologising"  # nobody takes the call, and nothing else can be had
    BRIDGED = "bridged"
    ENDING = "ending"
    ENDED = "ended"


#: How an attended transfer stands; ``failed``: nobody took it, and the shopper still waits.
Transfer = Literal["ringing", "talking", "failed"]


@dataclass(frozen=True, slots=True)
class CallProgress:
    """One line of a call's story, as shopper and operator see it. Carries no phone number."""

    call_id: str
    site: str
    #: Counts up by one for each line of a call.
    sequence: int
    #: Seconds since the epoch, UTC.
    at: float
    state: CallState
    #: Whether the shopper's phone has been heard ringing.
    shopper_ringing: bool = False
    #: Labels of the destinations ringing now.
    ringing: tuple[str, ...] = ()
    #: Destinations tried so far, these included, and how many the hunt has.
    attempt: int = 0
    attempts: int = 0
    #: Label of the destination that answered.
    connected_to: str | None = None
    held: bool = False
    #: Label of the person that the business consults while the shopper is on hold.
    consulting: str | None = None
    transfer: Transfer | None = None
    #: Place in the queue, 1 being next, and the expected wait in seconds; None while not queued.
    position: int | None = None
    wait: float | None = None
    #: When the shopper will be called back, in seconds since the epoch.
    callback_at: float | None = None
    disposition: Disposition | None = None
    cause: HangupCause | None = None
