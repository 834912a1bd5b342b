"""Screen pops on agents' pages, over real WebSockets: in browsers, and beside phones of their own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded, LegRinging
from config.models import Config
from tests.aio import asyncio_test
from tests.api.pages import Page
from tests.api.test_browser_legs import QUICK, agents_answer, shop
from tests.store.records import a_click, a_leg, a_record

ANN = {"customer.name": "Ann", "customer.card": "4111", "cart": 120}
FIELDS = {"customer.name": {"label": "Name"}, "customer.card": {"label": "Card", "sensitive": True}}
CRM = {"label": "CRM", "url": "https://crm.example/?n={context.customer.name}", "open_on": "answer"}


def on_phones(**alice: Any) -> Config:
    """Calls ring at Boston, which is Alice's own phone."""
    config = agents_answer().model_dump(mode="json", context={"reveal": True})
    config["agents"]["alice"] |= {"phones": ["boston"], "password_hash": QUICK, **alice}
    config["routes"]["sales"]["steps"][0]["destinations"] = ["boston"]
    return Config.model_validate(config, strict=False)


def field(key: str, label: str, value: str, masked: bool = False) -> dict[str, Any]:
    return {"key": key, "label": label, "value": value, "masked": masked, "differs": False}


async def heard(page: Page, kind: str) -> list[dict[str, Any]]:
    """What a page is told, until it is this."""
    messages = [await page.next("pop")]
    while messages[-1]["type"] != kind:
        messages.append(await page.next("pop"))
    return messages


@asyncio_test
async def test_an_agent_sees_the_shopper_before_it_rings_and_until_the_end(tmp_path: Path) -> None:
    config = agents_answer(data_pass={"fields": FIELDS}, screen_pop={"links": [CRM]})
    async with shop(tmp_path, config) as it:
        number, now = "+16175550123", it.server.clock.now
        talked = a_leg("c0-b1", label="Ben", answered_at=103.0, joined_at=104.2)
        for call_id, site in (("c0", "shop"), ("elsewhere", "other")):
            click = a_click(number, site=site)
            await it.server.store.open_call(call_id, click, "sales", 100.1)
            record = a_record(call_id, site=site, number=number, ended_at=164.7)
            legs = (record.legs[0], replace(talked, leg_id=f"{call_id}-b1"))
            await it.server.store.write_cdr(replace(record, legs=legs))
        await it.server.stores.wrap_ups.keep("c0", "alice", "Wants a red one.", "order", 165.0)
        page = await it.available()
        call = await it.call(page="https://shop.example/cart", context=ANN)
        *before, ring = await heard(page, "ring")
        (pop,) = [each for each in before if each["type"] == "pop"]
        while pop["pop"]["history"] is None:
            pop = await page.until("pop")
        assert pop == {
            "type": "pop",
            "call_id": call["id"],
            "state": "offered",
            "since": now,
            "cause": None,
            "pop": {
                "call_id": call["id"],
                "site": "Shop",
                "by": "phone",
                "number": "+1617•••••23",
                "number_verified": True,
                "place": "Boston, MA, US",
                "page": "https://shop.example/cart",
                "asked_at": now,
                "name": "Ann",
                "name_signed": False,
                "page_known": True,
                "signed": [],
                "claimed": [
                    field("customer.name", "Name", "Ann"),
                    field("customer.card", "Card", "", masked=True),
                    field("cart", "Cart", "120"),
                ],
                "links": [{"label": "CRM", "url": "https://crm.example/?n=Ann", "open": "answer"}],
                "history": [
                    {
                        "call_id": "c0",
                        "at": 100.1,
                        "page": a_click().page,
                        "disposition": "bridged",
                        "talked_to": "Ben",
                        "seconds": 60.5,
                        "notes": [{"agent": "Alice", "code": "order", "text": "Wants a red one."}],
                        "chat_id": None,
                        "outcome": None,
                    }
                ],
            },
        }
        assert ring["context"] == {"customer.name": "Ann", "cart": "120"}
        await page.offer(ring["leg"])
        it.server.pool.report(LegAnswered(ring["leg"]))
        assert (await page.until("pop", state="answered"))["pop"] == pop["pop"]
        again = await it.page()
        assert (await again.next("pop"))["state"] == "answered"
        await page.say("hang_up", leg=ring["leg"])
        over = await page.until("pop", state="over")
        assert (over["cause"], over["pop"]["call_id"]) == ("normal", call["id"])
        # A page that is opened now, to write about the call, shows it too.
        assert (await (await it.page()).next("pop"))["state"] == "over"
        assert [news.state for news in it.server.news] == ["offered", "answered", "over"]


@asyncio_test
async def test_a_phone_of_their_own_rings_and_the_page_shows_who(tmp_path: Path) -> None:
    async with shop(tmp_path, on_phones(rights=["numbers"])) as it:
        page = await it.page()
        call = await it.call()
        leg = f"{call['id']}-b1"
        it.server.pool.report(LegRinging(leg))
        pop = await page.next("pop")
        assert (pop["state"], pop["pop"]["number"]) == ("offered", "+16175550123")
        it.server.pool.report(LegAnswered(leg))
        await page.until("pop", state="answered")
        it.server.pool.report(LegEnded(leg, HangupCause.NORMAL))
        await page.until("pop", state="over")


@asyncio_test
async def test_nothing_is_told_before_the_answer_where_the_site_wants_that(tmp_path: Path) -> None:
    async with shop(tmp_path, agents_answer(screen_pop={"when": "answer"})) as it:
        page = await it.available()
        await it.call(context=ANN)
        *before, ring = await heard(page, "ring")
        assert "pop" not in [each["type"] for each in before]
        assert not any(ring[told] for told in ("number", "page", "context", "site", "name"))
        await page.offer(ring["leg"])
        it.server.pool.report(LegAnswered(ring["leg"]))
        assert (await page.until("pop"))["state"] == "answered"
