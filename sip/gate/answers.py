"""Peers' responses on their way in: each is judged, and PJSIP reads what is left of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bridge.causes import HangupCause
from sip.gate.calls import (
    MOST_FORKS,
    Call,
    Flow,
    Hop,
    Peer,
    answered_by,
    methods_in,
    remote_value,
    route_set_of,
    usable,
)
from sip.gate.description import DescriptionError
from sip.gate.digest import challenges_in
from sip.gate.inner import description_of, hash_of, safe_tag, understood
from sip.gate.judge import judge_response, number_in
from sip.gate.message import Message, parameter
from sip.gate.post import Post, new_branch
from sip.gate.records import Record
from sip.gate.stack_side import Ends, StackSide
from sip.gate.tables import Fate, Sent, Tables
from sip.gate.uris import UriError, address_of, parse_uri
from sip.gate.vias import parse_via
from sip.journal import note

#: A 2xx that comes so often although it was acknowledged tells that our ACK does not arrive: some 8 s.
_MOST_REPEATS = 5


#: Routes of one registration, and characters of one, that are believed.
_MOST_ROUTES, _LONGEST_ROUTE = 8, 255


def service_route_in(message: Message) -> tuple[str, ...]:
    """The Service-Route of a 200 to REGISTER (RFC 3608), written as Route values; none where it is broken."""
    routes = message.all("Service-Route")
    if len(routes) > _MOST_ROUTES or any(len(route) > _LONGEST_ROUTE for route in routes):
        return ()
    try:
        return tuple(f"<{address_of(route).text}>" for route in routes)
    except UriError as error:
        note("service_route_refused", reason=error)
        return ()


class Answers:
    """Takes responses."""

    def __init__(
        self, tables: Tables, post: Post, stack: StackSide, ends: Ends, inner_address: Callable[[], str]
    ) -> None:
        self._tables, self._post, self._stack, self._ends = tables, post, stack, ends
        self._inner_address = inner_address

    def take(self, message: Message, flow: Flow) -> None:
        """One response; what belongs to no request of ours is nothing."""
        sent = self._tables.sent.get((message.branch, message.method))
        if sent is None:
            self._stray(message, flow)
            return
        if not sent.data:
            return
        asked = sent.message
        same = (message.call_id, message.cseq, message.from_tag) == (
            asked.call_id,
            asked.cseq,
            asked.from_tag,
        )
        if not same:
            return
        wrong = judge_response(message)
        if wrong and not (message.status // 100 == 2 and sent.method == "INVITE"):
            note("response_dropped", leg=sent.call.hop.leg_id, status=message.status, reason=wrong)
            return
        if sent.method == "INVITE":
            self._to_invite(sent, message, flow, wrong)
        elif sent.request is None:
            self._post.answered(sent, message)
        else:
            self._to_request(sent, message, flow)

    def _stray(self, message: Message, flow: Flow) -> None:
        """A 2xx to an INVITE of the worker that had this port before: who answered is in no call at all."""
        answers = message.status // 100 == 2 and message.method == "INVITE" and not judge_response(message)
        via = parse_via(message.get("Via"))
        if not answers or via is None or via.port != self._post.wires.port or not message.from_tag:
            return
        if message.call_id in self._tables.calls:
            return
        now = self._post.reactor.seconds()
        hop = Hop(
            f"sip:{flow.address}:{flow.port}", flow.address, flow.port, flow.transport, local_address=via.host
        )
        call = Call(
            message.call_id, hop, True, message.get("From"), message.from_tag, local_cseq=message.cseq
        )
        call.over, call.ended_at = True, now
        self._tables.calls[call.call_id] = call
        asked = Message("INVITE", hop.uri, headers=list(message.headers))
        note("stray_answer_ended", peer=flow.address)
        self._acknowledge_and_end(Sent("INVITE", message.branch, call, None, asked, now), message, flow)

    # --- INVITE -----------------------------------------------------------------------------------------

    def _to_invite(self, sent: Sent, message: Message, flow: Flow, wrong: str) -> None:
        sent.provisional = True
        if sent.final:
            self._late(sent, message, flow)
        elif message.status < 200:
            if not sent.absorbed:
                self._provisional(sent, message, flow)
            elif (sent.branch, "CANCEL") not in self._tables.sent:
                self.cancel(sent)  # nobody waits for it any more
        elif message.status >= 300:
            self._refused(sent, message)
        else:
            self._accepted(sent, message, flow, wrong)

    def _provisional(self, sent: Sent, message: Message, flow: Flow) -> None:
        status = message.status
        if status == 100:
            self._stack.tell(sent, 100)
            return
        if status == 199 or (sent.call.peer is not None and status > 100):
            return  # an early dialog that ended (RFC 6228), and what a re-INVITE does not need
        headers = understood(message)
        tag = safe_tag(message.to_tag) if message.to_tag else "gate"
        if message.to_tag and tag not in sent.call.peers:
            if len(sent.call.peers) >= MOST_FORKS:
                return
            try:
                peer = answered_by(message, sent.request.get("To") if sent.request else "", flow, routes=True)
            except UriError:
                # Good enough to ring by; nothing can be asked of it yet, and so no PRACK either.
                peer = Peer(message.to_tag, message.get("To"), parse_uri(sent.call.hop.uri), [], flow)
                headers = [one for one in headers if one[0] not in ("RSeq", "Require")]
            sent.call.peers[tag] = peer
        body = b""
        try:
            body = description_of(message, is_answer=True)
        except DescriptionError as error:
            note("early_media_refused", leg=sent.call.hop.leg_id, reason=error)
        sent.described = sent.described or bool(body)
        headers.append(self._contact())
        self._stack.tell(sent, status, tag=tag, headers=headers, body=body)

    def _refused(self, sent: Sent, message: Message) -> None:
        sent.final, sent.final_at = message.status, self._post.reactor.seconds()
        acknowledgement = self._post.acknowledgement(sent, message)
        sent.ack, sent.ack_flow = acknowledgement.dump(), sent.flow
        if sent.flow is not None:
            self._post.wires.send(sent.ack, sent.flow)
        if sent.absorbed:
            return
        if self._ends.answered(sent.call, message):
            self._once_more(sent)
            return
        self._stack.tell(
            sent, message.status, tag=self._tag(sent, message), headers=self._said(sent, message)
        )

    def _accepted(self, sent: Sent, message: Message, flow: Flow, wrong: str) -> None:
        call = sent.call
        sent.final, sent.final_at = message.status, self._post.reactor.seconds()
        if sent.absorbed or call.over:
            self._acknowledge_and_end(sent, message, flow)
            return
        if call.peer is not None:
            self._accepted_again(sent, message, flow)
            return
        try:
            peer = self._answerer(sent, message, flow, wrong)
            body = description_of(message, is_answer=True)
        except (UriError, DescriptionError) as error:
            cause = HangupCause.INCOMPATIBLE if isinstance(error, DescriptionError) else HangupCause.FAILED
            what = "SDP" if isinstance(error, DescriptionError) else "Contact or Record-Route"
            self._reject(sent, message, flow, cause, f"its answer cannot be used: {what}: {error}")
            return
        if not body and not sent.described:
            self._reject(sent, message, flow, HangupCause.INCOMPATIBLE, "its answer cannot be used: no SDP")
            return
        tag = safe_tag(peer.tag)
        call.peers[tag] = call.peer = peer
        headers = [*understood(message), self._contact()]
        self._stack.tell(sent, message.status, tag=tag, headers=headers, body=body)
        self._ends.began(call)
        self._ends.answered(call, message)

    def _answerer(self, sent: Sent, message: Message, flow: Flow, wrong: str) -> Peer:
        if wrong:
            raise UriError(wrong)
        if not message.get("Contact"):
            # Some leave it out, against RFC 3261 section 12.1.1. Requests go to where the INVITE went.
            note("contact_missing", leg=sent.call.hop.leg_id, peer=flow.address)
            target = usable(parse_uri(sent.call.hop.uri))
            routes = route_set_of(message)[::-1]
            return Peer(message.to_tag, message.get("To"), target, routes, flow, methods_in(message))
        return answered_by(message, sent.request.get("To") if sent.request else "", flow, routes=True)

    def _accepted_again(self, sent: Sent, message: Message, flow: Flow) -> None:
        """The answer to a re-INVITE."""
        call, peer = sent.call, sent.call.peer
        if peer is None:
            return
        peer.seen_at = flow
        try:
            body = description_of(message, is_answer=True)
        except DescriptionError as error:
            self._acknowledge(sent, peer)
            self._stack.tell(sent, 488)
            sent.absorbed = True
            self._ends.end_call(call, Fate(HangupCause.INCOMPATIBLE, f"its new SDP cannot be used: {error}"))
            return
        self._retarget(call, peer, message)
        headers = [*understood(message), self._contact()]
        self._stack.tell(sent, message.status, headers=headers, body=body)
        self._ends.answered(call, message)

    def _late(self, sent: Sent, message: Message, flow: Flow) -> None:
        """What comes after the final response: it again, or another fork's (RFC 3261 section 13.2.2.4)."""
        if message.status < 200:
            return
        if message.status >= 300:
            if sent.final >= 300 and sent.ack and sent.ack_flow is not None:
                self._post.wires.send(sent.ack, sent.ack_flow)
            return
        call = sent.call
        known = call.peer is not None and message.to_tag == call.peer.tag
        if not known:
            if (sent.final // 100 == 2 and not sent.absorbed) or sent.repeats == 0:
                sent.repeats += 1
                self._acknowledge_and_end(sent, message, flow)
            return
        if not sent.ack or sent.ack_flow is None:
            return
        self._post.wires.send(sent.ack, sent.ack_flow)
        sent.repeats += 1
        if sent.repeats == _MOST_REPEATS and not call.over and call.peer is not None:
            where = call.peer.target.where[0]
            why = f"our ACK does not reach its Contact {where}; behind NAT? then set nat: true on the trunk"
            self._ends.end_call(call, Fate(HangupCause.UNREACHABLE, why), direct=True)

    # --- other requests ---------------------------------------------------------------------------------

    def _to_request(self, sent: Sent, message: Message, flow: Flow) -> None:
        if message.status < 200:
            self._stack.tell(sent, 100)
            return
        if sent.final or sent.absorbed:
            return
        call, peer = sent.call, sent.call.peer
        sent.final, sent.final_at = message.status, self._post.reactor.seconds()
        headers = self._said(sent, message)
        body, status = b"", message.status
        if status // 100 == 2:
            if sent.method == "REGISTER":
                headers = self._registered(sent, message)
            elif sent.method == "UPDATE" and peer is not None:
                peer.seen_at = flow
                self._retarget(call, peer, message)
                headers.append(self._contact())
            try:
                body = description_of(message, is_answer=True) if sent.method in ("UPDATE", "PRACK") else b""
            except DescriptionError as error:
                note("answer_refused", leg=call.hop.leg_id, method=sent.method, reason=error)
                status, headers = 488, []
        if sent.method != "REGISTER" and self._ends.answered(call, message):
            self._once_more(sent)
            return
        self._stack.tell(sent, status, tag=self._tag(sent, message), headers=headers, body=body)

    def _registered(self, sent: Sent, message: Message) -> list[tuple[str, str]]:
        """The time that a registration holds, at our own Contact (RFC 3261 section 10.2.4)."""
        self._ends.registered(sent.call, service_route_in(message))
        own = sent.request.get("Contact") if sent.request is not None else ""
        wanted = number_in(sent.request, "Expires", 2**31) if sent.request is not None else None
        granted = number_in(message, "Expires", 2**31)
        seconds = granted if granted is not None else wanted
        for contact in message.all("Contact")[:50]:
            try:
                same = address_of(contact).where == address_of(own).where
            except UriError:
                continue
            if same and (given := parameter(contact, "expires")) and given.isascii() and given.isdigit():
                seconds = min(int(given[:10]), 2**31 - 1)
        if seconds is None or not own or wanted == 0:
            return [("Expires", str(seconds or 0))]
        return [("Contact", f"{own};expires={seconds}"), ("Expires", str(seconds))]

    def _once_more(self, sent: Sent) -> None:
        """Have PJSIP send a request again: by a challenge of ours, whose answer stays in the gate."""
        challenge = f'Digest realm="{new_branch()}", nonce="{new_branch()}", algorithm=MD5'
        self._stack.tell(sent, 401, tag="gate", headers=[("WWW-Authenticate", challenge)])

    # --- what both need ---------------------------------------------------------------------------------

    def cancel(self, invite: Sent) -> None:
        """Cancel an INVITE at the peer; PJSIP has its final response already."""
        if invite.flow is None or invite.final:
            return
        sent = Sent("CANCEL", invite.branch, invite.call, None, self._post.cancellation(invite),
                    self._post.reactor.seconds(), invite.flow, done=lambda status, message: None)  # fmt: skip
        sent.data = sent.message.dump()
        self._tables.sent[sent.branch, "CANCEL"] = sent
        self._post.repeat(sent)

    def _reject(self, sent: Sent, message: Message, flow: Flow, cause: HangupCause, why: str) -> None:
        """A 2xx that is of no use: end what the peer believes to be a call, and this leg alone."""
        self._acknowledge_and_end(sent, message, flow)
        final, sent.final = sent.final, 0
        self._stack.fail(sent, 500, cause, why)
        sent.final = final
        self._ends.ended(sent.call)

    def _acknowledge_and_end(self, sent: Sent, message: Message, flow: Flow) -> None:
        """ACK, then BYE: to where it says, or where that cannot be, to where it came from."""
        call = sent.call
        try:
            peer = answered_by(message, "", flow, routes=True)
            direct = False
        except UriError:
            contacts = message.all("Contact")
            try:
                target = usable(address_of(contacts[0])) if contacts else parse_uri(call.hop.uri)
            except UriError:
                target = parse_uri(call.hop.uri)
            peer, direct = Peer(message.to_tag, message.get("To"), target, [], flow), True
        self._acknowledge(sent, peer, flow if direct else None)
        self.say_bye(call, peer, flow if direct else None)

    def _acknowledge(self, sent: Sent, peer: Peer, flow: Flow | None = None) -> None:
        call = sent.call
        made, way = self._post.own_within(call, peer, "ACK")
        call.local_cseq -= 1
        made.headers = [one for one in made.headers if one[0] != "CSeq"]
        made.headers.append(("CSeq", f"{sent.message.cseq} ACK"))

        def found(way_there: Flow | None) -> None:
            sent.ack_flow = way_there
            sent.ack = self._post.put_as_is(made, call.hop, way_there)

        if flow is not None:
            found(flow)
        else:
            self._post.find_way(call, peer, way.next_hop, found)

    def say_bye(
        self, call: Call, peer: Peer, flow: Flow | None = None, done: Callable[[], None] = lambda: None
    ) -> None:
        """Send a BYE of the gate's own; ``done`` when it is answered, or never will be."""
        made, way = self._post.own_within(call, peer, "BYE")
        if reason := self._tables.fates.get(call.call_id):
            made.headers.append(("Reason", f'Q.850;cause=41;text="{reason.cause.value}"'))
        sent = Sent("BYE", new_branch(), call, None, made, self._post.reactor.seconds())
        sent.done = lambda status, message: self._bye_answered(sent, status, message, flow, done)
        if flow is not None:
            self._post.run(sent, flow)
        else:
            self._post.find_way(call, peer, way.next_hop, partial(self._post.run, sent))

    def end_record(self, record: Record, hop: Hop, done: Callable[[bool], None]) -> None:
        """Say BYE or CANCEL in the place of a process that died."""
        call = Call(record.call_id, hop, True, record.from_, "", local_cseq=record.cseq)
        flow = self._post.wires.flow_to(
            record.transport, record.address, record.port, hop.tls, hop.name, front=hop.front
        )
        headers = [("Route", route) for route in record.routes]
        headers += [("Max-Forwards", "70"), ("From", record.from_), ("To", record.to),
                    ("Call-ID", record.call_id), ("CSeq", f"{record.cseq} {record.method}"),
                    ("User-Agent", self._post.user_agent)]  # fmt: skip
        made = Message(record.method, record.uri, headers=headers)
        now = self._post.reactor.seconds()
        if record.method == "CANCEL":
            made.headers.insert(0, ("Via", record.via))
            sent = Sent("CANCEL", made.branch, call, None, made, now, flow)
            sent.done = lambda status, message: done(bool(status))
            sent.data = made.dump()
            self._tables.sent[sent.branch, "CANCEL"] = sent
            self._post.repeat(sent)
            return
        sent = Sent("BYE", new_branch(), call, None, made, now)
        sent.done = lambda status, message: self._bye_answered(
            sent, status, message, flow, lambda: done(bool(status))
        )
        self._post.run(sent, flow)

    def _bye_answered(
        self, sent: Sent, status: int, message: Message | None, flow: Flow | None, done: Callable[[], None]
    ) -> None:
        """A BYE that is asked for the password is sent once more, with it."""
        call = sent.call
        challenges = self._challenges(call, message) if status in (401, 407) and message is not None else []
        asked_before = sent.message.get("Authorization") or sent.message.get("Proxy-Authorization")
        if not challenges or asked_before or sent.flow is None:
            done()
            return
        call.local_cseq += 1
        kept = [one for one in sent.message.headers if one[0] not in ("Via", "CSeq")]
        again = Message("BYE", sent.message.uri, headers=[*kept, ("CSeq", f"{call.local_cseq} BYE")])
        for realm, _ in challenges:
            self._post.authorize(call, again, f'"{realm}"')
        second = Sent("BYE", new_branch(), call, None, again, self._post.reactor.seconds())
        second.done = lambda status, message: done()
        self._post.run(second, flow or sent.flow)

    def _said(self, sent: Sent, message: Message) -> list[tuple[str, str]]:
        """What a final response tells PJSIP beside its status."""
        headers = understood(message)
        if message.status in (401, 407):
            headers += [("WWW-Authenticate" if kind == "Authorization" else "Proxy-Authenticate", text)
                        for kind, text in self._told(sent.call, message)]  # fmt: skip
        return headers

    def _told(self, call: Call, message: Message) -> list[tuple[str, str]]:
        return [
            (
                call.challenges[realm].header,
                f'Digest realm="{realm}", nonce="{nonce}", algorithm=MD5, qop="auth"'
                + (", stale=true" if call.challenges[realm].stale else ""),
            )
            for realm, nonce in self._challenges(call, message)
        ]

    def _challenges(self, call: Call, message: Message) -> list[tuple[str, str]]:
        """The challenges that we can answer, as realm and nonce for PJSIP."""
        who = call.hop.credentials
        if who is None:
            return []
        found = []
        for challenge in challenges_in(message.headers):
            realm = hash_of(challenge.header + challenge.realm)
            wanted = who.realm in ("*", challenge.realm)
            if wanted and (realm in call.challenges or len(call.challenges) < 8):
                call.challenges[realm] = challenge
                found.append((realm, hash_of(challenge.nonce)))
        return found

    def _retarget(self, call: Call, peer: Peer, message: Message) -> None:
        """Take the new target that an answer names; an odd one changes nothing."""
        if not message.get("Contact"):
            return
        try:
            named = answered_by(
                message, remote_value(call, peer), peer.seen_at or Flow("udp", "", 0), routes=False
            )
        except UriError as error:
            note("contact_ignored", leg=call.hop.leg_id, reason=error)
            return
        peer.allow = named.allow or peer.allow
        if named.target != peer.target:
            peer.target = named.target
            self._ends.began(call)

    def _tag(self, sent: Sent, message: Message) -> str:
        return safe_tag(message.to_tag) if message.to_tag else "gate"

    def _contact(self) -> tuple[str, str]:
        return ("Contact", f"<sip:gate@{self._inner_address()}>")
