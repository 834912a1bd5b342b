"""A dialog as a record, enough for another process to end it in this one's place."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from sip.gate.calls import Call, remote_value, way_to
from sip.gate.tables import Tables
from sip.gate.uris import Transport, Uri, UriError

#: How far beyond the last CSeq that is known another process goes: requests of ours may have followed.
CSEQ_LEAP = 10_000


@dataclass(frozen=True, slots=True)
class Record:
    """BYE, or before an answer CANCEL, as data: all that a request to end this dialog says."""

    method: str
    uri: str
    routes: tuple[str, ...]
    from_: str
    to: str
    call_id: str
    cseq: int
    #: For CANCEL alone: the Via of the INVITE.
    via: str
    #: Where it goes.
    transport: Transport
    address: str
    port: int
    #: Our address as the peer sees it, and the trunk, if any.
    local_address: str
    trunk: str

    def dump(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self))


def load(text: str) -> Record:
    """Read what :meth:`Record.dump` wrote; ValueError for anything else."""
    try:
        given = json.loads(text)
        return Record(**{**given, "routes": tuple(given["routes"])})
    except (TypeError, KeyError) as error:
        raise ValueError(str(error)) from error


def record_of(call: Call, tables: Tables) -> Record | None:
    """The record of a call that rings or stands; None where there is nothing to end."""
    hop, peer = call.hop, call.peer
    if peer is None:
        invite = next((one for one in tables.invites_of(call) if one.flow is not None), None)
        if invite is None or invite.flow is None:
            return None
        asked, flow = invite.message, invite.flow
        return Record(
            "CANCEL", asked.uri, tuple(asked.lines("Route")), asked.get("From"), asked.get("To"),
            call.call_id, asked.cseq, asked.get("Via"), flow.transport, flow.address, flow.port,
            hop.local_address, hop.trunk,
        )  # fmt: skip
    try:
        way = way_to(peer, hop)
        address, port, transport = _destination(call, way.next_hop)
    except UriError:
        return None
    return Record(
        "BYE", way.uri, way.routes, call.local, remote_value(call, peer), call.call_id,
        call.local_cseq + CSEQ_LEAP, "", transport, address, port, hop.local_address, hop.trunk,
    )  # fmt: skip


def _destination(call: Call, next_hop: Uri) -> tuple[str, int, Transport]:
    hop, seen = call.hop, call.peer.seen_at if call.peer else None
    if hop.nat and seen is not None:
        return seen.address, seen.port, seen.transport
    if hop.route:
        return hop.address, hop.port, hop.transport
    transport: Transport = next_hop.transport or hop.transport
    host = next_hop.where[0]
    port = next_hop.where[1] or (5061 if transport == "tls" else 5060)
    return (hop.address if host == hop.name else host), port, transport
