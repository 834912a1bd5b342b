"""The NG protocol against a scripted rtpengine, and against the real one: starts, deaths, take-overs."""

import asyncio
import json
import os
import signal
import socket
import time

import pytest

from config.fields import PortRange
from switch.ng import NgClient, NgError, NgGoneError
from switch.rtpengine import Rtp, Rtpengine, RtpengineError, command_line, may_be_realtime
from tests.aio import asyncio_test
from tests.sip.core import free_range


class Scripted(asyncio.DatagramProtocol):
    """Answers as told: each request gets the next of these answers, None for silence."""

    def __init__(self, *answers) -> None:
        self.answers, self.got = list(answers), []

    def connection_made(self, transport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr) -> None:
        self.got.append(data)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.transport.sendto(data.partition(b" ")[0] + b" " + body, addr)


async def scripted(*answers):
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Scripted(*answers), local_addr=("127.0.0.1", 0)
    )
    return server, await NgClient.connect(*transport.get_extra_info("sockname"))


@pytest.mark.parametrize(
    "odd", [b"odd", b"", b"[]", b"7", b"\xff", b'{"result":', b"[" * 5000, b"d6:result2:oke"]
)
@asyncio_test
async def test_a_lost_answer_and_an_odd_one_are_asked_for_again_by_the_same_cookie(odd):
    server, client = await scripted(None, odd, {"result": "ok", "sdp": "x"})
    assert (await client.ask("offer", call_id="c", from_tag="a"))["sdp"] == "x"
    assert len(set(server.got)) == 1
    assert len(server.got) == 3
    assert json.loads(server.got[0].partition(b" ")[2]) == {
        "command": "offer",
        "call-id": "c",
        "from-tag": "a",
    }
    client.close()


@asyncio_test
async def test_a_refusal_is_told_with_its_reason():
    _, client = await scripted({"result": "error", "error-reason": "Unknown call-id"})
    with pytest.raises(NgError, match="Unknown call-id"):
        await client.ask("query", call_id="c")
    client.close()


@asyncio_test
async def test_an_rtpengine_that_hangs_is_given_up():
    _, client = await scripted()
    began = time.monotonic()
    with pytest.raises(NgGoneError):
        await client.ask("ping")
    assert 2.5 < time.monotonic() - began < 10
    client.close()


@asyncio_test
async def test_a_port_where_nobody_listens_is_told_at_once():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    told = []
    client = await NgClient.connect("127.0.0.1", port, lambda: told.append(1))
    began = time.monotonic()
    answers = await asyncio.gather(client.ask("ping"), client.ask("ping"), return_exceptions=True)
    assert all(isinstance(answer, NgGoneError) for answer in answers)
    assert time.monotonic() - began < 2
    assert told
    client.close()


def rtp() -> Rtp:
    first = free_range(64)
    return Rtp(None, PortRange(first, first + 63))


@asyncio_test(timeout=60)
async def test_rtpengine_outlives_its_switch_and_its_death_is_told_at_once(tmp_path):
    gone: list[str] = []
    first = Rtpengine(tmp_path, rtp(), lambda: gone.append("first"))
    await first.start()
    daemon = first.daemon
    first.let_go()  # as if that switch had died
    second = Rtpengine(tmp_path, rtp(), lambda: gone.append("second"))
    client = await second.start()
    assert second.daemon == daemon
    assert (await client.ask("ping"))["result"] == "pong"
    os.kill(daemon.pid, signal.SIGKILL)
    asked = asyncio.ensure_future(client.ask("ping"))
    for _ in range(200):
        if gone:
            break
        await asyncio.sleep(0.01)
    assert gone == ["second"]
    with pytest.raises(NgGoneError):
        await asked
    third = Rtpengine(tmp_path, rtp(), lambda: gone.append("third"))
    await third.start()
    assert third.daemon.pid != daemon.pid
    await third.stop()
    assert gone == ["second"]
    assert not (tmp_path / "rtpengine.json").exists()


@asyncio_test(timeout=60)
async def test_why_rtpengine_does_not_start_is_told(tmp_path):
    with pytest.raises(RtpengineError, match="apt-get install rtpengine-daemon"):
        await Rtpengine(tmp_path, rtp(), lambda: None, program="no-such-rtpengine").start()
    nowhere = Rtp("nowhere", PortRange(30000, 30010))
    with pytest.raises(RtpengineError, match="did not start"):
        await Rtpengine(tmp_path, nowhere, lambda: None).start()


def test_how_it_is_started(tmp_path):
    where = Rtp("10.0.0.5", PortRange(20000, 20999))
    line = command_line("rtpengine", where, 2223, 2224, tmp_path, realtime=True)
    assert {"--interface=loop/127.0.0.1", "--interface=external/10.0.0.5"} <= set(line)
    assert {"--table=-1", "--num-threads=2", "--dtmf-log-dest=127.0.0.1:2224", "--scheduling=rr"} <= set(line)
    many = Rtp("10.0.0.5", PortRange(20000, 20999), None, ("10.1.0.5",))
    line = command_line("rtpengine", many, 2223, 2224, tmp_path, realtime=True)
    assert {"--interface=external/10.0.0.5", "--interface=10.1.0.5/10.1.0.5"} <= set(line)
    assert "--scheduling=rr" not in command_line("rtpengine", where, 1, 2, tmp_path, realtime=False)
    assert may_be_realtime("CapEff:\t000001ffffffffff\n", 0)
    assert may_be_realtime("CapEff:\t0000000000000000\n", 2)
    assert not may_be_realtime("CapEff:\t0000000000000000\n", 0)
