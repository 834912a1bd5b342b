"""Whom rtpengine hears on a leg's ports: the kernel drops all but the one right source.

Before the far side's SDP is known nobody gets in, then its address and port alone. Who may be heard instead,
behind NAT, :mod:`sip.latching` decides, as for the other engine: packets of such sources come to a second
socket at the same port, ours. Once one is taken, the kernel lets it through to rtpengine, and that alone.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv4Network

from sip import firewall, ports
from sip.firewall import AllowedNetwork
from sip.journal import note
from sip.latching import WINDOW, Latch, MediaPeer
from sip.rtp import Packet
from sip.rtp_filter import Endpoint, build_rtcp, build_rtp, build_selector, exactly
from switch.borrowing import BorrowedSockets
from switch.media import Terms
from switch.sdp import Described

#: Packets from elsewhere after which the filter of our own socket is checked.
_PATIENCE = 500

Program = tuple[firewall.Instruction, ...]
_DEAF, _ALL_TO_US = firewall.build_program(()), build_selector(())
_RTCP = re.compile(r"a=rtcp:(\d+)(?: IN IP4 (\S+))?")


class SourceGuard:
    """The ports of one leg. ``heard`` says how many packets of RTP rtpengine has had there."""

    def __init__(self, leg_id: str, terms: Terms, heard: Callable[[], Awaitable[int]]) -> None:
        addresses = frozenset(one for one in terms.known if isinstance(one, IPv4Address))
        self._leg_id, self._heard = leg_id, heard
        self._latch = Latch(MediaPeer(addresses, networks_of(terms)))
        self._loop = asyncio.get_running_loop()
        self._names: tuple[tuple[str, int], ...] = ()
        self._theirs: list[socket.socket] = []
        self._ours: socket.socket | None = None
        self._borrowed: BorrowedSockets | None = None
        self._programs: dict[str, Program] = {}
        #: What the filters that are set were made of.
        self._applied: object = None
        self._rtcp: Endpoint | None = None
        self._before = 0
        self._judged = 0
        self._refused: Endpoint | None = None
        self._asking: asyncio.Task[None] | None = None
        self._window: asyncio.TimerHandle | None = None

    @property
    def port(self) -> int:
        """The port of RTP that it guards; 0 before it is open."""
        return self._names[0][1] if self._names else 0

    def open(self, borrowed: BorrowedSockets, address: str, port: int) -> None:
        """Let nobody in at this port and the next one, which is RTCP's; OSError where that fails."""
        self._names = (address, port), (address, port + 1)
        self._theirs = borrowed.find(*self._names)
        self._borrowed = borrowed
        for sock in self._theirs:
            firewall.attach(sock.fileno(), _DEAF)
        self._ours = ports.share_port(self._theirs[0], _ALL_TO_US)
        self._loop.add_reader(self._ours, self._readable)

    async def expect(self, far: Described) -> None:
        """The far side's SDP says where its media comes from."""
        rtp = Endpoint.read(f"{far.address}:{far.port}")
        latch = self._latch
        if rtp is not None and rtp != latch.expected and latch.expected is not None:
            self._before = await self._heard()
        news = latch.told(rtp, self._loop.time())
        if rtp is not None:
            self._rtcp = rtcp_of(far) or Endpoint(rtp.address, min(rtp.port + 1, 65535))
        if news:
            self._refused = None
            self._look_later()
        self._apply()

    def answered(self) -> None:
        """The leg was answered: a far side behind NAT may begin to send only now."""
        if self._ours is not None and self._latch.pinned is None:
            self._latch.open_window(self._loop.time())
            self._apply()
            self._look_later()

    def deafen(self) -> None:
        """Let nobody in any more; :meth:`close` follows once rtpengine has closed the ports."""
        self._let_go_of_ours()
        for sock in self._theirs:
            firewall.attach(sock.fileno(), _DEAF)

    def close(self) -> None:
        """Give the sockets back."""
        self._let_go_of_ours()
        for sock in self._theirs:
            sock.close()
        self._theirs.clear()
        if self._borrowed is not None:
            for name in self._names:
                self._borrowed.let_go(name)
            self._borrowed = None

    def _let_go_of_ours(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        if self._window is not None:
            self._window.cancel()
        if self._ours is not None:
            self._loop.remove_reader(self._ours)
            self._ours.close()
            self._ours = None

    # --- packets at our own socket ------------------------------------------------------------------------

    def _readable(self) -> None:
        ours = self._ours
        if ours is not None:
            for source, packet in ports.waiting(ours, lambda: self._ours is ours):
                self._judge(source, packet)

    def _judge(self, source: Endpoint, packet: Packet) -> None:
        latch, now = self._latch, self._loop.time()
        if self._asking is not None or source == latch.heard_from:
            return  # what waited in our socket when the source was let through
        self._judged += 1
        if self._judged % _PATIENCE == 0:
            self._apply()  # strangers who send so much may have used up their attention
        if latch.hear(source, packet, now):
            self._asking = self._loop.create_task(self._take(source))
        elif self._refused is None and latch.refuses(source, now):
            self._refused = source
            note("media_from_elsewhere", leg=self._leg_id, source=source, expected=latch.expected)

    async def _take(self, source: Endpoint) -> None:
        """Take a source, unless rtpengine hears the far side where its SDP says: only it knows that."""
        try:
            if await self._spoke():
                return
            note("media_latched", leg=self._leg_id, source=source, expected=self._latch.expected)
            self._apply()
        finally:
            self._asking = None

    async def _spoke(self) -> bool:
        """Whether the source that the SDP names has sent; then it is the right one."""
        if await self._heard() <= self._before:
            return False
        self._latch.settle()
        self._apply()
        return True

    def _look_later(self) -> None:
        if self._window is not None:
            self._window.cancel()
        self._window = self._loop.call_later(WINDOW, self._apply)

    # --- filters -------------------------------------------------------------------------------------------

    def _apply(self) -> None:
        if self._ours is None:
            return
        latch = self._latch
        direct = [latch.heard_from] if latch.heard_from is not None else []
        ours = [one for one in latch.candidates(self._loop.time()) if one not in map(exactly, direct)]
        made_of = direct, ours, self._rtcp, latch.expected, latch.pinned
        if made_of == self._applied:
            return
        self._applied = made_of
        self._attach("ours", self._ours, build_rtp(ours))
        self._attach("rtp", self._theirs[0], build_rtp(map(exactly, direct)))
        self._attach("rtcp", self._theirs[1], build_rtcp(self._rtcp_sources()))
        selector = build_selector(direct)
        if self._programs.get("selector") != selector:
            self._programs["selector"] = selector
            ports.select(self._ours, selector)

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


def networks_of(terms: Terms) -> tuple[IPv4Network, ...]:
    """The networks of IPv4 that the operator lists."""
    return tuple(one for one in terms.listed if isinstance(one, IPv4Network))


def rtcp_of(far: Described) -> Endpoint | None:
    """Where the far side's RTCP comes from, where its SDP says (RFC 3605)."""
    for line in far.rtcp:
        if match := _RTCP.match(line):
            return Endpoint.read(f"{match[2] or far.address}:{match[1]}")
    return None
