"""A minimal SIP user agent server on loopback (RFC 3261), for the phone workers of this machine.

It accepts INVITEs only from its own address and for secrets that it gave out itself. Loopback UDP loses
packets only when a buffer overflows; still, what must arrive is repeated.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Protocol, cast

from webrtc.plain_sdp import PlainOffer, read_plain
from webrtc.sip_text import SipMessage, contact_of, read_message, write_request, write_response

#: Seconds: T1, T2 and 64 * T1 of RFC 3261 section 17.1.1.1.
_FIRST_REPEAT, _LONGEST_REPEAT, _GIVE_UP = 0.5, 4.0, 32.0
_ALLOW = ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, OPTIONS, INFO")
Address = tuple[str, int]


class Callee(Protocol):
    """The leg that a phone worker calls."""

    def invited(self, dialog: UasDialog) -> None:
        """The phone worker calls; 180 has been sent."""

    def reoffered(self, offer: PlainOffer) -> str | None:
        """The phone worker changes its media: the SDP to answer with, or None to refuse."""

    def hung_up(self, *, cancelled: bool) -> None:
        """The phone worker ended the dialog, or never sent ACK."""


class _Repeater:
    """Repeats a datagram at growing intervals until it is stopped (RFC 3261 section 13.3.1.4)."""

    def __init__(self, send: Callable[[], None], given_up: Callable[[], None]) -> None:
        self._send, self._given_up = send, given_up
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + _GIVE_UP
        self._pause = _FIRST_REPEAT
        self._timer: asyncio.TimerHandle | None = None
        send()
        self._plan()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _plan(self) -> None:
        self._timer = self._loop.call_later(self._pause, self._again)
        self._pause = min(2 * self._pause, _LONGEST_REPEAT)

    def _again(self) -> None:
        self._timer = None
        if self._loop.time() >= self._until:
            self._given_up()
        else:
            self._send()
            self._plan()


class UasDialog:
    """One call from a phone worker. ``offer`` is its last SDP; None if that was invalid."""

    def __init__(self, agent: LoopbackUas, callee: Callee, invite: SipMessage, peer: Address) -> None:
        self.offer = read_plain(invite.body)
        self.answered = False
        self.over = False
        self._agent, self._callee = agent, callee
        self._invite, self._peer = invite, peer
        self._tag = secrets.token_hex(4)
        self._target = contact_of(invite)
        self._cseq = 0
        #: The last answer to each method, by the number of its request.
        self._answers: dict[str, tuple[int, bytes]] = {}
        #: Our final answer until its ACK, and our BYE until it is answered.
        self._final: _Repeater | None = None
        self._bye: _Repeater | None = None

    def ring(self) -> None:
        """Send 180."""
        self._respond(self._invite, 180)

    def answer(self, sdp: str) -> None:
        """Send 200, and repeat it until ACK comes."""
        if not self.answered and not self.over:
            self.answered = True
            self._conclude(self._invite, 200, sdp)

    def end(self, status: int, reason: str | None = None) -> None:
        """End the call: refuse it with this status, or send BYE if it was answered (Reason: RFC 3326)."""
        if self.over:
            return
        self.over = True
        if self.answered:
            self._say_bye(reason)
        else:
            self._conclude(self._invite, status, "", (("Reason", reason),) if reason else ())

    def take(self, request: SipMessage) -> None:
        """Handle a request with this dialog's Call-ID."""
        before = self._answers.get(request.method)
        if before is not None and before[0] == request.number and request.method != "ACK":
            self._agent.send(before[1], self._peer)
            return
        match request.method:
            case "ACK":
                self._confirmed()
            case "CANCEL":
                self._respond(request, 200)
                if not self.answered and not self.over:
                    self.over = True
                    self._conclude(self._invite, 487, "")
                    self._callee.hung_up(cancelled=True)
            case "BYE":
                self._respond(request, 200)
                self._ended_by_peer()
            case "INVITE" | "UPDATE":
                self._change(request)
            case "OPTIONS" | "INFO":
                self._respond(request, 200, (_ALLOW,))
            case _:
                self._respond(request, 405, (_ALLOW,))

    def confirm_bye(self) -> None:
        """Our BYE was answered."""
        if self._bye is not None:
            self._bye.stop()
        self._confirmed()
        self._agent.forget(self._invite)

    def _change(self, request: SipMessage) -> None:
        """Handle re-INVITE or UPDATE: new media, or only a refresh of the session timer (RFC 4028)."""
        if self.over or not self.answered:
            self._respond(request, 481 if self.over else 500)
            return
        self._target = contact_of(request) or self._target
        sdp = ""
        if request.body:
            offer = read_plain(request.body)
            answer = self._callee.reoffered(offer) if offer else None
            if offer is None or answer is None:
                self._respond(request, 488)
                return
            self.offer, sdp = offer, answer
        if request.method == "INVITE":
            self._conclude(request, 200, sdp)
        else:
            self._respond(request, 200, (), sdp)

    def _ended_by_peer(self) -> None:
        already, self.over = self.over, True
        self._confirmed()
        self._agent.forget_later(self._invite)
        if not already:
            self._callee.hung_up(cancelled=False)

    def _conclude(
        self, request: SipMessage, status: int, sdp: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Send the final response to an INVITE, and repeat it until ACK comes."""
        answer = self._build(request, status, headers, sdp)
        self._answers[request.method] = (request.number, answer)
        self._confirmed()
        self._final = _Repeater(lambda: self._agent.send(answer, self._peer), self._unconfirmed)
        if self.over:
            self._agent.forget_later(self._invite)

    def _unconfirmed(self) -> None:
        """No ACK came: end the call (RFC 3261 section 13.3.1.4)."""
        if not self.over:
            self.over = True
            self._say_bye(None)
            self._callee.hung_up(cancelled=False)

    def _say_bye(self, reason: str | None) -> None:
        self._cseq += 1
        here = f"{self._agent.address}:{self._agent.port}"
        invite, to = self._invite, self._invite.get("to")
        headers = [
            ("Via", f"SIP/2.0/UDP {here};rport;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("From", to if ";tag=" in to else f"{to};tag={self._tag}"),
            ("To", invite.get("from")),
            ("Call-ID", invite.get("call-id")),
            ("CSeq", f"{self._cseq} BYE"),
        ]
        if reason:
            headers.append(("Reason", reason))
        bye = write_request("BYE", self._target, headers)
        self._bye = _Repeater(lambda: self._agent.send(bye, self._peer), lambda: self._agent.forget(invite))

    def _respond(
        self, request: SipMessage, status: int, headers: tuple[tuple[str, str], ...] = (), sdp: str = ""
    ) -> None:
        answer = self._build(request, status, headers, sdp)
        self._answers[request.method] = (request.number, answer)
        self._agent.send(answer, self._peer)

    def _build(
        self, request: SipMessage, status: int, headers: tuple[tuple[str, str], ...], sdp: str
    ) -> bytes:
        contact = ("Contact", f"<sip:{self._agent.address}:{self._agent.port}>")
        return write_response(request, status, self._tag, (contact, *headers), sdp)

    def _confirmed(self) -> None:
        if self._final is not None:
            self._final.stop()
            self._final = None


class LoopbackUas(asyncio.DatagramProtocol):
    """All dialogs of a browser worker, on one UDP port."""

    def __init__(self, find: Callable[[str], Callee | None]) -> None:
        #: Finds the leg of a secret that may be called.
        self._find = find
        self._dialogs: dict[str, UasDialog] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self.address, self.port = "", 0

    @classmethod
    async def open(cls, address: str, port: int, find: Callable[[str], Callee | None]) -> LoopbackUas:
        """Listen; OSError if another program uses the port."""
        loop = asyncio.get_running_loop()
        _, agent = await loop.create_datagram_endpoint(lambda: cls(find), local_addr=(address, port))
        return agent

    def uri_of(self, secret: str) -> str:
        """The URI that a phone worker dials."""
        return f"sip:{secret}@{self.address}:{self.port}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open."""
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.address, self.port = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Handle a message from a process of this machine; others are ignored."""
        if addr[0] != self.address:
            return
        message = read_message(data)
        if message is None:
            return
        dialog = self._dialogs.get(message.get("call-id"))
        if message.status:
            if dialog is not None and message.method == "BYE" and message.status >= 200:
                dialog.confirm_bye()
        elif dialog is not None:
            dialog.take(message)
        else:
            self._take_stranger(message, addr)

    def send(self, data: bytes, peer: Address) -> None:
        """Send a datagram."""
        if self._transport is not None:
            self._transport.sendto(data, peer)

    def forget(self, invite: SipMessage) -> None:
        """A dialog is over, and so are its repetitions."""
        self._dialogs.pop(invite.get("call-id"), None)

    def forget_later(self, invite: SipMessage) -> None:
        """A dialog is over, but its last request may come again (RFC 3261 section 17.2.2, timer J)."""
        asyncio.get_running_loop().call_later(_GIVE_UP, self.forget, invite)

    def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()

    def _take_stranger(self, message: SipMessage, addr: Address) -> None:
        if message.method == "ACK":
            return
        if message.method == "OPTIONS":
            self.send(write_response(message, 200, secrets.token_hex(4), (_ALLOW,)), addr)
            return
        callee = self._find(message.user) if message.method == "INVITE" else None
        if callee is None:
            status = 404 if message.method == "INVITE" else 481
            self.send(write_response(message, status, secrets.token_hex(4)), addr)
            return
        dialog = self._dialogs[message.get("call-id")] = UasDialog(self, callee, message, addr)
        dialog.ring()
        callee.invited(dialog)
