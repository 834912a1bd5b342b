"""Agents log in and out: passwords, cookies, who may ask, and the page's files."""

from __future__ import annotations

import asyncio
import contextlib
import re
from http.cookies import SimpleCookie
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from websockets.exceptions import InvalidStatus

from api import sessions as agent_sessions
from api.accounts import agents_of
from api.cookies import AGENT_COOKIES
from api.logins import TRIES_FROM_ANYWHERE, TRIES_PER_DEVICE
from api.page_queue import ClosedError, PageQueue
from api.passwords import _NOBODY, Passwords, hash_password
from api.sessions import LIFETIME, LONGEST, MOST_PER_PERSON, LoginSessions, NotLoggedInError
from bridge.events import LegAnswered
from bridge.legs import Leg, LegState
from config.models import Config
from config.sections.agents import Agent
from routing.plan import BrowserEndpoint
from tests.aio import asyncio_test
from tests.api.pages import PASSWORD, agent_page, listening, log_in
from tests.api.paper import SetClock
from tests.api.serving import serving
from tests.api.test_browser_legs import QUICK, agents_answer, shop
from tests.bridge.told import Teller


def public(url: str) -> Config:
    config = agents_answer()
    return config.model_copy(update={"server": config.server.model_copy(update={"public_url": url})})


@asyncio_test
async def test_in_and_out(tmp_path: Path) -> None:
    async with listening(tmp_path, agents_answer()) as (server, address):
        answer = await log_in(address)
        assert answer.json() == {"agent": "alice", "label": "Alice", "state": "offline"}
        token = answer.cookies["ringback_agent"]
        async with (
            httpx.AsyncClient(base_url=f"http://{address}", cookies={"ringback_agent": token}) as http,
            agent_page(address, token) as page,
        ):
            assert await page.expect("me") == {
                "type": "me", "agent": "alice", "label": "Alice", "state": "away", "choice": "away",
                "paused": [],
                "now": server.clock.now,
            }  # fmt: skip
            assert (await http.get("/v1/agent/me")).json()["state"] == "away"
            out = await http.post("/v1/agent/logout", headers={"Origin": f"http://{address}"})
            assert out.status_code == 204
            assert SimpleCookie(out.headers["set-cookie"])["ringback_agent"].value == ""
            assert await page.closed() == 4401
            refused = await http.get("/v1/agent/me")
            assert (refused.status_code, refused.json()["id"]) == (401, "not_logged_in")
        assert len(server.sessions) == 0
        async with agent_page(address, token) as page:
            assert await page.closed() == 4401


@asyncio_test
async def test_what_an_agent_chose_outlives_a_reload_but_not_a_new_log_in(tmp_path: Path) -> None:
    async with listening(tmp_path, agents_answer()) as (_, address):
        token = (await log_in(address)).cookies["ringback_agent"]
        for expected in ("away", "available"):
            async with agent_page(address, token) as page:
                assert (await page.expect("me"))["state"] == expected
                await page.say("choose_state", state="available")
                if expected == "away":
                    await page.until("me", state="available")
                # Another log-in meanwhile, from another machine, changes nothing.
                assert (await log_in(address)).json()["state"] == "available"
        token = (await log_in(address)).cookies["ringback_agent"]
        async with agent_page(address, token) as page:
            assert (await page.expect("me"))["state"] == "away"


@asyncio_test
async def test_all_pages_of_an_agent_show_the_same_choice_also_in_a_call(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        first, second = await it.available(), await it.page()
        call = await it.call()
        leg = f"{call['id']}-b1"
        await first.until("ring")
        await first.offer(leg)
        it.server.pool.report(LegAnswered(leg))
        assert (await second.until("me", state="on_call"))["choice"] == "available"
        await first.say("choose_state", state="away")
        for page in (first, second):
            assert (await page.until("me", choice="away"))["state"] == "on_call"
        third = await it.stack.enter_async_context(agent_page(it.address, it.cookies["alice"]))
        assert (await third.expect("me"))["choice"] == "away"


@asyncio_test
async def test_the_list_of_calls_is_the_same_on_all_pages_and_after_a_reload(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        first, second = await it.available(), await it.page()
        assert (await second.next("recent_calls"))["calls"] == []
        call = await it.call(context={"customer.name": "Jo Rivera"})
        await first.until("ring")
        await first.say("hang_up", leg=f"{call['id']}-b1", reason="declined")
        for page in (first, second):
            (told,) = (await page.until("recent_calls"))["calls"]
            assert (told["name"], told["cause"], told["talked"]) == ("Jo Rivera", "declined", False)
        assert (told["site"], told["number"], told["name_signed"]) == ("Shop", "+1617•••••23", False)
        again = await it.stack.enter_async_context(agent_page(it.address, it.cookies["alice"]))
        assert (await again.until("recent_calls"))["calls"] == [told]


@pytest.mark.parametrize(
    ("url", "path", "secure"),
    [
        ("http://127.0.0.1:8080", "/v1/agent", False),
        ("https://calls.shop.example", "/", True),
        ("https://shop.example/ringback/", "/", True),
        ("http://shop.example/ringback/", "/ringback/v1/agent", False),
    ],
)
@asyncio_test
async def test_the_cookie(tmp_path: Path, url: str, path: str, secure: bool) -> None:
    async with serving(tmp_path, public(url)) as server:
        origin = re.match(r"https?://[^/]+", url)
        answer = await server.http.post(
            "/v1/agent/login",
            json={"agent": "alice", "password": PASSWORD},
            headers={"Origin": origin[0] if origin else ""},
        )
        session, device = (SimpleCookie(each) for each in answer.headers.get_list("set-cookie"))
        prefix = "__Host-" if secure else ""
        for cookie, name in ((session, "ringback_agent"), (device, "ringback_device")):
            morsel = cookie[prefix + name]
            assert (morsel["path"], bool(morsel["secure"]), morsel["domain"]) == (path, secure, "")
            assert (morsel["httponly"], morsel["samesite"].lower()) == (True, "strict")
        assert len(session[f"{prefix}ringback_agent"].value) == 43
        assert len(server.sessions) == 1
        own = {"Cookie": f"{prefix}ringback_agent={session[f'{prefix}ringback_agent'].value}"}
        assert (await server.http.get("/v1/agent/me", headers=own)).status_code == 200
        bare = {"Cookie": own["Cookie"].replace("__Host-", "")}
        expected = 401 if secure else 200
        assert (await server.http.get("/v1/agent/me", headers=bare)).status_code == expected


@asyncio_test
async def test_a_wrong_password_and_an_unknown_agent_are_told_alike(tmp_path: Path) -> None:
    async with listening(tmp_path, agents_answer()) as (_, address):
        wrong, unknown = await log_in(address, password="wrong"), await log_in(address, agent="eve")
        assert (wrong.status_code, wrong.json()) == (401, unknown.json())
        assert wrong.json()["id"] == "login_refused"
        for _ in range(8):
            await log_in(address, agent="eve")
        refused = await log_in(address)
        assert (refused.status_code, refused.json()["id"]) == (429, "limit_login")
        assert 0 < int(refused.headers["Retry-After"]) <= 900


@asyncio_test
async def test_a_whole_office_logs_in_from_one_address(tmp_path: Path) -> None:
    async with serving(tmp_path, public("http://ringback.example")) as server:
        office = {"Origin": "http://ringback.example"}
        for _ in range(12):
            body = {"agent": "alice", "password": PASSWORD}
            answer = await server.http.post("/v1/agent/login", json=body, headers=office)
            assert answer.status_code == 200, answer.text


@asyncio_test
async def test_foreign_pages_log_nobody_in_and_hear_nothing(tmp_path: Path) -> None:
    async with listening(tmp_path, public("https://calls.shop.example")) as (_, address):
        token = (await log_in(address)).cookies["__Host-ringback_agent"]
        cookie = {"Cookie": f"__Host-ringback_agent={token}"}
        async with agent_page(address, token, additional_headers=cookie) as page:
            await page.expect("me")
        assert (await log_in(address, Origin="https://calls.shop.example")).status_code == 200
        for origin in ("https://evil.example", "https://shop.example", "null", ""):
            assert (await log_in(address, Origin=origin)).json()["id"] == "origin_refused"
            with pytest.raises(InvalidStatus) as refused:
                async with agent_page(address, token, origin=origin or None, additional_headers=cookie):
                    pass
            assert refused.value.response.status_code == 403


@asyncio_test
async def test_eight_pages_and_no_more(tmp_path: Path) -> None:
    async with (
        listening(tmp_path, agents_answer()) as (server, address),
        contextlib.AsyncExitStack() as stack,
    ):
        token = (await log_in(address)).cookies["ringback_agent"]
        for _ in range(8):
            page = await stack.enter_async_context(agent_page(address, token))
            await page.expect("me")
        async with agent_page(address, token) as page:
            assert await page.closed() == 4429
        assert server.agents.state("alice") == "away"


class Hall:
    """Sessions over settings that change."""

    def __init__(self) -> None:
        self.config, self.clock = agents_answer(), SetClock()
        self.talking: set[str] = set()
        self.ending: list[str] = []
        self.sessions = LoginSessions(
            agents_of(lambda: self.config),
            self.clock,
            lambda agent: agent in self.talking,
            self.ending.append,
        )

    def set_agents(self, **agents: str) -> None:
        """Agents with these hashes."""
        known = {name: Agent(label=name, password_hash=text) for name, text in agents.items()}
        self.config = self.config.model_copy(update={"agents": known})


@asyncio_test
async def test_sessions_end_by_themselves() -> None:
    hall = Hall()
    token = hall.sessions.open("alice")
    hall.clock.now += LIFETIME - 1
    assert hall.sessions.name_of(token) == "alice"  # and lasts as long again
    hall.clock.now += LIFETIME - 1
    assert hall.sessions.name_of(token) == "alice"
    hall.clock.now += LIFETIME
    with pytest.raises(NotLoggedInError):
        hall.sessions.name_of(token)
    assert len(hall.sessions) == 0


@asyncio_test
async def test_sessions_end_at_last_though_they_are_used() -> None:
    hall = Hall()
    token, listener = hall.sessions.open("alice"), PageQueue()
    with hall.sessions.listening(token, listener):
        hall.clock.now += LIFETIME + 1
        assert hall.sessions.name_of(token) == "alice", "a page that is connected uses it"
        hall.clock.now += LONGEST - LIFETIME - 2
        assert hall.sessions.name_of(token) == "alice"
        hall.clock.now += 1
        hall.sessions.review()
        with pytest.raises(ClosedError):
            await listener.next()
    with pytest.raises(NotLoggedInError):
        hall.sessions.name_of(token)


@asyncio_test
async def test_what_has_expired_is_found_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_sessions, "REVIEW_PAUSE", 0.01)
    hall = Hall()
    listener = PageQueue()
    with hall.sessions.listening(hall.sessions.open("alice"), listener):
        hall.clock.now += LONGEST
        with pytest.raises(ClosedError):
            await asyncio.wait_for(listener.next(), 5)


@asyncio_test
async def test_one_log_in_ends_the_session_that_the_browser_had(tmp_path: Path) -> None:
    """An attacker who put their session's cookie into somebody's browser is not in it after a log-in."""
    async with listening(tmp_path, agents_answer()) as (server, address):
        planted = (await log_in(address)).cookies["ringback_agent"]
        async with agent_page(address, planted) as page:
            await page.expect("me")
            fresh = await log_in(address, Cookie=f"ringback_agent={planted}")
            assert fresh.cookies["ringback_agent"] != planted
            assert await page.closed() == 4401
        assert len(server.sessions) == 1


@asyncio_test
async def test_nobody_locks_an_agent_out_from_elsewhere(tmp_path: Path) -> None:
    """Wrong passwords from one address, and from many, leave the agent's own browser alone."""
    config = agents_answer()
    trusting = config.server.model_copy(update={"trusted_proxies": (ip_network("127.0.0.0/8"),)})
    async with listening(tmp_path, config.model_copy(update={"server": trusting})) as (_, address):
        known = (await log_in(address, **{"X-Forwarded-For": "198.51.100.1"})).cookies["ringback_device"]
        own = {"Cookie": f"ringback_device={known}"}
        guesses = 0
        for number in range(12):
            for _ in range(5):
                tried = await log_in(address, password="wrong", **{"X-Forwarded-For": f"203.0.113.{number}"})
                guesses += tried.status_code == 401
        assert guesses <= TRIES_FROM_ANYWHERE[0].times + 3, "one a minute from each address after so many"
        # From the attackers' very address, too.
        for source in ("198.51.100.1", "203.0.113.1"):
            assert (await log_in(address, **own, **{"X-Forwarded-For": source})).status_code == 200
        # A browser that nobody knows may still try, if slowly.
        assert (await log_in(address, **{"X-Forwarded-For": "198.51.100.7"})).status_code == 200
        forged = {"Cookie": f"ringback_device={known[:-1]}{'0' if known[-1] != '0' else '1'}"}
        forged["X-Forwarded-For"] = "203.0.113.0"
        assert (await log_in(address, password="wrong", **forged)).status_code == 401
        assert (await log_in(address, **forged)).status_code == 429
        # The agent's browser has an allowance of its own, and no more.
        for _ in range(TRIES_PER_DEVICE[0].times):
            await log_in(address, password="wrong", **own)
        assert (await log_in(address, **own)).status_code == 429


@asyncio_test
async def test_a_known_browser_is_of_one_agent_and_one_password(tmp_path: Path) -> None:
    async with listening(tmp_path, agents_answer()) as (server, address):
        known = (await log_in(address)).cookies["ringback_device"]
        request = Request({"type": "http", "headers": [(b"cookie", f"ringback_device={known}".encode())]})
        config = server.world.config
        assert AGENT_COOKIES.is_known_device(request, config, "alice", config.agents["alice"])
        assert AGENT_COOKIES.is_known_device(request, config, "ben", config.agents["ben"]) is None
        assert AGENT_COOKIES.is_known_device(request, config, "nobody", None) is None
        alice = config.agents["alice"].model_copy(update={"password_hash": hash_password("another one")})
        changed = config.model_copy(update={"agents": {**config.agents, "alice": alice}})
        assert AGENT_COOKIES.is_known_device(request, changed, "alice", alice) is None


@asyncio_test
async def test_a_new_password_or_no_agent_any_more_ends_sessions() -> None:
    hall = Hall()
    alice, ben, listener = hall.sessions.open("alice"), hall.sessions.open("ben"), PageQueue()
    with hall.sessions.listening(alice, listener):
        hall.set_agents(alice=hash_password("another one"), ben=QUICK)
        hall.sessions.review()
        with pytest.raises(ClosedError) as closed:
            await listener.next()
        assert closed.value.code == 4401
    assert hall.sessions.name_of(ben) == "ben"
    hall.set_agents(alice=QUICK)
    with pytest.raises(NotLoggedInError):
        hall.sessions.name_of(ben)


@asyncio_test
async def test_who_talks_stays_logged_in_until_the_call_is_over() -> None:
    for change in ({"alice": hash_password("another one")}, {}):
        hall = Hall()
        token, listener = hall.sessions.open("alice"), PageQueue()
        with hall.sessions.listening(token, listener):
            hall.talking.add("alice")
            hall.set_agents(**change, ben=QUICK)
            hall.sessions.review()
            hall.sessions.review()
            assert hall.ending == ["alice"], "told once, to ring them no more"
            assert hall.sessions.name_of(token) == "alice", "a page that reconnects keeps the call"
            hall.set_agents(alice=QUICK)  # too late: the log-in has been withdrawn
            hall.talking.clear()
            hall.sessions.review()
            with pytest.raises(ClosedError) as closed:
                await listener.next()
            assert closed.value.code == 4401
        with pytest.raises(NotLoggedInError):
            hall.sessions.name_of(token)


@asyncio_test
async def test_a_new_password_on_reload_cuts_no_live_call(tmp_path: Path) -> None:
    async with listening(tmp_path, agents_answer()) as (server, address):
        token = (await log_in(address)).cookies["ringback_agent"]
        leg = Leg(
            "c-b1", "business", BrowserEndpoint("agent:alice", "Alice", "alice"), 1.0, LegState.JOINED,
            answered_at=2.0,
        )  # fmt: skip
        async with agent_page(address, token) as page:
            await page.expect("me")
            teller = Teller(server.agents)
            teller.legs(leg)
            await page.until("me", state="on_call")
            agents = {"alice": Agent(label="Alice", password_hash=hash_password("another one"))}
            server.world.config = server.world.config.model_copy(update={"agents": agents})
            server.sessions.review()
            await page.say("choose_state", state="available")
            told = await page.until("me", choice="available")
            assert told["state"] == "on_call", "the page is still heard"
            leg.state = LegState.ENDED
            teller.legs(leg)
            assert await page.closed() == 4401
        assert (await log_in(address)).status_code == 401
        assert (await log_in(address, password="another one")).status_code == 200


@asyncio_test
async def test_an_agent_has_so_many_sessions_and_no_more() -> None:
    hall = Hall()
    tokens = [hall.sessions.open("alice") for _ in range(MOST_PER_PERSON + 1)]
    with pytest.raises(NotLoggedInError):
        hall.sessions.name_of(tokens[0])
    assert hall.sessions.name_of(tokens[1]) == "alice"
    assert len(hall.sessions) == MOST_PER_PERSON


@asyncio_test
async def test_passwords() -> None:
    passwords, made = Passwords(), hash_password("pässwörter")
    assert await passwords.right("pässwörter", made)
    assert not await passwords.right("passworter", made)
    assert not await passwords.right("", None)
    # Nobody's hash costs what ours cost, and settings take what we make.
    assert made.split("$")[1:4] == _NOBODY.split("$")[1:4]
    assert Agent(label="A", password_hash=made).password_hash == made
    assert not await passwords.right("x", "$argon2id$v=19$m=1,t=1,p=1$MTIzNDU2Nzg$MTIzNDU2Nzg5MDEyMzQ1Ng")


@asyncio_test
async def test_the_page(tmp_path: Path) -> None:
    async with serving(tmp_path, agents_answer()) as server:
        missing = await server.http.get("/agent/")
        assert (missing.status_code, "make web" in missing.text) == (404, True)
        folder = tmp_path / "agent-page"
        (folder / "assets").mkdir(parents=True)
        (folder / "index.html").write_text("<!doctype html><title>Agent</title>")
        (folder / "assets" / "main-4711.js").write_text("1")
        (tmp_path / "secret").write_text("secret")
        page = await server.http.get("/agent/")
        assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-cache")
        assert page.headers["Content-Type"].startswith("text/html")
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "microphone=(self)" in page.headers["Permissions-Policy"]
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        script = await server.http.get("/agent/assets/main-4711.js")
        assert (script.status_code, "immutable" in script.headers["Cache-Control"]) == (200, True)
        assert (await server.http.head("/agent/index.html")).status_code == 200
        moved = await server.http.get("/agent")
        assert (moved.status_code, moved.headers["Location"]) == (307, "agent/")
        for path in ("/agent/none.js", "/agent/..%2f..%2fsecret", "/agent/../secret", "/agent/%2e%2e/secret"):
            answer = await server.http.get(path)
            assert (answer.status_code, "secret" in answer.text) == (404, False)
