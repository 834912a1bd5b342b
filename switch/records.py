"""How a dialog of ours would be ended by another process, as a record. Pure."""

from __future__ import annotations

import re

from sip.gate.message import Message
from sip.gate.records import CSEQ_LEAP, Record
from switch.invite_plan import InvitePlan

_ADDRESS = re.compile(r"sips?:(?:[^@;?]*@)?(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?(?:[;?].*)?")

#: What a peer writes into our Via.
_ADDED = re.compile(r";\s*(received|rport)\s*=[^;,]*")


def record_of(
    way: InvitePlan, sent: Message | None, told: Message | None, *, answered: bool, trunk: str
) -> Record | None:
    """BYE once it is answered, CANCEL before.

    ``sent`` is our INVITE, and ``told`` the last response to one of ours.
    """
    told = told if told is not None and told.status else None  # an INVITE of the peer's is theirs to end
    if not answered:
        # The INVITE that stands: another one has followed where the first was challenged.
        last = max((one for one in (told, sent) if one is not None), key=lambda one: one.cseq, default=None)
        if last is None:
            return None
        via = _ADDED.sub(lambda found: _as_sent(found[1]), last.lines("Via")[0])
        return Record(
            "CANCEL", way.uri, way.routes, last.get("From"), _without_tag(last.get("To")), last.call_id,
            last.cseq, via, way.transport, way.address, way.port, way.local_address, trunk,
        )  # fmt: skip
    if told is None:
        return None
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
