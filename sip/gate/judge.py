"""What a peer's message is worth, told from the message alone. Pure (RFC 3261 section 8.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sip.gate.description import DescriptionError, clean
from sip.gate.message import Message, is_token
from sip.gate.uris import UriError, parse_uri
from sip.gate.vias import parse_via

#: What we take within a dialog, as Allow says it.
ALLOW = "INVITE, ACK, BYE, CANCEL, UPDATE, INFO, OPTIONS, PRACK"
#: Option tags that may stand in a Require to us (RFC 3261 section 20.32).
SUPPORTED = frozenset({"timer", "100rel", "replaces", "norefersub"})
MOST_VIAS = 70
_KEYS = re.compile(r"[0-9*#A-Da-d]")


@dataclass(frozen=True, slots=True)
class RequestRefusal:
    """A request is not taken: the status, with what else the answer says. Status 0: not even an answer."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...] = ()


def judge_request(message: Message) -> RequestRefusal | None:
    """What is wrong with a request in itself; None where nothing is."""
    vias = message.all("Via")
    if len(vias) > MOST_VIAS or any(parse_via(via) is None for via in vias):
        return RequestRefusal(400, "Bad Via")
    if message.junk_lines:
        return RequestRefusal(400, "A line that is no header")
    if not message.from_tag:
        return RequestRefusal(400, "No tag in From")
    if message.method == "ACK":
        return None
    if not re.match(r"sips?:", message.uri, re.IGNORECASE):
        return (
            RequestRefusal(416, "Unsupported URI Scheme")
            if ":" in message.uri
            else RequestRefusal(400, "Bad request URI")
        )
    try:
        parse_uri(message.uri)
    except UriError:
        return RequestRefusal(400, "Bad request URI")
    hops = message.get("Max-Forwards") or "70"
    if not re.fullmatch(r"[0-9]{1,5}", hops):
        return RequestRefusal(400, "Bad Max-Forwards")
    if int(hops) == 0:
        return RequestRefusal(483, "Too Many Hops")
    if message.method != "CANCEL":
        strange = [tag for tag in message.all("Require") if tag.lower() not in SUPPORTED]
        if strange:
            named = ", ".join(tag for tag in strange[:10] if is_token(tag)) or "unknown"
            return RequestRefusal(420, "Bad Extension", (("Unsupported", named),))
    return None


def judge_body(message: Message) -> RequestRefusal | None:
    """Whether a session description, and nothing else, is in an INVITE, UPDATE or their like."""
    if not message.body.strip():
        return None
    kind = message.get("Content-Type").partition(";")[0].strip().lower()
    if message.get("Content-Encoding").strip().lower() not in ("", "identity"):
        return RequestRefusal(415, "Unsupported Media Type", (("Accept-Encoding", "identity"),))
    if kind != "application/sdp":
        return RequestRefusal(415, "Unsupported Media Type", (("Accept", "application/sdp"),))
    try:
        clean(message.body, is_answer=False)
    except DescriptionError as error:
        return RequestRefusal(488, "Not Acceptable Here", (("Warning", f'399 ringback "{error}"'),))
    return None


def elsewhere(message: Message) -> RequestRefusal | None:
    """What a method gets that nobody here takes, within a dialog or outside of one; None for one that is."""
    match message.method:
        case "INVITE" | "ACK" | "BYE" | "CANCEL" | "UPDATE" | "INFO" | "OPTIONS" | "PRACK":
            return None
        case "REFER":
            return RequestRefusal(603, "Decline")
        case "SUBSCRIBE" | "NOTIFY":
            return RequestRefusal(489, "Bad Event", (("Allow", ALLOW),))
        case _:
            return RequestRefusal(405, "Method Not Allowed", (("Allow", ALLOW),))


def key_in(message: Message) -> str | RequestRefusal | None:
    """The key that an INFO presses, a refusal, or None for one that presses none and is fine (RFC 6086)."""
    if message.get("Info-Package"):
        return RequestRefusal(469, "Bad Info Package", (("Recv-Info", ""),))
    text = message.body.decode("ascii", "replace").strip()
    kind = message.get("Content-Type").partition(";")[0].strip().lower()
    if not text and kind in ("", "application/dtmf", "application/dtmf-relay"):
        return None
    if kind == "application/dtmf-relay":
        found = re.search(r"(?im)^\s*Signal\s*=\s*(\S*)", text)
        key = found[1] if found else ""
    elif kind == "application/dtmf":
        key = re.sub(r"(?i)^\s*(signal|d)\s*=\s*", "", text).split("\n")[0].strip()
    else:
        return RequestRefusal(400, "No Key in It", (("Accept", "application/dtmf-relay, application/dtmf"),))
    if key in ("10", "11"):
        key = "*" if key == "10" else "#"
    return key.upper() if _KEYS.fullmatch(key) else None


def judge_response(message: Message) -> str:
    """What is wrong with a response in itself; empty where nothing is."""
    if len(message.all("Via")) != 1:
        return "more than one Via (RFC 3261 section 8.1.3.3)"
    if message.status // 100 == 2 and not message.to_tag:
        return "a 2xx without a tag in To"
    return ""


def number_in(message: Message, name: str, largest: int) -> int | None:
    """A header that is a number, perhaps with parameters; None where it is none."""
    found = re.match(r"\s*([0-9]{1,10})(?![0-9.])", message.get(name))
    return min(int(found[1]), largest) if found else None
