"""One call of a phone: its script, what it says, and the recording of what it hears."""

from __future__ import annotations

import functools
import sys
import time
import traceback
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Protocol

import pjsua2 as pj

from phones import wire
from phones.voices import ToneEar, voice_of

_DTMF_METHODS = {"rfc4733": pj.PJSUA_DTMF_METHOD_RFC2833, "info": pj.PJSUA_DTMF_METHOD_SIP_INFO}
_LISTEN_INTERVAL = 0.04


class CallHost(Protocol):
    """What a call needs of the phone it belongs to."""

    recordings: Path | None
    silence: Any

    def report(self, event: wire.Event) -> None:
        """Tell the parent process."""

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Run an action on the phone's own loop, outside of pjsua2's callbacks."""

    def reason_of(self, call_id: str) -> str | None:
        """The Reason header of the last BYE or CANCEL that came in for this Call-ID."""


def caught(callback: Callable[..., None]) -> Callable[..., None]:
    """Report what a pjsua2 callback raises: pjsua2 itself would swallow it."""

    @functools.wraps(callback)
    def run(self: Any, parameters: Any) -> None:
        try:
            callback(self, parameters)
        except Exception as error:  # noqa: BLE001 - this is the edge between C++ and us
            traceback.print_exc(file=sys.stderr)
            self.phone.report(wire.Failed(time.time(), f"{callback.__name__}: {error}"))

    return run


class PhoneCall(pj.Call):  # type: ignore[misc]
    """A leg of pjsua2's that follows a script."""

    def __init__(
        self,
        phone: CallHost,
        account: Any,
        number: int,
        script: wire.Script,
        pj_id: int = pj.PJSUA_INVALID_ID,
    ) -> None:
        super().__init__(account, pj_id)
        self.phone = phone
        self.number = number
        self.script = script
        self.confirmed = False
        self.over = False
        self.hold: Literal["self", "peer"] | None = None
        self._holding = False
        self._speech = script.speak_early or script.speak
        self._parts = iter(script.first)
        self._voice: Any = None
        self._ear: Any = None
        self._recorder: Any = None
        self._recording: tuple[Path, float] | None = None

    # -- what others ask of it

    def begin(self) -> None:
        """Ring as the script says, for a call that came in."""
        status = {"ringing": 180, "early_media": 183, "silent": None}[self.script.ring]
        if status is not None:
            self.respond(status)
        self.phone.later(self.script.ring_for, self._after_ringing)

    def respond(self, status: int) -> None:
        """Send a response to the INVITE, unless it is settled already."""
        if self.over or self.confirmed:
            return
        parameters = pj.CallOpParam(True)
        parameters.statusCode = status
        self.answer(parameters)

    def end(self) -> None:
        """Hang up, whatever the state."""
        if not self.over:
            self.hangup(pj.CallOpParam(True))

    def say(self, speech: wire.PhoneSpeech) -> None:
        """Say this from now on."""
        self._speech = speech
        self._voice = None
        self._connect()

    def press(self, digits: str, by: str) -> None:
        """Send DTMF."""
        parameters = pj.CallSendDtmfParam()
        parameters.digits = digits
        parameters.method = _DTMF_METHODS[by]
        parameters.duration = 160
        self.sendDtmf(parameters)

    def put_on_hold(self) -> None:
        """Hold by re-INVITE."""
        self._holding = True
        self.setHold(pj.CallOpParam(True))

    def take_off_hold(self) -> None:
        """Resume by re-INVITE."""
        self._holding = False
        parameters = pj.CallOpParam(True)
        parameters.opt.flag = pj.PJSUA_CALL_UNHOLD
        self.reinvite(parameters)

    def transfer(self, uri: str) -> None:
        """Blind transfer by REFER."""
        self.xfer(uri, pj.CallOpParam(True))

    # -- what pjsua2 tells us

    @caught
    def onCallState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Report the INVITE session's states."""
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY:
            self.phone.report(wire.Ringing(time.time(), self.number, info.lastStatusCode))
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            self._confirmed()
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.over = True
            status, text, call_id = info.lastStatusCode, info.lastReason, info.callIdString
            # Later, because pjsua2 still uses this object while it calls us.
            self.phone.later(0, lambda: self._ended(status, text, call_id))

    @caught
    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Connect audio that came or changed, and notice hold."""
        info = self.getInfo()
        states = [media.status for media in info.media if media.type == pj.PJMEDIA_TYPE_AUDIO]
        hold: Literal["self", "peer"] | None = None
        if pj.PJSUA_CALL_MEDIA_LOCAL_HOLD in states:
            hold = "self"
        elif pj.PJSUA_CALL_MEDIA_REMOTE_HOLD in states:
            hold = "peer"
        if hold != self.hold:
            self.hold = hold
            now = time.time()
            self.phone.report(wire.Held(now, self.number, hold) if hold else wire.Resumed(now, self.number))
        self._connect()

    @caught
    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        """Report a key."""
        by: Literal["rfc4733", "info"] = "info" if prm.method == _DTMF_METHODS["info"] else "rfc4733"
        self.phone.report(wire.Dtmf(time.time(), self.number, prm.digit, by))

    # -- inside

    def _after_ringing(self) -> None:
        if self.script.then == "answer":
            self.respond(200)
        elif self.script.then == "refuse":
            self.respond(self.script.status)

    def _confirmed(self) -> None:
        self.confirmed = True
        if self.script.first:
            self._say_next()
        elif self._speech != self.script.speak:
            self.say(self.script.speak)
        codec, encrypted = "", False
        if self.hasMedia():
            stream = self.getStreamInfo(0)
            codec = stream.codecName
            encrypted = "SAVP" in str(stream.proto) or bool(stream.proto & pj.PJMEDIA_TP_PROFILE_SRTP)
        self.phone.report(wire.Answered(time.time(), self.number, codec, encrypted))
        if self.script.hang_up_after is not None:
            self.phone.later(self.script.hang_up_after, self.end)
        if self.script.listen_for is not None:
            self._listen(self.script.listen_for)
        elif self.script.dtmf:
            self.phone.later(self.script.dtmf_after, self._press_scripted)

    def _say_next(self) -> None:
        if self.over:
            return
        part = next(self._parts, None)
        self.say(part.speech if part is not None else self.script.speak)
        if part is not None:
            self.phone.later(part.seconds, self._say_next)

    def _listen(self, hz: int) -> None:
        if self.over:
            return
        if self._ear is None:
            self._ear = ToneEar(hz)
            self._connect()
        if not self._ear.hears():
            self.phone.later(_LISTEN_INTERVAL, lambda: self._listen(hz))
            return
        self.phone.report(wire.ToneHeard(time.time(), self.number, hz))
        if self.script.dtmf:
            self.phone.later(self.script.dtmf_after, self._press_scripted)

    def _press_scripted(self) -> None:
        if not self.over:
            self.press(self.script.dtmf, self.script.dtmf_by)

    def _ended(self, status: int, text: str, call_id: str) -> None:
        reason = self.phone.reason_of(call_id)
        self.phone.report(wire.Ended(time.time(), self.number, status, text, reason, self.confirmed))
        self._voice = self._ear = self._recorder = None  # closes the recording's file
        if self._recording is not None:
            self._await_recording()

    def _await_recording(self) -> None:
        """pjmedia closes the file some time after its port is gone: its header then has a length."""
        if self._recording is None:
            return
        path, started_at = self._recording
        if _is_complete(path):
            self.phone.report(wire.Recorded(time.time(), self.number, str(path), started_at))
        else:
            self.phone.later(0.05, self._await_recording)

    def _connect(self) -> None:
        if self.over or not self._has_audio():
            return
        audio = self.getAudioMedia(-1)
        if self._voice is None:
            self._voice = voice_of(self._speech)
        # Silence goes out too: pjsua2 stops sending RTP on a leg that nothing is connected to.
        self.phone.silence.startTransmit(audio)
        if not self._holding:
            self._voice.startTransmit(audio)
        if self._ear is not None:
            audio.startTransmit(self._ear)
        if self.phone.recordings is not None:
            if self._recorder is None:
                self._record(self.phone.recordings)
            audio.startTransmit(self._recorder)

    def _has_audio(self) -> bool:
        info = self.getInfo()  # kept alive while its media list is read
        usable = (
            pj.PJSUA_CALL_MEDIA_ACTIVE,
            pj.PJSUA_CALL_MEDIA_REMOTE_HOLD,
            pj.PJSUA_CALL_MEDIA_LOCAL_HOLD,
        )
        return any(media.type == pj.PJMEDIA_TYPE_AUDIO and media.status in usable for media in info.media)

    def _record(self, folder: Path) -> None:
        path = folder / f"call-{self.number}.wav"
        self._recorder = pj.AudioMediaRecorder()
        self._recorder.createRecorder(str(path))
        self._recording = (path, time.time())
        # With a source that never goes, the file keeps time while the call's audio comes and goes.
        self.phone.silence.startTransmit(self._recorder)


def _is_complete(path: Path) -> bool:
    try:
        with wave.open(str(path)) as file:
            return bool(file.getnframes() * 2 + 44 == path.stat().st_size)
    except (wave.Error, EOFError):
        return False
