"""The operator's side: live calls, records, reload, health, numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from api.operator.state import ConfigState
from bridge.causes import Disposition
from bridge.progress import CallState
from config.problems import ConfigProblem, Position
from cti.ami.link import LinkState
from media.registrations import TrunkRegistration
from media.trunk_conditions import TrunkCondition
from store.errors import StoreError
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import ADMIN, admin, settings
from tests.store.records import a_callback, a_delivery, a_message

DOORS = [
    ("GET", "/v1/calls"),
    ("GET", "/v1/cdrs"),
    ("GET", "/v1/messages"),
    ("GET", "/v1/callbacks"),
    ("GET", "/v1/deliveries"),
    ("POST", "/v1/reload"),
    ("PUT", "/v1/log-level"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
@asyncio_test
async def test_the_admin_key_opens_and_nothing_else(tmp_path: Path, method: str, path: str) -> None:
    async with serving(tmp_path) as server:
        token = (await server.place()).json()["token"]
        body = {"level": "debug"} if path == "/v1/log-level" else None
        assert (await server.http.request(method, path, json=body, headers=admin())).status_code == 200
        wrong = [{}, admin("x"), admin(ADMIN + " "), admin(token), {"Authorization": f"Basic {ADMIN}"}]
        for headers in wrong[:2] + wrong[3:]:
            refused = await server.http.request(method, path, json=body, headers=headers)
            assert (refused.status_code, refused.json()["id"]) == (401, "admin_key_wrong")
        server.world.config = settings({"admin_key": None})
        for headers in (admin(), admin(""), {}):
            closed = await server.http.request(method, path, json=body, headers=headers)
            assert (closed.status_code, closed.json()["id"]) == (404, "admin_closed")


@asyncio_test
async def test_without_an_admin_key_no_key_opens_a_call(tmp_path: Path) -> None:
    async with serving(tmp_path, settings({"admin_key": None})) as server:
        placed = (await server.place()).json()
        path = f"/v1/calls/{placed['id']}"
        for secret in ("", "None", ADMIN):
            assert (await server.http.get(path, headers=admin(secret))).status_code == 404
        assert (await server.http.get(path, headers=admin(placed["token"]))).status_code == 200


async def three_calls(server: Server) -> list[str]:
    """Ids of a bridged, an unanswered and a live call, a minute apart."""
    ids = []
    for disposition in (Disposition.BRIDGED, Disposition.UNANSWERED, None):
        server.clock.now += 60
        ids.append((await server.place()).json()["id"])
        if disposition:
            await server.engine.end(ids[-1], disposition)
    return ids


@asyncio_test
async def test_live_calls(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        *_, live = await three_calls(server)
        calls = (await server.http.get("/v1/calls", headers=admin())).json()["calls"]
        assert [(each["call_id"], each["state"]) for each in calls] == [(live, "calling_shopper")]


@asyncio_test
async def test_records_by_filter_and_page(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        began = server.clock.now
        bridged, unanswered, _ = await three_calls(server)

        async def ids(**query: str | float) -> list[str]:
            answer = await server.http.get("/v1/cdrs", params=query, headers=admin())
            assert answer.status_code == 200, answer.text
            return [each["call_id"] for each in answer.json()["cdrs"]]

        assert await ids() == [unanswered, bridged]
        assert await ids(disposition="bridged") == [bridged]
        assert await ids(site="shop", number="+16175550123") == [unanswered, bridged]
        assert await ids(site="other") == []
        assert await ids(until=began + 90) == [bridged]
        assert await ids(since=began + 90) == [unanswered]

        first = (await server.http.get("/v1/cdrs?limit=1", headers=admin())).json()
        second = await server.http.get(
            "/v1/cdrs", params={"limit": 1, "cursor": first["next"]}, headers=admin()
        )
        assert [each["call_id"] for each in first["cdrs"] + second.json()["cdrs"]] == [unanswered, bridged]
        assert second.json()["next"] is None
        legs = second.json()["cdrs"][0]["legs"]
        assert [(leg["role"], leg["cause"]) for leg in legs] == [
            ("shopper", "normal"),
            ("business", "normal"),
        ]


NO_QUESTIONS = (
    "limit=0", "limit=501", "limit=x", "cursor=x", "cursor=WzEsMl0", "disposition=odd", "since=nan",
    "number=5",
)  # fmt: skip


@asyncio_test
async def test_questions_that_make_no_sense(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        for query in NO_QUESTIONS:
            answer = await server.http.get(f"/v1/cdrs?{query}", headers=admin())
            assert (answer.status_code, answer.json()["id"]) == (400, "validation_failed"), query
            assert answer.json()["errors"][0]["path"] == f"query.{query.partition('=')[0]}"


@asyncio_test
async def test_reload(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        done = await server.http.post("/v1/reload", headers=admin())
        assert (done.status_code, done.json()) == (
            200,
            {"loaded_at": 2.0, "warnings": [], "needs_restart": []},
        )


@asyncio_test
async def test_readiness(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        server.world.trunks = {"carrier": TrunkRegistration(False, 403, since=1.0)}
        server.world.asterisks = {"pbx": LinkState("refused", 3.0, "Asterisk says: Authentication failed")}
        server.world.state = ConfigState(1.0, 5.0, (ConfigProblem(Position(1, 1), "", "x"),))
        answer = await server.http.get("/readyz", headers=admin())
        assert answer.status_code == 200
        assert answer.json() == {
            "ready": True,
            "draining": False,
            "pool": {"has_room": True, "workers": 4, "slots": 16, "free_slots": 12},
            "store": {"writable": True},
            "config": {"loaded_at": 1.0, "failed_at": 5.0, "problems": 1},
            "trunks": {"carrier": {"state": "unknown", "reason": "", "registered": False, "status": 403}},
            "asterisk": {
                "pbx": {
                    "state": "refused",
                    "since": 3.0,
                    "error": "Asterisk says: Authentication failed",
                    "refused": [],
                }
            },
            "recordings": {"usable": True, "problem": ""},
            "speech": {"usable": True, "problem": ""},
        }
        for key in ({}, admin("wrong")):
            stranger = await server.http.get("/readyz", headers=key)
            assert stranger.status_code == 200
            assert {name: each for name, each in stranger.json().items() if each is not None} == {
                "ready": True, "draining": False
            }  # fmt: skip
        ready, full = server.world.room, replace(server.world.room, has_room=False)
        for part, name, bad, good in (
            (server.engine, "draining", True, False),
            (server.world, "store_error", StoreError("disk full"), None),
            (server.world, "room", full, ready),
        ):
            setattr(part, name, bad)
            answer = await server.http.get("/readyz")
            assert (answer.status_code, answer.json()["ready"]) == (503, False)
            setattr(part, name, good)
        assert (await server.http.get("/healthz")).json() == {"alive": True}


@asyncio_test
async def test_trunks_in_readiness_metrics_and_the_list(tmp_path: Path) -> None:
    gone = TrunkCondition("unresolved", 5.0, "no-such-host.invalid has no IPv4 address", failures=3)
    async with serving(tmp_path) as server:
        server.world.trunks = {"backup": TrunkRegistration(True, 200, since=1.0)}
        server.world.conditions = {"carrier": gone, "backup": TrunkCondition("up", 4.0, status=200)}
        # The one site dials its shoppers through the carrier.
        answer = await server.http.get("/readyz", headers=admin())
        assert (answer.status_code, answer.json()["ready"]) == (503, False)
        assert answer.json()["trunks"] == {
            "backup": {"state": "up", "reason": "", "registered": True, "status": 200},
            "carrier": {"state": "unresolved", "reason": gone.reason, "registered": None, "status": 0},
        }
        backup, carrier = (await server.http.get("/v1/trunks", headers=admin())).json()["trunks"]
        assert (carrier["name"], carrier["failures"], carrier["since"]) == ("carrier", 3, 5.0)
        assert (backup["name"], backup["registered"], backup["last_status"]) == ("backup", True, 200)
        assert (await server.http.get("/v1/trunks")).status_code == 401
        for line, value in (
            ('ringback_trunk_up{trunk="carrier"}', 0),
            ('ringback_trunk_up{trunk="backup"}', 1),
            ('ringback_trunk_state{state="unresolved",trunk="carrier"}', 1),
            ('ringback_trunk_state{state="up",trunk="carrier"}', 0),
            ('ringback_trunk_failed_attempts{trunk="carrier"}', 3),
        ):
            assert await sample(server, line) == value
        server.world.conditions = {"carrier": TrunkCondition("unknown")}
        assert (await server.http.get("/readyz")).status_code == 200


async def sample(server: Server, line: str) -> float:
    """The value of one line of /metrics, 0 without it."""
    text = (await server.http.get("/metrics")).text
    found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


@asyncio_test
async def test_metrics(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        server.world.trunks = {
            "carrier": TrunkRegistration(True, 200, since=1.0),
            "backup": TrunkRegistration(False, 401, since=1.0),
        }
        server.world.asterisks = {"pbx": LinkState("up", 1.0)}
        *_, live = await three_calls(server)
        await server.place("900 234 5678")
        await server.place("911")
        await server.http.get("/nowhere/+16175550123")
        expected = {
            'ringback_calls_total{disposition="bridged",site="shop"}': 1,
            'ringback_calls_total{disposition="unanswered",site="shop"}': 1,
            'ringback_calls_total{disposition="refused",site="shop"}': 1,
            'ringback_calls_refused_total{reason="number_type_refused"}': 1,
            'ringback_calls_refused_total{reason="number_short"}': 1,
            'ringback_live_calls{state="calling_shopper"}': 1,
            'ringback_legs_total{cause="normal",role="shopper"}': 2,
            'ringback_legs_total{cause="normal",role="business"}': 2,
            "ringback_shopper_answer_seconds_sum": 8,
            'ringback_hunt_seconds_sum{result="bridged"}': 10,
            'ringback_hunt_seconds_sum{result="unanswered"}': 36,
            "ringback_talk_seconds_count": 1,
            "ringback_talk_seconds_sum": 26,
            "ringback_media_workers": 4,
            "ringback_config_loaded_timestamp_seconds": server.world.state.loaded_at,
            "ringback_config_last_reload_successful": 1,
            'ringback_media_slots{use="free"}': 12,
            'ringback_media_slots{use="taken"}': 4,
            'ringback_trunk_registered{trunk="carrier"}': 1,
            'ringback_trunk_registered{trunk="backup"}': 0,
            'ringback_asterisk_up{asterisk="pbx"}': 1,
            'ringback_http_requests_total{method="POST",route="/v1/calls",status="201"}': 3,
            'ringback_http_requests_total{method="POST",route="/v1/calls",status="403"}': 2,
            'ringback_http_requests_total{method="GET",route="unmatched",status="404"}': 1,
        }
        assert {line: await sample(server, line) for line in expected} == expected
        server.world.state = ConfigState(loaded_at=1.0, failed_at=2.0)
        assert await sample(server, "ringback_config_last_reload_successful") == 0
        server.engine.move(live, state=CallState.HUNTING)
        assert await sample(server, 'ringback_live_calls{state="calling_shopper"}') == 0
        assert await sample(server, 'ringback_live_calls{state="hunting"}') == 1
        await server.engine.end(live)
        assert await sample(server, 'ringback_live_calls{state="hunting"}') == 0
        assert "6175550123" not in (await server.http.get("/metrics")).text


@asyncio_test
async def test_what_is_kept_is_counted(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        server.world.waiting = {"support": 3}
        await server.messages.keep_message(a_message(), "m1", [a_delivery("msg_a")])
        await server.deliveries.add_deliveries([a_delivery("msg_b", kind="webhook", next_at=None)])
        await server.callbacks.add_callback(a_callback("c1"))
        expected = {
            'ringback_queue_waiting_calls{queue="support"}': 3,
            'ringback_agents{state="offline"}': 0,
            'ringback_messages{mailbox="sales"}': 1,
            'ringback_callbacks{state="booked"}': 1,
            'ringback_callbacks{state="given_up"}': 0,
            'ringback_deliveries{kind="email",state="waiting"}': 1,
            'ringback_deliveries{kind="webhook",state="dead"}': 1,
        }
        assert {line: await sample(server, line) for line in expected} == expected

        async def fail() -> None:
            raise StoreError("disk full")

        server.callbacks.count_callbacks = fail  # type: ignore[method-assign,assignment]
        text = (await server.http.get("/metrics")).text
        assert 'ringback_queue_waiting_calls{queue="support"} 3.0' in text
        assert "ringback_messages{" not in text
