"""SIP status → hangup cause, and the way back: what a hang-up tells the far side. The one place for both."""

from __future__ import annotations

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
    HangupCause.FAILED: 'Q.850;cause=41;text="Temporary failure"',
}


def cause_of_status(status: int, *, from_peer: bool, answered: bool) -> HangupCause:
    """Why a leg ended that we did not hang up ourselves.

    ``status`` is the INVITE's final one, ``from_peer`` tells whether the far side sent it or our own stack
    made it up, ``answered`` whether there had been a conversation, which a far side ends with BYE.
    """
    if not from_peer:
        return CAUSE_OF_SILENCE
    if answered:
        return HangupCause.NORMAL
    return CAUSE_OF_STATUS.get(status) or CAUSE_OF_CLASS.get(status // 100, HangupCause.FAILED)
