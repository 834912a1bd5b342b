"""A phone: one pjsua2 user agent on loopback, its calls, and what its parent asks of it."""

from __future__ import annotations

import heapq
import itertools
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pjsua2 as pj

from phones import wire
from phones.calls import PhoneCall, caught
from phones.voices import prepare

#: pjsua2's wheel allows no more calls in a process.
MAX_CALLS = 4
_REQUEST = re.compile(r"RX \d+ bytes Request msg (BYE|CANCEL)/")


@dataclass(frozen=True, slots=True)
class Setup:
    """How a phone is made; what can change later is in its script."""

    name: str
    port: int
    script: wire.Script
    #: Folder of the recordings, one file a call; None records nothing.
    recordings: Path | None = None
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    srtp: str = "off"
    tls_port: int | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None


class UserAgent:
    """The phone itself. Everything happens on the one thread that calls :meth:`turn`."""

    def __init__(self, setup: Setup, report: Callable[[wire.Event], None]) -> None:
        self.recordings = setup.recordings
        self.report = report
        self.finished = False
        self._setup = setup
        self._script = setup.script
        prepare(setup.script)
        self._calls: dict[int, PhoneCall] = {}
        self._numbers = itertools.count(1)
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timer_ids = itertools.count()
        self._tap = _ReasonTap()
        self._endpoint = _endpoint(setup, self._tap)
        self.silence = pj.ToneGenerator()
        self.silence.createToneGenerator()
        self._account_config = _account_config(setup)
        self._account = _Account(self)
        self._account.create(self._account_config)
        report(wire.PhoneReady(time.time(), os.getpid(), setup.port, setup.tls_port))

    def turn(self, milliseconds: int) -> None:
        """Let SIP and due timers work for about so long."""
        self._endpoint.libHandleEvents(milliseconds)
        while self._timers and self._timers[0][0] <= time.monotonic():
            action = heapq.heappop(self._timers)[2]
            try:
                action()
            except pj.Error as error:
                self._failed(error)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Run an action on the phone's own loop, outside of pjsua2's callbacks."""
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._timer_ids), action))

    def reason_of(self, call_id: str) -> str | None:
        """The Reason header of the last BYE or CANCEL that came in for this Call-ID."""
        return self._tap.reasons.pop(call_id, None)

    def perform(self, command: wire.Command) -> None:
        """Do what the parent asks; what cannot be done is reported as ``Failed``."""
        try:
            self._perform(command)
        except pj.Error as error:
            self._failed(error)
        except KeyError:
            self.report(wire.Failed(time.time(), f"{command}: there is no such call"))

    def took_call(self, pj_id: int, message: str) -> None:
        """An INVITE came in: report it, and begin its script."""
        number = next(self._numbers)
        request, headers, body = _parse(message)
        call = self._calls[number] = PhoneCall(self, self._account, number, self._script, pj_id)
        values = {name.lower(): value for name, value in reversed(headers)}
        self.report(
            wire.Incoming(
                time.time(),
                number,
                values.get("from", values.get("f", "")),
                values.get("to", values.get("t", "")),
                request.split(" ")[1],
                headers,
                body,
            )
        )
        call.begin()

    def registered(self, status: int) -> None:
        """The registrar answered."""
        self.report(wire.Registered(time.time(), status))

    def _failed(self, error: Any) -> None:
        self.report(wire.Failed(time.time(), error.info()))

    def _perform(self, command: wire.Command) -> None:
        match command:
            case wire.SetScript(script):
                prepare(script)
                self._script = script
                self.report(wire.ScriptSet(time.time()))
            case wire.DialOut(uri, script, headers):
                self._dial(uri, script, headers)
            case wire.Answer(number):
                self._calls[number].respond(200)
            case wire.Refuse(number, status):
                self._calls[number].respond(status)
            case wire.HangUpCall(number):
                self._calls[number].end()
            case wire.Speak(number, speech):
                self._calls[number].say(speech)
            case wire.PressKeys(number, digits, by):
                self._calls[number].press(digits, by)
            case wire.Hold(number):
                self._calls[number].put_on_hold()
            case wire.Resume(number):
                self._calls[number].take_off_hold()
            case wire.Transfer(number, uri):
                self._calls[number].transfer(uri)
            case wire.Register(registrar, username, password):
                self._register(registrar, username, password)
            case wire.Quit():
                self._quit()

    def _dial(self, uri: str, script: wire.Script, headers: tuple[tuple[str, str], ...]) -> None:
        number = next(self._numbers)
        call = self._calls[number] = PhoneCall(self, self._account, number, script)
        parameters = pj.CallOpParam(True)
        vector = pj.SipHeaderVector()
        for name, value in headers:
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            vector.append(header)
        parameters.txOption.headers = vector
        self.report(wire.Dialed(time.time(), number, uri))
        call.makeCall(uri, parameters)

    def _register(self, registrar: str, username: str, password: str) -> None:
        config = self._account_config
        config.idUri = f"sip:{username}@{registrar.removeprefix('sip:')}"
        config.regConfig.registrarUri = registrar
        config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", "*", username, 0, password))
        self._account.modify(config)

    def _quit(self) -> None:
        for call in self._calls.values():
            call.end()

        def finish() -> None:
            self.finished = True

        self.later(0.1, finish)


class _Account(pj.Account):  # type: ignore[misc]
    def __init__(self, phone: UserAgent) -> None:
        super().__init__()
        self.phone = phone

    @caught
    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        self.phone.took_call(prm.callId, prm.rdata.wholeMsg)

    @caught
    def onRegState(self, prm: Any) -> None:  # noqa: N802 - pjsua2's name
        self.phone.registered(prm.code)


class _ReasonTap(pj.LogWriter):  # type: ignore[misc]
    """Reads Reason headers from pjsua2's log: a CANCEL reaches no callback that carries its message."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons: dict[str, str] = {}

    def write(self, entry: Any) -> None:
        if _REQUEST.search(entry.msg, 0, 200) is None:
            return
        _, headers, _ = _parse(entry.msg.split(":\n", 1)[1])
        values = {name.lower(): value for name, value in headers}
        if "reason" in values:
            self.reasons[values.get("call-id", values.get("i", ""))] = values["reason"]


def _parse(message: str) -> tuple[str, tuple[tuple[str, str], ...], str]:
    head, _, body = message.replace("\r\n", "\n").partition("\n\n")
    first, *lines = re.sub(r"\n[ \t]+", " ", head).split("\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    return first, tuple((name.strip(), value.strip()) for name, _, value in pairs), body


def _endpoint(setup: Setup, tap: _ReasonTap) -> Any:
    endpoint = pj.Endpoint()
    endpoint.libCreate()
    config = pj.EpConfig()
    # The level at which messages are logged; the writer takes the console's place.
    config.logConfig.level = config.logConfig.consoleLevel = 4
    config.logConfig.writer = tap
    config.uaConfig.threadCnt = 0
    config.uaConfig.mainThreadOnly = True
    config.uaConfig.maxCalls = MAX_CALLS
    config.uaConfig.userAgent = f"Ringback simulated phone ({setup.name})"
    wide = "G722" in setup.codecs
    config.medConfig.clockRate = 16000 if wide else 8000
    config.medConfig.sndClockRate = 0
    config.medConfig.noVad = True
    config.medConfig.ecTailLen = 0
    endpoint.libInit(config)
    endpoint.audDevManager().setNullDev()
    transport = pj.TransportConfig()
    transport.port = setup.port
    transport.boundAddress = transport.publicAddress = "127.0.0.1"
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    endpoint.transportCreate(pj.PJSIP_TRANSPORT_TCP, transport)
    if setup.tls_port is not None:
        transport.port = setup.tls_port
        transport.tlsConfig.certFile = str(setup.tls_certificate or "")
        transport.tlsConfig.privKeyFile = str(setup.tls_key or "")
        endpoint.transportCreate(pj.PJSIP_TRANSPORT_TLS, transport)
    endpoint.libStart()
    for codec in endpoint.codecEnum2():
        name = codec.codecId.split("/")[0]
        priority = 255 - setup.codecs.index(name) if name in setup.codecs else 0
        endpoint.codecSetPriority(codec.codecId, priority)
    return endpoint


def _account_config(setup: Setup) -> Any:
    config = pj.AccountConfig()
    config.idUri = f'"{setup.name}" <sip:{setup.name}@127.0.0.1:{setup.port}>'
    config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    config.mediaConfig.transportConfig.port = 0
    config.mediaConfig.srtpUse = {
        "off": pj.PJMEDIA_SRTP_DISABLED,
        "optional": pj.PJMEDIA_SRTP_OPTIONAL,
        "required": pj.PJMEDIA_SRTP_MANDATORY,
    }[setup.srtp]
    config.mediaConfig.srtpSecureSignaling = 0
    return config
