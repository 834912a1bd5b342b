"""SIP messages as they pass: who may see them, which, and that nothing is told while nobody looks."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import ClientDisconnect

from api.askers import SERVER
from api.operator.traces import TraceEndpoints
from bridge.tracing import Sighting, TraceWish
from media.traces import MOST_TRACES, MOST_WAITING, SipTraces, TooManyTracesError
from tests.aio import asyncio_test
from tests.api.pages import listening
from tests.api.serving import serving
from tests.api.shop import admin

MESSAGE = "BYE sip:+16175550123@192.0.2.7 SIP/2.0\r\nCall-ID: x\r\n\r\n"


def a_sighting(leg_id: str = "0123abcd-b1", trunk: str = "carrier", **changes: Any) -> Sighting:
    told: dict[str, Any] = {"at": 1.0, "sent": True, "transport": "udp", "text": MESSAGE, **changes}
    return Sighting(
        local_address="192.0.2.1", local_port=5100, peer_address="192.0.2.7", peer_port=5060,
        leg_id=leg_id, trunk=trunk, **told,
    )  # fmt: skip


async def lines(address: str, count: int, **params: str) -> list[dict[str, Any]]:
    """The first messages that a trace shows."""
    found: list[dict[str, Any]] = []
    async with (
        httpx.AsyncClient(base_url=f"http://{address}") as http,
        http.stream("GET", "/v1/trace", params=params, headers=admin()) as answer,
    ):
        assert answer.status_code == 200
        async for line in answer.aiter_lines():
            found += [json.loads(line)] if line else []
            if len(found) == count:
                break
    return found


@asyncio_test
async def test_a_call_is_followed_while_somebody_looks(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address):
        looking = asyncio.create_task(lines(address, 2, call="0123"))
        while not server.world.wishes:  # noqa: ASYNC110 - the request is on its way
            await asyncio.sleep(0.01)
        assert server.world.wishes == [TraceWish(leg_ids=("0123",))]
        for leg_id in ("0123abcd-s1", "ffff-s1", "", "0123abcd-b1"):
            server.world.traces.sighted(a_sighting(leg_id))
        first, second = await asyncio.wait_for(looking, 5)
        assert (first["leg_id"], first["call_id"]) == ("0123abcd-s1", "0123abcd")
        assert second["leg_id"] == "0123abcd-b1"
        assert "+16175550123" not in first["text"]
        assert first["text"].endswith("SIP/2.0\r\nCall-ID: x\r\n\r\n")
        for _ in range(500):
            if len(server.world.wishes) == 2:
                break
            server.world.traces.sighted(a_sighting())  # who has left learns it by what is sent
            await asyncio.sleep(0.01)
        assert server.world.wishes[1:] == [TraceWish()]


@asyncio_test
async def test_whole_numbers_for_who_asks_and_an_end(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address):
        looking = asyncio.create_task(lines(address, 9, seconds="1", full_numbers="true"))
        while not server.world.wishes:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        server.world.traces.sighted(a_sighting("", "", sent=False))
        (seen,) = await asyncio.wait_for(looking, 5)
        assert (seen["text"], seen["sent"], seen["call_id"]) == (MESSAGE, False, "")


@asyncio_test
async def test_what_is_refused(tmp_path: Path) -> None:
    async with listening(tmp_path) as (server, address), httpx.AsyncClient() as http:
        url = f"http://{address}/v1/trace"
        assert (await http.get(url)).status_code == 401
        for wrong in ({"trunk": "nothing"}, {"call": "*"}, {"seconds": "0"}, {"seconds": "nan"}):
            answer = await http.get(url, params=wrong, headers=admin())
            assert (answer.status_code, answer.json()["id"]) == (400, "validation_failed"), wrong
        for _ in range(MOST_TRACES):
            server.world.traces.begin(TraceWish(all=True))
        answer = await http.get(url, headers=admin())
        assert (answer.status_code, answer.json()["id"]) == (429, "too_many_traces")


@asyncio_test
async def test_a_trace_that_is_never_read_holds_no_place(tmp_path: Path) -> None:
    async def nothing() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def gone(message: Any) -> None:
        raise OSError("the client is gone before its first byte")

    async with serving(tmp_path) as server:
        for _ in range(MOST_TRACES + 1):
            answer = await TraceEndpoints(
                lambda: server.world.config, server.world.traces, server.engine.progress
            ).follow(SERVER)
            with pytest.raises(ClientDisconnect):
                await answer({"type": "http", "asgi": {"spec_version": "2.4"}}, nothing, gone)
        assert server.world.wishes == [TraceWish(all=True), TraceWish()] * (MOST_TRACES + 1)


def test_workers_are_told_what_all_of_them_want() -> None:
    wishes: list[TraceWish] = []
    traces = SipTraces(wishes.append)
    one, other = TraceWish(trunks=("carrier",)), TraceWish(trunks=("pbx",))
    first, same, last = traces.begin(one), traces.begin(one), traces.begin(other)
    for trace in (first, last, same):
        traces.end(trace)
    assert wishes == [one, one | other, one, TraceWish()]


@asyncio_test
async def test_a_slow_reader_loses_the_oldest() -> None:
    traces = SipTraces(lambda wish: None)
    trace = traces.begin(TraceWish(all=True))
    for number in range(MOST_WAITING + 3):
        traces.sighted(a_sighting(at=float(number)))
    first = await anext(trace.messages(1))
    assert first is not None
    assert (first.at, trace.lost) == (3.0, 3)
    for _ in range(MOST_TRACES - 1):
        traces.begin(TraceWish())
    with pytest.raises(TooManyTracesError):
        traces.begin(TraceWish())
