"""Guided chats over real WebSockets: questions, answers that can be changed, and where they lead."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from bridge.facts import CallBridged
from bridge.protocols import OutOfCapacityError
from config.models import Config
from tests.aio import asyncio_test
from tests.api.chat_shop import ChatPage, ChatShop, chat_shop, chatting
from tests.api.shop import ORIGIN, SITE_KEY

FLOW = {
    "say": "Hi from {site}.",
    "questions": [
        {"ask": "Year?", "as": "vehicle.year", "kind": "year"},
        {"ask": "Make?", "as": "vehicle.make", "kind": "choice", "choices": ["Ford", "Honda"]},
        {"ask": "Engine?", "as": "vehicle.engine", "optional": True},
    ],
    "then": [
        {
            "when": "vehicle.year > 1990",
            "say": "A {context.vehicle.make}?",
            "offer": ["call", "chat", "later"],
        },
        {"say": "Too old.", "offer": ["callback", "message"]},
    ],
}


def guided() -> Config:
    dumped = chatting({"flow": "radiator"}).model_dump(mode="json", context={"reveal": True})
    dumped["flows"] = {"radiator": FLOW}
    return Config.model_validate(dumped, strict=False)


async def flow_of(page: ChatPage, **wanted: Any) -> dict[str, Any]:
    """Wait for the flow to stand so: the key of its question, or its first way."""
    while True:
        told = page.flow or await page.next("chat_flow")
        stands = {
            "key": (told.get("question") or {}).get("key"),
            "ways": [way["way"] for way in told.get("ways", ())],
            "over": told.get("over", False),
        }
        if all(stands[name] == value for name, value in wanted.items()):
            return told
        page.flow = None


async def answers(it: ChatShop, *texts: str, **asked: Any) -> tuple[dict[str, Any], ChatPage]:
    """A chat in which the shopper has answered so."""
    chat = await it.chat(**asked)
    page = await it.shopper(chat)
    await page.hears("Year?")
    for text, next_question in zip(texts, ("Make?", "Engine?", ""), strict=False):
        await page.write(text)
        if next_question:
            await page.hears(next_question)
    return chat, page


@asyncio_test
async def test_the_number_is_typed_into_the_chat_and_the_phone_rings(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, guided()) as it:
        alice = await it.desk()
        chat, page = await answers(it, "'09 please", "frod", "v6")
        await page.hears("A Ford?")
        told = await flow_of(page, ways=["call", "chat", "later"])
        assert told["ways"][0] == {"way": "call", "label": "Call me"}
        assert told["answers"][1] == {"key": "vehicle.make", "label": "make", "value": "Ford"}
        await page.say("chat_step", do="way", to="call")
        asked = await flow_of(page, key="contact.number")
        assert "you agree" in asked["question"]["consent"]
        await page.write("617 555 0123")
        await flow_of(page, over=True)
        await page.hears("call_placed")
        ((call_id, click),) = it.server.office.chats.calls.placed
        assert (click.number, click.by) == ("+16175550123", "phone")
        assert {key: value for key, value in click.context.items() if key != "consent"} == {
            "vehicle.year": "2009", "vehicle.make": "Ford", "vehicle.engine": "v6", "chat.id": chat["id"],
        }  # fmt: skip
        assert click.chat_id == chat["id"]
        assert click.context["consent"] == asked["question"]["consent"]
        it.server.office.chats.ways._talk(CallBridged(call_id=call_id, at=1.0, leg_id="b1"))
        await page.hears("call_bridged")
        stored = await it.server.stores.chats.chat(chat["id"])
        assert stored is not None
        assert stored.opening.context["vehicle.make"] == "Ford"
        assert alice.said == {}, "nobody was asked to chat"


@asyncio_test
async def test_a_reload_and_another_tab_go_on_and_an_answer_can_be_changed(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, guided()) as it:
        chat, page = await answers(it, "2009", "ford")
        await page.close()
        again = await it.shopper(chat)
        told = await flow_of(again, key="vehicle.engine")
        assert told["question"]["may_skip"] is True
        await again.say("chat_step", do="back", to="vehicle.year")
        assert (await flow_of(again, key="vehicle.year"))["question"]["value"] == "2009"
        tab = await it.shopper(chat)
        await flow_of(tab, key="vehicle.year")
        await again.write("1980")
        await flow_of(tab, key="vehicle.engine")
        await again.say("chat_step", do="skip")
        await flow_of(tab, ways=["callback", "message"])
        await again.hears("Too old.")
        assert again.texts.count("Engine?") == 2  # asked once more after the change, not by the reload


@asyncio_test
async def test_what_the_page_passed_is_not_asked(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, guided()) as it:
        chat = await it.chat(context={"vehicle": {"year": "1999", "make": "honda"}})
        page = await it.shopper(chat)
        await page.hears("Engine?")
        told = await flow_of(page, key="vehicle.engine")
        assert [answer["value"] for answer in told["answers"]] == ["1999", "Honda"]


@asyncio_test
async def test_a_person_who_is_asked_for_gets_the_answers_and_no_question_follows(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, guided()) as it:
        alice = await it.desk()
        chat, page = await answers(it, "2009")
        await page.say("chat_step", do="person")
        await flow_of(page, over=True)
        offer = await alice.until("desk_chat", state="offered")
        assert {field["key"]: field["value"] for field in offer["pop"]["claimed"]} == {"vehicle.year": "2009"}
        await alice.say("chat_accept", chat_id=chat["id"])
        await page.hears("joined")
        await page.write("ford")
        await alice.say("desk_follow", chat_id=chat["id"], after=None)
        await alice.hears("ford")
        assert "Engine?" not in page.texts


@asyncio_test
async def test_a_supervisor_who_takes_over_stops_the_flow_at_once(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, guided()) as it:
        cho = await it.desk("cho")
        chat, page = await answers(it, "2009")
        await cho.say("chat_take", chat_id=chat["id"])
        await flow_of(page, over=True)
        await page.hears("joined")
        await page.write("ford")
        await cho.until("desk_chat", state="talking")
        await cho.write("I am Cho.", chat_id=chat["id"])
        await page.hears("I am Cho.")
        assert page.texts[-2:] == ["ford", "I am Cho."]


@asyncio_test
async def test_a_call_that_cannot_be_placed_leads_to_a_person(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, guided()) as it:
        alice = await it.desk()
        it.server.office.chats.calls.refusal = OutOfCapacityError("no room")
        _, page = await answers(it, "2009", "ford", "v6")
        await page.hears("A Ford?")
        await page.write("617 555 0123")
        await page.hears("call_failed")
        await alice.until("desk_chat", state="offered")


@asyncio_test
async def test_a_message_and_a_callback(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, guided()) as it:
        _, page = await answers(it, "1980", "ford", "skip")
        await flow_of(page, ways=["callback", "message"])
        await page.say("chat_step", do="way", to="message")
        await page.hears("What may we tell them?")
        await page.write("Which one fits?")
        await page.hears("Which e-mail address may we answer to?")
        await page.write("ann@x.example")
        over = await page.until("chat_state", state="ended")
        assert over["outcome"] == "message"
        (mail,) = it.server.office.chats.mails
        assert "Which one fits?" in mail.body
        assert "ann@x.example" in mail.body
        _, page = await answers(it, "1980", "ford", "skip")
        await flow_of(page, ways=["callback", "message"])
        await page.write("6175550123")
        over = await page.until("chat_state", state="ended")
        assert over["outcome"] == "callback"
        ((_, click, terms),) = it.server.office.chats.promised
        assert (click.number, terms, click.context["vehicle.make"]) == ("+16175550123", "later", "Ford")


@asyncio_test
async def test_odd_steps_are_refused_or_change_nothing(tmp_path: Path) -> None:
    async with chat_shop(tmp_path, guided()) as it:
        _, page = await answers(it)
        await page.say("chat_step", do="way", to="moon")
        assert (await page.until("refused"))["reason"] == "not_understood"
        for step in ({"do": "way", "to": "call"}, {"do": "back", "to": "nothing"}, {"do": "back"}):
            await page.say("chat_step", **step)
            await flow_of(page, key="vehicle.year")
        await asyncio.sleep(0)
        assert it.server.office.chats.calls.placed == []


@asyncio_test
async def test_a_call_in_the_browser_is_placed_by_the_page_and_knows_the_answers(tmp_path: Path) -> None:
    dumped = guided().model_dump(mode="json", context={"reveal": True})
    dumped["flows"]["radiator"]["then"][0]["offer"] = ["pc", "call", "chat"]
    async with chat_shop(tmp_path, Config.model_validate(dumped, strict=False)) as it:
        chat, page = await answers(it, "2009", "ford", "v6")
        await flow_of(page, ways=["pc", "call"])  # nobody is there to chat
        await page.say("chat_step", do="way", to="pc")
        assert (await page.until("chat_state", call="asked"))["state"] == "guided"
        thread = {"id": chat["id"], "token": chat["token"]}
        known = await it.server.office.chats.to_call.chat(chat["id"], chat["token"], "shop", ORIGIN)
        assert (known.context["vehicle.make"], known.context["chat.id"]) == ("Ford", chat["id"])
        placed = await it.server.http.post(
            "/v1/calls", json={"site_key": SITE_KEY, "by": "pc", "thread": thread}, headers={"Origin": ORIGIN}
        )
        assert placed.status_code == 201, placed.text
        await page.hears("call_placed")
        stored = await it.server.stores.chats.chat(chat["id"])
        assert stored is not None
        assert stored.row.call_id == placed.json()["id"]


@asyncio_test
async def test_a_flow_speaks_the_shoppers_language(tmp_path: Path) -> None:
    dumped = guided().model_dump(mode="json", context={"reveal": True})
    radiator = dumped["flows"]["radiator"]
    radiator["questions"][0]["ask"] = {"en": "Year?", "es": "¿Año?"}
    async with chat_shop(tmp_path, Config.model_validate(dumped, strict=False)) as it:
        for language, asked in (("es-MX", "¿Año?"), ("fr", "Year?")):
            page = await it.shopper(await it.chat(language=language))
            await page.hears(asked)
        page = await it.shopper(await it.chat(language="es"))
        await page.hears("¿Año?")
        await page.write("no")
        await page.hears("Escriba un año, por ejemplo 2009.")
