"""The tables of a chat: where each trigger leads, and how the call beside it moves."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


class ChatState(StrEnum):
    """Where a chat stands."""

    GUIDED = "guided"  # a flow asks questions, nobody waits for a person
    WAITING = "waiting"  # in its queue
    OFFERED = "offered"  # its turn has come: agents are asked whether they take it
    TALKING = "talking"  # one agent has it
    ENDED = "ended"


class ChatTrigger(StrEnum):
    """What an event means for the chat as a whole."""

    WAIT = "wait"  # it is to wait for a person; or for the next turn, after one that nobody accepted
    OFFER = "offer"  # its turn has come
    TAKE = "take"  # an agent has it: they accepted, or a supervisor took it over
    LOSE = "lose"  # its agent is gone or silent, or passed it to a queue
    END = "end"
    REOPEN = "reopen"  # the shopper writes again after the end


_S, _T = ChatState, ChatTrigger
#: ``CHAT_TRANSITIONS[state][trigger]`` is the next state; a trigger without a row changes nothing.
CHAT_TRANSITIONS: dict[ChatState, dict[ChatTrigger, ChatState]] = {
    _S.GUIDED: {_T.WAIT: _S.WAITING, _T.TAKE: _S.TALKING, _T.END: _S.ENDED},
    _S.WAITING: {_T.OFFER: _S.OFFERED, _T.TAKE: _S.TALKING, _T.END: _S.ENDED},
    _S.OFFERED: {_T.WAIT: _S.WAITING, _T.TAKE: _S.TALKING, _T.END: _S.ENDED},
    _S.TALKING: {_T.TAKE: _S.TALKING, _T.LOSE: _S.WAITING, _T.END: _S.ENDED},
    _S.ENDED: {_T.REOPEN: _S.WAITING},
}

#: How a chat ended, once it has.
Outcome = Literal[
    "answered",  # a person wrote
    "escalated",  # a call came of it, and was bridged
    "message",  # nobody had time: the shopper left a message
    "callback",  # the same: they are called back
    "abandoned",  # the shopper left while they waited
    "unanswered",  # an agent had it, and wrote nothing
    "self_served",  # the guided questions were enough
    "refused",  # it never began: the shopper, or the whole site, was over a limit
    "lost",  # the server could not go on with it
]
OUTCOMES: tuple[Outcome, ...] = (
    "answered",
    "escalated",
    "message",
    "callback",
    "abandoned",
    "unanswered",
    "self_served",
    "refused",
    "lost",
)

#: Who or what ended it.
EndCause = Literal["shopper", "agent", "idle", "shopper_gone", "choice", "flow", "server"]

#: How the call beside a chat stands.
CallBeside = Literal["none", "asked", "placed", "bridged", "over"]
#: What moves it: somebody asks for a call, which waits for the shopper's number; it is placed, bridged, over;
#: or it comes to nothing, and may be asked for again.
CallMove = Literal["ask", "place", "bridge", "end", "fail"]
CALL_BESIDE: dict[CallBeside, dict[CallMove, CallBeside]] = {
    "none": {"ask": "asked", "place": "placed"},
    "asked": {"place": "placed", "fail": "none"},
    "placed": {"bridge": "bridged", "end": "over", "fail": "none"},
    "bridged": {"end": "over"},
    "over": {"ask": "asked", "place": "placed"},
}
