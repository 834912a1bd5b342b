"""SIP status → hangup cause, and the way back: what a hang-up tells the far side. The one place for both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from bridge.causes import HangupCause

#: What a final response to our INVITE means (RFC 3261 section 21). A status that is not listed counts as
#: its class does in :data:`CAUSE_OF_CLASS`.
CAUSE_OF_STATUS: dict[int, HangupCause] = {
    401: HangupCause.UNAUTHORIZED,
    402: HangupCause.FORBIDDEN,
    403: HangupCause.FORBIDDEN,
    404: HangupCause.NOT_FOUND,
    406: HangupCause.INCOMPATIBLE,
    407: HangupCause.UNAUTHORIZED,
    408: HangupCause.NO_ANSWER,
    410: HangupCause.NOT_FOUND,
    415: HangupCause.INCOMPATIBLE,
    416: HangupCause.INCOMPATIBLE,
    420: HangupCause.INCOMPATIBLE,
    421: HangupCause.INCOMPATIBLE,
    422: HangupCause.INCOMPATIBLE,
    433: HangupCause.FORBIDDEN,
    480: HangupCause.UNREACHABLE,
    481: HangupCause.FAILED,
    482: HangupCause.UNREACHABLE,
    483: HangupCause.UNREACHABLE,
    484: HangupCause.NOT_FOUND,
    485: HangupCause.NOT_FOUND,
    486: HangupCause.BUSY,
    487: HangupCause.NO_ANSWER,
    488: HangupCause.INCOMPATIBLE,
    493: HangupCause.INCOMPATIBLE,
    494: HangupCause.INCOMPATIBLE,
    500: HangupCause.FAILED,
    501: HangupCause.INCOMPATIBLE,
    502: HangupCause.UNREACHABLE,
    503: HangupCause.CONGESTION,
    504: HangupCause.UNREACHABLE,
    505: HangupCause.INCOMPATIBLE,
    513: HangupCause.INCOMPATIBLE,
    580: HangupCause.INCOMPATIBLE,
    600: HangupCause.BUSY,
    603: HangupCause.DECLINED,
    604: HangupCause.NOT_FOUND,
    606: HangupCause.INCOMPATIBLE,
    607: HangupCause.DECLINED,
    608: HangupCause.DECLINED,
}

#: What the hundreds of any other status mean. A redirection is not followed: it could lead anywhere.
CAUSE_OF_CLASS: dict[int, HangupCause] = {
    3: HangupCause.UNREACHABLE,
    4: HangupCause.FAILED,
    5: HangupCause.FAILED,
    6: HangupCause.DECLINED,
}

#: What a Q.850 cause in a Reason header says better than the status (RFC 3326, RFC 6432, RFC 3398 section
#: 8.2.6.1); one that is not listed, such as 127 (interworking), says nothing.
CAUSE_OF_Q850: dict[int, HangupCause] = {
    1: HangupCause.NOT_FOUND,
    17: HangupCause.BUSY,
    18: HangupCause.NO_ANSWER,
    19: HangupCause.NO_ANSWER,
    20: HangupCause.UNREACHABLE,
    21: HangupCause.DECLINED,
    22: HangupCause.NOT_FOUND,
    28: HangupCause.NOT_FOUND,
}

#: Q.850: the trunk has no way there, or no capacity, whatever the status is: another trunk may have.
TRUNK_FAULTS_OF_Q850 = frozenset({2, 3, 25, 34, 38, 41, 42, 43, 44, 47})

#: Final responses by which a peer says that it is at fault, and not the callee. Those of 5xx are
#: beside these, and 403 and 480 are not: behind a PBX they may be a person's.
TRUNK_FAULTS = frozenset({401, 402, 407, 408, 415, 488})
#: 5xx that concern the callee or this very request: 501, 505, 513 and 580 would come from any trunk.
NOT_TRUNK_FAULTS = frozenset({505, 513, 580})

#: What our own stack says in the far side's place where that one is silent or its host is gone: the time-out
#: of a transaction (RFC 3261 section 17.1.1.2), a transport that failed (section 8.1.3.1), a name unknown.
CAUSE_OF_SILENCE = HangupCause.UNREACHABLE

#: The Reason header (RFC 3326) of the CANCEL or BYE that ends a leg for a cause of ours. A phone that reads
#: ``SIP;cause=200`` lists no missed call.
REASON_OF_CAUSE: dict[HangupCause, str] = {
    HangupCause.NORMAL: 'Q.850;cause=16;text="Normal call clearing"',
    HangupCause.NO_ANSWER: 'Q.850;cause=19;text="No answer"',
    HangupCause.RING_TIMEOUT: 'Q.850;cause=19;text="No answer"',
    HangupCause.ANSWERED_ELSEWHERE: 'SIP;cause=200;text="Call completed elsewhere"',
    HangupCause.PEER_ENDED: 'Q.850;cause=16;text="Normal call clearing"',
    HangupCause.CANCELLED: 'Q.850;cause=16;text="Normal call clearing"',
    HangupCause.TIME_LIMIT: 'Q.850;cause=16;text="Time limit"',
    HangupCause.MEDIA_TIMEOUT: 'SIP;cause=408;text="RTP timeout"',
    HangupCause.INCOMPATIBLE: 'SIP;cause=488;text="Not acceptable here"',
    HangupCause.SESSION_EXPIRED: 'Q.850;cause=102;text="Session timer expired"',
    HangupCause.FAILED: 'Q.850;cause=41;text="Temporary failure"',
}


class Next(Enum):
    """What follows a leg's attempt that was refused."""

    NOTHING = "nothing"  # the callee is busy, declines, or is unknown: any trunk gives the same
    ADDRESS = "address"  # this address of the trunk is dead: the trunk may have another
    TRUNK = "trunk"  # the trunk cannot carry the call: another may


@dataclass(frozen=True, slots=True)
class Refusal:
    """How an attempt to place a leg failed.

    ``from_peer`` tells whether the far side sent ``status``, or our own stack made it up; ``rang`` whether
    somebody's phone rang meanwhile.
    """

    status: int
    from_peer: bool
    rang: bool = False
    #: The Q.850 cause of its Reason header, if it had one.
    q850: int | None = None
    #: Seconds of its Retry-After.
    retry_after: float | None = None

    @property
    def cause(self) -> HangupCause:
        """The hangup cause of a leg that ends so."""
        if self.from_peer and self.q850 in CAUSE_OF_Q850 and self.status // 100 != _REDIRECTION:
            return CAUSE_OF_Q850[self.q850]
        return cause_of_status(self.status, from_peer=self.from_peer, answered=False)

    @property
    def next(self) -> Next:
        """What follows: another trunk is for when the *trunk* failed, not for who does not want the call."""
        if not self.from_peer:
            return Next.ADDRESS
        if self.q850 in TRUNK_FAULTS_OF_Q850 and self.status // 100 != _GLOBAL:
            return Next.TRUNK
        if self.q850 in CAUSE_OF_Q850:
            return Next.NOTHING
        if self.status in (502, 503, 504):
            return Next.ADDRESS
        if self.status // 100 == _SERVER_FAILURE:
            return Next.NOTHING if self.status in NOT_TRUNK_FAULTS else Next.TRUNK
        return Next.TRUNK if self.status in TRUNK_FAULTS and not self.rang else Next.NOTHING


_REDIRECTION, _SERVER_FAILURE, _GLOBAL = 3, 5, 6


def refusal_of(status: int, message: str | None, *, rang: bool) -> Refusal:
    """Read a final response; ``message`` is its text, None where our own stack made the status up."""
    if message is None:
        return Refusal(status, from_peer=False, rang=rang)
    head = re.split(r"\r?\n\r?\n", message, maxsplit=1)[0]
    q850 = re.search(
        r"^Reason[ \t]*:.*?\bQ\.850[ \t]*;[^,\r\n]*?\bcause[ \t]*=[ \t]*(\d{1,3})\b", head, re.I | re.M
    )
    retry = re.search(r"^Retry-After[ \t]*:[ \t]*(\d{1,9})\b", head, re.I | re.M)
    return Refusal(status, True, rang, int(q850[1]) if q850 else None, float(retry[1]) if retry else None)


#: Q.850 causes of a BYE by which a network says that it broke the call off, where nobody hung up: 27
#: destination out of order, 102 recovery on timer expiry, 111 protocol error, and the trunk's own faults.
BROKEN_OFF_OF_Q850 = TRUNK_FAULTS_OF_Q850 | {27, 102, 111}


def cause_of_bye(message: str) -> HangupCause:
    """Why the far side ended an answered leg, by the Reason header of its BYE (RFC 3326).

    Without one, or with any that says nothing else, somebody hung up.
    """
    head = re.split(r"\r?\n\r?\n", message, maxsplit=1)[0]
    reasons = " ,".join(re.findall(r"^Reason[ \t]*:(.*)$", head, re.I | re.M))
    q850 = re.search(r"(?:^|,)\s*Q\.850\s*;[^,]*?\bcause\s*=\s*(\d{1,3})\b", reasons, re.I)
    if q850:
        return HangupCause.FAILED if int(q850[1]) in BROKEN_OFF_OF_Q850 else HangupCause.NORMAL
    status = re.search(r"(?:^|,)\s*SIP\s*;[^,]*?\bcause\s*=\s*(\d{3})\b", reasons, re.I)
    broken = status is not None and (int(status[1]) in (408, 481) or status[1].startswith("5"))
    return HangupCause.FAILED if broken else HangupCause.NORMAL


def cause_of_status(status: int, *, from_peer: bool, answered: bool) -> HangupCause:
    """Why a leg ended that we did not hang up ourselves.

    ``status`` is the INVITE's final one, ``from_peer`` tells whether the far side sent it or our own stack
    made it up, ``answered`` whether there had been a conversation, which a far side ends with BYE.
    """
    if not from_peer:
        return HangupCause.SESSION_EXPIRED if answered else CAUSE_OF_SILENCE
    if answered:
        return HangupCause.NORMAL
    return CAUSE_OF_STATUS.get(status) or CAUSE_OF_CLASS.get(status // 100, HangupCause.FAILED)
