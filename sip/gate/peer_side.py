"""Peers' messages on their way in: each is judged, and PJSIP reads what is left of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bridge.causes import HangupCause
from sip.gate.answers import Answers
from sip.gate.calls import Call, Flow, Hop, asked_by
from sip.gate.description import DescriptionError
from sip.gate.inner import description_of, hash_of, safe_tag, understood
from sip.gate.judge import ALLOW, RequestRefusal, elsewhere, judge_body, judge_request, key_in
from sip.gate.limits import Bucket, Buckets
from sip.gate.message import MalformedError, Message, parse, with_tag
from sip.gate.post import Post, new_branch, response_to
from sip.gate.stack_side import Ends, StackSide, send_answer, via_of
from sip.gate.tables import Fate, Received, Tables, key_of
from sip.gate.uris import UriError, parse_uri
from sip.gate.vias import parse_via
from sip.journal import note

#: Messages a second, and at once: from one address, to a worker, within one call, requests outside of calls.
_SOURCE, _WORKER, _CALL, _STRANGE = (200, 400), (600, 1000), (40, 80), (20, 40)


@dataclass(frozen=True, slots=True)
class Expected:
    """A call that a peer may place: whose leg it is, and how requests to that peer leave."""

    hop: Hop
    #: Where it comes from; empty for anywhere that the firewall lets in.
    source: str = ""


class PeerSide:
    """Takes what the world sends."""

    def __init__(
        self, tables: Tables, post: Post, stack: StackSide, ends: Ends, inner_address: Callable[[], str]
    ) -> None:
        self._tables, self._post, self._stack, self._ends = tables, post, stack, ends
        self.answers = Answers(tables, post, stack, ends, inner_address)
        self._inner_address = inner_address
        #: By the user part that they will be asked for.
        self.expected: dict[str, Expected] = {}
        self._by_source = Buckets(*_SOURCE, 256)
        self._by_call = Buckets(*_CALL, 64)
        self._worker, self._strange = Bucket(*_WORKER), Bucket(*_STRANGE)
        self._dropped = 0

    def take(self, data: bytes, flow: Flow) -> None:
        """One message. Nothing that it says raises out of here."""
        now = self._post.reactor.seconds()
        if len(data) < 16 or not self._worker.take(now) or not self._by_source.take(flow.address, now):
            return  # a keep-alive (RFC 5626 section 3.5.1), or too much of anything
        try:
            message = parse(data)
        except MalformedError as error:
            self._malformed(error, flow, now)
            return
        except Exception as error:  # noqa: BLE001 - a fault of ours must not become a way to stop us
            note("message_unreadable", peer=flow.address, kind=type(error).__name__)
            return
        try:
            if message.is_request:
                self._request(message, flow, now)
            else:
                self.answers.take(message, flow)
        except Exception as error:  # noqa: BLE001 - as above
            note("message_failed", peer=flow.address, kind=type(error).__name__, reason=error)

    def _malformed(self, error: MalformedError, flow: Flow, now: float) -> None:
        message = error.message
        if (
            message is None
            or not message.is_request
            or message.method == "ACK"
            or not self._strange.take(now)
        ):
            return
        via = parse_via(next(iter(message.all("Via")), ""))
        if via is not None and message.get("From") and message.get("To") and message.call_id:
            received = Received(message, flow, via, now)
            self._refuse(received, RequestRefusal(error.status, str(error).capitalize()))

    # --- requests ---------------------------------------------------------------------------------------

    def _request(self, message: Message, flow: Flow, now: float) -> None:
        via = parse_via(next(iter(message.all("Via")), ""))
        if via is None:
            return
        known = self._tables.received.get(key_of(message, via))
        if known is not None:
            self._again(known, message)
            return
        call = self._tables.calls.get(message.call_id)
        ours = call is not None and bool(message.to_tag) and message.to_tag == call.local_tag
        bucket_full = not self._by_call.take(message.call_id, now) if ours else not self._strange.take(now)
        if bucket_full:
            return
        received = Received(message, flow, via, now)
        refusal = judge_request(message)
        if message.method == "ACK":
            if refusal is None and call is not None and ours:
                self._ack(call, message)
            return
        refusal = refusal or elsewhere(message)
        if refusal is not None:
            self._refuse(received, refusal)
        elif message.method == "CANCEL":
            self._cancel(received)
        elif ours and call is not None and safe_tag(message.from_tag) in call.peers:
            received.call = call
            self._within(call, received)
        elif message.to_tag:
            self._refuse(received, RequestRefusal(481, "Call/Transaction Does Not Exist"))
        else:
            self._outside(received)

    def _again(self, known: Received, message: Message) -> None:
        """A retransmission, or the ACK of a refusal."""
        if message.method != "ACK":
            if known.data:
                send_answer(self._post, known)
        elif known.inner is not None and known.call is not None and not known.absorbed and not known.acked:
            known.acked = True
            self._pass(known.call, known, Message("ACK", known.inner.uri, headers=list(known.inner.headers)))

    def _outside(self, received: Received) -> None:
        """A request that belongs to no call yet."""
        message = received.request
        if message.method == "OPTIONS":
            self._answer(received, 200, "OK", [("Allow", ALLOW), ("Accept", "application/sdp")])
        elif message.method != "INVITE":
            self._refuse(received, RequestRefusal(481, "Call/Transaction Does Not Exist"))
        else:
            self._invited(received)

    def _invited(self, received: Received) -> None:
        message = received.request
        merged = any(
            one.request.method == "INVITE"
            and (one.request.call_id, one.request.from_tag, one.request.cseq)
            == (message.call_id, message.from_tag, message.cseq)
            for one in self._tables.received.values()
        )
        if merged or message.call_id in self._tables.calls:
            self._refuse(received, RequestRefusal(482, "Loop Detected"))
            return
        user = parse_uri(message.uri).user
        expected = self.expected.get(user)
        if expected is None or expected.source not in ("", received.flow.address):
            self._refuse(received, RequestRefusal(403, "Forbidden"))
            return
        refusal = judge_body(message)
        try:
            peer = asked_by(message, received.flow)
        except UriError as error:
            refusal = RequestRefusal(400, f"Bad Contact or Record-Route: {error}")
        if refusal is not None:
            self._refuse(received, refusal)
            return
        del self.expected[user]
        call = Call(message.call_id, expected.hop, False, "", "", begun_at=received.came_at)
        call.peers[safe_tag(peer.tag)] = peer
        call.peer, call.remote_cseq = peer, message.cseq
        self._tables.calls[call.call_id] = call
        received.call = call
        self._answer(received, 100, "Trying", remember=False)
        self._hand_over(call, received, description_of(message, is_answer=False))

    def _within(self, call: Call, received: Received) -> None:
        """A request within a call."""
        message = received.request
        peer = call.peers[safe_tag(message.from_tag)]
        if call.over:
            if message.method == "BYE":
                self._answer(received, 200, "OK")
            else:
                self._refuse(received, RequestRefusal(481, "Call/Transaction Does Not Exist"))
            return
        if message.method == "INFO" and isinstance(nothing := key_in(message), RequestRefusal):
            self._refuse(received, nothing)  # of no use whatever its turn, and it takes none
            return
        if message.cseq <= call.remote_cseq:
            self._refuse(received, RequestRefusal(500, "CSeq Out of Order"))
            return
        peer.seen_at = received.flow
        call.remote_cseq = message.cseq
        match message.method:
            case "OPTIONS":
                self._answer(received, 200, "OK", [("Allow", ALLOW), ("Accept", "application/sdp")])
            case "PRACK":
                self._refuse(received, RequestRefusal(481, "Call/Transaction Does Not Exist"))
            case "BYE":
                self._bye(call, received)
            case "INFO":
                self._info(call, received)
            case _:
                self._offered(call, received)

    def _bye(self, call: Call, received: Received) -> None:
        if call.ours and call.peer is None:
            self._early_bye(call, received)
            return
        self._hand_over(call, received, b"")
        self._ends.ended(call)

    def _early_bye(self, call: Call, received: Received) -> None:
        """The peer leaves while it rings (RFC 3261 section 15): its INVITE is over as well.

        PJSIP would leave the INVITE open, use its slot again, and abort half a minute later.
        """
        self._answer(received, 200, "OK")
        gone = call.peers.pop(safe_tag(received.request.from_tag))
        if call.peers:
            return  # one fork of several
        call.peers[safe_tag(gone.tag)] = gone
        for invite in self._tables.invites_of(call):
            if not invite.absorbed:
                invite.absorbed = True
                self._stack.tell(invite, 487, tag=safe_tag(gone.tag))
                self.answers.cancel(invite)
        self._ends.ended(call)

    def _info(self, call: Call, received: Received) -> None:
        key = key_in(received.request)
        if isinstance(key, RequestRefusal):
            self._refuse(received, key)
        elif key is None:
            self._answer(received, 200, "OK")
        else:
            body = f"Signal={key}\r\nDuration=160\r\n".encode()
            self._hand_over(call, received, body, "application/dtmf-relay")

    def _offered(self, call: Call, received: Received) -> None:
        """INVITE or UPDATE within the call (RFC 3261 section 14.2, RFC 3311 section 5.2)."""
        message = received.request
        later = ("Retry-After", str(1 + secrets.randbelow(9)))
        if call.ours and call.peer is None and message.method == "INVITE":
            self._refuse(received, RequestRefusal(500, "Not Answered Yet", (later,)))
            return
        if any(one.request.method == "INVITE" or message.body for one in self._tables.asked(call)):
            self._refuse(received, RequestRefusal(500, "One at a Time", (later,)))
            return
        if call.peer is None and message.body and not self._described(call):
            self._refuse(received, RequestRefusal(491, "Request Pending"))
            return
        ours = [one for one in self._tables.sent.values()
                if one.call is call and one.method in ("INVITE", "UPDATE") and not one.final and one.request
                and not one.absorbed]  # fmt: skip
        if call.peer is not None and ours:
            self._refuse(received, RequestRefusal(491, "Request Pending"))
            return
        refusal = judge_body(message)
        if self._ends.too_short(call, message):
            refusal = RequestRefusal(422, "Session Interval Too Small", (("Min-SE", "90"),))
        if refusal is None and message.get("Contact"):
            refusal = self._retarget(call, message)
        if refusal is not None:
            self._refuse(received, refusal)
            return
        if message.method == "INVITE":
            self._answer(received, 100, "Trying", remember=False)
        self._hand_over(call, received, description_of(message, is_answer=False))

    def _described(self, call: Call) -> bool:
        """Whether the offer of our INVITE has been answered (RFC 3311 section 5.2)."""
        return any(invite.described for invite in self._tables.invites_of(call))

    def _retarget(self, call: Call, message: Message) -> RequestRefusal | None:
        """Take the new target that a request names (RFC 3261 section 12.2.2)."""
        peer = call.peers[safe_tag(message.from_tag)]
        try:
            named = asked_by(message, peer.seen_at or Flow("udp", "", 0))
        except UriError as error:
            return RequestRefusal(400, f"Bad Contact: {error}")
        if named.target != peer.target:
            peer.target = named.target
            self._ends.began(call)
        peer.allow = named.allow or peer.allow
        return None

    def _ack(self, call: Call, message: Message) -> None:
        """The ACK of a 2xx of ours; PJSIP sees it once."""
        for one in self._tables.received.values():
            request = one.request
            if one.call is call and request.method == "INVITE" and request.cseq == message.cseq:
                if one.inner is None or one.acked or one.status // 100 != 2 or one.absorbed:
                    return
                one.acked = True
                made = Message("ACK", one.inner.uri, headers=list(one.inner.headers))
                made.headers[0] = ("Via", f"SIP/2.0/UDP {self._inner_address()};rport;branch={new_branch()}")
                try:
                    made.body = description_of(message, is_answer=True)
                except DescriptionError as error:
                    self._pass(call, one, made)
                    why = f"an SDP in ACK that cannot be used: {error}"
                    self._ends.end_call(call, Fate(HangupCause.INCOMPATIBLE, why))
                    return
                if made.body:
                    made.headers.append(("Content-Type", "application/sdp"))
                self._pass(call, one, made)
                if request.to_tag == "":
                    self._ends.began(call)
                return

    def _cancel(self, received: Received) -> None:
        """RFC 3261 section 9.2."""
        message = received.request
        invite = self._tables.received.get((*received.key[:2], "INVITE"))
        if invite is None or invite.request.call_id != message.call_id:
            self._refuse(received, RequestRefusal(481, "Call/Transaction Does Not Exist"))
            return
        self._answer(received, 200, "OK")
        call = invite.call
        if call is None or invite.inner is None or invite.status >= 200:
            return
        headers = [
            (name, value) for name, value in invite.inner.headers if name in ("Via", "From", "To", "Call-ID")
        ]
        headers += [("CSeq", f"{message.cseq} CANCEL"), ("Max-Forwards", "70")]
        cancel = Message("CANCEL", invite.inner.uri, headers=headers)
        self._stack.put_in(cancel.dump())

    # --- to PJSIP ---------------------------------------------------------------------------------------

    def _hand_over(self, call: Call, received: Received, body: bytes, kind: str = "application/sdp") -> None:
        """Give PJSIP a request: written from scratch, with nothing in it that was not understood."""
        message = received.request
        inner_address = self._inner_address()
        local_user = parse_uri(message.uri).user if not message.to_tag else "gate"
        if not local_user.isalnum():
            local_user = hash_of(local_user) if message.to_tag else local_user
        here = f"sip:{local_user}@{call.hop.local_address}:{self._post.wires.port}"
        to = f"<{here}>" + (f";tag={call.local_tag}" if call.local_tag else "")
        made = Message(message.method, here, body=body)
        made.headers = [
            ("Via", f"SIP/2.0/UDP {inner_address};rport;branch={new_branch()}"), ("Max-Forwards", "70"),
            ("From", f"<sip:peer@{inner_address}>;tag={safe_tag(message.from_tag)}"), ("To", to),
            ("Call-ID", message.call_id), ("CSeq", f"{message.cseq} {message.method}"),
            ("Contact", f"<sip:gate@{inner_address}>"),
            *understood(message),
        ]  # fmt: skip
        if body:
            made.headers.append(("Content-Type", kind))
        received.inner = made
        self._tables.remember(received)
        self._pass(call, received, made)

    def _pass(self, call: Call, received: Received, message: Message) -> None:
        if message.method == "ACK":
            for at, (name, value) in enumerate(message.headers):
                if name == "CSeq":
                    message.headers[at] = (name, value.partition(" ")[0] + " ACK")
                elif name == "To" and call.local_tag and "tag=" not in value:
                    message.headers[at] = (name, with_tag(value, call.local_tag))
            message.headers = [one for one in message.headers if one[0] != "Content-Type" or message.body]
        self._stack.put_in(message.dump())

    # --- answers of the gate's own ----------------------------------------------------------------------

    def _refuse(self, received: Received, refusal: RequestRefusal) -> None:
        self._answer(received, refusal.status, refusal.reason, refusal.headers)

    def _answer(
        self,
        received: Received,
        status: int,
        reason: str,
        headers: Iterable[tuple[str, str]] = (),
        *,
        remember: bool = True,
    ) -> None:
        reason = "".join(letter for letter in reason if letter.isprintable())[:100]
        tag = received.call.local_tag if received.call is not None else ""
        answer = response_to(received.request, status, reason, via_of(received), headers, tag)
        answer.headers.append(("Server", self._post.user_agent))
        if status < 200:
            answer.headers = [one for one in answer.headers if one[0] != "Server"]
        received.data = answer.dump()
        received.status = status if remember else received.status
        if remember:
            self._tables.remember(received)
        send_answer(self._post, received)
