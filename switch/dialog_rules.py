"""What a peer's messages mean for the dialog that they belong to. Pure."""

from __future__ import annotations

import re

from sip.gate.digest import Challenge, Credentials
from sip.gate.message import MalformedError, Message, parameter, parse
from sip.gate.uris import UriError, address_of
from sip.journal import note
from switch.invite_plan import InvitePlan

SDP = "application/sdp"
_KEY = re.compile(r"^[ \t]*Signal[ \t]*=[ \t]*([0-9A-Da-d*#]|10|11)[ \t\r]*$", re.M)
#: Seconds that a peer may put off a refresh: it comes at half of the session.
_LONGEST_WAIT = 20.0
_PRESSED = {"10": "*", "11": "#"}


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


def read(text: bytes | None) -> Message | None:
    """A message of Sofia's; None where there is none, or none that can be read."""
    if not text:
        return None
    try:
        return parse(text)
    except MalformedError as error:
        note("answer_unreadable", reason=error)
        return None


def sdp_of(message: Message | None) -> str | None:
    """The SDP in a message, also of one whose body has several parts (RFC 5621); None without one."""
    if message is None or not message.body:
        return None
    kind = message.get("Content-Type")
    text = message.body.decode("utf-8", "replace")
    if kind.partition(";")[0].strip().lower() == SDP:
        return text
    if kind.lower().startswith("multipart/") and (boundary := parameter(kind, "boundary")):
        for part in text.split(f"--{boundary}"):
            head, found, body = part.partition("\r\n\r\n")
            if found and SDP in head.lower():
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


def unusable(message: Message, *, ipv6: bool) -> str:
    """What of a 2xx leads nowhere, so that nothing within the dialog reaches the peer; empty if all is well.

    A 2xx without a Contact is talked to where the INVITE went.
    """
    for value in (*message.all("Contact")[:1], *message.all("Record-Route")):
        try:
            uri = address_of(value)
            _ = uri.transport  # one that nobody here speaks is an error, too
        except UriError as error:
            return f"{value}: {error}"
        if ":" in uri.host and not ipv6:
            return f"{value}: an IPv6 address"
    return ""


def refresh_wait(retry_after: str, chance: float) -> float:
    """Seconds until a refused refresh is tried again: as the peer says, or 2.1 to 4 (RFC 3261, 14.1)."""
    found = re.match(r"\s*([0-9]{1,4})", retry_after)
    return min(_LONGEST_WAIT, max(1.0, float(found[1]))) if found else 2.1 + 1.9 * chance
