"""One SIP dialog of ours on one of Sofia's handles: requests, responses, challenges and its end.

It knows of SDP only that there is one. What a peer says here is believed as far as RFC 3261 lets it.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from typing import Protocol

from bridge.causes import HangupCause
from sip.causes import REASON_OF_CAUSE, Refusal, cause_of_bye, refusal_of
from sip.gate.digest import Challenge, Credentials, answer, challenges_in
from sip.gate.message import MalformedError, Message, parameter, parse
from sip.journal import note
from sip.targets import Transport
from switch.sofia import Event, Handle, SofiaAgent

#: Challenges that one request may meet: a nonce may be stale, and a proxy and a registrar ask each.
_MOST_CHALLENGES = 4
_SDP = "application/sdp"
_KEY = re.compile(r"^[ \t]*Signal[ \t]*=[ \t]*([0-9A-Da-d*#]|10|11)[ \t\r]*$", re.M)
_PRESSED = {"10": "*", "11": "#"}


@dataclass(frozen=True, slots=True)
class InvitePlan:
    """How an INVITE leaves: all that is settled before its SDP."""

    agent: SofiaAgent
    #: Where requests outside of the dialog go: ``sip:192.0.2.1:5060;transport=udp``.
    hop: str
    uri: str
    from_: str
    to: str
    contact: str
    headers: tuple[tuple[str, str], ...] = ()
    #: Route headers, the first first.
    routes: tuple[str, ...] = ()
    credentials: Credentials | None = None
    #: Seconds of Session-Expires (RFC 4028); None: no timer.
    session_expires: int | None = None
    #: Requests within the dialog go to ``hop`` as well, whatever the peer's Contact says.
    nat: bool = False
    #: Where ``hop`` is, and our own address as the peer sees it.
    address: str = ""
    port: int = 0
    transport: Transport = "udp"
    local_address: str = ""

    @property
    def sofia_acks(self) -> bool:
        """Whether Sofia knows the way within the dialog by itself, so that it may ACK and PRACK.

        A Contact without a transport means UDP to it, also where the dialog came by TCP or TLS.
        """
        return self.transport == "udp" and not self.nat


class DialogOwner(Protocol):
    """Who is told what becomes of the dialog. The order is that of the messages."""

    def heard(self) -> None:
        """Anything at all came of the peer."""

    def rang(self, status: int, sdp: str | None) -> None:
        """A provisional response of 101 to 199."""

    def answered(self, sdp: str | None) -> None:
        """The INVITE has its 2xx, or our own 2xx its ACK; with the SDP that came with it or before it."""

    def refused(self, refusal: Refusal) -> None:
        """The INVITE failed."""

    def offered(self, sdp: str | None, method: str) -> None:
        """The peer sent an INVITE or UPDATE: :meth:`Dialog.accept` or :meth:`Dialog.decline` must follow."""

    def agreed(self, sdp: str) -> None:
        """The peer's answer to an offer of ours within the dialog."""

    def key_pressed(self, digit: str) -> None:
        """A key by INFO."""

    def ended(self, cause: HangupCause, status: int | None) -> None:
        """The dialog is over, by the peer or because it was lost."""

    def let_go(self, status: int | None) -> None:
        """What we ended is confirmed, or nobody will; ``status`` is what the INVITE got of the peer."""


@dataclass(slots=True)
class _Said:
    """What the peer said that later requests need."""

    #: Of the last response to an INVITE: parsed.
    response: Message | None = None
    challenges: list[Challenge] = field(default_factory=list)
    #: How often each nonce was used.
    counts: dict[str, int] = field(default_factory=dict)


class Dialog:
    """From the INVITE, ours or the peer's, to the last response to BYE."""

    def __init__(self, owner: DialogOwner) -> None:
        self._owner: DialogOwner | None = owner
        self._way: InvitePlan | None = None
        self._handle: Handle | None = None
        self._up = False
        self._leaving = False
        self._reason: str | None = None
        self._body = ""
        self._early: str | None = None
        self._challenged = 0
        self._said = _Said()
        #: The peer's INVITE or UPDATE that waits for an answer, by Sofia's name for it.
        self._asked = 0
        #: Whether the offer that stands is in our 2xx, so that the answer comes in the ACK.
        self._offer_in_2xx = False
        self.call_id = ""
        #: Where the peer reaches us, in a dialog that it began.
        self.contact = ""
        #: The peer's text that tells how to end the dialog: the last response to our INVITE, or its INVITE.
        self.told: Message | None = None

    # What we do ------------------------------------------------------------------------------------------

    def invite(self, way: InvitePlan, sdp: str) -> None:
        """Send the INVITE."""
        self._way, self._body, self.call_id = way, sdp, str(uuid.uuid4())
        self._handle = way.agent.handle(
            self._heard,
            siptag_call_id_str=self.call_id,
            nutag_url=way.uri,
            siptag_to_str=way.to,
            siptag_from_str=way.from_,
            siptag_contact_str=way.contact,
            nutag_session_timer=way.session_expires or 0,
            nutag_autoack=1 if way.sofia_acks else 0,
        )
        self._handle.send_by(way.hop, "invite", **self._invite_tags(way))

    def take(self, handle: Handle, request: int, invite: Message) -> None:
        """Take an INVITE of the peer's as this dialog."""
        self._asked = request
        self._handle, handle.heard = handle, self._heard
        self.told, self.call_id = invite, invite.call_id

    def accept(self, sdp: str) -> None:
        """Answer the peer's INVITE or UPDATE with 200 and this SDP: our answer, or our offer."""
        if self._handle is not None:
            contact = self._way.contact if self._way else self.contact
            self._handle.respond(
                self._asked,
                200,
                "OK",
                siptag_content_type_str=_SDP,
                siptag_payload_str=sdp,
                siptag_contact_str=contact,
            )

    def accept_bare(self) -> None:
        """Answer an UPDATE that offers nothing (RFC 4028 section 7.4)."""
        if self._handle is not None:
            self._handle.respond(self._asked, 200, "OK")

    def ring(self) -> None:
        """Answer the peer's INVITE with 180."""
        if self._handle is not None:
            self._handle.respond(self._asked, 180, "Ringing")

    def decline(self, status: int, phrase: str) -> None:
        """Refuse the peer's INVITE or UPDATE."""
        if self._handle is not None:
            self._handle.respond(self._asked, status, phrase)

    def reinvite(self, sdp: str) -> None:
        """Make another offer within the dialog."""
        self._body = sdp
        self._send("invite", "INVITE", siptag_content_type_str=_SDP, siptag_payload_str=sdp)

    def info(self, digit: str) -> None:
        """Press a key by INFO (RFC 6086; the body is Cisco's, which all understand)."""
        body = f"Signal={digit}\r\nDuration=160\r\n"
        self._send("info", "INFO", siptag_content_type_str="application/dtmf-relay", siptag_payload_str=body)

    def leave(self, cause: HangupCause) -> None:
        """End it: BYE, CANCEL, or a refusal of the peer's INVITE. ``let_go`` follows."""
        self._leaving, self._reason = True, REASON_OF_CAUSE.get(cause)
        if self._handle is None:
            self._tell_let_go()
        elif self._up:
            self._bye()
        elif self._way is None:
            self.decline(487 if cause is HangupCause.CANCELLED else 480, "Not available")
            self._tell_let_go()
        else:
            self._handle.send("cancel", **self._farewell_tags())

    def forsake(self) -> None:
        """Tell the owner nothing any more, but end what there is, and see to what comes late."""
        self._owner = None
        if not self._leaving:
            self.leave(HangupCause.CANCELLED)

    # What Sofia tells ------------------------------------------------------------------------------------

    def _heard(self, event: Event) -> None:
        message = _read(event.text)
        match event.name:
            case "r_invite":
                self._invite_answered(event, message)
            case "r_bye" | "r_info" | "r_update" if event.status in (401, 407) and self._authorize(
                event, message
            ):
                pass
            case "r_bye" if event.status >= 200:
                self._done()
            case "i_bye":
                self._over(cause_of_bye((event.text or b"").decode(errors="replace")), None)
            case "i_cancel":
                self._over(HangupCause.NO_ANSWER, 487)
            case "i_terminated":
                self._terminated(event)
            case "i_invite" | "i_update" if message is not None:
                self._asked = event.request
                self._offered(message)
            case "i_ack":
                self._acked(message)
            case "i_info" if message is not None and self._owner is not None:
                if digit := key_in(message):
                    self._owner.key_pressed(digit)

    def _invite_answered(self, event: Event, message: Message | None) -> None:
        from_peer = event.from_peer
        if message is not None and from_peer:
            self.call_id = self.call_id or message.call_id
            self.told = message
            if self._owner is not None:
                self._owner.heard()
        if event.status <= 100:
            return
        sdp = sdp_of(message)
        if event.status < 200:
            self._provisional(event.status, message, sdp)
        elif event.status < 300:
            self._accepted(sdp)
        elif event.status in (401, 407) and self._authorize(event, message):
            return
        elif self._up:
            # A re-INVITE or a refresh of ours: the dialog goes on, unless Sofia says that it is terminated.
            note("offer_refused", "info", status=event.status)
        else:
            self._failed(refusal_of(event.status, _text(event) if from_peer else None, rang=False))

    def _provisional(self, status: int, message: Message | None, sdp: str | None) -> None:
        self._early = sdp or self._early
        way = self._way
        if way is not None and not way.sofia_acks and message is not None and message.get("RSeq"):
            self._send("prack", "PRACK")
        if self._owner is not None and not self._leaving:
            self._owner.rang(status, sdp)

    def _accepted(self, sdp: str | None) -> None:
        if self._way is not None and not self._way.sofia_acks:
            self._send("ack", "ACK")
        self._challenged = 0
        if self._up:
            if self._owner is not None and sdp is not None:
                self._owner.agreed(sdp)
            return
        self._up = True
        if self._leaving:
            # It crossed our CANCEL on the wire: now there is a dialog to end with BYE.
            self._bye()
        elif self._owner is not None:
            self._owner.answered(sdp or self._early)

    def _offered(self, message: Message) -> None:
        sdp = sdp_of(message)
        if self._owner is None or self._leaving:
            self.decline(481, "Call does not exist")
            return
        self._offer_in_2xx = message.method == "INVITE" and sdp is None
        self._owner.offered(sdp, message.method)

    def _acked(self, message: Message | None) -> None:
        sdp = sdp_of(message)
        first, self._up = not self._up, True
        if self._owner is None:
            return
        if self._leaving:
            self._bye()
        elif first:
            self._owner.answered(sdp)
        elif self._offer_in_2xx and sdp is not None:
            self._owner.agreed(sdp)
        self._offer_in_2xx = False

    def _terminated(self, event: Event) -> None:
        """Sofia has nothing of it any more: what ended it was told before, or never will be."""
        if self._up:
            self._over(HangupCause.SESSION_EXPIRED, None)
        elif self._way is not None:
            self._failed(refusal_of(event.status or 408, None, rang=False))
        else:
            self._over(HangupCause.NO_ANSWER, None)

    # How it ends -----------------------------------------------------------------------------------------

    def _failed(self, refusal: Refusal) -> None:
        self._destroy()
        if self._leaving:
            self._tell_let_go(refusal.status if refusal.from_peer else None)
            return
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.refused(refusal)

    def _over(self, cause: HangupCause, status: int | None) -> None:
        self._destroy()
        if self._leaving:
            self._tell_let_go()
            return
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.ended(cause, status)

    def _done(self) -> None:
        self._destroy()
        self._tell_let_go()

    def _tell_let_go(self, status: int | None = None) -> None:
        owner, self._owner = self._owner, None
        if owner is not None:
            owner.let_go(status)

    def _destroy(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            handle.destroy()

    def _bye(self) -> None:
        self._send("bye", "BYE", **self._farewell_tags())

    def _farewell_tags(self) -> dict[str, str | int]:
        return {"siptag_reason_str": self._reason} if self._reason else {}

    # Requests within the dialog, and challenges ----------------------------------------------------------

    def _send(self, what: str, method: str, **tags: str | int) -> None:
        if self._handle is None:
            return
        body = str(tags.get("siptag_payload_str", ""))
        given = {**tags, **self._credentials_for(method, self._target(), body)}
        self._send_within(self._handle, what, given)

    def _send_within(self, handle: Handle, what: str, tags: dict[str, str | int]) -> None:
        hop = hop_within(self._way, self.told) if self._way is not None else None
        if hop is not None:
            handle.send_by(hop, what, **tags)
        else:
            handle.send(what, **tags)

    def _target(self) -> str:
        contact = self.told.get("Contact") if self.told is not None else ""
        return contact.partition("<")[2].partition(">")[0] or (self._way.uri if self._way else "")

    def _invite_tags(self, way: InvitePlan) -> dict[str, str | int]:
        headers = "".join(f"{name}: {value}\r\n" for name, value in way.headers)
        tags: dict[str, str | int] = {"siptag_content_type_str": _SDP, "siptag_payload_str": self._body}
        if headers:
            tags["siptag_header_str"] = headers
        if way.routes:
            tags["nutag_initial_route_str"] = ", ".join(way.routes)
        return tags

    def _authorize(self, event: Event, message: Message | None) -> bool:
        """Answer a challenge, if that is possible and sensible; False: the response stands."""
        way, handle = self._way, self._handle
        if message is None or way is None or way.credentials is None or handle is None:
            return False
        who = way.credentials
        found = [one for one in challenges_in(message.headers) if who.realm in ("*", one.realm)]
        self._challenged += 1
        if not found or self._challenged > _MOST_CHALLENGES:
            return False
        if self._challenged > 1 and not any(one.stale for one in found) and not self._new_realm(found):
            return False
        self._said.challenges = found
        if all(by_sofia(one) for one in found):
            for one in found:
                handle.send_by(way.hop, "authenticate", nutag_auth=sofia_credentials(one, who))
            return True
        if event.name != "r_invite" or self._up:
            return self._repeat(event, message)
        self._invite_again(way, message)
        return True

    def _new_realm(self, found: list[Challenge]) -> bool:
        known = {one.realm for one in self._said.challenges}
        return any(one.realm not in known for one in found)

    def _invite_again(self, way: InvitePlan, message: Message) -> None:
        """Answer a challenge that Sofia cannot: the same INVITE on another handle (RFC 3261 section 22.2)."""
        self._destroy()
        self._handle = way.agent.handle(
            self._heard,
            nutag_url=way.uri,
            siptag_to_str=way.to,
            siptag_from_str=message.get("From"),
            siptag_contact_str=way.contact,
            nutag_session_timer=way.session_expires or 0,
            nutag_autoack=1 if way.sofia_acks else 0,
        )
        self._handle.send_by(
            way.hop,
            "invite",
            siptag_call_id_str=message.call_id,
            siptag_cseq_str=f"{message.cseq + 1} INVITE",
            **self._credentials_for("INVITE", way.uri, self._body),
            **self._invite_tags(way),
        )

    def _repeat(self, event: Event, message: Message) -> bool:
        """The same within the dialog: a BYE alone, which is lost otherwise; the rest may fail."""
        way = self._way
        if event.name != "r_bye" or way is None or self.told is None:
            return False
        self._destroy()
        handle = way.agent.handle(self._heard_late, nutag_url=self._target())
        self._handle = handle
        tags: dict[str, str | int] = {
            "nutag_method": "BYE",
            "siptag_from_str": message.get("From"),
            "siptag_to_str": message.get("To"),
            "siptag_call_id_str": message.call_id,
            "siptag_cseq_str": f"{message.cseq + 1} BYE",
            **self._credentials_for("BYE", self._target(), ""),
            **self._farewell_tags(),
        }
        if routes := ", ".join(reversed(self.told.all("Record-Route"))):
            tags["siptag_route_str"] = routes
        self._send_within(handle, "method", tags)
        return True

    def _heard_late(self, event: Event) -> None:
        if event.name == "r_method" and event.status >= 200:
            self._done()

    def _credentials_for(self, method: str, uri: str, body: str) -> dict[str, str | int]:
        """What answers the challenges that Sofia cannot; it answers its own."""
        way = self._way
        tags: dict[str, str | int] = {}
        for one in self._said.challenges:
            if way is None or way.credentials is None or by_sofia(one) or method == "ACK":
                continue
            count = self._said.counts[one.nonce] = self._said.counts.get(one.nonce, 0) + 1
            tag = (
                "siptag_authorization_str"
                if one.header == "Authorization"
                else "siptag_proxy_authorization_str"
            )
            tags[tag] = answer(one, way.credentials, method, uri, body.encode(), count)
        return tags


def hop_within(way: InvitePlan, told: Message | None) -> str | None:
    """Where requests within a dialog are sent, if not to where Sofia would send them.

    The peer's first route, or its Contact, is reached by the transport of the dialog where it names none.
    """
    if way.nat:
        return way.hop
    if way.sofia_acks or told is None:
        return None
    routes = told.all("Record-Route")
    uri = (routes[-1] if routes else told.get("Contact")).partition("<")[2].partition(">")[0]
    found = re.fullmatch(
        r"sip:(?:[^@;?]*@)?(\[[0-9A-Fa-f:.]+\]|[0-9.]+)(:[0-9]{1,5})?((?:;[^?]*)?)(?:\?.*)?", uri
    )
    if found is None or ";transport=" in found[3].lower():
        # A name is looked up by Sofia, whose answer for no transport would be UDP.
        return None if found else way.hop
    port = found[2] or (":5061" if way.transport == "tls" else ":5060")
    return f"sip:{found[1]}{port};transport={way.transport}"


def by_sofia(challenge: Challenge) -> bool:
    """Whether Sofia can answer it by itself: MD5 alone."""
    return challenge.algorithm.upper() in ("", "MD5", "MD5-SESS") and challenge.qop != "auth-int"


def sofia_credentials(challenge: Challenge, who: Credentials) -> str:
    """What NUTAG_AUTH takes: ``Digest:"realm":user:password``."""
    realm = challenge.realm.replace("\\", "\\\\").replace('"', '\\"')
    return f'Digest:"{realm}":{who.username}:{who.password}'


def sdp_of(message: Message | None) -> str | None:
    """The SDP in a message, also of one whose body has several parts (RFC 5621); None without one."""
    if message is None or not message.body:
        return None
    kind = message.get("Content-Type")
    text = message.body.decode("utf-8", "replace")
    if kind.partition(";")[0].strip().lower() == _SDP:
        return text
    if kind.lower().startswith("multipart/") and (boundary := parameter(kind, "boundary")):
        for part in text.split(f"--{boundary}"):
            head, found, body = part.partition("\r\n\r\n")
            if found and _SDP in head.lower():
                return body.rstrip("\r\n-") + "\r\n"
    return None


def key_in(message: Message) -> str | None:
    """The key that an INFO presses: ``application/dtmf-relay`` or ``application/dtmf``."""
    kind = message.get("Content-Type").partition(";")[0].strip().lower()
    text = message.body.decode("ascii", "replace")
    found = _KEY.search(text) if kind == "application/dtmf-relay" else None
    if kind == "application/dtmf":
        found = re.fullmatch(r"\s*([0-9A-Da-d*#]|10|11)\s*", text)
    return _PRESSED.get(found[1], found[1].upper()) if found else None


def _read(text: bytes | None) -> Message | None:
    if not text:
        return None
    try:
        return parse(text)
    except MalformedError as error:
        note("message_unreadable", reason=error)
        return None


def _text(event: Event) -> str:
    return (event.text or b"").decode("utf-8", "replace")
