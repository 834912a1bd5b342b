"""Why a call was ended stands in a header that pjsua2 shows to nobody: a raw caller proves we read it."""

from __future__ import annotations

import socket

import pytest

from phones import wire
from phones.control import Phone
from tests.aio import asyncio_test

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\na=sendrecv\r\n"
)


@pytest.mark.parametrize("reason", ['SIP;cause=200;text="Call completed elsewhere"', None])
@asyncio_test(timeout=10)
async def test_the_reason_of_a_cancel(reason: str | None) -> None:
    async with Phone.start("phone", wire.Script(then="nothing")) as phone:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
            caller.bind(("127.0.0.1", 0))
            caller.connect(("127.0.0.1", phone.port))
            own = f"127.0.0.1:{caller.getsockname()[1]}"
            caller.send(_request("INVITE", own, "Content-Type: application/sdp", _SDP))
            await phone.expect(wire.Ringing)
            caller.send(_request("CANCEL", own, f"Reason: {reason}" if reason else "X-Reason: none", ""))
            ended = await phone.expect(wire.Ended)
    assert (ended.status, ended.reason) == (487, reason)


def _request(method: str, own: str, header: str, body: str) -> bytes:
    return (
        f"{method} sip:phone@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKraw\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:raw@{own}>;tag=1\r\nTo: <sip:phone@127.0.0.1>\r\n"
        f"Call-ID: raw\r\nCSeq: 1 {method}\r\nContact: <sip:raw@{own}>\r\n{header}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
