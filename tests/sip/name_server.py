"""A name server of the test's own on loopback: it answers from a table that the test may change."""

from __future__ import annotations

import asyncio
from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import maybeDeferred
from twisted.names import dns

_RECORDS = {
    "A": lambda ttl, address: dns.Record_A(address, ttl),
    "SRV": lambda ttl, priority, weight, port, target: dns.Record_SRV(
        priority, weight, port, target.encode(), ttl
    ),
    "NAPTR": lambda ttl, order, preference, flags, service, replacement: dns.Record_NAPTR(
        order, preference, flags.encode(), service.encode(), b"", replacement.encode(), ttl
    ),
    "CNAME": lambda ttl, name: dns.Record_CNAME(name.encode(), ttl),
}


class NameServer:
    """``zone[name][kind]`` is a list of records; a name without an entry does not exist."""

    def __init__(self, zone: dict[str, dict[str, list[Any]]] | None = None, ttl: int = 60) -> None:
        self.zone = zone or {}
        self.ttl = ttl
        #: "mute" says nothing at all, "broken" answers SERVFAIL.
        self.mood = ""
        self.asked: list[tuple[str, str]] = []
        self._protocol = dns.DNSDatagramProtocol(self, reactor=reactor)
        self._port = reactor.listenUDP(0, self._protocol, interface="127.0.0.1")
        self.address = ("127.0.0.1", self._port.getHost().port)

    def messageReceived(self, message: Any, protocol: Any, address: Any) -> None:  # noqa: N802
        query = message.queries[0]
        name, kind = query.name.name.decode().lower(), dns.QUERY_TYPES.get(query.type, str(query.type))
        self.asked.append((name, kind))
        if self.mood == "mute":
            return
        answer = dns.Message(id=message.id, answer=1, recAv=1, rCode=dns.OK)
        answer.queries = message.queries
        if self.mood == "broken":
            answer.rCode = dns.ESERVER
        elif name not in self.zone:
            answer.rCode = dns.ENAME
        else:
            for values in self.zone[name].get(kind, []):
                values = values if isinstance(values, tuple) else (values,)
                record = _RECORDS[kind](self.ttl, *values)
                answer.answers.append(dns.RRHeader(name, record.TYPE, dns.IN, self.ttl, record))
        protocol.writeMessage(answer, address)

    async def stop(self) -> None:
        await maybeDeferred(self._port.stopListening).asFuture(asyncio.get_running_loop())
