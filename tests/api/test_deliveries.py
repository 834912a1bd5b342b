"""The outbox for the operator: what was given up, and another try for it."""

from __future__ import annotations

from pathlib import Path

from notify.tries import TryFailed
from tests.aio import asyncio_test
from tests.api.serving import serving
from tests.api.shop import admin
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


@asyncio_test
async def test_receivers_that_get_nothing_are_listed_counted_and_resumed(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        now, url = server.clock.now, "https://crm.example/hook"
        server.world.receivers.learn((url, "s"), TryFailed("410 Gone: bye", final=True), now)
        server.world.receivers.learn(
            ("https://slow.example/", "s"), TryFailed("429", retry_after=60.0), now + 1
        )
        assert (await server.http.get("/v1/receivers")).status_code == 401
        listed = (await server.http.get("/v1/receivers", headers=admin())).json()["receivers"]
        assert listed == [
            {
                "target": "https://slow.example/",
                "state": "held",
                "since": now + 1,
                "until": now + 61,
                "error": "429",
            },
            {"target": url, "state": "disabled", "since": now, "until": None, "error": "410 Gone: bye"},
        ]
        told = (await server.http.get("/metrics")).text
        assert 'ringback_webhook_receivers{state="disabled"} 1.0' in told
        assert 'ringback_webhook_receivers{state="held"} 1.0' in told
        path = "/v1/receivers/resume"
        answer = await server.http.post(path, json={"target": url}, headers=admin())
        assert [each["state"] for each in answer.json()["receivers"]] == ["held"]
        again = await server.http.post(path, json={"target": url}, headers=admin())
        assert (again.status_code, again.json()["id"]) == (404, "receiver_unknown")
