"""HEP3 as a capture server reads it."""

from __future__ import annotations

import struct

from server.hep import packet


def chunks(data: bytes) -> dict[int, bytes]:
    """Read by the format's own description: vendor, type, length of the whole chunk, value."""
    assert data[:4] == b"HEP3"
    assert struct.unpack("!H", data[4:6])[0] == len(data)
    found, at = {}, 6
    while at < len(data):
        vendor, kind, length = struct.unpack("!HHH", data[at : at + 6])
        assert vendor == 0
        found[kind] = data[at + 6 : at + length]
        at += length
    assert at == len(data)
    return found


def test_a_message_and_where_it_went() -> None:
    told = chunks(
        packet(
            at=1_700_000_000.25,
            source=("192.0.2.1", 5100),
            destination=("198.51.100.7", 5060),
            transport="udp",
            payload=b"OPTIONS sip:a SIP/2.0\r\n\r\n",
            correlation="c1",
        )
    )
    assert (told[1], told[2], told[11]) == (b"\x02", b"\x11", b"\x01")
    assert (told[3], told[4]) == (bytes([192, 0, 2, 1]), bytes([198, 51, 100, 7]))
    assert struct.unpack("!HHII", told[7] + told[8] + told[9] + told[10]) == (
        5100,
        5060,
        1_700_000_000,
        250_000,
    )
    assert (told[15], told[17]) == (b"OPTIONS sip:a SIP/2.0\r\n\r\n", b"c1")
