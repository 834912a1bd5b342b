"""How a dialog of ours would be ended by another process, as a record. Pure."""

from __future__ import annotations

import re

from sip.gate.message import Message
from sip.gate.records import CSEQ_LEAP, Record
from switch.invite_plan import InvitePlan

_ADDRESS = re.compile(r"sips?:(?:[^@;?]*@)?(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?(?:[;?].*)?")

#: What a peer writes into our Via.
_ADDED = re.compile(r";\s*(received|rport)\s*=[^;,]*")


def record_of(way: InvitePlan, told: Message, *, answered: bool, trunk: str) -> Record | None:
    """BYE once it is answered, CANCEL before; ``told`` is the last response of the peer's to our INVITE."""
    if not told.status:
        return None  # an INVITE of the peer's: its end is the peer's to notice
    if not answered:
        via = _ADDED.sub(lambda found: _as_sent(found[1]), told.lines("Via")[0])
        return Record(
            "CANCEL", way.uri, way.routes, told.get("From"), _without_tag(told.get("To")), told.call_id,
            told.cseq, via, way.transport, way.address, way.port, way.local_address, trunk,
        )  # fmt: skip
    routes = tuple(reversed(told.all("Record-Route")))
    target = _uri_in(told.get("Contact")) or way.uri
    address, port = way.address, way.port
    found = _ADDRESS.fullmatch(_uri_in(routes[0]) if routes else target)
    if found is not None and not way.nat:
        address = found[1] or found[2]
        port = int(found[3]) if found[3] else 5061 if way.transport == "tls" else 5060
    return Record(
        "BYE", target, routes, told.get("From"), told.get("To"), told.call_id, told.cseq + CSEQ_LEAP, "",
        way.transport, address, port, way.local_address, trunk,
    )  # fmt: skip


def cancel_of(record: Record) -> bytes:
    """The CANCEL that a record describes (RFC 3261 section 9.1), for the wire."""
    lines = [
        f"CANCEL {record.uri} SIP/2.0",
        f"Via: {record.via}",
        *(f"Route: {route}" for route in record.routes),
        "Max-Forwards: 70",
        f"From: {record.from_}",
        f"To: {record.to}",
        f"Call-ID: {record.call_id}",
        f"CSeq: {record.cseq} CANCEL",
        "Content-Length: 0",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def _as_sent(parameter: str) -> str:
    return ";rport" if parameter == "rport" else ""


def _without_tag(value: str) -> str:
    return re.sub(r";\s*tag\s*=[^;,\s]*", "", value, flags=re.I)


def _uri_in(value: str) -> str:
    return value.partition("<")[2].partition(">")[0]
