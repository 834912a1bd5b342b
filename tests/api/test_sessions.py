"""Who is logged in where, for the operator; and the audit trail of who did what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import structlog
from structlog.testing import capture_logs

from tests.aio import asyncio_test
from tests.api.pages import agent_page, listening, log_in
from tests.api.serving import serving
from tests.api.shop import ADMIN, admin
from tests.api.test_browser_legs import agents_answer
from tests.api.test_messages import leave, with_recordings


def trail(lines: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """The audit trail: what, who, and from where."""
    told = [each for each in lines if each.get("log") == "audit"]
    assert all(each["address"] for each in told)
    return [(each["event"], each.get("agent") or each.get("message_id") or each.get("path")) for each in told]


@asyncio_test
async def test_sessions_are_listed_and_ended(tmp_path: Path) -> None:
    async with listening(tmp_path, agents_answer()) as (server, address):
        token = (await log_in(address, **{"User-Agent": "Firefox 7"})).cookies["ringback_agent"]
        other = (await log_in(address)).cookies["ringback_agent"]
        async with agent_page(address, token) as page:
            await page.expect("me")
            answer = await server.http.get("/v1/sessions", headers=admin())
            assert token not in answer.text
            newest, oldest = answer.json()["sessions"]
            if newest["pages"]:
                newest, oldest = oldest, newest
            assert (oldest["agent"], oldest["address"], oldest["pages"]) == ("alice", "127.0.0.1", 1)
            assert oldest["expires_at"] > oldest["opened_at"] == server.clock.now
            assert oldest["browser"].startswith("Firefox")
            path = f"/v1/sessions/{oldest['id']}"
            assert (await server.http.delete(path)).status_code == 401
            assert (await server.http.delete(path, headers=admin())).status_code == 204
            assert await page.closed() == 4401
            gone = await server.http.delete(path, headers=admin())
            assert (gone.status_code, gone.json()["id"]) == (404, "session_unknown")
        async with agent_page(address, other) as page:
            await page.expect("me")


@asyncio_test
async def test_what_people_do_leaves_a_line(tmp_path: Path) -> None:
    structlog.reset_defaults()
    async with listening(tmp_path, agents_answer()) as (server, address):
        with capture_logs() as lines:
            token = (await log_in(address)).cookies["ringback_agent"]
            await log_in(address, password="wrong")
            await log_in(address, agent="eve\r\nlog: forged")
            await server.http.get("/v1/cdrs", headers=admin("a-guess"))
            await server.http.get("/v1/cdrs", headers=admin())
            origin = {"Origin": "http://ringback.example", "Cookie": f"ringback_agent={token}"}
            await server.http.post("/v1/agent/logout", headers=origin)
        assert trail(lines) == [
            ("agent_logged_in", "alice"),
            ("login_failed", "alice"),
            ("login_failed", "eve log: forged"),
            ("admin_key_wrong", "/v1/cdrs"),
            ("agent_logged_out", "alice"),
        ]
        assert ADMIN not in str(lines)
        assert "a-guess" not in str(lines)
        assert "wrong" not in str([each for each in lines if each["event"] != "admin_key_wrong"])


@asyncio_test
async def test_messages_that_are_heard_and_deleted_leave_a_line(tmp_path: Path) -> None:
    async with serving(tmp_path, with_recordings(tmp_path)) as server:
        await leave(server, "m1")
        with capture_logs() as lines:
            await server.http.get("/v1/messages/m1/audio", headers=admin())
            await server.http.delete("/v1/messages/m1", headers=admin())
        assert trail(lines) == [("message_heard", "m1"), ("message_deleted", "m1")]
