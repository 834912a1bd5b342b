"""DTMF of one leg: sends keys in the way of its trunk, and reports each key that is pressed once."""

from __future__ import annotations

import pjsua2 as pj

from sip.journal import note
from sip.keys import KEYS
from sip.pj_call import PjCall

#: PJMEDIA_STREAM_DTMF_IS_UPDATE: a further packet of a key that is already down.
_DTMF_IS_UPDATE = 1
#: For keys that were heard as a tone; PJSUA2 numbers its own methods.
AS_A_TONE = -1
#: Some gateways send a key in two ways; the second one within so many seconds is the same press.
_SAME_PRESS = 0.5


class LegKeys:
    """Keys of one leg, both ways."""

    def __init__(self, leg_id: str, way: str) -> None:
        self._leg_id = leg_id
        #: ``info``, or ``rfc4733``.
        self.way = way
        self._last: tuple[str, int, float] | None = None

    def send(self, call: PjCall, digit: str) -> None:
        """Press a key toward the far side. A key that cannot be sent is logged, and the call goes on."""
        if self.way == "info":
            self._send_info(call, digit)
            return
        try:
            call.dialDtmf(digit)
        except pj.Error as error:
            # The far side's SDP has no telephone-event, so only INFO is left (RFC 6086 section 7).
            note("key_sent_by_info", leg=self._leg_id, reason=error.reason)
            self._send_info(call, digit)

    def is_new(self, digit: str, method: int, flags: int, now: float) -> bool:
        """Whether this packet or INFO is a new press of a key."""
        if flags & _DTMF_IS_UPDATE or digit not in tuple(KEYS):
            return False
        last, self._last = self._last, (digit, method, now)
        return not (last and last[0] == digit and last[1] != method and now - last[2] < _SAME_PRESS)

    def _send_info(self, call: PjCall, digit: str) -> None:
        press = pj.CallSendDtmfParam()
        press.method, press.digits, press.duration = pj.PJSUA_DTMF_METHOD_SIP_INFO, digit, 160
        try:
            call.sendDtmf(press)
        except pj.Error as error:
            note("key_not_sent", leg=self._leg_id, reason=error.reason)
