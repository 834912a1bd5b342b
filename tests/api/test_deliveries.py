"""The outbox for the operator: what was given up, and another try for it."""

from __future__ import annotations

from pathlib import Path

from tests.aio import asyncio_test
from tests.api.parts import admin, serving
from tests.store.records import a_delivery


@asyncio_test
async def test_a_dead_delivery_is_found_and_sent_again(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.deliveries.add_deliveries(
            [
                a_delivery("msg_done", created_at=1.0, next_at=None, delivered_at=1.5, tries=1),
                a_delivery("msg_dead", created_at=2.0, next_at=None, tries=9, error="550 no such user"),
                a_delivery("msg_new", created_at=3.0),
            ]
        )

        async def ids(query: str) -> list[str]:
            answer = await server.http.get(f"/v1/deliveries{query}", headers=admin())
            return [each["id"] for each in answer.json()["deliveries"]]

        assert await ids("") == ["msg_new", "msg_dead", "msg_done"]
        assert await ids("?limit=1") == ["msg_new"]
        assert await ids("?dead=true") == ["msg_dead"]
        shown = (await server.http.get("/v1/deliveries?dead=true", headers=admin())).json()["deliveries"][0]
        assert shown == {
            "id": "msg_dead",
            "kind": "email",
            "mailbox": "sales",
            "target": "sales@shop.example",
            "subject": "A message for Größe 7",
            "created_at": 2.0,
            "tries": 9,
            "next_at": None,
            "delivered_at": None,
            "dead": True,
            "error": "550 no such user",
        }
        path = "/v1/deliveries/msg_dead/resend"
        assert (await server.http.post(path)).status_code == 401
        sent = await server.http.post(path, headers=admin())
        assert (sent.status_code, sent.json()["next_at"]) == (202, server.clock.now)
        assert await ids("?dead=true") == []
        unknown = await server.http.post("/v1/deliveries/msg_x/resend", headers=admin())
        assert (unknown.status_code, unknown.json()["id"]) == (404, "delivery_unknown")
        assert (await server.http.get("/v1/deliveries?dead=perhaps", headers=admin())).status_code == 400
