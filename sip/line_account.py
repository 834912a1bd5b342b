"""One PJSIP account, through which legs are dialled and come in."""

from __future__ import annotations

from collections.abc import Callable

import pjsua2 as pj

from sip.journal import note
from sip.pj_call import PjCall
from sip.reactor import Reactor
from sip.sip_leg import SipLeg

#: Takes an INVITE for this user part; returns False to refuse it.
IncomingCall = Callable[[str, PjCall], bool]


class LineAccount(pj.Account):  # type: ignore[misc]
    """One account. Each call that comes in is offered to ``incoming(user, call)``, or refused."""

    def __init__(self, reactor: Reactor, incoming: IncomingCall) -> None:
        super().__init__()
        self._reactor = reactor
        self._incoming = incoming
        #: Legs that were dialled through it, some of which may be over.
        self.legs: list[SipLeg] = []

    @property
    def in_use(self) -> bool:
        """Whether a leg uses it."""
        self.legs = [leg for leg in self.legs if not leg.over]
        return bool(self.legs)

    def onIncomingCall(self, parameters: pj.OnIncomingCallParam) -> None:  # noqa: N802
        """PJSUA2 got an INVITE, which the gate expected."""
        # PJSUA2 aborts the process if a call ends inside this callback, so decide after it.
        call = PjCall(None, self, parameters.callId)
        self._reactor.callLater(0, self._decide, call)

    def _decide(self, call: PjCall) -> None:
        if not call.isActive():
            return  # it was cancelled
        try:
            if not self._incoming(split_user(call.getInfo().localUri), call):
                refusal = pj.CallOpParam(True)
                refusal.statusCode = pj.PJSIP_SC_FORBIDDEN
                call.hangup(refusal)
        except pj.Error as error:
            note("incoming_call_failed", reason=error.reason)


def split_user(uri: str) -> str:
    """The user part of ``"Name" <sip:user@host>``; empty without one."""
    address = uri.rpartition("<")[2].partition(":")[2]
    return address.rpartition("@")[0]
