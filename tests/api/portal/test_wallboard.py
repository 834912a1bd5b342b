"""The wallboard: a snapshot, then changes; links for screens on walls, which show no names."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.portal import board, wallboard
from api.portal.board import MOST_WAITING, BoardViewer
from calls.waiting_room import QueueStanding
from config.models import Config
from config.sections.queues import Queue
from reports.agent_time import AgentSpan
from store.errors import StoreError
from store.tables import chats
from store.talks import SqlTalks
from tests.aio import asyncio_test
from tests.api.pages import PASSWORD, listening
from tests.api.portal.house import staffed


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "EVERY", 0.05)
    monkeypatch.setattr(wallboard, "CHECK_EVERY", 0.1)


def queued() -> Config:
    config = staffed()
    return config.model_copy(update={"queues": {"line": Queue()}})


def look(address: str, *, cookie: str = "", secret: str = "", origin: str | None = None) -> connect:
    token = [f"token.{secret}"] if secret else []
    return connect(
        f"ws://{address}/v1/portal/wallboard",
        subprotocols=["ringback.v2", *token],  # type: ignore[list-item]
        origin=origin or f"http://{address}",  # type: ignore[arg-type]
        additional_headers={"Cookie": f"ringback_portal={cookie}"} if cookie else None,
        proxy=None,
    )


async def cookie_of(address: str, name: str = "olivia") -> str:
    async with httpx.AsyncClient(
        base_url=f"http://{address}", headers={"Origin": f"http://{address}"}
    ) as http:
        answer = await http.post("/v1/portal/login", json={"operator": name, "password": PASSWORD})
        return str(answer.cookies["ringback_portal"])


async def told(socket: ClientConnection) -> dict[str, Any]:
    return dict(json.loads(await asyncio.wait_for(socket.recv(), 5)))


async def closed(socket: ClientConnection) -> int | None:
    """The close code, once the server has said what it had to say."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            await told(socket)
    return socket.close_code


@asyncio_test
async def test_a_snapshot_then_what_changes(tmp_path: Path) -> None:
    async with listening(tmp_path, queued()) as (server, address):
        cookie = await cookie_of(address)
        async with look(address, cookie=cookie) as socket:
            first = await told(socket)
            assert first["type"] == "snapshot"
            assert [each["label"] for each in first["board"]["agents"]] == ["Alice", "Ben"]
            assert first["board"]["states"] == {"offline": 2}
            assert first["board"]["queues"][0]["breaches"] == []
            sequence = first["sequence"]
            server.world.lines["line"] = QueueStanding(
                waiting=7, in_turn=0, longest_wait=61.0, expected_wait=90.0
            )
            while "queues" not in (changes := await told(socket)):
                assert changes["sequence"] == sequence + 1
                sequence = changes["sequence"]
            (line,) = changes["queues"]
            assert (line["waiting"], line["longest"], line["expected"]) == (7, 61, 90)
            assert line["breaches"] == ["waiting", "longest_wait"]
            assert "agents" not in changes
            # A quiet second is told, too: so a page knows that it is not stale.
            assert set(await told(socket)) == {"type", "sequence", "now"}
            await socket.send("resync")
            while (again := await told(socket))["type"] != "snapshot":
                pass
            assert again["board"]["queues"] == [line]
            server.agents.choose("alice", "away")
            server.agents.page_opened("alice")
            while "agents" not in (changes := await told(socket)):
                pass
            assert changes["agents"][0]["state"] == "away"


@asyncio_test
async def test_only_who_may_look_does_and_no_longer_than_that(tmp_path: Path) -> None:
    async with listening(tmp_path, queued()) as (server, address):
        for cookie in ("", "wrong", await cookie_of(address, "reports")):
            async with look(address, cookie=cookie) as socket:
                with pytest.raises(ConnectionClosed):
                    await told(socket)
                assert socket.close_code == 4401
        async with look(address, cookie=await cookie_of(address, "wallboard")) as socket:
            assert (await told(socket))["type"] == "snapshot"
            server.world.config = server.world.config.model_copy(update={"operators": {}})
            assert await closed(socket) == 4401


@asyncio_test
async def test_a_screen_on_a_wall_sees_no_names_until_its_link_is_over(tmp_path: Path) -> None:
    async with listening(tmp_path, queued()) as (server, address):
        headers = {"Origin": f"http://{address}"}
        cookies = {"ringback_portal": await cookie_of(address)}
        async with httpx.AsyncClient(base_url=f"http://{address}", headers=headers, cookies=cookies) as http:
            made = (await http.post("/v1/portal/kiosks", json={"label": "Hall", "days": 2})).json()
            links = (await http.get("/v1/portal/kiosks")).json()["links"]
            assert links == [made["link"]]
            assert made["secret"] not in json.dumps(links)
            async with look(address, secret=made["secret"]) as socket:
                first = await told(socket)
                assert first["board"]["agents"] == []
                assert "Alice" not in json.dumps(first)
                assert first["board"]["today"]["agents"] == {}, "of a small team it is of people"
                assert first["board"]["states"] == {"offline": 2}
                assert (await http.delete(f"/v1/portal/kiosks/{made['link']['id']}")).status_code == 204
                assert await closed(socket) == 4401
            other = (await http.post("/v1/portal/kiosks", json={"label": "Hall", "days": 2})).json()
            server.clock.now += 2 * 86400 + 1
            async with look(address, secret=other["secret"]) as socket:
                with pytest.raises(ConnectionClosed):
                    await told(socket)
            # The secret opens nothing else.
            cookie = {"Cookie": f"ringback_portal={other['secret']}"}
            async with httpx.AsyncClient(base_url=f"http://{address}", headers=cookie) as stranger:
                assert (await stranger.get("/v1/portal/me")).status_code == 401


def test_a_slow_page_gets_a_snapshot_in_place_of_what_it_missed() -> None:
    viewer = BoardViewer(kiosk=False)
    for number in range(MOST_WAITING):
        viewer.put(f"changes {number}", lambda: "snapshot")
    viewer.put("changes", lambda: "snapshot")
    assert list(viewer._texts) == ["snapshot"]


@asyncio_test
async def test_chats_are_in_the_service_level_of_their_queue(tmp_path: Path) -> None:
    async with listening(tmp_path, queued()) as (server, address):
        now = server.clock.time()
        columns = {
            "site": "shop", "route": "elsewhere", "queue": "line", "visitor": "v", "page": "", "context": {},
            "signed": {}, "client_ip": "", "origin": "",
            "state": "closed", "first": 0, "replies": 0, "reply_seconds": 0.0, "handled": 0.0,
            "asked_at": now - 600, "call": "", "escalated": 0,
        }  # fmt: skip
        rows = [
            {**columns, "id": "t1", "waited": 5.0, "accepted_at": now - 595, "ended_at": now - 300},
            {**columns, "id": "t2", "waited": 90.0, "accepted_at": None, "ended_at": now - 500},
            {**columns, "id": "t3", "waited": 2.0, "accepted_at": None, "ended_at": now - 598},
            {**columns, "id": "t4", "waited": 7.0, "accepted_at": now - 1, "queue": "", "ended_at": None},
        ]
        keyed = [{**row, "token_digest": row["id"], "key_digest": row["id"]} for row in rows]
        await server.stores.database.write(
            lambda connection: connection.execute(insert(chats), keyed) and None
        )
        async with look(address, cookie=await cookie_of(address)) as socket:
            snapshot = await told(socket)
            (line,) = snapshot["board"]["queues"]
            assert (line["level_15"], line["level_60"], line["breaches"]) == (0.5, 0.5, ["service_level"])
            assert snapshot["board"]["leads"] is None


@asyncio_test
async def test_the_board_is_worked_out_once_for_all_who_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(tmp_path, queued()) as (server, address), contextlib.AsyncExitStack() as stack:
        now = server.clock.time()
        await server.stores.agent_time.note(
            [
                AgentSpan("alice", "on_call", now - 40, now - 10),
                AgentSpan("alice", "available", now - 10, now),
            ]
        )
        cookie = await cookie_of(address)
        pages = [await stack.enter_async_context(look(address, cookie=cookie)) for _ in range(5)]
        for page in pages:
            today = (await told(page))["board"]["today"]["agents"]
            assert (today["occupancy"], today["logged_in"]) == (0.75, 40.0)
        worked_out, real = [0], board.WallboardFeed._board

        def counted(feed: board.WallboardFeed) -> Any:
            worked_out[0] += 1
            return real(feed)

        monkeypatch.setattr(board.WallboardFeed, "_board", counted)
        await told(pages[0])
        worked_out[0] = 0
        texts = [[await page.recv() for _ in range(4)] for page in pages]
        assert 1 <= worked_out[0] <= 6, "not once for each page"
        assert len({text for own in texts for text in own}) <= 8, "the same text for all of them"


@asyncio_test
async def test_it_is_said_since_when_figures_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, real = [False], SqlTalks.recent

    async def recent(store: SqlTalks, since: float) -> Any:
        if broken[0]:
            raise StoreError("disk full")
        return await real(store, since)

    monkeypatch.setattr(SqlTalks, "recent", recent)
    async with listening(tmp_path, queued()) as (server, address):
        began = server.clock.time()

        async def until(socket: ClientConnection, wanted: float | None) -> None:
            while True:
                message = await told(socket)
                if "unread_since" in message and message["unread_since"] == wanted:
                    return

        async with look(address, cookie=await cookie_of(address)) as socket:
            assert (await told(socket))["board"]["unread_since"] is None
            broken[0] = True
            server.clock.now = began + 10
            await until(socket, began + 10)
            broken[0] = False
            server.clock.now = began + 40
            await until(socket, None)
