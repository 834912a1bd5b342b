"""Watches one leg's INVITEs: whether anything answers in time, and how each one fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pjsua2 as pj
from twisted.internet import defer

from bridge.causes import HangupCause
from sip.causes import Refusal, refusal_of
from sip.gate.tables import Fate
from sip.pj_call import from_peer
from sip.reactor import Reactor


class InviteWatch:
    """The INVITE that a leg has sent, and the person who waits for its result."""

    def __init__(self, reactor: Reactor) -> None:
        self._reactor = reactor
        self._result: defer.Deferred[Refusal | None] | None = None
        #: Seconds without any response after which it is abandoned, and their timer.
        self._patience = 0.0
        self._timer: Any = None
        self._abandoned = False
        self._rang = False
        #: The status of a 3xx response, which PJSIP reports as 487.
        self.redirected = 0

    def expect(self, seconds: float) -> defer.Deferred[Refusal | None]:
        """Watch the next INVITE; see :meth:`sip.sip_leg.SipLeg.attempt`."""
        self._result, self._patience = defer.Deferred(), seconds
        return self._result

    @property
    def is_expected(self) -> bool:
        """Whether its result is still waited for."""
        return self._result is not None

    def sent(self, too_long: Callable[[], bool]) -> None:
        """It was sent. ``too_long()`` is called after the patience, and says whether to abandon it."""

        def check() -> None:
            self._timer = None
            self._abandoned = too_long()

        if self._result is not None:
            self._timer = self._reactor.callLater(self._patience, check)

    def responded(self, status: int) -> None:
        """A provisional response came."""
        self._rang = self._rang or status == pj.PJSIP_SC_RINGING

    def refusal(self, event: pj.SipEvent, status: int, fate: Fate | None) -> Refusal | None:
        """How it failed; None if the gate ended the leg for a reason of its own, or nobody waits."""
        if self._result is None:
            return None
        unreached = fate is not None and fate.cause is HangupCause.UNREACHABLE and fate.status is None
        if self._abandoned or unreached or not from_peer(event):
            return refusal_of(status, None, rang=self._rang)
        if fate is not None:
            return None
        return refusal_of(status, event.body.tsxState.src.rdata.wholeMsg, rang=self._rang)

    def reset(self) -> None:
        """It failed, and another INVITE may follow."""
        self.redirected, self._abandoned, self._rang = 0, False, False

    def settle(self, refusal: Refusal | None) -> None:
        """Tell its result: how it failed, or None."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        result, self._result = self._result, None
        if result is not None:
            # Not inside a callback of PJSIP, because another INVITE may follow.
            self._reactor.callLater(0, result.callback, refusal)
