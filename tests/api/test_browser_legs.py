"""Legs in browsers over real WebSockets: whose leg it is, and what becomes of it when pages come and go."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from bridge.causes import HangupCause as H
from bridge.commands import SendDtmf
from bridge.events import LegAnswered, LegEnded, LegRinging
from config.models import Config
from routing.plan import BrowserEndpoint, SipEndpoint
from tests.aio import asyncio_test
from tests.api.pages import PASSWORD, Page, agent_page, listening, log_in, shopper_page, soon
from tests.api.serving import Server
from tests.api.shop import ORIGIN, PEOPLE, admin, settings

QUICK = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)


def agents_answer(**site: Any) -> Config:
    """A shop whose calls are answered by Alice, then by Ben, in their browsers."""
    config = settings(talk_methods=["phone", "pc"], **site).model_dump(mode="json", context={"reveal": True})
    return Config.model_validate(
        {
            **config,
            "agents": {
                name: {"label": name.title(), "password_hash": QUICK, "hours": None}
                for name in ("alice", "ben")
            },
            "routes": {
                "sales": {
                    "steps": [{"strategy": "in_order", "destinations": ["agent:alice", "agent:ben"]}],
                    "callback": "later",
                }
            },
            "callbacks": {"later": {}},
            "webrtc": {"stun": ["stun:stun.example:3478"], "turn": ["turn:turn.example"], "turn_secret": "s"},
        },
        strict=False,
    )


@dataclass
class Shop:
    """A server whose agents have pages."""

    server: Server
    address: str
    stack: contextlib.AsyncExitStack
    cookies: dict[str, str] = field(default_factory=dict)

    async def page(self, agent: str = "alice") -> Page:
        """Another page of an agent who is logged in, and has heard who they are."""
        if agent not in self.cookies:
            answer = await log_in(self.address, agent)
            assert answer.status_code == 200, answer.text
            self.cookies[agent] = answer.cookies["ringback_agent"]
        page = await self.stack.enter_async_context(agent_page(self.address, self.cookies[agent]))
        await page.expect("me")
        return page

    async def available(self, agent: str = "alice") -> Page:
        page = await self.page(agent)
        await page.say("choose_state", state="available")
        await page.until("me", state="available")
        return page

    async def call(self, **asked: Any) -> dict[str, Any]:
        """A call whose shopper is on the phone, has answered, and is heard."""
        placed = (await self.server.place(**asked)).json()
        self.server.pool.report(LegRinging(f"{placed['id']}-s1"))
        self.server.pool.report(LegAnswered(f"{placed['id']}-s1"))
        return placed

    def heard(self, leg: str) -> list[str]:
        """The types of what the leg's worker was told."""
        return [message["type"] for leg_id, message in self.server.pool.signals if leg_id == leg]

    def tell(self, leg: str, **message: Any) -> None:
        """As the leg's worker."""
        self.server.legs.signalled(leg, json.dumps(message))


@asynccontextmanager
async def shop(path: Path, config: Config | None = None) -> AsyncIterator[Shop]:
    async with (
        listening(path, config or agents_answer(), real_calls=True) as (server, address),
        contextlib.AsyncExitStack() as stack,
    ):
        yield Shop(server, address, stack)


@asyncio_test
async def test_an_agent_takes_a_call(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        page = await it.available()
        call = await it.call(page="https://shop.example/bikes", context={"cart": 120, "customer.name": "Eve"})
        await page.until("me", state="ringing")
        ring = await page.expect("ring")
        leg = f"{call['id']}-b1"
        expiry, _, user = ring["ice_servers"][1].pop("username").partition(":")
        assert len(ring["ice_servers"][1].pop("credential")) == 28
        assert (int(expiry) - it.server.clock.now, user) == (3600, leg)
        assert ring == {
            "type": "ring", "leg": leg, "call_id": call["id"], "under_way": False,
            "ice_servers": [{"urls": ["stun:stun.example:3478"]}, {"urls": ["turn:turn.example"]}],
            "ice_lifetime": 3600.0, "now": it.server.clock.now,
            "site": "Shop", "page": "https://shop.example/bikes", "number": "+1617•••••23",
            "number_verified": True,
            "name": "Eve", "name_signed": False,
            "context": {"cart": "120", "customer.name": "Eve"},
            "state": "ringing", "since": it.server.clock.now,
        }  # fmt: skip
        assert it.server.pool.dialled[leg] == BrowserEndpoint("agent:alice", "Alice", "alice")
        await page.offer(leg)
        await page.say("candidate", leg=leg, session=1, candidate="candidate:1 1 udp 1 192.0.2.1 9 typ host")
        await page.say("end_of_candidates", leg=leg, session=1)
        await page.say("heard_quality", leg=leg, session=1, loss=1.5, jitter_ms=12)
        await soon(lambda: it.heard(leg) == ["offer", "candidate", "end_of_candidates"])
        assert "leg" not in it.server.pool.signals[0][1]
        it.tell(leg, type="answer", session=1, sdp="v=0", audio="passthrough")
        assert await page.until("answer", leg=leg, session=1)
        it.server.pool.report(LegAnswered(leg))
        await page.until("me", state="on_call")
        assert (await page.expect("leg_state"))["state"] == "joined"
        await page.say("dtmf", leg=leg, digit="5")
        await soon(lambda: SendDtmf(f"{call['id']}-s1", "5") in it.server.pool.orders)
        await page.say("heard_quality", leg=leg, session=1, loss=1.0, jitter_ms=12, concealed=0.5)
        await page.say("heard_quality", leg=leg, session=1, loss=0.0, jitter_ms=8)
        await page.say("hang_up", leg=leg)
        assert (await page.until("me"))["state"] == "available"
        assert (await page.expect("gone"))["cause"] == "normal"
        await soon(lambda: it.server.engine.progress(call["id"]).disposition == "bridged")
        shopper, alice = (await it.server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"][0]["legs"]
        assert shopper["heard"] is None
        assert alice["heard"] == {"loss": 0.5, "jitter_ms": 10.0, "concealed": 0.25}


@asyncio_test
async def test_the_first_of_several_pages_has_the_leg(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        first, second = await it.available(), await it.page()
        leg = f"{(await it.call())['id']}-b1"
        assert not (await first.until("ring"))["under_way"]
        await second.until("ring", leg=leg)
        third = await it.page()
        assert not (await third.expect("ring"))["under_way"]
        await second.offer(leg)
        assert (await first.until("gone"))["cause"] == "answered_elsewhere"
        assert (await third.until("gone"))["cause"] == "answered_elsewhere"
        # It is no matter of theirs any more.
        await first.say("hang_up", leg=leg, reason="declined")
        await first.say("end_of_candidates", leg=leg, session=1)
        await first.say("dtmf", leg=leg, digit="1")
        await second.say("end_of_candidates", leg=leg, session=1)
        await soon(lambda: it.heard(leg) == ["offer", "end_of_candidates"])
        it.tell(leg, type="connected", session=1)
        await second.until("connected", leg=leg)
        await first.silent()


@asyncio_test
async def test_a_page_that_declines_declines_for_all(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        first, second = await it.available(), await it.page()
        ben = await it.available("ben")
        call = await it.call()
        await first.until("ring")
        await second.until("ring")
        await second.say("hang_up", leg=f"{call['id']}-b1", reason="declined")
        for page in (first, second):
            assert (await page.until("gone"))["cause"] == "declined"
        assert (await ben.until("ring"))["leg"] == f"{call['id']}-b2"


@asyncio_test
async def test_a_reload_takes_the_leg_over(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        page, other = await it.available(), await it.page()
        call = await it.call()
        leg = f"{call['id']}-b1"
        await page.until("ring")
        await other.until("ring")
        await page.offer(leg)
        await other.until("gone")
        it.server.pool.report(LegAnswered(leg))
        await page.until("leg_state")
        await page.close()
        # Any page may have it: another page that was there, or the one that comes back.
        told = await other.until("ring")
        assert (told["under_way"], told["state"], told["leg"]) == (True, "joined", leg)
        back = await it.page()
        assert (await back.until("ring"))["under_way"]
        await back.offer(leg, session=2)
        assert (await other.until("gone"))["cause"] == "answered_elsewhere"
        it.tell(leg, type="answer", session=2, sdp="v=0", audio="passthrough")
        await back.until("answer", session=2)
        assert it.server.agents.state("alice") == "on_call"
        await it.server.http.delete(f"/v1/calls/{call['id']}", headers=admin())
        assert (await back.until("gone"))["cause"] == "cancelled"


@asyncio_test
async def test_a_websocket_that_is_lost_and_back(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        page = await it.available()
        call = await it.call()
        leg = f"{call['id']}-b1"
        await page.until("ring")
        await page.offer(leg)
        await soon(lambda: it.heard(leg))
        # The server has not noticed yet that the first one is dead.
        back = await it.page()
        assert (await back.expect("ring"))["under_way"]
        await back.say("reattach", leg=leg)
        assert (await page.until("gone"))["cause"] == "answered_elsewhere"
        it.tell(leg, type="connected", session=1)
        await back.until("connected")
        await page.close()
        await back.silent()
        await back.close()
        await soon(lambda: it.server.agents.state("alice") == "offline")
        it.server.pool.report(LegEnded(leg, H.MEDIA_TIMEOUT))  # what the worker's grace comes to
        late = await it.page()
        await late.say("reattach", leg=leg)
        assert (await late.expect("gone"))["cause"] == "over"


@asyncio_test
async def test_offers_count_in_the_order_in_which_they_come_whatever_the_pages_call_them(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as it:
        page = await it.available()
        leg = f"{(await it.call())['id']}-b1"
        await page.until("ring")
        ahead = 1_800_000_000_000
        await page.offer(leg, session=ahead)
        await soon(lambda: it.heard(leg) == ["offer"])
        # Another machine, whose clock is behind; one with the same name; and one whose clock was set back.
        for count, name in enumerate((1_000, 1_000, 0), 2):
            other = await it.page()
            assert (await other.expect("ring"))["under_way"]
            await other.offer(leg, session=name)
            await other.say("candidate", leg=leg, session=name, candidate="")
            assert (await page.until("gone"))["cause"] == "answered_elsewhere"
            await soon(lambda count=count: it.heard(leg).count("candidate") == count - 1)
            told = [message["session"] for _, message in it.server.pool.signals]
            assert told[-2:] == [count, count]
            it.tell(leg, type="failed", session=count - 1, problem="no_path")  # the former page's
            it.tell(leg, type="answer", session=count, sdp="v=0", audio="passthrough")
            assert (await other.expect("answer"))["session"] == name
            page = other


@asyncio_test
async def test_an_offer_that_is_not_taken_is_answered(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        first, second = await it.available(), await it.page()
        leg = f"{(await it.call())['id']}-b1"
        await first.until("ring")
        await second.until("ring")
        for session, sdp in ((5, "x" * 20_001), (-1, "v=0"), (1.5, "v=0")):
            await first.say("offer", leg=leg, session=session, sdp=sdp)
            assert await first.until("failed", leg=leg, session=session, problem="bad_offer")
        await first.offer(leg, session=6)
        assert (await second.until("gone"))["cause"] == "answered_elsewhere"
        # Sent before that was heard: it must not take the leg back from the page that has it.
        await second.offer(leg, session=7)
        assert (await second.until("gone"))["cause"] == "answered_elsewhere"
        await first.say("end_of_candidates", leg=leg, session=6)
        await soon(lambda: it.heard(leg) == ["offer", "end_of_candidates"])


@asyncio_test
async def test_a_page_gets_another_turn_password_before_its_own_runs_out(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        first, second = await it.available(), await it.page()
        leg = f"{(await it.call())['id']}-b1"
        before = (await first.until("ring"))["ice_servers"][1]["username"]
        await second.until("ring")
        await first.offer(leg)
        await second.until("gone")
        it.server.clock.now += 2_700
        await second.say("ask_ice_servers", leg=leg)  # it is no matter of its any more
        await first.say("ask_ice_servers", leg=leg)
        fresh = await first.until("ice_servers", leg=leg)
        lasts = [int(name.partition(":")[0]) for name in (before, fresh["ice_servers"][1]["username"])]
        assert (lasts[1] - lasts[0], fresh["ice_lifetime"]) == (2_700, 3600.0)
        await second.silent()


@asyncio_test
async def test_an_agent_who_is_not_there_any_more_is_not_waited_for(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        alice, ben = await it.available(), await it.available("ben")
        first = await it.call()
        await alice.until("ring")
        second = await it.call(number=PEOPLE[1])  # goes to Ben, as Alice rings
        await ben.until("ring", leg=f"{second['id']}-b1")
        await alice.say("hang_up", leg=f"{first['id']}-b1", reason="declined")
        # The first call's plan has Ben next, who is rung already.
        await soon(lambda: it.heard(f"{first['id']}-b2") == ["hang_up"])
        assert it.server.pool.signals[-1][1]["reason"] == "busy"
        await ben.silent()
        third = await it.call(number=PEOPLE[2])
        await alice.until("ring", leg=f"{third['id']}-b1")
        await ben.close()
        await alice.say("hang_up", leg=f"{third['id']}-b1", reason="declined")
        assert f"{third['id']}-b2" not in it.server.pool.dialled, "Ben was ringing when this was planned"


@asyncio_test
async def test_only_who_is_available_is_rung(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        page = await it.page()
        call = await it.call()
        await page.silent()
        assert not any(isinstance(each, BrowserEndpoint) for each in it.server.pool.dialled.values())
        assert it.server.engine.progress(call["id"]).state in ("booking_callback", "ending", "ended")


@asyncio_test
async def test_a_shopper_talks_by_pc(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        alice = await it.available()
        asked = {"site_key": "shop-public-key", "by": "pc"}
        answer = await it.server.http.post("/v1/calls", json=asked, headers={"Origin": ORIGIN})
        placed = answer.json()
        assert answer.status_code == 201
        leg = f"{placed['id']}-s1"
        assert (placed["leg"], len(placed["ice_servers"])) == (leg, 2)
        assert it.server.pool.dialled == {leg: BrowserEndpoint("shopper", "Shopper")}
        async with shopper_page(it.address, placed) as page:
            ring = await page.expect("ring")
            assert (ring["leg"], ring["under_way"], "number" in ring) == (leg, False, False)
            await page.offer(leg)
            await page.say("dtmf", leg=leg, digit="1")  # too early to be heard
            await soon(lambda: it.heard(leg) == ["offer"])
            it.server.pool.report(LegRinging(leg))
            it.tell(leg, type="answer", session=1, sdp="v=0", audio="passthrough")
            await page.until("answer", leg=leg)
            it.server.pool.report(LegAnswered(leg))
            ring = await alice.until("ring")
            assert (ring["number"], ring["leg"]) == ("", f"{placed['id']}-b1")
            # Its own leg alone, whatever its page says.
            await page.say("hang_up", leg=ring["leg"])
            await page.offer(ring["leg"])
            assert await page.until("gone", leg=ring["leg"], cause="over")
            await alice.offer(ring["leg"])
            await soon(lambda: it.heard(ring["leg"]) == ["offer"])
            it.server.pool.report(LegAnswered(ring["leg"]))
            await alice.until("leg_state", state="joined")
            await page.say("hang_up", leg=leg)
            assert (await page.until("gone", leg=leg))["cause"] == "normal"
            assert await page.closed() == 1000
        assert (await alice.until("gone"))["cause"] == "peer_ended"
        await it.server.engine.drained()
        cdr = (await it.server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"][0]
        assert (cdr["number"], cdr["disposition"]) == ("", "bridged")
        assert [each["uri"] for each in cdr["legs"]] == ["browser:shopper", "browser:agent:alice"]


@asyncio_test
async def test_who_gave_no_number_is_not_called_back(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        asked = {"site_key": "shop-public-key", "by": "pc"}
        placed = (await it.server.http.post("/v1/calls", json=asked, headers={"Origin": ORIGIN})).json()
        assert (placed["leg"], placed["ice_servers"]) == (None, []), "nobody is there to talk with"
        await soon(lambda: it.server.engine.progress(placed["id"]).state == "ended")
        assert it.server.engine.progress(placed["id"]).disposition == "unanswered"


@asyncio_test
async def test_a_pc_call_with_a_number_is_checked_as_any(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        await it.available()
        assert (await it.server.place(by="pc")).status_code == 201
        assert (await it.server.place("911", by="pc")).json()["id"] == "number_short"
        lacking = (await it.server.place(by="pc", country=None)).json()
        assert [each["path"] for each in lacking["errors"]] == ["body.country"]
        asked = {"site_key": "shop-public-key"}
        lacking = (await it.server.http.post("/v1/calls", json=asked, headers={"Origin": ORIGIN})).json()
        assert [each["path"] for each in lacking["errors"]] == ["body.number", "body.country"]
        by_phone = (await it.server.place()).json()
        assert (by_phone["leg"], by_phone["ice_servers"]) == (None, [])
        assert isinstance(it.server.pool.dialled[f"{by_phone['id']}-s1"], SipEndpoint)


@asyncio_test
async def test_a_site_offers_what_it_offers(tmp_path: Path) -> None:
    for talk, by in ((["phone"], "pc"), (["pc"], "phone")):
        folder = tmp_path / by
        folder.mkdir()
        config = settings(talk_methods=talk)
        async with listening(folder, config) as (server, _):
            refused = await server.place(by=by)
            assert (refused.status_code, refused.json()["id"]) == (403, "talk_refused")


@asyncio_test
async def test_pc_calls_without_a_number_have_limits_of_their_own(tmp_path: Path) -> None:
    limits = {"calls_per_number": ["1 per 1h"], "numbers_per_ip": ["1 per 1h"], "calls_per_ip": ["3 per 1h"]}
    async with shop(tmp_path, agents_answer(limits=limits)) as it:
        asked = {"site_key": "shop-public-key", "by": "pc"}
        story = [
            (await it.server.http.post("/v1/calls", json=asked, headers={"Origin": ORIGIN})).status_code
            for _ in range(4)
        ]
        assert story == [201, 201, 201, 429]


@asyncio_test
async def test_nonsense_is_not_heard_and_too_much_of_it_closes(tmp_path: Path) -> None:
    async with shop(tmp_path) as it:
        page = await it.available()
        leg = f"{(await it.call())['id']}-b1"
        await page.until("ring")
        for kind, fields in (
            ("offer", {"leg": leg, "session": -1, "sdp": "v=0"}),
            ("offer", {"leg": leg, "session": 1, "sdp": "x" * 20_001}),
            ("offer", {"leg": 7}),
            ("surprise", {"leg": leg}),
            ("state", {"state": "king"}),
            ("dtmf", {"leg": leg, "digit": "12"}),
        ):
            await page.say(kind, **fields)
        await page._socket.send("[" * 40_000)
        await page._socket.send(b"\x00")
        await page.say("hang_up", leg=leg, reason="busy")
        assert (await page.until("gone"))["cause"] == "busy"
        assert it.heard(leg) == ["hang_up"]
        with contextlib.suppress(ConnectionError):
            for _ in range(200):
                await page.say("choose_state", state="away")
        await page.until("me", state="away")
        assert await asyncio.wait_for(page.closed(), 5) == 4429
