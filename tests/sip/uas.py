"""A raw SIP phone for tests: no SIP stack, so that it can do what no sane phone does."""

from __future__ import annotations

import array
import asyncio
import hashlib
import math
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sip.conversion import Converter


@dataclass
class Sip:
    """One SIP message as it was on the wire."""

    first: str
    headers: list[tuple[str, str]]
    body: str
    source: tuple[str, int]
    at: float

    @property
    def method(self) -> str:
        return self.first.split()[0]

    def get(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def cseq(self) -> tuple[int, str]:
        number, method = self.get("CSeq").split()
        return int(number), method


def parse(data: bytes, source: tuple[str, int]) -> Sip:
    head, _, body = data.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = [(k.strip(), v.strip()) for k, _, v in (line.partition(":") for line in lines)]
    return Sip(first, headers, body, source, time.monotonic())


def ulaw(sample: int) -> int:
    """ITU-T G.711 µ-law."""
    sign = 0x80 if sample < 0 else 0
    sample = min(abs(sample), 32635) + 132
    exponent = sample.bit_length() - 8
    return ~(sign | exponent << 4 | (sample >> (exponent + 3)) & 15) & 0xFF


def linear(byte: int) -> int:
    byte = ~byte & 0xFF
    value = (((byte & 15) << 3) + 132 << (byte >> 4 & 7)) - 132
    return -value if byte & 0x80 else value


def alaw(sample: int) -> int:
    """ITU-T G.711 A-law."""
    sign = 0x80 if sample >= 0 else 0
    value = min(abs(sample) >> 3, 4095)
    exponent = max(0, value.bit_length() - 5)
    return (sign | exponent << 4 | (value >> max(1, exponent)) & 15) ^ 0x55


def alinear(byte: int) -> int:
    byte ^= 0x55
    exponent, value = byte >> 4 & 7, (byte & 15) * 2 + 1
    value = (value if exponent == 0 else (value + 32) << (exponent - 1)) << 3
    return value if byte & 0x80 else -value


def level(samples: list[int], hertz: float) -> float:
    """Amplitude of one frequency (Goertzel), in linear units."""
    if not samples:
        return 0.0
    turn = 2j * math.pi * hertz / 8000
    import cmath

    return abs(sum(s * cmath.exp(-turn * n) for n, s in enumerate(samples))) * 2 / len(samples)


class Rtp(asyncio.DatagramProtocol):
    """RTP of one call: keeps what it hears, and speaks a tone."""

    def __init__(self) -> None:
        self.peer: tuple[str, int] | None = None
        self._events: list[tuple[bytes, bytes]] = []
        self.event_kind = 101  # what the other side wants events sent as
        self.packets: list[tuple[float, int, bytes]] = []  # time, payload type, payload
        # RFC 3550 section 5.1: all of them begin anywhere.
        self._sequence, self._stamp = random.randrange(1 << 15), random.randrange(1, 1 << 31)
        self._ssrc = random.randbytes(4)
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr) -> None:
        self.packets.append((time.monotonic(), data[1] & 0x7F, data[12:]))
        if data[1] & 0x7F == 101:
            self._events.append((data[4:8], data[12:]))

    def send(self, payload: bytes, kind: int = 0, marker: bool = False, step: int = 160) -> None:
        if self.peer is None:
            return
        head = bytes([0x80, kind | (0x80 if marker else 0)]) + self._sequence.to_bytes(2, "big")
        self.put(head + self._stamp.to_bytes(4, "big") + self._ssrc + payload)
        self._sequence = (self._sequence + 1) & 0xFFFF
        self._stamp += step

    def put(self, packet: bytes) -> None:
        self.transport.sendto(packet, self.peer)

    def speak(self, hertz: float = 0, kind: int = 0, and_: float = 0) -> None:
        """Send a tone (0: silence) from now on, in PCMU, (8) PCMA or (9) G722."""
        self.hush()
        self._task = asyncio.ensure_future(self._speak((hertz, and_), kind))

    def hush(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _speak(self, tones: tuple[float, ...], kind: int) -> None:
        start, sent = time.monotonic(), 0
        encode = alaw if kind == 8 else ulaw
        converter = Converter(0, kind) if kind == 9 else None
        while True:
            turns = [2 * math.pi * (sent * 160 + n) / 8000 for n in range(160)]
            at = [round(sum(8000 * math.sin(hertz * turn) for hertz in tones)) for turn in turns]
            payload = bytes(encode(s) for s in at)
            self.send(converter.convert(payload) if converter else payload, kind)
            sent += 1
            await asyncio.sleep(max(0.0, start + sent * 0.02 - time.monotonic()))

    def press(self, event: int, times: int = 3) -> None:
        """One key by RFC 4733: each packet repeats the event with its timestamp."""
        for number in range(times):
            self.send(
                bytes([event, 10, *(160 * (number + 1)).to_bytes(2, "big")]), self.event_kind, number == 0, 0
            )
        for _ in range(3):
            self.send(bytes([event, 0x80 | 10, *(160 * times).to_bytes(2, "big")]), self.event_kind, False, 0)
        self._stamp += 160 * (times + 3)

    def heard(self, seconds: float = 0.5) -> list[int]:
        """The last stretch of audio, as samples."""
        now = time.monotonic()
        wideband = Converter(9, 0)
        data = [
            (kind, wideband.convert(p) if kind == 9 else p)
            for at, kind, p in self.packets
            if kind in (0, 8, 9) and now - at < seconds
        ]
        samples = [alinear(b) if kind == 8 else linear(b) for kind, payload in data for b in payload]
        return list(array.array("h", samples))

    def keys(self) -> list[int]:
        """Events of RFC 4733 heard: all packets of one press have one timestamp."""
        return [payload[0] for payload in dict(self._events).values()]


@dataclass
class Dialog:
    """One call at the phone."""

    invite: Sip
    rtp: Rtp
    tag: str
    log: list[Sip] = field(default_factory=list)
    cseq: int = 100
    #: Responses to our own requests.
    answers: list[Sip] = field(default_factory=list)


#: Gets every request; returns nothing. The default answers at once.
Script = Callable[["Phone", Sip], None]


class Phone(asyncio.DatagramProtocol):
    """A SIP phone on one UDP port. ``script`` decides what happens to an INVITE; the rest answers itself."""

    rtp_kind = Rtp
    #: The transport in Via.
    via = "UDP"
    #: What Contact says, where it is not the truth.
    tell_contact: str | None = None

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or (lambda phone, sip: phone.answer(sip))
        #: Gets every REGISTER; without one they are granted.
        self.registrar: Script | None = None
        self.log: list[Sip] = []
        self.dialogs: dict[str, Dialog] = {}
        self._heard: asyncio.Queue[Sip] = asyncio.Queue()
        self.auto = True
        self.password: str | None = None
        self.challenge_status = 401
        #: Requests that the password is asked for.
        self.challenged = {"INVITE", "REGISTER"}
        self.nonce = "abc123"
        self._tasks: set[asyncio.Future[None]] = set()

    @classmethod
    async def start(cls, script: Script | None = None, host: str = "127.0.0.1") -> Phone:
        _, phone = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: cls(script), local_addr=(host, 0)
        )
        return phone

    def connection_made(self, transport) -> None:
        self.transport = transport
        self.host, self.port = transport.get_extra_info("sockname")[:2]

    @property
    def uri(self) -> str:
        return f"sip:phone@{self.host}:{self.port}"

    def close(self) -> None:
        for dialog in self.dialogs.values():
            dialog.rtp.hush()
            dialog.rtp.transport.close()
        self.transport.close()

    def datagram_received(self, data: bytes, addr) -> None:
        if len(data) < 8:
            return
        sip = parse(data, addr)
        self.log.append(sip)
        self._heard.put_nowait(sip)
        task = asyncio.ensure_future(self._handle(sip))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _handle(self, sip: Sip) -> None:
        call_id = sip.get("Call-ID")
        dialog = self.dialogs.get(call_id)
        if dialog:
            dialog.log.append(sip)
        if sip.first.startswith("SIP/2.0"):
            if dialog:
                dialog.answers.append(sip)
                if sip.cseq[1] == "INVITE" and sip.first.split()[1] == "200":
                    self.request(call_id, "ACK", cseq=sip.cseq[0])
            return
        if self.password is not None and sip.method in self.challenged and not self.authorized(sip):
            name = "WWW-Authenticate" if self.challenge_status == 401 else "Proxy-Authenticate"
            self.respond(
                sip,
                self.challenge_status,
                "Prove it",
                [(name, f'Digest realm="here", nonce="{self.nonce}", algorithm=MD5, qop="auth"')],
            )
            return
        if sip.method == "INVITE":
            if dialog is None:
                _, rtp = await asyncio.get_running_loop().create_datagram_endpoint(
                    self.rtp_kind, local_addr=(self.host, 0)
                )
                self.dialogs[call_id] = Dialog(sip, rtp, f"t{random.randrange(10**6)}", [sip])
                self._learn(sip)
                self.script(self, sip)
            elif sip.cseq[0] > dialog.invite.cseq[0]:
                dialog.invite = sip
                self._learn(sip)
                self.respond(sip, 200, "OK", body=self.sdp(call_id))
        elif sip.method == "REGISTER" and self.registrar is not None:
            self.registrar(self, sip)
        elif sip.method == "REGISTER":
            self.respond(sip, 200, "OK", [("Contact", sip.get("Contact")), ("Expires", sip.get("Expires"))])
        elif self.auto and sip.method == "CANCEL":
            self.respond(sip, 200, "OK")
            if dialog:
                self.respond(dialog.invite, 487, "Request Terminated")
        elif self.auto and sip.method in ("BYE", "INFO", "UPDATE", "OPTIONS"):
            if dialog and sip.method == "BYE":
                dialog.rtp.hush()
            self.respond(sip, 200, "OK")

    def _learn(self, sip: Sip) -> None:
        if found := re.search(r"m=audio (\d+)", sip.body):
            host = re.search(r"c=IN IP4 (\S+)", sip.body)
            self.dialogs[sip.get("Call-ID")].rtp.peer = (host[1] if host else self.host, int(found[1]))

        if found := re.search(r"a=rtpmap:(\d+) telephone-event/8000", sip.body):
            self.dialogs[sip.get("Call-ID")].rtp.event_kind = int(found[1])

    def authorized(self, sip: Sip) -> bool:
        given = sip.get("Authorization") or sip.get("Proxy-Authorization")
        part = dict(re.findall(r'(\w+)="?([^",]+)"?', given))
        if not part:
            return False
        md5 = lambda text: hashlib.md5(text.encode()).hexdigest()  # noqa: E731
        one = md5(f"{part['username']}:here:{self.password}")
        two = md5(f"{sip.method}:{part['uri']}")
        return part["response"] == md5(
            f"{one}:{part['nonce']}:{part['nc']}:{part['cnonce']}:{part['qop']}:{two}"
        )

    def respond(
        self,
        sip: Sip,
        status: int,
        reason: str = "X",
        headers: list[tuple[str, str]] | None = None,
        body: str = "",
    ) -> None:
        dialog = self.dialogs.get(sip.get("Call-ID"))
        tag = dialog.tag if dialog else "t0"
        lines = [f"SIP/2.0 {status} {reason}"]
        for name, value in sip.headers:
            if name.lower() in ("via", "from", "call-id", "cseq", "record-route"):
                lines.append(f"{name}: {value}")
            elif name.lower() == "to":
                lines.append(f"To: {value}" + ("" if ";tag=" in value or status == 100 else f";tag={tag}"))
        if sip.method != "REGISTER":
            lines.append(f"Contact: <{self.tell_contact or self.uri}>")
        lines += [f"{name}: {value}" for name, value in headers or []]
        if body:
            lines.append("Content-Type: application/sdp")
        lines.append(f"Content-Length: {len(body)}")
        self.transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), sip.source)

    def sdp(self, call_id: str, direction: str = "sendrecv", formats: str = "0 101", extra: str = "") -> str:
        port = self.dialogs[call_id].rtp.port
        return (
            f"v=0\r\no=- 1 {random.randrange(10**6)} IN IP4 {self.host}\r\ns=-\r\nc=IN IP4 {self.host}\r\n"
            f"t=0 0\r\nm=audio {port} RTP/AVP {formats}\r\na=rtpmap:101 telephone-event/8000\r\n"
            f"a=fmtp:101 0-15\r\na=ptime:20\r\n{extra}a={direction}\r\n"
        )

    def answer(self, sip: Sip, headers: list[tuple[str, str]] | None = None) -> None:
        self.respond(sip, 200, "OK", headers, self.sdp(sip.get("Call-ID")))

    def request(
        self,
        call_id: str,
        method: str,
        body: str = "",
        kind: str = "application/sdp",
        headers: list[tuple[str, str]] | None = None,
        cseq: int | None = None,
    ) -> None:
        """Send a request within the dialog."""
        dialog = self.dialogs[call_id]
        if cseq is None:
            dialog.cseq += 1
            cseq = dialog.cseq
        target = re.search(r"<(sip:[^>]+)>", dialog.invite.get("Contact"))[1]
        to = (
            dialog.invite.get("To")
            if ";tag=" in dialog.invite.get("To")
            else (f"{dialog.invite.get('To')};tag={dialog.tag}")
        )
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/{self.via} {self.host}:{self.port};branch=z9hG4bK{random.randrange(10**9)};rport",
            "Max-Forwards: 70",
            f"From: {to}",
            f"To: {dialog.invite.get('From')}",
            f"Call-ID: {call_id}",
            f"CSeq: {cseq} {method}",
            f"Contact: <{self.uri}>",
            *(f"{name}: {value}" for name, value in headers or []),
            *([f"Content-Type: {kind}"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.transport.sendto(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), dialog.invite.source)

    async def expect(self, what: str, within: float = 12.0) -> Sip:
        """The next message whose first line begins so."""

        async def look() -> Sip:
            while not (sip := await self._heard.get()).first.startswith(what):
                pass
            return sip

        return await asyncio.wait_for(look(), within)
