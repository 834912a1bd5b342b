"""What agents do with their calls over real WebSockets, on a real engine whose legs are on paper."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from api.agents.calls import SOON
from bridge.causes import HangupCause as H
from bridge.commands import Join, Play
from bridge.events import LegAnswered, LegDtmf, LegEnded
from config.models import Config
from routing.plan import SipEndpoint, Speech
from tests.aio import asyncio_test
from tests.api.pages import Page, shopper_page, soon
from tests.api.serving import Server
from tests.api.shop import admin
from tests.api.test_browser_legs import Shop, agents_answer, shop

PUSH = {
    "catalogue": {"12": {"title": "Opening hours", "url": "https://shop.example/hours"}},
    "origins": ["https://help.example"],
    "keys": True,
}


def desk(**changed: Any) -> Config:
    """Alice and Ben, who have a desk."""
    config = agents_answer(page_push=PUSH).model_dump(mode="json", context={"reveal": True})
    config["desk"] = {
        "wrap_up": "30s",
        "codes": {"sale": "Sale", "no_sale": "No sale"},
        "transfers": {"destinations": ["boston"], "routes": ["sales"], "numbers": True},
        **changed,
    }
    return Config.model_validate(config, strict=False)


async def talk(it: Shop, agent: Page, **asked: Any) -> tuple[str, str]:
    """A call that this agent takes in the browser; its id and the agent's leg."""
    call_id = (await it.call(**asked))["id"]
    leg = (await agent.until("ring"))["leg"]
    await agent.offer(leg)
    await soon(lambda: "offer" in it.heard(leg))
    it.server.pool.report(LegAnswered(leg))
    state = await agent.until("desk_call", call_id=call_id)
    assert (state["state"], state["held"], state["site"]) == ("talking", False, "shop")
    return call_id, leg


def plays(server: Server, leg: str) -> list[Play]:
    return [order for order in server.pool.orders if isinstance(order, Play) and order.leg_id == leg]


@asyncio_test
async def test_hold_and_resume(tmp_path: Path) -> None:
    async with shop(tmp_path, desk()) as it:
        alice = await it.available()
        call_id, leg = await talk(it, alice)
        await alice.say("hold", call_id=call_id)
        assert (await alice.until("desk_call"))["held"]
        assert plays(it.server, f"{call_id}-s1")[-1].audio.name == "hold"
        again = await it.page()
        assert (await again.until("desk_call", call_id=call_id))["held"]
        await again.say("resume", call_id=call_id)
        assert not (await alice.until("desk_call"))["held"]
        assert it.server.pool.orders[-1] in (Join(f"{call_id}-s1", leg), Join(leg, f"{call_id}-s1"))


@asyncio_test
async def test_an_attended_transfer_to_another_agent(tmp_path: Path) -> None:
    async with shop(tmp_path, desk()) as it:
        alice, ben = await it.available("alice"), await it.available("ben")
        call_id, _ = await talk(it, alice)
        await alice.say("complete_transfer", call_id=call_id)
        assert (await alice.until("refused"))["reason"] == "not_now"
        await alice.say("transfer", call_id=call_id, to="agent:ben", mode="attended")
        ringing = await alice.until("desk_call", transfer="ringing")
        assert (ringing["consulting"], ringing["held"]) == ("Ben", True)
        leg = (await ben.until("ring"))["leg"]
        await ben.offer(leg)
        await soon(lambda: "offer" in it.heard(leg))
        it.server.pool.report(LegAnswered(leg))
        await alice.until("desk_call", transfer="talking")
        # The call is still Alice's.
        await ben.say("end_call", call_id=call_id)
        assert (await ben.until("refused"))["reason"] == "not_yours"
        await alice.say("complete_transfer", call_id=call_id)
        state = await alice.until("desk_call", state="wrap_up")
        assert state["until"] == it.server.clock.now + 30
        assert (await ben.until("desk_call", call_id=call_id))["state"] == "talking"
        await alice.until("me", state="wrap_up")
        await ben.say("end_call", call_id=call_id)
        await ben.until("me", state="wrap_up")
        await soon(lambda: it.server.engine.progress(call_id).state == "ended")


@asyncio_test
async def test_a_blind_transfer_to_a_phone(tmp_path: Path) -> None:
    async with shop(tmp_path, desk(wrap_up="0s")) as it:
        alice = await it.available()
        call_id, leg = await talk(it, alice)
        await alice.say("transfer", call_id=call_id, to="(617) 555-0100", mode="blind")
        assert (await alice.until("desk_call", call_id=call_id))["state"] == "over"
        await alice.until("me", state="available")
        dialled = it.server.pool.dialled[f"{call_id}-b2"]
        assert isinstance(dialled, SipEndpoint)
        assert (dialled.uri, dialled.label) == ("sip:+16175550100@127.0.0.1:5060", "number ending in 00")
        assert it.server.pool.hung_up[leg] == H.TRANSFERRED
        it.server.pool.report(LegAnswered(f"{call_id}-b2"))
        await soon(lambda: it.server.engine.progress(call_id).connected_to == "number ending in 00")


REFUSED = [
    ("hold", {"call_id": "other"}, "not_yours"),
    ("end_call", {"call_id": "other"}, "not_yours"),
    ("note", {"call_id": "other", "text": "x"}, "not_yours"),
    ("transfer", {"to": "agent:eve", "mode": "blind"}, "target_unknown"),
    ("transfer", {"to": "agent:alice", "mode": "blind"}, "target_unknown"),
    ("transfer", {"to": "destination:tokyo", "mode": "blind"}, "target_unknown"),
    ("transfer", {"to": "route:other", "mode": "blind"}, "target_unknown"),
    ("transfer", {"to": "agent:ben", "mode": "blind"}, "nobody_there"),
    ("transfer", {"to": "sip:mallory@evil.example", "mode": "blind"}, "number_refused"),
    ("transfer", {"to": "+1 900 555 0123", "mode": "blind"}, "number_refused"),
    ("transfer", {"to": "+33 1 42 68 53 00", "mode": "blind"}, "number_refused"),
    ("transfer", {"to": "911", "mode": "blind"}, "number_refused"),
    ("transfer", {"to": "agent:ben", "mode": "sideways"}, "not_understood"),
    ("push_page", {"page": "13"}, "page_unknown"),
    ("push_page", {"page": "https://evil.example/"}, "page_refused"),
    ("push_page", {"page": "https://shop.example@evil.example/"}, "page_refused"),
    ("push_page", {"page": "javascript:alert(1)"}, "page_refused"),
    ("wrap_up", {"code": "other"}, "code_unknown"),
    ("note", {"text": "\x00"}, "not_understood"),
]  # fmt: skip


@asyncio_test
async def test_what_is_refused(tmp_path: Path) -> None:
    async with shop(tmp_path, desk()) as it:
        alice = await it.available()
        call_id, _ = await talk(it, alice)
        for kind, fields, reason in REFUSED:
            asked = {"call_id": call_id, **fields}
            await alice.say(kind, **asked)
            told = await alice.until("refused")
            assert bool(told.pop("detail")) == (reason == "not_understood")
            named = {"request": kind, "call_id": asked["call_id"], "leg": None, "chat_id": None, "key": None}
            assert told == {"type": "refused", **named, "reason": reason}, fields
        assert it.server.engine.progress(call_id).state == "bridged"


@asyncio_test
async def test_notes_codes_and_wrap_up(tmp_path: Path) -> None:
    async with shop(tmp_path, desk()) as it:
        alice = await it.available()
        call_id, _ = await talk(it, alice)
        await alice.say("note", call_id=call_id, text="Wants a tandem\nin red")
        assert (await alice.until("kept")) == {
            "type": "kept", "call_id": call_id, "note": "Wants a tandem\nin red", "code": None,
        }  # fmt: skip
        it.server.pool.report(LegEnded(f"{call_id}-s1", H.NORMAL))
        await alice.until("me", state="wrap_up")
        other = (await it.call(number="(617) 555-0133"))["id"]  # nobody is free: it ends in a callback
        await soon(lambda: it.server.engine.progress(other).state == "ended")
        assert f"{other}-b1" not in it.server.pool.dialled
        reloaded = await it.page()
        state = await reloaded.until("desk_call")
        assert (state["state"], state["note"]) == ("wrap_up", "Wants a tandem\nin red")
        await reloaded.say("wrap_up", call_id=call_id, code="sale")
        await alice.until("desk_call", state="over")
        await alice.until("me", state="available")
        await reloaded.until("kept", code="sale")
        (cdr,) = [
            each
            for each in (await it.server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"]
            if each["call_id"] == call_id
        ]
        assert cdr["wrap_ups"] == [
            {"agent": "alice", "code": "sale", "note": "Wants a tandem\nin red", "at": it.server.clock.now}
        ]
        await reloaded.say("note", call_id=call_id, text="")
        await reloaded.until("kept", note=None, code="sale")


@asyncio_test
async def test_the_desk_is_told_and_told_again(tmp_path: Path) -> None:
    async with shop(tmp_path, desk()) as it:
        alice = await it.page()
        told = await alice.expect("desk")
        assert told == {
            "type": "desk",
            "codes": [{"code": "sale", "label": "Sale"}, {"code": "no_sale", "label": "No sale"}],
            "wrap_up": 30.0,
            "transfers": [
                {"to": "agent:ben", "label": "Ben", "kind": "agent", "state": "offline"},
                {"to": "destination:boston", "label": "Boston store", "kind": "destination", "state": None},
                {"to": "route:sales", "label": "sales", "kind": "route", "state": None},
            ],
            "numbers": True,
            "own_phone": False,
            "push": {"shop": "ask", "other": "off"},
            "pages": [
                {"site": "shop", "id": "12", "title": "Opening hours", "url": "https://shop.example/hours"}
            ],
            "views": {},
        }
        await it.available("ben")
        told = await alice.until("colleagues")
        while told["states"].get("agent:ben") != "available":  # he was away for a moment
            told = await alice.until("colleagues")
        it.server.world.config = desk(codes={})
        for watcher in it.server.world.on_settings:
            watcher()
        assert (await alice.until("desk"))["codes"] == []


@asyncio_test
async def test_a_page_is_pushed_from_the_desk(tmp_path: Path) -> None:
    async with shop(tmp_path, desk()) as it:
        alice = await it.available()
        placed = await it.call()
        call_id = placed["id"]
        leg = (await alice.until("ring"))["leg"]
        await alice.offer(leg)
        await soon(lambda: "offer" in it.heard(leg))
        it.server.pool.report(LegAnswered(leg))
        await alice.until("desk_call", state="talking")
        await alice.say("push_page", call_id=call_id, page="12")
        assert (await alice.until("push_state"))["state"] == "waiting"
        async with shopper_page(it.address, placed) as shopper:
            pushed = await shopper.expect("open_page")
            assert pushed == {
                "type": "open_page", "push": 1, "url": "https://shop.example/hours", "title": "Opening hours",
                "mode": "ask",
            }  # fmt: skip
            assert (await alice.until("push_state"))["state"] == "sent"
            await shopper.say("page_answer", push=7, accepted=True)
            await shopper.say("page_answer", push=1, accepted=False)
            assert (await alice.until("push_state"))["state"] == "declined"
            await alice.say("push_page", call_id=call_id, page="https://help.example/returns?id=1")
            assert (await shopper.expect("open_page"))["push"] == 2
            async with shopper_page(it.address, placed) as second:  # it was reloaded meanwhile
                assert (await second.expect("open_page"))["url"] == "https://help.example/returns?id=1"
                await second.say("page_answer", push=2, accepted=True)
                await alice.until("push_state", state="accepted")
            # By touch-tone, as from any phone.
            for key in "*12#":
                it.server.pool.report(LegDtmf(leg, key))
            assert (await shopper.expect("open_page"))["push"] == 3
            await soon(lambda: any(isinstance(play.audio, Speech) for play in plays(it.server, leg)))
            assert plays(it.server, leg)[-1].audio == Speech(
                "Page 12, Opening hours, is sent.", name="page_push"
            )


@asyncio_test
async def test_the_desk_of_an_agent_who_works_for_a_customer(tmp_path: Path) -> None:
    plain = desk().model_dump(mode="json", context={"reveal": True})
    plain["customers"] = {
        "acme": {"desk": {"codes": {"order": "Order"}, "transfers": {"numbers": False}}},
        "bolt": {},
    }
    plain["sites"]["other"]["customer"] = "acme"
    plain["agents"]["alice"]["customer"], plain["agents"]["ben"]["customer"] = "acme", "bolt"
    async with shop(tmp_path, Config.model_validate(plain, strict=False)) as it:
        alice = await it.page()
        told = await alice.expect("desk")
        assert told["codes"] == [{"code": "order", "label": "Order"}]
        assert (told["wrap_up"], told["transfers"], told["numbers"]) == (0.0, [], False)
        assert (told["push"], told["pages"]) == ({"other": "off"}, [])
        await it.available("ben")
        await asyncio.sleep(2 * SOON)  # were it told, it would be by now
        plain["agents"]["ben"]["customer"] = "acme"
        it.server.world.config = Config.model_validate(plain, strict=False)
        for watcher in it.server.world.on_settings:
            watcher()
        while (told := await alice.next("desk", "colleagues"))["type"] != "desk":
            assert "agent:ben" not in told["states"]
        assert [target["to"] for target in told["transfers"]] == ["agent:ben"]
