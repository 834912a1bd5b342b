"""Operators log in and out: password, code, limits, cookies, and what ends a session."""

from __future__ import annotations

from http.cookies import SimpleCookie
from pathlib import Path

from structlog.testing import capture_logs

from api.logins import TRIES_PER_ADDRESS
from api.totp import STEP, code_at
from tests.aio import asyncio_test
from tests.api.portal.house import OWN, RIGHTS, log_in, staffed
from tests.api.serving import serving
from tests.api.test_browser_legs import PASSWORD
from tests.api.test_totp import RFC_KEY, SECRET


@asyncio_test
async def test_in_and_out(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        assert (await server.http.get("/v1/portal/me")).json()["id"] == "not_logged_in"
        answer = await log_in(server)
        olivia = {"operator": "olivia", "label": "Olivia", "rights": sorted(RIGHTS)}
        assert answer.json() == olivia
        cookie = SimpleCookie(answer.headers.get_list("set-cookie")[0])["ringback_portal"]
        assert (cookie["path"], cookie["samesite"], cookie["httponly"]) == ("/v1/portal", "strict", True)
        assert (await server.http.get("/v1/portal/me")).json() == olivia
        assert (await server.http.get("/v1/agent/me")).status_code == 401, "no agent's session"
        assert (await server.http.post("/v1/portal/logout", headers=OWN)).status_code == 204
        server.http.cookies.set("ringback_portal", cookie.value, domain="ringback.example")
        assert (await server.http.get("/v1/portal/me")).status_code == 401


@asyncio_test
async def test_an_agents_password_and_session_open_no_portal(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        assert (await log_in(server, "alice")).json()["id"] == "login_refused"
        answer = await server.http.post(
            "/v1/agent/login", json={"agent": "alice", "password": PASSWORD}, headers=OWN
        )
        token = answer.cookies["ringback_agent"]
        told = await server.http.get("/v1/portal/me", headers={"Cookie": f"ringback_portal={token}"})
        assert told.json()["id"] == "not_logged_in"


@asyncio_test
async def test_a_code_is_asked_for_where_there_is_a_secret(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed(totp=SECRET)) as server:
        assert (await log_in(server)).json()["id"] == "code_required"
        code = code_at(RFC_KEY, int(server.clock.time() // STEP))
        assert (await log_in(server, code=code)).status_code == 200
        assert (await log_in(server, code=code)).json()["id"] == "login_refused", "used"


@asyncio_test
async def test_passwords_cannot_be_guessed_at_will(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        wrong = {"operator": "olivia", "password": "a guess"}
        answers = [
            (await server.http.post("/v1/portal/login", json=wrong, headers=OWN)).json()["id"]
            for _ in range(TRIES_PER_ADDRESS[0].times + 1)
        ]
        assert answers == ["login_refused"] * TRIES_PER_ADDRESS[0].times + ["limit_login"]
        assert (await log_in(server)).json()["id"] == "limit_login"


@asyncio_test
async def test_a_foreign_page_logs_nobody_in(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        body = {"operator": "olivia", "password": PASSWORD}
        for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
            answer = await server.http.post("/v1/portal/login", json=body, headers=headers)
            assert answer.json()["id"] == "origin_refused"


@asyncio_test
async def test_other_settings_end_a_session_and_rights_count_at_once(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        config = server.world.config
        olivia = config.operators["olivia"].model_copy(update={"rights": ("look",)})
        server.world.config = config.model_copy(update={"operators": {"olivia": olivia}})
        assert (await server.http.get("/v1/portal/me")).json()["rights"] == ["look"]
        assert (await server.http.get("/v1/portal/audit")).json()["id"] == "right_missing"
        server.world.config = config.model_copy(update={"operators": {}})
        assert (await server.http.get("/v1/portal/me")).json()["id"] == "not_logged_in"


@asyncio_test
async def test_the_log_tells_who_came_and_who_could_not(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        with capture_logs() as lines:
            await log_in(server, "olivia")
            await log_in(server, "hours")
            await server.http.get("/v1/portal/audit")
            await server.http.post("/v1/portal/logout", headers=OWN)
    told = [(line["event"], line["operator"]) for line in lines if line.get("log") == "audit"]
    assert told == [
        ("operator_logged_in", "olivia"),
        ("operator_logged_in", "hours"),
        ("right_missing", "hours"),
        ("operator_logged_out", "hours"),
    ]
