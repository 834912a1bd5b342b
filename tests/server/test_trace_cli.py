"""``ringback trace`` against the real API over HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path

from tests.aio import asyncio_test
from tests.api.serving import Server
from tests.api.test_traces import a_sighting
from tests.server.test_kept_cli import Commands, refusal, running


async def traced(server: Server, ringback: Commands, *options: str) -> str:
    """What the command prints of one message; it looks for a second."""
    command = asyncio.create_task(ringback("trace", "--seconds", "1", *options))
    while not server.world.traces.wish.all:  # noqa: ASYNC110 - the request is on its way
        await asyncio.sleep(0.01)
    bye = "BYE sip:a SIP/2.0\r\nX: \x1b[2Jy\r\n\r\n"
    server.world.traces.sighted(a_sighting(at=1_700_000_000.25, text=bye))
    return await asyncio.wait_for(command, 10)


@asyncio_test
async def test_in_the_terminal_in_json_and_in_a_file(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        head, first, second, *_ = (await traced(server, ringback)).splitlines()
        assert head == "22:13:20.250 udp 192.0.2.1:5100 --> 192.0.2.7:5060 carrier 0123abcd-b1"
        assert (first, second) == ("  BYE sip:a SIP/2.0", "  X:  [2Jy")
        told = (await traced(server, ringback, "--json")).splitlines()
        assert json.loads(told[0])["call_id"] == "0123abcd"
        file = tmp_path / "trace.txt"
        await traced(server, ringback, "--save", str(file))
        assert "BYE sip:a SIP/2.0" in file.read_text()
        assert "no trunk of the settings" in await refusal(ringback, "trace", "--trunk", "nothing")


@asyncio_test
async def test_to_a_capture_server(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, ringback):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as homer:
            homer.bind(("127.0.0.1", 0))
            homer.settimeout(5)
            told = await traced(server, ringback, "--hep", f"127.0.0.1:{homer.getsockname()[1]}")
            data = await asyncio.to_thread(homer.recv, 65536)
            assert data.startswith(b"HEP3")
            assert data.endswith(b"BYE sip:a SIP/2.0\r\nX: \x1b[2Jy\r\n\r\n")
            assert told.splitlines() == ["1 message"]
