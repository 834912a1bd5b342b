"""Guards a leg's media sockets: they let in only its far side, and we read what PJSIP cannot.

PJSIP takes media from any source after ten packets in a row, decodes one payload type, and knows one number
of telephone-event. So each leg's RTP port has a second socket, our own. The kernel gives PJSIP the audio of
the one source that :mod:`sip.latching` decided on; all else that may matter comes to us: packets of sources
that may yet be the right one, keys under whatever number, comfort noise, and audio in another codec.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sip import firewall, ports
from sip.bypass import Bypass
from sip.conversion import convertible
from sip.firewall import AllowedNetwork
from sip.inband import Tones
from sip.journal import note
from sip.keys import Keypad
from sip.latching import WINDOW, Latch, MediaPeer
from sip.reactor import Reactor
from sip.readers import SocketReader
from sip.rtp import COMFORT_NOISE, DYNAMIC, G722, PCMA, PCMU, Packet
from sip.rtp_filter import (
    Endpoint,
    build_rtcp,
    build_rtp,
    build_selector,
    exactly,
)

#: Packets in another codec before the detour begins: a single one may be from before a re-INVITE.
_OTHER_CODEC = 2
#: And before each new offer, if only an offer helps: at once, after 4 s, after 20 s.
_TRIES = (5, 200, 1000)
#: Packets from elsewhere after which the filter of our own socket is checked.
_PATIENCE = 500

Program = tuple[firewall.Instruction, ...]


@dataclass(frozen=True, slots=True)
class MediaEntry:
    """How a leg's media reaches us."""

    #: Address that PJSIP binds its media sockets to.
    bind: str
    peer: MediaPeer
    resting: ports.RestingPorts


class Guard:
    """The media sockets of one leg. Before the far side's SDP is known, nothing gets in.

    ``received`` counts PJSIP's packets of the stream that runs; ``key_pressed`` gets each key once,
    ``tone_heard`` each that came as a tone. ``other_codec`` is called where the far side sends a payload type
    that only a new offer can make heard, because it is encrypted.
    """

    def __init__(
        self,
        reactor: Reactor,
        leg_id: str,
        entry: MediaEntry,
        received: Callable[[], int],
        key_pressed: Callable[[str], None],
        tone_heard: Callable[[str], None],
        other_codec: Callable[[int], None],
    ) -> None:
        self._reactor = reactor
        self._leg_id = leg_id
        self._latch = Latch(entry.peer)
        self._resting = entry.resting
        self._received = received
        self._key_pressed = key_pressed
        self._tone_heard = tone_heard
        self._wants_other_codec = other_codec
        self._keypad = Keypad()
        self._tones: Tones | None = None
        #: Packets of the far side that PJSIP does not count, such as keys and comfort noise.
        self.heard = 0
        self._payload_type: int | None = None
        self._sealed = False
        self._rtcp: Endpoint | None = None
        self._before = 0
        self._other_codec = 0
        self._refused: Endpoint | None = None
        self._judged = 0
        self._ports: tuple[int, int] | None = None
        self._theirs: list[socket.socket] = []
        self._ours: socket.socket | None = None
        self._reader: SocketReader | None = None
        self._bypass: Bypass | None = None
        self._programs: dict[str, Program] = {}
        self._looking: Any = None

    def open(self, address: str, rtp_port: int, rtcp_port: int) -> None:
        """Find PJSIP's sockets, which are bound there; OSError if that fails."""
        if (rtp_port, rtcp_port) == self._ports:
            return
        # A stream that was taken out and put back (port 0, RFC 3264 section 8.2) has other sockets.
        self._let_go()
        self._ports = rtp_port, rtcp_port
        deaf = firewall.build_program(())
        for port in (rtp_port, rtcp_port):
            sock = ports.find_udp(address, port)
            self._theirs.append(sock)
            firewall.attach(sock.fileno(), deaf)
            ports.empty(sock)
        self._ours = ports.share_port(self._theirs[0], build_selector(()))
        self._reader = SocketReader(self._reactor, self._ours, self._readable)
        self._apply()

    def listen_for_tones(self, wanted: bool) -> None:
        """Detect keys as tones in the audio too, for a far side without events.

        PJSIP hears no tones, so the audio is led through us; it stays so, because a change costs 0.2 s of it.
        """
        if wanted and self._tones is None and self._payload_type is not None and not self._sealed:
            self._tones = Tones()
            if self._bypass is None:
                self._begin_bypass()
        elif not wanted:
            self._tones = None

    def expect(
        self, rtp: Endpoint | None, rtcp: Endpoint | None, payload_type: int, *, sealed: bool = False
    ) -> None:
        """The SDPs agreed on a stream: the far side's media addresses, and the type that PJSIP decodes.

        ``sealed`` is SRTP: only PJSIP can make sense of it.
        """
        news = self._latch.told(rtp, self._reactor.seconds())
        if news:
            self._before, self._refused = self._received(), None
        if rtp is not None:
            self._rtcp = rtcp or Endpoint(rtp.address, rtp.port + 1)
        if (payload_type, sealed) != (self._payload_type, self._sealed):
            self._payload_type, self._sealed = payload_type, sealed
            self._end_bypass()
        self._apply()
        if news:
            self._look_in(WINDOW)

    def answered(self) -> None:
        """The leg was answered: a far side behind NAT may begin to send only now."""
        if self._ours is not None and self._latch.pinned is None:
            self._latch.open_window(self._reactor.seconds())
            self._apply()
            self._look_in(WINDOW)

    def close(self) -> None:
        """Let nothing in from now on, and keep the port unused for a while."""
        if self._looking is not None and self._looking.active():
            self._looking.cancel()
        self._let_go()

    def _let_go(self) -> None:
        self._end_bypass()
        self._programs.clear()
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        for sock in self._theirs:
            sock.close()
        self._theirs.clear()
        if self._ours is not None:
            self._resting.hold(self._ours)
            self._ours = None

    # Packets at our own socket ----------------------------------------------------------------------

    def _readable(self) -> None:
        ours = self._ours
        if ours is not None:
            for source, packet in ports.waiting(ours, lambda: self._ours is ours):
                self._take(source, packet)

    def _take(self, source: Endpoint, packet: Packet) -> None:
        latch = self._latch
        if source != latch.heard_from:
            self._judge(source, packet)
            return
        if latch.pinned is None:
            latch.settle()
            self._apply()
        self.heard += 1
        kind, wanted = packet.payload_type, self._payload_type
        if wanted is None or kind in COMFORT_NOISE:
            return
        if self._sealed:
            self._other_codec += 1
            if self._other_codec in _TRIES:
                self._wants_other_codec(kind)
        elif kind in DYNAMIC:
            if (key := self._keypad.hear(packet, self._reactor.seconds())) is not None:
                self._key_pressed(key)
        elif self._bypass is not None:
            self._bypass.take(packet, wanted)
            if self._tones is not None:
                for key in self._tones.hear(packet):
                    self._tone_heard(key)
        elif kind != wanted and convertible(kind, wanted):
            self._other_codec += 1
            if self._other_codec >= _OTHER_CODEC:
                note("other_codec_converted", leg=self._leg_id, sent=kind, negotiated=wanted)
                self._begin_bypass()

    def _judge(self, source: Endpoint, packet: Packet) -> None:
        latch, now = self._latch, self._reactor.seconds()
        self._judged += 1
        if self._judged % _PATIENCE == 0:
            self._apply()  # strangers who send so much may have used up their attention
        if latch.pinned is None and self._received() > self._before:
            latch.settle()
            self._apply()
        if latch.hear(source, packet, now):
            note("media_latched", leg=self._leg_id, source=source, expected=latch.expected)
            self._apply()
        elif self._refused is None and latch.refuses(source, now):
            self._refused = source
            note("media_from_elsewhere", leg=self._leg_id, source=source, expected=latch.expected)

    # Checks ---------------------------------------------------------------------------------------

    def _look_in(self, seconds: float) -> None:
        if self._looking is not None and self._looking.active():
            self._looking.cancel()
        self._looking = self._reactor.callLater(seconds, self._look)

    def _look(self) -> None:
        """The learning window may be over."""
        if self._latch.pinned is None and self._received() > self._before:
            self._latch.settle()
        self._apply()

    # Filters of the sockets -----------------------------------------------------------------------------

    def _apply(self) -> None:
        if self._ours is None:
            return
        source = self._bypass.endpoint if self._bypass else self._latch.heard_from
        direct = [source] if source is not None else []
        ours = self._latch.candidates(self._reactor.seconds())
        if self._latch.heard_from is not None:
            ours.append(exactly(self._latch.heard_from))
        self._attach("ours", self._ours, build_rtp(ours))
        self._attach("rtp", self._theirs[0], build_rtp(map(exactly, direct)))
        self._attach("rtcp", self._theirs[1], build_rtcp(self._rtcp_sources()))
        selector = self._selector(direct)
        if self._programs.get("selector") != selector:
            self._programs["selector"] = selector
            ports.select(self._ours, selector)

    def _selector(self, direct: list[Endpoint]) -> Program:
        wanted = self._payload_type
        if self._bypass is not None or wanted is None:
            return build_selector(direct)
        if self._sealed:
            others = (kind for kind in (PCMU, PCMA, G722) if kind != wanted)
            return build_selector(direct, but=(*others, *COMFORT_NOISE))
        return build_selector(direct, only=wanted)

    def _rtcp_sources(self) -> list[AllowedNetwork]:
        """Where the SDP says; behind NAT the port after RTP's, as most NATs keep them (RFC 4787, 4.2.2)."""
        pinned = self._latch.pinned
        if pinned is None or pinned == self._latch.expected:
            return [exactly(self._rtcp)] if self._rtcp is not None else []
        return [exactly(pinned._replace(port=min(pinned.port + 1, 65535)))]

    def _attach(self, name: str, sock: socket.socket, program: Program) -> None:
        if self._programs.get(name) != program:
            self._programs[name] = program
            firewall.attach(sock.fileno(), program)

    # Another codec ---------------------------------------------------------------------------------------

    def _begin_bypass(self) -> None:
        try:
            self._bypass = Bypass(self._reactor, self._theirs[0], self._send)
        except OSError as error:
            note("bypass_failed", leg=self._leg_id, reason=error)
            return
        self._apply()

    def _end_bypass(self) -> None:
        self._other_codec = 0
        if self._bypass is not None:
            self._bypass.close()
            self._bypass = None

    def _send(self, data: bytes) -> None:
        remote = self._latch.heard_from
        if self._ours is not None and remote is not None:
            try:
                self._ours.sendto(data, (str(remote.address), remote.port))
            except OSError:
                return  # late audio is useless; a far side that is gone is noticed elsewhere
