"""One SIP dialog of ours on one of Sofia's handles: requests, responses, challenges and its end.

It knows of SDP only that there is one. What a peer says here is believed as far as RFC 3261 lets it.
"""

from __future__ import annotations

import asyncio
import random
import uuid
from typing import Protocol

from bridge.causes import HangupCause
from sip.causes import REASON_OF_CAUSE, Refusal, cause_of_bye, refusal_of
from sip.gate.message import Message
from sip.journal import note
from switch.challenges import Challenges
from switch.dialog_rules import (
    SDP,
    by_sofia,
    hop_within,
    key_in,
    read,
    refresh_wait,
    sdp_of,
    sofia_credentials,
    unusable,
)
from switch.invite_plan import InvitePlan
from switch.sofia import Event, Handle

#: How often a refresh that the peer refuses is tried again before the session is left to its end.
_MOST_REFRESHES = 3


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
        self._challenges = Challenges()
        #: The peer's INVITE or UPDATE that waits for an answer, by Sofia's name for it.
        self._asked = 0
        #: Whether the offer that stands is in our 2xx, so that the answer comes in the ACK.
        self._offer_in_2xx = False
        #: Refreshes in a row that the peer refused.
        self._refusals = 0
        self.call_id = ""
        #: Where the peer reaches us, in a dialog that it began.
        self.contact = ""
        #: Our last INVITE as it left, once that is known (by UDP alone).
        self.sent: Message | None = None
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
        self._handle.invite_by(way.hop, "invite", **self._invite_tags(way))

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
                siptag_content_type_str=SDP,
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
        message = read(event.text)
        match event.name:
            case "r_invite":
                self._invite_answered(event, message)
            case "r_bye" | "r_info" | "r_update" if event.status in (401, 407) and self._authorize(
                event, message
            ):
                pass
            case "r_bye" if event.status >= 200:
                self._done()
            case "r_update" if event.status >= 200:
                self._refreshed(event, message)
            case "i_bye":
                cause = cause_of_bye((event.text or b"").decode(errors="replace"))
                # RFC 3261 section 15 knows no BYE before the answer, but there are peers that send one.
                rang_only = not self._up and cause is HangupCause.NORMAL
                self._over(HangupCause.NO_ANSWER if rang_only else cause, None)
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
            self._accepted(message, sdp)
        elif event.status in (401, 407) and self._authorize(event, message):
            return
        elif self._up:
            # A refresh of ours: the dialog goes on, unless Sofia says that it is terminated.
            self._refreshed(event, message)
        else:
            self._failed(refusal_of(event.status, _text(event) if from_peer else None, rang=False))

    def _provisional(self, status: int, message: Message | None, sdp: str | None) -> None:
        self._early = sdp or self._early
        way = self._way
        if way is not None and not way.sofia_acks and message is not None and message.get("RSeq"):
            self._send("prack", "PRACK")
        if self._owner is not None and not self._leaving:
            self._owner.rang(status, sdp)

    def _accepted(self, message: Message | None, sdp: str | None) -> None:
        if self._way is not None and not self._way.sofia_acks:
            self._send("ack", "ACK")
        self._challenges.met = 0
        if self._up:
            self._refusals = 0
            if self._owner is not None and sdp is not None:
                self._owner.agreed(sdp)
            return
        self._up = True
        way = self._way
        odd = unusable(message, ipv6=":" in way.local_address) if way and message else ""
        if way is not None and message is not None and odd:
            note("leg_failed", reason=f"{odd} in its answer cannot be used")
            self._end_by_hop(way, message)
            self._over(HangupCause.FAILED, None)
        elif self._leaving:
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

    def _refreshed(self, event: Event, message: Message | None) -> None:
        """A session refresh of Sofia's or ours (RFC 4028 section 7.1) was answered."""
        if event.status < 300:
            self._refusals = 0
            return
        self._refusals += 1
        note("refresh_refused", "info", status=event.status)
        if self._refusals <= _MOST_REFRESHES and self._handle is not None and not self._leaving:
            asked = message.get("Retry-After") if message is not None else ""
            wait = refresh_wait(asked, random.random())  # noqa: S311 - no secret
            asyncio.get_running_loop().call_later(wait, self._refresh, self._handle)

    def _refresh(self, handle: Handle) -> None:
        if handle is not self._handle or self._leaving:
            return
        if self.told is not None and "UPDATE" in self.told.get("Allow").upper():
            self._send("update", "UPDATE")
        else:
            self._send("invite", "INVITE", siptag_content_type_str=SDP, siptag_payload_str=self._body)

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

    def _end_by_hop(self, way: InvitePlan, message: Message) -> None:
        """Acknowledge and end what a 2xx began, where the peer was asked: what it names leads nowhere."""
        for method, cseq in (("ACK", message.cseq), ("BYE", message.cseq + 1)):
            handle = way.agent.handle(_unheard, nutag_url=way.uri)
            handle.send_by(
                way.hop,
                "method",
                nutag_method=method,
                siptag_from_str=message.get("From"),
                siptag_to_str=message.get("To"),
                siptag_call_id_str=message.call_id,
                siptag_cseq_str=f"{cseq} {method}",
            )

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
        tags: dict[str, str | int] = {"siptag_content_type_str": SDP, "siptag_payload_str": self._body}
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
        found = self._challenges.take(message, way.credentials)
        if not found:
            return False
        if all(by_sofia(one) for one in found):
            for one in found:
                handle.invite_by(way.hop, "authenticate", nutag_auth=sofia_credentials(one, way.credentials))
            return True
        if event.name != "r_invite" or self._up:
            return self._repeat(event, message)
        self._invite_again(way, message)
        return True

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
        self._handle.invite_by(
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
        who = self._way.credentials if self._way is not None else None
        return self._challenges.answers(who, method, uri, body) if who is not None else {}


def _unheard(event: Event) -> None:
    """Whatever the peer answers: the leg has ended."""
    if event.name == "r_method" and event.status >= 200:
        note("ended_by_hop", "info", status=event.status)


def _text(event: Event) -> str:
    return (event.text or b"").decode("utf-8", "replace")
