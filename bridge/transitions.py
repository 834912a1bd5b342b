"""The table of a call's states: where each trigger leads."""

from __future__ import annotations

from enum import StrEnum

from bridge.progress import CallState


class Trigger(StrEnum):
    """What an event means for the call as a whole."""

    DIAL_SHOPPER = "dial_shopper"  # at the beginning; or once the business is there, where it comes first
    GREETING_DUE = "greeting_due"  # the shopper answered, and what follows waits for the greeting
    HUNT = "hunt"  # it is time to ring the business
    WAIT = "wait"  # the call is to wait in its queue for its turn to hunt
    BRIDGE = "bridge"  # shopper and business are both there
    TAKE_MESSAGE = "take_message"
    BOOK_CALLBACK = "book_callback"
    APOLOGISE = "apologise"
    SHOPPER_LOST = "shopper_lost"  # our worker died, and the route says: dial once more
    BUSINESS_LOST = "business_lost"
    TRANSFER = "transfer"  # the agent has left, and named who may take the call
    HAND_OVER = "hand_over"  # the agent has left, and those they wanted to consult still ring
    END = "end"
    LEGS_GONE = "legs_gone"


_C, _T = CallState, Trigger
#: The ways out of a hunt that reached nobody.
_NOBODY = {
    _T.TAKE_MESSAGE: _C.LEAVING_MESSAGE,
    _T.BOOK_CALLBACK: _C.BOOKING_CALLBACK,
    _T.APOLOGISE: _C.APOLOGISING,
}

#: ``CALL_TRANSITIONS[state][trigger]`` is the next state; a trigger without a row changes nothing.
CALL_TRANSITIONS: dict[CallState, dict[Trigger, CallState]] = {
    _C.REQUESTED: {
        _T.DIAL_SHOPPER: _C.CALLING_SHOPPER,
        _T.HUNT: _C.HUNTING,  # the business comes first
        _T.BOOK_CALLBACK: _C.BOOKING_CALLBACK,  # nobody can be rung: why dial the shopper
        _T.END: _C.ENDING,
    },
    _C.CALLING_SHOPPER: {
        _T.GREETING_DUE: _C.GREETING,
        _T.HUNT: _C.HUNTING,
        _T.WAIT: _C.QUEUED,
        _T.BRIDGE: _C.BRIDGED,  # the business came first
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.GREETING: {
        _T.HUNT: _C.HUNTING,
        _T.WAIT: _C.QUEUED,
        _T.BRIDGE: _C.BRIDGED,  # the business came first
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.QUEUED: {
        _T.HUNT: _C.HUNTING,
        **_NOBODY,
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.HUNTING: {
        _T.BRIDGE: _C.BRIDGED,
        _T.DIAL_SHOPPER: _C.CALLING_SHOPPER,
        _T.WAIT: _C.QUEUED,
        **_NOBODY,
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.BRIDGED: {
        _T.BUSINESS_LOST: _C.HUNTING,
        _T.TRANSFER: _C.HUNTING,
        _T.HAND_OVER: _C.HUNTING,
        _T.BRIDGE: _C.BRIDGED,  # the agent has left, and the person they consulted takes the call
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.LEAVING_MESSAGE: {
        _T.BOOK_CALLBACK: _C.BOOKING_CALLBACK,  # nothing can be recorded
        _T.APOLOGISE: _C.APOLOGISING,
        _T.SHOPPER_LOST: _C.CALLING_SHOPPER,
        _T.END: _C.ENDING,
    },
    _C.BOOKING_CALLBACK: {
        _T.END: _C.ENDING,
    },
    _C.APOLOGISING: {
        _T.END: _C.ENDING,
    },
    _C.ENDING: {
        _T.LEGS_GONE: _C.ENDED,
    },
    _C.ENDED: {},
}
