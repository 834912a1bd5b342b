"""Who left a call, how, and what follows: one table. ``docs/call.md`` shows it."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.causes import HangupCause, Word
from bridge.dispositions import Ending
from bridge.losses import broke_off


class Leaver(Word):
    """Whose leg ended."""

    SHOPPER_RUNG = ("shopper_rung", "the shopper, before they answered")
    SHOPPER = ("shopper", "the shopper, after they answered")
    TAKER = ("taker", "the person who took the call, while they hear the whisper")
    HOLDER = ("holder", "the person at the business who has the call")
    CONSULTING = ("consulting", "the same person, while they consult somebody or ring somebody to consult")
    CONSULTED = ("consulted", "the person they consult")
    ASKED = ("asked", "somebody who is rung, or is asked to press a key")
    NOBODY = ("nobody", "any other leg")


class Manner(Word):
    """How a leg ended."""

    HUNG_UP = ("hung_up", "somebody hung up")
    BROKE_OFF = ("broke_off", "the line broke")
    WORKER_LOST = ("worker_lost", "our media worker died")


class Follow(Word):
    """What a call does about it."""

    REDIAL = ("redial", "dial the shopper once more, if the route says `on_loss: redial`")
    RING_OTHERS = (
        "ring_others",
        "tell the shopper, ask the route again and ring on; the lost phone comes last",
    )
    NEXT = ("next", "go on ringing")
    HAND_OVER = ("hand_over", "give the shopper to the person they consult, or to the first who answers")
    HOLD = ("hold", "keep the shopper on hold until the agent comes back")
    END_NOT_REACHED = ("end_not_reached", "end the call: the shopper was not reached")
    END_SHOPPER = ("end_shopper", "end the call: the shopper left")
    END_BUSINESS = ("end_business", "end the call: the business left")


def manner_of(cause: HangupCause) -> Manner:
    """How a leg ended that has this cause."""
    if cause is HangupCause.WORKER_LOST:
        return Manner.WORKER_LOST
    return Manner.BROKE_OFF if broke_off(cause) else Manner.HUNG_UP


_L, _M, _F = Leaver, Manner, Follow


def _always(follow: Follow) -> dict[Manner, tuple[Follow, ...]]:
    return dict.fromkeys(Manner, (follow,))


#: ``FOLLOWS[leaver][manner]``: the call does the first of these that is possible.
FOLLOWS: Mapping[Leaver, Mapping[Manner, tuple[Follow, ...]]] = {
    _L.SHOPPER_RUNG: {
        _M.HUNG_UP: (_F.END_NOT_REACHED,),
        _M.BROKE_OFF: (_F.END_NOT_REACHED,),
        _M.WORKER_LOST: (_F.REDIAL, _F.END_NOT_REACHED),
    },
    _L.SHOPPER: {
        _M.HUNG_UP: (_F.END_SHOPPER,),
        _M.BROKE_OFF: (_F.END_SHOPPER,),
        _M.WORKER_LOST: (_F.REDIAL, _F.END_SHOPPER),
    },
    _L.HOLDER: {
        _M.HUNG_UP: (_F.END_BUSINESS,),
        _M.BROKE_OFF: (_F.RING_OTHERS, _F.END_BUSINESS),
        _M.WORKER_LOST: (_F.RING_OTHERS, _F.END_BUSINESS),
    },
    _L.TAKER: _always(_F.NEXT),
    _L.CONSULTING: _always(_F.HAND_OVER),
    _L.CONSULTED: _always(_F.HOLD),
    _L.ASKED: _always(_F.NEXT),
    _L.NOBODY: dict.fromkeys(Manner, ()),
}

#: What brought the call to its end, where that is what follows.
ENDINGS: Mapping[Follow, Ending] = {
    _F.END_NOT_REACHED: Ending.SHOPPER_NOT_REACHED,
    _F.END_SHOPPER: Ending.SHOPPER_LEFT,
    _F.END_BUSINESS: Ending.BUSINESS_LEFT,
}
