"""Who is heard on a leg's ports: the right source alone, whatever strangers send and the kernel allows."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from ipaddress import ip_network

import pytest

from bridge.commands import Join
from switch import node_media
from switch.borrowing import BorrowedSockets
from switch.sdp import read
from switch.sources import rtcp_of
from tests.aio import asyncio_test
from tests.sip.core import until
from tests.sip.test_strangers import Stranger
from tests.sip.uas import level
from tests.switch.stage import QUIET, describe, stage

LISTED = (ip_network("127.0.55.0/24"),)


async def noise(it, stranger: Stranger, target: tuple[str, int], seconds: float = 0.6) -> None:
    """The stranger's 1000 Hz at a leg's port."""
    for _ in range(round(seconds / 0.02)):
        stranger.rtp(target, 1)
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("guarded", [True, False])
@asyncio_test(timeout=60)
async def test_where_addresses_are_listed_no_stranger_is_heard_from_the_first_packet_on(tmp_path, guarded):
    """Even where the kernel lends us no socket of rtpengine's: then the SDP alone counts."""
    async with stage(tmp_path, guarded=guarded) as it:
        await it.dial("c-a", 440, listed=LISTED)
        await it.dial("c-b", 880, listed=LISTED)
        it.phones["c-a"].hush()
        stranger = Stranger()
        sending = asyncio.ensure_future(noise(it, stranger, it.phones["c-a"].peer, 1.5))
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-a", 880)
        while not sending.done():
            assert level(it.phones["c-b"].heard(0.25), 1000) < QUIET
            await asyncio.sleep(0.1)
        await sending
        it.phones["c-a"].speak(440)
        await it.hears("c-b", 440, not_=(1000,))
        assert stranger.heard() == 0


@asyncio_test(timeout=60)
async def test_a_new_sdp_moves_the_source_and_the_former_one_is_deaf(tmp_path):
    async with stage(tmp_path) as it:
        await it.dial("c-a", 440)
        await it.dial("c-b", 880)
        it.media.perform(Join("c-a", "c-b"))
        await it.hears("c-b", 440)
        before = it.phones["c-a"]
        _, moved = await asyncio.get_running_loop().create_datagram_endpoint(
            type(before), local_addr=("127.0.0.1", 0)
        )
        moved.peer = before.peer
        it.phones["c-a"] = moved
        await it.media.take_offer("c-a", describe(moved.port, "PCMU"), it.terms())
        await it.hears("c-b", not_=(440,))  # the former source speaks on
        moved.speak(1300)
        await it.hears("c-b", 1300, not_=(440,))
        await it.hears("c-a", 880)
        before.hush()
        before.transport.close()


@asyncio_test(timeout=60)
async def test_ports_of_a_leg_that_ended_are_free_again(tmp_path):
    """A guard holds sockets of its own at a leg's ports: no call may lose them."""
    async with stage(tmp_path) as it:
        for number in range(40):  # of 128 ports, four for each leg
            await it.dial(f"{number}-a", 440)
            it.phones[f"{number}-a"].hush()
            await it.media.close(f"{number}-a")
        assert not it.owner.broken
        await until(lambda: len(taken(it)) < 10)
        # A long hunt takes no more ports than ring at once, though the call goes on.
        await it.dial("c-a", 440)
        before = len(taken(it))
        for number in range(3):
            await it.dial(f"c-{number}", 440)
            await it.media.close(f"c-{number}")
            await until(lambda: len(taken(it)) == before)


def taken(it) -> list[int]:
    """The ports that rtpengine and we have open."""
    found = []
    for port in range(it.ports.first, it.ports.last + 1):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                found.append(port)
    return found


HOLDER = """
import socket, sys
held = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(60)]
for one in held:
    one.bind(("127.0.0.1", 0))
print(*[one.getsockname()[1] for one in held], flush=True)
for line in sys.stdin:
    number = int(line)
    held[number].close()
    held[number] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    held[number].bind(("127.0.0.1", 0))
    print(held[number].getsockname()[1], flush=True)
"""


def test_sockets_of_another_process_are_found_by_their_ports():
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        ports = list(map(int, holder.stdout.readline().split()))
        borrowed = BorrowedSockets(holder.pid)
        for pair in zip(ports[::2], ports[1::2], strict=True):
            found = borrowed.find(*(("127.0.0.1", port) for port in pair))
            assert [sock.getsockname()[1] for sock in found] == list(pair)
            for sock in found:
                sock.close()
        # One is closed there, and another one opened in its place.
        borrowed.let_go(("127.0.0.1", ports[7]))
        holder.stdin.write("7\n")
        holder.stdin.flush()
        renewed = int(holder.stdout.readline())
        (sock,) = borrowed.find(("127.0.0.1", renewed))
        assert sock.getsockname()[1] == renewed
        sock.close()
        with pytest.raises(OSError, match="no socket at"):
            borrowed.find(("127.0.0.1", 1))
        borrowed.close()
        holder.stdin.close()


def test_a_kernel_that_lends_nothing_is_told_in_the_log(monkeypatch, capfd):
    def refuses(pid: int) -> BorrowedSockets:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(node_media, "BorrowedSockets", refuses)
    assert node_media.borrowed_of(1) is None
    assert "media_sources_unguarded" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", None),
        ("a=rtcp-mux", None),
        ("a=rtcp:4003", "192.0.2.9:4003"),
        ("a=rtcp:4005 IN IP4 192.0.2.7", "192.0.2.7:4005"),
    ],
)
def test_reports_come_from_where_the_sdp_says(line, told):
    sdp = describe(4000, "PCMU", host="192.0.2.9") + (f"{line}\r\n" if line else "")
    found = rtcp_of(read(sdp))
    assert (str(found) if found else None) == told
