"""Chats from the shopper's click to the end, over real WebSockets."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import Any

import jwt

from bridge.causes import HangupCause
from bridge.events import LegEnded
from config.models import Config
from tests.aio import asyncio_test
from tests.api.chat_shop import ChatPage, chat_shop, chatting
from tests.api.pages import soon
from tests.api.shop import admin

SECRET = "a-signing-secret-of-more-than-32-bytes-length"


@asyncio_test
async def test_two_people_chat(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        alice = await it.desk()
        chat = await it.chat(page="https://shop.example/bikes", context={"customer.name": "Eve"})
        shopper = await it.shopper(chat)
        offer = await alice.until("desk_chat", state="offered")
        assert (offer["pop"]["name"], offer["pop"]["page"]) == ("Eve", "https://shop.example/bikes")
        assert offer["until"] == it.server.clock.now + 20.0
        assert (await shopper.until("chat_state", state="offered"))["agent"] is None
        await alice.say("chat_accept", chat_id=chat["id"])
        await alice.until("desk_chat", state="talking")
        await alice.say("desk_follow", chat_id=chat["id"], after=None)
        assert (await shopper.until("chat_state", state="talking"))["agent"] == "Alice"
        key = await shopper.write("Is it there in blue? 🚲\r\nMy card is 4111 1111 1111 1111.")
        entry = await alice.hears("Is it there in blue? 🚲\nMy card is ••••.")
        assert (entry["by"], entry["key"]) == ("shopper", None)
        assert (await shopper.hears("Is it there in blue? 🚲\nMy card is ••••."))["key"] == key
        await alice.say("desk_typing", chat_id=chat["id"])
        await shopper.until("agent_typing")
        await shopper.say("chat_typing")
        await alice.until("shopper_typing", chat_id=chat["id"])
        await alice.write("Yes, tomorrow.", chat_id=chat["id"])
        assert (await shopper.hears("Yes, tomorrow."))["agent"] == "Alice"
        await alice.say("desk_end", chat_id=chat["id"], code="sale")
        over = await shopper.until("chat_state", state="ended")
        assert (over["outcome"], over["cause"], over["survey"]) == ("answered", "agent", True)
        await alice.until("desk_chat", state="over", why="over")
        assert await alice.until("chat_kept", code="sale")
        await shopper.say("chat_rate", rating=5, text="Thanks")
        await soon_rated(it, chat["id"], 5)
        await shopper.hears("ended_by_agent")
        assert shopper.events == ["joined", "ended_by_agent"]
        assert [entry["seq"] for entry in shopper.said.values()] == [1, 2, 3, 4]


async def soon_rated(it: Any, chat_id: str, rating: int) -> None:
    async with asyncio.timeout(5):
        while True:
            stored = await it.server.stores.chats.chat(chat_id)
            if stored and stored.rating == rating:
                return
            await asyncio.sleep(0.01)


@asyncio_test
async def test_a_page_that_comes_again_gets_what_it_lacks_and_nothing_twice(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        chat, shopper, alice = await it.talking()
        key = await shopper.write("one")
        await shopper.hears("one")
        await shopper.say("chat_say", key=key, text="one")
        assert (await shopper.until("chat_sent"))["key"] == key
        await shopper.close()
        await alice.hears("one")
        for text in ("two", "three"):
            await alice.write(text, chat_id=chat["id"])
        await alice.hears("three")
        again = await it.shopper(chat, after=2)
        await again.hears("three")
        assert sorted(again.said) == [3, 4]
        fresh = await it.shopper(chat)
        await fresh.hears("three")
        assert fresh.texts == ["one", "two", "three"]


@asyncio_test
async def test_a_long_chat_is_read_backwards(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        from chat.events import ShopperSaid

        chat, _, _ = await it.talking()
        for number in range(120):
            it.server.office.chats.engine.handle(chat["id"], ShopperSaid(f"s.{number:08}", f"line {number}"))
        await it.server.office.chats.engine.writer.flushed()
        page = await it.shopper(chat)
        first = await page.until("chat_entries")
        assert (len(first["entries"]), first["earlier"]) == (50, True)
        await page.say("chat_earlier", before=first["entries"][0]["seq"])
        second = await page.until("chat_entries")
        assert second["entries"][-1]["seq"] == first["entries"][0]["seq"] - 1
        await page.say("chat_earlier", before=second["entries"][0]["seq"])
        third = await page.until("chat_entries")
        assert (len(third["entries"]), third["earlier"]) == (21, False)


@asyncio_test
async def test_who_does_not_answer_is_followed_by_the_next(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, chatting({"offer": "300ms"})) as it:
        alice, ben = await it.desk("alice"), await it.desk("ben")
        chat = await it.chat()
        await it.shopper(chat)
        await alice.until("desk_chat", state="offered")
        await alice.until("desk_chat", state="over", why="timeout")
        await ben.until("desk_chat", state="offered")
        await alice.say("chat_accept", chat_id=chat["id"])
        assert (await alice.until("refused"))["reason"] == "not_yours"
        await ben.say("chat_accept", chat_id=chat["id"])
        await ben.until("desk_chat", state="talking")


@asyncio_test
async def test_capacity_and_the_line(tmp_path: Path) -> None:
    """Two chats at once; the third waits, is told where, and is offered once one ends."""
    async with chat_shop(tmp_path) as it:
        alice = await it.desk()
        chats = [await it.chat(visitor=f"visitor-number-{number:04}") for number in range(4)]
        pages = [await it.shopper(chat) for chat in chats]
        for chat in chats[:2]:
            await alice.until("desk_chat", state="offered", chat_id=chat["id"])
        for chat in chats[:2]:
            it.server.clock.now += 2.0  # who waits is told of changes once a second
            await alice.say("chat_accept", chat_id=chat["id"])
            await alice.until("desk_chat", state="talking", chat_id=chat["id"])
        waits = await pages[3].until("chat_state", position=2)
        assert waits["wait"] > 0
        await pages[0].say("chat_end")
        await alice.until("desk_chat", state="offered", chat_id=chats[2]["id"])
        await alice.say("chat_decline", chat_id=chats[2]["id"])
        await alice.until("desk_chat", state="over", why="declined")


@asyncio_test
async def test_nobody_is_there_so_the_shopper_leaves_a_message_or_a_number(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        chats = [await it.chat(visitor=f"visitor-number-{number:04}") for number in range(2)]
        pages = [await it.shopper(chat) for chat in chats]
        state = await pages[0].until("chat_state", state="waiting", choices=["wait", "message", "callback"])
        assert state["position"] is None or state["position"] == 1
        await pages[0].write("Do you repair tandems?")
        await pages[0].say(
            "chat_choose", choice="message", text="Card 4111111111111111", reply_to="eve@x.example"
        )
        assert (await pages[0].until("chat_state", state="ended"))["outcome"] == "message"
        (mail,) = it.server.office.chats.mails
        assert (mail.target, mail.subject) == ("office@shop.example", "[Office] Message from A shopper")
        for line in ("Do you repair tandems?", "Card ••••", "eve@x.example"):
            assert line in mail.body
        await pages[1].until("chat_state", state="waiting", choices=["wait", "message", "callback"])
        await pages[1].say("chat_choose", choice="callback", number="12", country="US")
        assert (await pages[1].until("refused"))["reason"] == "number_refused"
        await pages[1].say("chat_choose", choice="callback", number="(617) 555-0123", country="US")
        assert (await pages[1].until("chat_state", state="ended"))["outcome"] == "callback"
        ((_, click, terms),) = it.server.office.chats.promised
        assert (click.number, click.by, click.reached, terms) == ("+16175550123", "phone", False, "later")


@asyncio_test
async def test_an_agent_comes_while_the_shopper_waits(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        chat = await it.chat()
        await it.shopper(chat)
        alice = await it.desk()
        await alice.until("desk_chat", state="offered", chat_id=chat["id"])


@asyncio_test
async def test_passing_on_and_notes(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        chat, shopper, alice = await it.talking()
        await alice.say("chat_pass", chat_id=chat["id"], to="agent:ben", note="")
        assert (await alice.until("refused"))["reason"] == "nobody_there"
        ben = await it.desk("ben")
        await alice.say("chat_pass", chat_id=chat["id"], to="agent:ben", note="Wants the blue one")
        await ben.until("desk_chat", state="offered")
        await alice.until("desk_chat", passing="ringing")
        await ben.say("chat_accept", chat_id=chat["id"])
        await ben.until("desk_chat", state="talking")
        await alice.until("desk_chat", state="over", why="taken", by="Ben")
        await ben.say("desk_follow", chat_id=chat["id"], after=None)
        assert (await ben.hears("Wants the blue one"))["kind"] == "note"
        await shopper.until("chat_state", agent="Ben")
        assert "Wants the blue one" not in [entry["text"] for entry in shopper.said.values()]
        await alice.write("still me", chat_id=chat["id"])
        assert (await alice.until("refused"))["reason"] == "not_yours"
        await ben.say("chat_pass", chat_id=chat["id"], to="queue")
        await alice.until("desk_chat", state="offered")  # it is asked who did not pass it on


@asyncio_test
async def test_a_supervisor_looks_in_whispers_and_takes_over(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        chat, shopper, alice = await it.talking()
        cho = await it.desk("cho", available=False)
        board = await cho.until("chat_board")
        assert [(each["chat_id"], each["agent"]) for each in board["chats"]] == [(chat["id"], "Alice")]
        await shopper.write("I wait")
        await cho.say("chat_watch", chat_id=chat["id"], on=True)
        await cho.until("desk_chat", state="watching")
        await cho.say("desk_follow", chat_id=chat["id"], after=None)
        await cho.hears("I wait")
        await cho.say("chat_whisper", chat_id=chat["id"], key="whisper-1", text="Be kind")
        note = await alice.hears("Be kind")
        assert (note["seq"], note["kind"], note["agent"]) == (-1, "note", "Cho")
        await cho.write("hello", chat_id=chat["id"])
        assert (await cho.until("refused"))["reason"] == "not_yours"
        await cho.say("chat_take", chat_id=chat["id"])
        await cho.until("desk_chat", state="talking")
        await alice.until("desk_chat", state="over", why="taken", by="Cho")
        await alice.say("chat_watch", chat_id=chat["id"], on=True)
        assert (await alice.until("refused"))["reason"] == "not_yours"  # no right


@asyncio_test
async def test_an_agent_whose_page_is_gone_loses_the_chat(tmp_path: Path) -> None:
    config = chatting().model_dump(mode="json", context={"reveal": True})
    config["agents"]["alice"]["chats"] = 1
    async with chat_shop(tmp_path, Config.model_validate(config, strict=False)) as it:
        chat, shopper, alice = await it.talking()
        engine = it.server.office.chats.engine
        plan = engine._chats[chat["id"]].machine.plan
        assert (plan.agent_told, plan.agent_gone) == (30.0, 60.0)
        engine._chats[chat["id"]].machine.plan = type(plan)(
            plan.site, plan.route, plan.queue, agent_told=0.05, agent_gone=0.2, choices=plan.choices
        )
        later = await it.chat(visitor="visitor-number-0002")
        await it.shopper(later)
        await alice.close()
        assert (await shopper.hears("agent_lost"))["kind"] == "event"
        ben = await it.desk("ben")
        offered = await ben.until("desk_chat", state="offered")
        assert offered["chat_id"] == chat["id"], "at the head of the queue"
        await ben.until("desk_chat", state="offered", chat_id=later["id"])


@asyncio_test
async def test_a_word_after_the_end_opens_the_chat_again(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        chat, shopper, alice = await it.talking()
        await alice.say("desk_end", chat_id=chat["id"], code=None)
        assert (await shopper.until("chat_state", state="ended"))["reopens"]
        engine = it.server.office.chats.engine
        await engine.writer.flushed()
        del engine._chats[chat["id"]]  # as a minute later
        again = await it.shopper(chat)
        await again.until("chat_state", state="ended", reopens=True)
        await again.write("One more thing")
        await again.until("chat_state", state="offered")
        await alice.until("desk_chat", state="offered")
        assert (await again.hears("reopened"))["kind"] == "event"


@asyncio_test
async def test_twenty_clicks_are_one_chat(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        key = secrets.token_urlsafe(24)
        answers = await asyncio.gather(*(it.ask(key=key) for _ in range(20)))
        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.text for answer in answers}) == 1


@asyncio_test
async def test_limits_are_told_in_words(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, chatting({"limits": {"per_visitor": ["2 per 1h"]}})) as it:
        visitor = "a-visitor-of-this-shop"
        first = await it.chat(visitor=visitor)
        refused = await it.ask(visitor=visitor)
        assert (refused.status_code, refused.json()["id"]) == (409, "chat_open")
        for chat in (first, None):
            chat = chat or await it.chat(visitor=visitor)
            page = await it.shopper(chat)
            await page.say("chat_end")
            await page.until("chat_state", state="ended")
        refused = await it.ask(visitor=visitor)
        assert (refused.status_code, refused.json()["id"]) == (429, "limit_chats")
        counts = await it.server.stores.chats.counts(0.0, it.server.clock.now + 900.0)
        assert [each["chats"] for each in counts if each["outcome"] == "refused"] == [1]
        assert "call us" in refused.json()["detail"]
        assert int(refused.headers["Retry-After"]) > 3000


@asyncio_test
async def test_what_is_refused(tmp_path: Path) -> None:
    form = {"fields": ["customer.name"], "required": ["customer.name"]}
    async with chat_shop(tmp_path, chatting({"form": form})) as it:
        lacking = await it.ask()
        assert (lacking.status_code, lacking.json()["errors"][0]["path"]) == (
            400,
            "body.context.customer.name",
        )
        off = await it.ask(site_key="other-public-key", headers={"Origin": "https://other.example"})
        assert off.json()["id"] == "chat_off"
        stranger = await it.ask(headers={"Origin": "https://evil.example"})
        assert stranger.json()["id"] == "origin_refused"
        chat = await it.chat(context={"customer.name": "Eve"})
        assert await (await it.shopper({**chat, "token": "wrong"})).closed() == 4404
        page = await it.shopper(chat)
        await page.say("chat_say", key="some-key-1", text=" \n ")
        assert (await page.until("refused", key="some-key-1"))["reason"] == "not_understood"
        await page.say("chat_say", key="some-key-2", text="x" * 2001)
        assert (await page.until("refused", key="some-key-2"))["reason"] == "too_long"
        for number in range(9):
            await page.say("chat_say", key=f"fast-{number}-key", text="spam")
        assert (await page.until("refused"))["reason"] == "too_fast"
        await page.say("chat_say", key="fast-0-key", text="spam")  # as after a lost connection
        assert (await page.until("chat_sent"))["key"] == "fast-0-key"


def signed(customer: str) -> str:
    claims = {
        "aud": "shop", "iat": 1_800_000_000, "exp": 1_800_000_060, "jti": secrets.token_hex(8),
        "context": {"customer.id": customer},
    }  # fmt: skip
    return jwt.encode(claims, SECRET, algorithm="HS256")


@asyncio_test
async def test_another_customer_sees_nothing_and_the_same_one_everything(tmp_path: Path) -> None:
    config = chatting(data_pass={"signing": {"secret": SECRET}}, screen_pop={"visitor": "customer.id"})
    async with chat_shop(tmp_path, config) as it:
        anns, page, _ = await it.talking(signed=signed("ann"))
        await page.write("a secret")
        await page.hears("a secret")
        bobs = await it.chat(signed=signed("bob"))
        assert bobs["id"] != anns["id"]
        page = await it.shopper({**bobs, "events": anns["events"]})
        assert await page.closed() == 4404
        elsewhere = await it.chat(signed=signed("ann"))
        assert (elsewhere["id"], elsewhere["token"] == anns["token"]) == (anns["id"], False)
        for opens in (elsewhere, anns):
            again = await it.shopper(opens)
            await again.hears("a secret")


@asyncio_test
async def test_a_page_is_offered_in_the_chat(tmp_path: Path) -> None:
    push = {"catalogue": {"12": {"title": "Opening hours", "url": "https://shop.example/hours"}}}
    async with chat_shop(tmp_path, chatting(page_push=push)) as it:
        chat, shopper, alice = await it.talking()
        await alice.say("chat_page", chat_id=chat["id"], key="page-key-1", page="https://evil.example/")
        assert (await alice.until("refused"))["reason"] == "page_refused"
        await alice.say("chat_page", chat_id=chat["id"], key="page-key-2", page="12")
        assert (await shopper.hears("Opening hours\nhttps://shop.example/hours"))["kind"] == "card"
        await shopper.say("chat_card", accepted=True)
        await alice.hears("page_accepted")


@asyncio_test
async def test_earlier_chats_stand_beside_the_new_one(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        first, shopper, alice = await it.talking(visitor="a-visitor-of-this-shop")
        await shopper.say("chat_end")
        await shopper.until("chat_state", state="ended")
        await it.chat(visitor="a-visitor-of-this-shop")
        while not (shown := await alice.until("desk_chat", state="offered"))["pop"]["history"]:
            pass
        (earlier,) = shown["pop"]["history"]
        assert (earlier["chat_id"], earlier["call_id"]) == (first["id"], None)
        assert (earlier["outcome"], earlier["talked_to"]) == ("unanswered", "Alice")


@asyncio_test
async def test_a_server_that_starts_again_goes_on_with_its_chats(tmp_path: Path) -> None:
    async with chat_shop(tmp_path) as it:
        chat, shopper, alice = await it.talking()
        waiting = []
        for number in range(3):
            it.server.clock.now += 1.0
            waiting.append(await it.chat(visitor=f"visitor-number-{number:04}"))
        await alice.write("before", chat_id=chat["id"])
        await shopper.hears("before")
    async with chat_shop(tmp_path) as it:
        engine = it.server.office.chats.engine
        await engine.start()
        assert len(list(engine.open_chats())) == 4
        again = await it.shopper(chat, after=1)
        await again.hears("before")
        assert list(again.said) == [2]
        back = await it.desk(available=False)
        desk = await back.until("desk_chat", chat_id=chat["id"])
        assert desk["state"] == "talking"
        await back.say("choose_state", state="available")
        await back.write("after", chat_id=chat["id"])
        await again.hears("after")
        # Of those who wait, the first one is offered first.
        assert (await back.until("desk_chat", state="offered"))["chat_id"] == waiting[0]["id"]


@asyncio_test
async def test_two_agents_accept_at_once_fifty_times(tmp_path: Path) -> None:
    config = chatting().model_dump(mode="json", context={"reveal": True})
    config["routes"]["help"]["steps"] = [{"destinations": ["agent:alice", "agent:ben"]}]
    for name in ("alice", "ben"):
        config["agents"][name]["chats"] = 20
    async with chat_shop(tmp_path, Config.model_validate(config, strict=False)) as it:
        desks: dict[str, ChatPage] = {name: await it.desk(name) for name in ("alice", "ben")}
        for number in range(50):
            chat = await it.chat(visitor=f"visitor-number-{number:04}")
            for page in desks.values():
                await page.until("desk_chat", state="offered", chat_id=chat["id"])
            await asyncio.gather(*(each.say("chat_accept", chat_id=chat["id"]) for each in desks.values()))
            told = [await page.until("desk_chat", chat_id=chat["id"], until=None) for page in desks.values()]
            assert sorted(each["state"] for each in told) == ["over", "talking"]
            (lost,) = [each for each in told if each["state"] == "over"]
            (won,) = [name for name, each in zip(desks, told, strict=True) if each["state"] == "talking"]
            assert (lost["why"], lost["by"]) == ("taken", won.title())
            await desks[won].say("desk_end", chat_id=chat["id"], code=None)
            await desks[won].until("desk_chat", state="over", chat_id=chat["id"])


@asyncio_test
async def test_canned_replies_are_filled_in_and_not_sent_with_a_gap(tmp_path: Path) -> None:
    canned = {
        "late": {"title": "Late", "text": {"en": "Hi {context.customer.name}, {context.order} is late."}},
        "sales": {"title": "Sales", "text": {"en": "Buy!"}, "teams": ["sales"]},
    }
    dumped = chatting().model_dump(mode="json", context={"reveal": True})
    config = Config.model_validate({**dumped, "canned": canned}, strict=False)
    async with chat_shop(tmp_path, config) as it:
        chat, shopper, alice = await it.talking(context={"customer.name": "Eve"})
        await alice.say("ask_canned", chat_id=chat["id"])
        (reply,) = (await alice.until("chat_canned"))["replies"]
        assert (reply["title"], reply["gaps"]) == ("Late", ["order"])
        assert reply["text"] == "Hi Eve, \u27e6order\u27e7 is late."
        key = await alice.write(reply["text"], chat_id=chat["id"], canned="late")
        refused = await alice.until("refused")
        assert (refused["reason"], refused["key"]) == ("gap", key)
        await alice.write("Hi Eve, order 7 is late.", chat_id=chat["id"], canned="late")
        assert (await shopper.hears("Hi Eve, order 7 is late."))["canned"] == "late"
        await alice.say("ask_canned", chat_id="chat-of-somebody-else")
        assert (await alice.until("refused"))["reason"] == "not_yours"


@asyncio_test
async def test_a_hundred_who_wait_are_served_in_their_order(tmp_path: Path) -> None:
    """Agents come and go, and whoever came first is offered first."""
    async with chat_shop(tmp_path) as it:
        asked = []
        for number in range(100):
            it.server.clock.now += 1.0
            asked.append((await it.chat(visitor=f"visitor-number-{number:04}"))["id"])
        desks = [await it.desk("alice", available=False), await it.desk("ben", available=False)]
        for desk in desks:
            await desk.say("choose_state", state="available")

        async def serve(desk: ChatPage) -> None:
            """Take what is offered, and end it at once."""
            while True:
                told = await desk.next("desk_chat")
                if told["type"] == "desk_chat" and told["state"] == "offered":
                    await desk.say("chat_accept", chat_id=told["chat_id"])
                elif told["type"] == "desk_chat" and told["state"] == "talking":
                    await desk.say("desk_end", chat_id=told["chat_id"], code=None)

        serving = [asyncio.ensure_future(serve(desk)) for desk in desks]
        await soon(lambda: not list(it.server.office.chats.engine.open_chats()), 40)
        for task in serving:
            task.cancel()
        assert it.offers == asked


@asyncio_test
async def test_a_chat_becomes_a_call_with_its_agent_and_all_that_is_known(tmp_path: Path) -> None:
    config = chatting(data_pass={"signing": {"secret": SECRET}})
    async with chat_shop(tmp_path, config) as it:
        chat, shopper, alice = await it.talking(
            signed=signed("ann"), context={"cart": {"value": 120}}, page="https://shop.example/cart"
        )
        await shopper.write("Can we talk?")
        await alice.hears("Can we talk?")
        await alice.say("chat_call", chat_id=chat["id"])
        await shopper.until("chat_state", call="asked")
        thread = {"id": chat["id"], "token": chat["token"]}
        wrong = await it.server.place(thread={**thread, "token": "wrong"})
        assert (wrong.status_code, wrong.json()["id"]) == (404, "chat_unknown")
        refused = await it.server.place(thread=thread, by="pc")
        assert refused.json()["id"] == "talk_refused"  # escalate: [phone]
        planner, calls = it.server.office.chats.planner, it.server.office.chats.to_call
        placed = await it.server.place(thread=thread)
        assert placed.status_code == 201, placed.text
        call_id = placed.json()["id"]
        await shopper.until("chat_state", call="placed", call_id=call_id)
        click = it.server.engine.click(call_id)
        assert click.chat_id == chat["id"]
        assert click.page == "https://shop.example/cart"
        assert click.signed == {"customer.id": "ann"}
        assert click.context == {
            "cart.value": "120", "chat.id": chat["id"], "chat.agent": "alice",
            "chat.transcript": "Shopper: Can we talk?",
        }  # fmt: skip
        # Alice has the chat, which would keep other calls from her; hers rings first, then the route.
        states = it.server.agents.rung_at(config.agents, call_id), it.server.agents.rung_at(config.agents)
        assert [each["agent:alice"] for each in states] == ["available", "on_call"]
        assert calls.first_agent(call_id) == "alice"
        first = planner.plan_call(click, call_id).steps[0]
        assert [endpoint.destination for endpoint in first.endpoints] == ["agent:alice"]
        again = await it.server.place(thread=thread)
        assert (again.status_code, again.json()["id"]) == (409, "chat_called")
        it.server.engine.cancel(call_id)
        it.server.pool.report(LegEnded(f"{call_id}-s1", HangupCause.CANCELLED))
        await shopper.until("chat_state", call="none")
        assert shopper.events[-1] == "call_failed" or await shopper.hears("call_failed")
        stored = await it.server.stores.chats.chat(chat["id"])
        assert stored is not None
        assert stored.row.call_id == call_id
        async with asyncio.timeout(5):
            while (record := await it.server.stores.calls.call(call_id)) is None:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        assert record.chat_id == chat["id"], "one identity across both"
        found = await it.server.http.get("/v1/cdrs", params={"chat_id": chat["id"]}, headers=admin())
        assert [each["call_id"] for each in found.json()["cdrs"]] == [call_id]
