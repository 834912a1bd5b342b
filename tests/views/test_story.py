"""A shared view from the question to its end, over real WebSockets and a real database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.agents.view_files import picture_origins
from tests.aio import asyncio_test
from tests.api.shop import ORIGIN
from tests.views.shop import (
    ALL,
    CARD,
    HEADING,
    LINK,
    PAY,
    UNKNOWN,
    ZIP,
    page_events,
    scrolled,
    sharing,
    text,
    typed,
    view_shop,
)


@asyncio_test
async def test_an_agent_sees_points_and_fills_and_nothing_secret_passes(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with view_shop(tmp_path) as shop:
        seeing = await shop.seeing()
        assert shop.server.office.agents.chats("alice") == {seeing.asked.chat["id"]: 2}
        assert seeing.asked.question["agent"] == "Alice"
        assert set(seeing.asked.question["consent"]["words"]) == set(ALL)
        assert "Alice" in seeing.asked.question["consent"]["words"]["see"]

        await seeing.tab.events(typed(ZIP, "SECRET-zip"), typed(CARD, "SECRET-4111"), scrolled(40))
        told = await seeing.document.until("events")
        assert any(event["data"].get("y") == 40 for event in told["events"])

        await seeing.document.say(
            "action", action="a1", kind="highlight", node=HEADING, word="this one, please"
        )
        order = await seeing.tab.until("action")
        assert (order["kind"], order["node"], order["agent"], order["ask"]) == (
            "highlight",
            HEADING,
            "Alice",
            False,
        )
        await seeing.tab.say("done", action=order["action"], result="done", reason="")
        assert (await seeing.document.until("result"))["result"] == "done"

        await seeing.document.say("action", action="a2", kind="fill", node=ZIP, value="SECRET-of-the-agent")
        order = await seeing.tab.until("action")
        assert order["value"] == "SECRET-of-the-agent"
        await seeing.tab.say("done", action=order["action"], result="declined", reason="shopper")
        assert (await seeing.document.until("result", action="a2"))["result"] == "declined"

        await seeing.tab.say("end")
        assert (await seeing.document.until("ended"))["reason"] == "shopper"
        assert (await seeing.alice.until("view", state="ended"))["reason"] == "shopper"
        assert await seeing.document.closed() == 1000
        assert shop.server.office.agents.chats("alice") == {seeing.asked.chat["id"]: 1}
        assert not any("SECRET" in told for told in seeing.document.seen)
        await shop.server.views.keeper.flushed()
        steps = await shop.server.stores.views.steps(seeing.asked.chat["id"])
    assert [(each["step"], each["what"], each["result"]) for each in steps] == [
        ("asked", "", ""),
        ("agreed", "", ""),
        ("watched", "", ""),
        ("action", "highlight", "done"),
        ("action", "fill", "declined"),
        ("ended", "shopper", ""),
    ]
    agreed = steps[1]
    assert agreed["version"] == seeing.asked.question["consent"]["version"]
    assert seeing.asked.question["consent"]["words"]["fill"] in agreed["words"]
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("*.sqlite3*"))  # noqa: ASYNC240 - it is over
    assert b"SECRET" not in kept
    assert b"view_steps" in kept
    logged = "".join(capfd.readouterr())
    assert "view_ended" in logged
    assert "view_opened" in logged
    assert "SECRET" not in logged


REFUSED: list[tuple[str, list[str], dict[str, Any], str]] = [
    *((kind, ["see"], {"node": HEADING}, "not_agreed") for kind in ("point", "highlight", "scroll")),
    ("propose", ["see"], {"node": ZIP, "value": "1"}, "not_agreed"),
    ("navigate", ["see"], {"value": f"{ORIGIN}/a"}, "not_agreed"),
    ("fill", ["see", "point"], {"node": ZIP, "value": "1"}, "not_agreed"),
    ("click", ["see", "point"], {"node": LINK}, "not_agreed"),
    ("fill", ALL, {"node": CARD, "value": "1"}, "masked"),
    ("propose", ALL, {"node": CARD, "value": "1"}, "masked"),
    ("click", ALL, {"node": PAY}, "never_click"),
    ("click", ALL, {"node": UNKNOWN}, "gone"),
    ("fill", ALL, {"node": HEADING, "value": "1"}, "not_fillable"),
    ("fill", ALL, {"node": ZIP, "value": "a\u0000b"}, "bad_value"),
    ("navigate", ALL, {"value": "https://evil.example/"}, "no_navigation"),
]


@asyncio_test
async def test_what_is_refused_says_why_and_does_not_reach_the_page(tmp_path: Path) -> None:
    for number, scopes in enumerate((["see"], ["see", "point"], ALL)):
        (tmp_path / str(number)).mkdir()
        async with view_shop(tmp_path / str(number)) as shop:
            seeing = await shop.seeing(scopes)
            for kind, agreed, fields, why in REFUSED:
                if agreed != scopes:
                    continue
                told = await seeing.does(kind, f"{kind}-{why}", **fields)
                assert (told["result"], told["reason"]) == ("refused", why), (kind, fields)
                assert told["detail"]
            await seeing.tab.say("end")
            while (told := await seeing.tab.next())["type"] != "ended":
                assert told["type"] != "action"


@asyncio_test
async def test_rights_of_agents_and_sites_hold_whatever_the_shopper_agreed_to(tmp_path: Path) -> None:
    async with view_shop(tmp_path, sharing({"allow": ["see", "point"]}, ben=[])) as shop:
        seeing = await shop.seeing()
        assert seeing.asked.question["scopes"] == ["see", "point"]
        told = await seeing.does("fill", node=ZIP, value="1")
        assert told["reason"] == "not_on_site"
        ben = await shop.desk("ben")
        await ben.say("ask_view", talk=seeing.asked.chat["id"], scopes=["see"])
        assert (await ben.until("view"))["refused"] == "not_yours"
        await ben.say("view_token", view=seeing.view)
        assert (await ben.until("view"))["refused"] == "unknown"
        await ben.say("end_view", view=seeing.view)
        assert (await ben.until("view"))["refused"] == "unknown"


@asyncio_test
async def test_a_supervisor_sees_and_does_nothing(tmp_path: Path) -> None:
    async with view_shop(tmp_path) as shop:
        seeing = await shop.seeing()
        cho = await shop.desk("cho", available=False)
        shop.server.clock.now += 3
        document = await shop.document(seeing.view, await shop.token(cho, seeing.view))
        assert (await document.until("welcome"))["scopes"] == ["see"]
        await seeing.tab.until("snapshot")  # there was none for two seconds
        await seeing.tab.events(*page_events())
        assert (await document.until("events"))["events"][-1]["type"] == 2
        await document.say("action", action="x", kind="highlight", node=HEADING)
        assert (await document.until("result"))["reason"] == "not_your_right"
        await document.say("end")
        await document.say("ask", scopes=ALL)
        await seeing.tab.events(scrolled(3))
        assert (await document.until("events"))["events"]


@asyncio_test
async def test_tokens_open_once_and_strangers_see_nothing(tmp_path: Path) -> None:
    async with view_shop(tmp_path) as shop:
        seeing = await shop.seeing()
        token = await shop.token(seeing.alice, seeing.view)
        second = await shop.document(seeing.view, token)
        await second.until("welcome")
        assert await seeing.document.closed() == 4409
        assert await (await shop.document(seeing.view, token)).closed() == 4401
        assert await (await shop.document("v_unknown", "x")).closed() == 4404
        assert await (await shop.tab(seeing.view, "wrong")).closed() == 4401
        old = await shop.token(seeing.alice, seeing.view)
        shop.server.clock.now += 61
        assert await (await shop.document(seeing.view, old)).closed() == 4401


@asyncio_test
async def test_a_phone_code_joins_page_and_talk_once(tmp_path: Path) -> None:
    async with view_shop(tmp_path) as shop:
        answer = await shop.server.http.post(
            "/v1/views/codes", json={"site_key": "shop-public-key"}, headers={"Origin": ORIGIN}
        )
        assert answer.status_code == 201, answer.text
        code = answer.json()
        tab = await shop.tab(code["view"], code["token"])
        assert (await tab.until("welcome"))["consent"] is None
        chat, _, alice = await shop.talking()
        await alice.say("join_view", talk=chat["id"], code=code["code"], scopes=["see"])
        question = await tab.until("ask")
        assert (question["agent"], question["scopes"]) == ("Alice", ["see"])
        await tab.say("consent", scopes=["see"], version=question["consent"]["version"])
        assert (await alice.until("view", state="agreed"))["agreed"] == ["see"]
        for _ in range(5):
            await alice.say("join_view", talk=chat["id"], code=code["code"], scopes=["see"])
            assert (await alice.until("view", state="ended"))["refused"] == "code_wrong"
        await alice.say("join_view", talk=chat["id"], code=code["code"], scopes=["see"])
        assert (await alice.until("view", state="ended"))["refused"] == "code_tries"


@asyncio_test
async def test_the_view_ends_with_the_talk(tmp_path: Path) -> None:
    async with view_shop(tmp_path) as shop:
        seeing = await shop.seeing()
        await seeing.asked.shopper.say("chat_end")
        assert (await seeing.tab.until("ended"))["reason"] == "talk_ended"
        assert (await seeing.document.until("ended"))["reason"] == "talk_ended"
        assert len(shop.server.views.views) == 0


@asyncio_test
async def test_a_lost_message_leads_to_a_new_snapshot_and_large_pages_come_in_parts(tmp_path: Path) -> None:
    async with view_shop(tmp_path) as shop:
        seeing = await shop.seeing()
        shop.server.clock.now += 3
        seeing.tab.seq += 1  # one was lost
        await seeing.tab.events(scrolled(9))
        await seeing.tab.until("snapshot")
        long = text(13, "words " * 100_000)
        meta, whole = page_events(long)
        await seeing.tab.events(meta)
        pieces = json.dumps(whole)
        size = 200_000
        count = -(-len(pieces) // size)
        for index in range(count):
            await seeing.tab.say(
                "part", page=seeing.tab.document, seq=seeing.tab.seq, of=1, index=index, count=count,
                data=pieces[index * size : (index + 1) * size],
            )  # fmt: skip
            seeing.tab.seq += 1
        while (told := await seeing.document.until("events"))["events"][-1]["type"] != 2:
            pass
        assert [event["type"] for event in told["events"]] == [4, 2]
        assert len(json.dumps(told)) > 500_000


@asyncio_test
async def test_a_socket_killed_within_a_snapshot_leaves_the_view_whole(tmp_path: Path) -> None:
    async with view_shop(tmp_path) as shop:
        seeing = await shop.seeing()
        shop.server.clock.now += 3
        pieces = json.dumps(page_events()[1])
        await seeing.tab.say(
            "part", page=seeing.tab.document, seq=seeing.tab.seq, of=1, index=0, count=2, data=pieces[:50]
        )
        seeing.tab._socket.transport.abort()
        assert (await seeing.document.until("paused"))["why"] == "navigating"
        again = await shop.tab(seeing.view, seeing.asked.question["token"], resumed=True)
        assert (await again.until("welcome"))["agreed"] == ALL
        await again.records()
        assert (await seeing.document.until("page"))["n"] == again.document
        assert (await seeing.document.until("events"))["events"][-1]["type"] == 2


HOSTILE: list[str] = [
    "", "null", "[]", "{}", '{"type": 1}', '{"type": "hello"}', "[" * 30_000, '{"type": "events"}',
    '{"type": "events", "page": 1, "seq": 0, "events": [[]]}',
    '{"type": "events", "page": 1, "seq": 1e400, "events": []}',
    '{"type": "part", "page": 1, "seq": 1, "of": 0, "index": 5, "count": 1, "data": "{"}',
    '{"type": "part", "page": 1, "seq": 2, "of": 0, "index": 0, "count": 1, "data": "[[[["}',
    '{"type": "done", "action": "nothing", "result": "done"}',
    '{"type": "pointer", "node": -1, "dx": 0, "dy": 0}',
    '{"type": "consent", "scopes": ["everything"], "version": "1"}',
    json.dumps({"type": "visible", "visible": True, "more": "x" * 100_000}),
]  # fmt: skip


@asyncio_test
async def test_hostile_messages_end_nothing(tmp_path: Path) -> None:
    async with view_shop(tmp_path) as shop:
        seeing = await shop.seeing()
        for said in HOSTILE:
            await seeing.tab._socket.send(said)
            if len(said) < 48_000:  # else its socket is closed: documents have nothing long to say
                await seeing.document._socket.send(said)
        shop.server.clock.now += 3
        await seeing.tab.say("pong")
        assert shop.server.views.views.view(seeing.view) is not None
        for hostile in ({"type": 2}, {"type": 3, "data": {"source": 0, "adds": [{"parentId": 7}]}}, {"a": 1}):
            await seeing.tab.events({**hostile, "timestamp": 1})
        assert (await seeing.does("click", node=UNKNOWN))["reason"] in ("gone", "paused")
        assert shop.server.views.views.view(seeing.view) is not None


@asyncio_test
async def test_the_document_is_told_no_card_and_loads_from_this_shop_alone(tmp_path: Path) -> None:
    async with view_shop(tmp_path, sharing({"assets": ["https://cdn.example"]})) as shop:
        asked = await shop.asked()
        view, question = asked.question["view"], asked.question
        live, config = shop.server.views.views.view(view), shop.server.world.config
        assert "https://other.example" in {
            origin for site in config.sites.values() for origin in site.origins
        }
        assert picture_origins(live, config) == {*config.sites["shop"].origins, "https://cdn.example"}
        assert picture_origins(None, config) == frozenset()

        tab = await shop.tab(view, question["token"], title="Card 4111 1111 1111 1111")
        await tab.say("consent", scopes=question["scopes"], version=question["consent"]["version"])
        agreed = await asked.alice.until("view", state="agreed")
        document = await shop.document(view, agreed["token"])
        await document.until("welcome")
        await tab.records()
        told = await document.until("page")
        assert told["title"].startswith("Card ")
        assert "1111" not in told["title"]
        assert told["url"] == f"{ORIGIN}/checkout"


@pytest.mark.parametrize("why", ["no hello", "foreign origin"])
@asyncio_test
async def test_who_says_nothing_or_comes_from_elsewhere(tmp_path: Path, why: str) -> None:
    async with view_shop(tmp_path) as shop:
        asked = await shop.asked()
        view, token = asked.question["view"], asked.question["token"]
        if why == "foreign origin":
            tab = await shop.tab(view, token, origin="https://other.example")
            assert await tab.closed() == 4401
        else:
            page = await shop._connect(f"/v1/views/{view}", ORIGIN)
            await page.say("end")
            assert await page.closed() == 4408
