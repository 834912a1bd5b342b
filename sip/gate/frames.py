"""What the front and the workers behind it say to each other over a Unix socket. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from config.sections.trunks import Tls
from sip.gate.calls import Flow

#: Worker to front: ``send`` a message, ``holds`` a call, and ``drops`` it when it is long over.
#: Front to worker: a message ``came``, a connection is ``lost``, a datagram was ``refused`` (ICMP).
Kind = Literal["send", "holds", "drops", "came", "lost", "refused"]


_CALL_ID = re.compile(rb"^(?:Call-ID|i)[ \t]*:[ \t]*([^\r\n\t ]{1,256})", re.IGNORECASE | re.MULTILINE)
NOWHERE = Flow("udp", "", 0)


@dataclass(frozen=True, slots=True)
class Frame:
    """One thing said. ``flow`` is the front's: key 0 is the connection that the front opens by itself."""

    kind: Kind
    flow: Flow = NOWHERE
    call_id: str = ""
    #: For ``send`` over TLS: the name in the peer's certificate, and our own certificates.
    name: str = ""
    tls: Tls = field(default_factory=Tls)
    #: For ``lost``.
    reason: str = ""
    data: bytes = b""

    def dump(self) -> bytes:
        """A line of JSON, and the data behind it."""
        flow = self.flow
        tls = self.tls.model_dump_json(exclude_defaults=True) if flow.transport == "tls" else "{}"
        head = [self.kind, flow.transport, flow.address, flow.port, flow.key]
        return json.dumps([*head, self.call_id, self.name, tls, self.reason]).encode() + b"\n" + self.data


def load(data: bytes) -> Frame:
    """Read what :meth:`Frame.dump` wrote; ValueError for anything else."""
    head, _, rest = data.partition(b"\n")
    try:
        kind, transport, address, port, key, call_id, name, tls, reason = json.loads(head)
        return Frame(kind, Flow(transport, address, port, key), call_id, name, _tls(tls), reason, rest)
    except TypeError as error:
        raise ValueError(str(error)) from error


@lru_cache(64)
def _tls(text: str) -> Tls:
    return Tls.model_validate_json(text)


def call_id_in(data: bytes) -> str:
    """The Call-ID of a message, as far as a glance tells; empty without one."""
    found = _CALL_ID.search(data)
    return found[1].decode("utf-8", "replace") if found else ""
