"""PJSUA2's call object: its callbacks go to the leg, and what it needs for them is built here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol

import pjsua2 as pj

from bridge.causes import HangupCause
from sip.causes import REASON_OF_CAUSE
from sip.gate.session import Method
from sip.journal import note


class CallListener(Protocol):
    """What a call tells its leg, on the reactor's thread."""

    def state_changed(self, event: pj.SipEvent) -> None:
        """The state of the dialog changed."""

    def media_changed(self) -> None:
        """An offer and its answer changed the media."""

    def sdp_created(self, parameters: pj.OnCallSdpCreatedParam) -> None:
        """PJSIP wrote an SDP, which has not been sent yet."""

    def stream_destroyed(self, index: int) -> None:
        """A stream ends, and its counters with it."""

    def redirected(self, status: int) -> None:
        """A 3xx response came; it is not followed."""

    def key_pressed(self, digit: str, method: int, flags: int) -> None:
        """A DTMF packet or an INFO came."""

    def broke(self, where: str, error: Exception) -> None:
        """One of these methods raised."""


def _guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """SWIG prints what a callback raises and goes on: end the leg instead."""

    @functools.wraps(callback)
    def run(call: PjCall, parameters: Any) -> None:
        leg = call.leg
        if leg is None:
            return
        try:
            callback(call, leg, parameters)
        except Exception as error:  # noqa: BLE001 - SWIG would swallow it
            leg.broke(callback.__name__, error)

    return run


class PjCall(pj.Call):  # type: ignore[misc]
    """PJSUA2's call, which passes its callbacks to the leg."""

    def __init__(
        self, leg: CallListener | None, account: pj.Account, call_id: int = pj.PJSUA_INVALID_ID
    ) -> None:
        super().__init__(account, call_id)
        self.leg = leg

    def forget(self) -> None:
        """Forget the leg; the caller drops the last reference to this call."""
        self.leg = None

    def refresh(self, leg_id: str, method: Method) -> None:
        """Refresh the session (RFC 4028) by UPDATE without an offer, or make a new offer by re-INVITE."""
        options = pj.CallOpParam(True)
        try:
            if method == "UPDATE":
                options.opt.flag = pj.PJSUA_CALL_NO_SDP_OFFER
                self.update(options)
            else:
                self.reinvite(options)
        except pj.Error as error:
            note("refresh_failed", leg=leg_id, method=method, reason=error.reason)

    @_guarded
    def onCallState(self, leg: CallListener, parameters: pj.OnCallStateParam) -> None:  # noqa: D102, N802
        leg.state_changed(parameters.e)

    @_guarded
    def onCallMediaState(self, leg: CallListener, parameters: pj.OnCallMediaStateParam) -> None:  # noqa: D102, N802
        leg.media_changed()

    @_guarded
    def onCallSdpCreated(self, leg: CallListener, parameters: pj.OnCallSdpCreatedParam) -> None:  # noqa: D102, N802
        leg.sdp_created(parameters)

    @_guarded
    def onStreamDestroyed(self, leg: CallListener, parameters: pj.OnStreamDestroyedParam) -> None:  # noqa: D102, N802
        leg.stream_destroyed(parameters.streamIdx)

    def onCallRedirected(self, parameters: pj.OnCallRedirectedParam) -> int:  # noqa: D102, N802
        if self.leg is not None:
            self.leg.redirected(parameters.e.body.tsxState.tsx.statusCode)
        return int(pj.PJSIP_REDIRECT_STOP)

    @_guarded
    def onCallTransferRequest(self, leg: CallListener, parameters: pj.OnCallTransferRequestParam) -> None:  # noqa: D102, N802
        # PJSUA2 would dial any address that the far side names.
        parameters.statusCode = pj.PJSIP_SC_DECLINE

    @_guarded
    def onCallReplaceRequest(self, leg: CallListener, parameters: pj.OnCallReplaceRequestParam) -> None:  # noqa: D102, N802
        parameters.statusCode = pj.PJSIP_SC_DECLINE

    @_guarded
    def onDtmfEvent(self, leg: CallListener, parameters: pj.OnDtmfEventParam) -> None:  # noqa: D102, N802
        leg.key_pressed(parameters.digit, parameters.method, parameters.flags)


def describe(error: Exception) -> str:
    """An error in words; PJSUA2's errors have them in an attribute."""
    return str(error.reason) if isinstance(error, pj.Error) else str(error)


def hang_up_options(cause: HangupCause) -> pj.CallOpParam:
    """Options for ``hangup`` with the cause's Reason header (RFC 3326)."""
    options = pj.CallOpParam(True)
    if reason := REASON_OF_CAUSE.get(cause):
        options.txOption.headers.append(header("Reason", reason))
    return options


def header(name: str, value: str) -> pj.SipHeader:
    """A header for one request."""
    made = pj.SipHeader()
    made.hName, made.hValue = name, value
    return made


def from_peer(event: pj.SipEvent) -> bool:
    """Whether a message from the far side caused this, not one of our timers or transports."""
    return bool(event.type == pj.PJSIP_EVENT_TSX_STATE and event.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG)
