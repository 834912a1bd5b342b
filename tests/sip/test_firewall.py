"""Unknown sources get no answer; known ones, as soon as they are known, do."""

import asyncio
import contextlib
import socket
from ipaddress import ip_network

import pytest

from bridge.events import LegAnswered
from config.sections.trunks import Trunk
from sip.firewall import AllowedNetwork, attach, build_program
from tests.aio import asyncio_test
from tests.sip.core import Worker, stage
from tests.sip.uas import Phone


def message(method: str, worker: Worker, source: tuple[str, int], user: str = "x") -> bytes:
    return (
        f"{method} sip:{user}@127.0.0.1:{worker.sip_port} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {source[0]}:{source[1]};branch=z9hG4bK{source[1]}{method};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:{user}@c>\r\n"
        f"Call-ID: {source[1]}{method}\r\nCSeq: 1 {method}\r\nContact: <sip:a@{source[0]}:{source[1]}>\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()


async def ask(worker: Worker, host: str, method: str, user: str = "x", patience: float = 5.0) -> str | None:
    """What a source gets for a request: the first line of the final response, or None for silence."""
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setblocking(False)
        sock.bind((host, 0))
        request = message(method, worker, sock.getsockname(), user)
        await loop.sock_sendto(sock, request, ("127.0.0.1", worker.sip_port))
        with contextlib.suppress(TimeoutError):
            while True:
                line = (
                    (await asyncio.wait_for(loop.sock_recv(sock, 4096), patience)).split(b"\r\n")[0].decode()
                )
                if not line.startswith("SIP/2.0 1"):
                    return line
    return None


def test_the_kernel_agrees():
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as friend,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger,
    ):
        ours.bind(("127.0.0.1", 0))
        ours.settimeout(0.2)
        friend.bind(("127.0.5.1", 0))
        stranger.bind(("127.0.6.1", 0))
        attach(ours.fileno(), build_program([AllowedNetwork(ip_network("127.0.5.0/24"))]))
        for sock in (stranger, friend, stranger):
            sock.sendto(b"hello", ours.getsockname())
        assert ours.recvfrom(100)[1] == friend.getsockname()
        with pytest.raises(TimeoutError):
            ours.recv(100)
        attach(ours.fileno(), build_program([AllowedNetwork(ip_network("127.0.6.1"))]))
        friend.sendto(b"hello", ours.getsockname())
        stranger.sendto(b"hello", ours.getsockname())
        assert ours.recvfrom(100)[1] == stranger.getsockname()


@pytest.mark.pjsua2
@asyncio_test(timeout=90)
async def test_strangers_get_nothing_and_friends_a_refusal():
    trunks = {"t": Trunk(host="127.0.3.1", addresses=(ip_network("127.0.4.0/24"),))}
    async with stage(trunks=trunks) as (worker, _):
        assert await ask(worker, "127.0.9.9", "OPTIONS", patience=0.4) is None
        assert await ask(worker, "127.0.9.9", "INVITE", patience=0.4) is None
        assert (
            await ask(worker, "127.0.0.1", "INVITE", patience=0.4) is None
        )  # a local process that is no worker
        assert await ask(worker, "127.0.3.1", "OPTIONS") == "SIP/2.0 200 OK"
        assert await ask(worker, "127.0.4.77", "INVITE") == "SIP/2.0 403 Forbidden"
        for _ in range(6):  # each refusal gives its slot back
            assert await ask(worker, "127.0.4.77", "INVITE", "y") == "SIP/2.0 403 Forbidden"
        await worker.await_tie("tie", "s3cret")
        assert await ask(worker, "127.0.4.77", "INVITE", "s3cret") == "SIP/2.0 403 Forbidden"


@asyncio_test(timeout=90)
async def test_the_host_of_a_bare_uri_is_let_in_before_it_is_called():
    async with stage() as (worker, _):
        phone = await Phone.start(host="127.0.7.1")
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        phone.close()


@asyncio_test(timeout=90)
async def test_a_name_is_looked_up_off_the_reactor():
    def trunks(phones):
        return {"t": Trunk(host=f"localhost:{phones[0].port}")}

    async with stage(trunks=trunks) as (worker, phone):
        worker.dial("a", f"sip:x@localhost:{phone.port}", "t")
        invite = await phone.expect(f"INVITE sip:x@localhost:{phone.port} SIP/2.0")
        assert not invite.get("Route")
        await worker.expect(LegAnswered, "a")
