"""The desk in Chromium, beside a stand-in for the server: the screen pop, and what is done with a call."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.agent_page.chromium import PHONE, Tab, agent, expect
from tests.agent_page.stand_in import BUILD, PASSWORD, StandIn, stand_in
from tests.aio import asyncio_test
from tests.plumbing.chromium import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium"),
    pytest.mark.skipif(not (BUILD / "index.html").is_file(), reason="needs the built page (make web)"),
]
DESK = {
    "codes": [
        {"code": "sale", "label": "Sale"},
        {"code": "question", "label": "Question answered"},
        {"code": "complaint", "label": "Complaint"},
        {"code": "wrong", "label": "Wrong number"},
    ],
    "wrap_up": 30,
    "transfers": [
        {"to": "agent:cem", "label": "Cem Kaya", "kind": "agent", "state": "on_call"},
        {"to": "agent:bob", "label": "Bob Mayer", "kind": "agent", "state": "available"},
        {"to": "destination:shops/boston", "label": "Boston store", "kind": "destination"},
        {"to": "route:workshop", "label": "Workshop", "kind": "route"},
    ],
    "numbers": True,
    "pages": [
        {"site": "bikes", "id": "12", "title": "Opening hours", "url": "https://bikes.example/hours"},
        {"site": "bikes", "id": "20", "title": "Size guide", "url": "https://bikes.example/sizes"},
        {"site": "other", "id": "12", "title": "Another shop's page", "url": "https://other.example/"},
    ],
    "own_phone": False,
    "push": {"bikes": "ask"},
}


NOTE = {"agent": "Bob Mayer", "code": "Sale", "text": "Will pick up the bike herself, on Saturday."}


def field(key: str, label: str, value: str, **more: bool) -> dict[str, Any]:
    return {"key": key, "label": label, "value": value, "masked": False, "differs": False, **more}


def pop(state: str = "offered", **more: Any) -> dict[str, Any]:
    """The message ``pop`` of call c1."""
    now = time.time()
    shopper = {
        "call_id": "c1",
        "site": "Acme Bikes",
        "by": "phone",
        "number": "+1617•••••23",
        "number_verified": True,
        "place": "Boston, MA, US",
        "page": "https://bikes.example/city/harbor?colour=blue",
        "asked_at": now - 12,
        "signed": [
            field("customer.name", "Customer", "Ann Lee"),
            field("customer.tier", "Customer tier", "Gold"),
            field("cart.value", "Cart value", "$1,290.00"),
            field("customer.card", "Card", "", masked=True),
        ],
        "claimed": [
            field("cart.value", "Cart value", "$12,900.00", differs=True),
            field("product", "Looks at", "Harbor city bike, blue, frame 52"),
            field("search", "Searched for", "trailer for two children, folding, with suspension"),
        ],
        "links": [
            {"label": "Open in CRM", "url": "https://crm.example/find?phone=%2B16175550123", "open": "never"}
        ],
        "history": [
            _earlier(now - 86_400 * 2, "bridged", talked_to="Bob Mayer", seconds=151, notes=[NOTE]),
            _earlier(now - 86_400 * 9, "message_taken"),
            _earlier(now - 86_400 * 40, "cancelled"),
        ],
    }
    return {"call_id": "c1", "state": state, "since": now, "cause": None, "pop": shopper | more}


def _earlier(at: float, disposition: str, **more: Any) -> dict[str, Any]:
    return {
        "call_id": f"e{at}",
        "at": at,
        "page": "https://bikes.example/cart",
        "disposition": disposition,
        "talked_to": "",
        "seconds": 0,
        "notes": [],
        **more,
    }


def standing(state: str = "talking", **more: Any) -> dict[str, Any]:
    """The message ``call_state`` of call c1."""
    fields = {"since": time.time(), "until": None, "held": False, "consulting": None, "transfer": None}
    return {"call_id": "c1", "site": "bikes", "state": state, "note": None, "code": None, **fields, **more}


async def _at_desk(tab: Tab, server: StandIn) -> None:
    server.desk = DESK
    tab.expected += ("401 (Unauthorized)",)
    await tab.log_in("alice", PASSWORD)
    await tab.shows("You are away")
    await tab.becomes_available()


@asyncio_test(timeout=150)
async def test_a_call_from_the_pop_to_the_wrap_up() -> None:
    async with stand_in() as server, agent(server.url) as tab:
        page = tab.page
        await _at_desk(tab, server)
        caller = await server.call()
        await server.say("pop", **pop(history=None))
        await tab.shows("Acme Bikes is calling")
        await expect(page.get_by_role("heading", level=1)).to_be_focused()
        # What is signed and what is claimed are two groups that have names of their own.
        signed, claimed = (
            page.get_by_role("region", name="Verified", exact=True),
            page.get_by_role("region", name="Not verified", exact=True),
        )
        await expect(signed).to_contain_text("$1,290.00")
        await expect(signed).to_contain_text("Hidden from you")
        await expect(signed).not_to_contain_text("$12,900.00")
        await expect(claimed).to_contain_text("$12,900.00")
        await expect(claimed).to_contain_text("The server signed another value")
        await expect(claimed).to_contain_text("bikes.example/city/harbor")
        await tab.says("Looking them up")
        await server.say("pop", **pop())
        await tab.says("Talked to Bob Mayer for 2:31")
        await tab.picture("desk-ringing")
        await tab.is_accessible()

        await tab.access_key("a")
        await tab.says("Connecting the caller")
        await caller.joined()
        # The record in the CRM opens by itself, once.
        await page.context.route("https://crm.example/**", lambda route: route.fulfill(body="Ann Lee"))
        crm = {"label": "Open in CRM", "url": "https://crm.example/contact/7", "open": "answer"}
        async with page.context.expect_page() as opened:
            await server.say("pop", **pop("answered", links=[crm]))
        record = await opened.value
        await record.wait_for_url(crm["url"])
        assert await record.evaluate("opener") is None
        await record.close()
        await server.say("pop", **pop("answered", links=[crm]))
        await server.say("desk_call", **standing())
        await tab.says("You are talking")
        await tab.picture("desk-talking")
        await tab.is_accessible()

        await tab.press("Hold")
        await server.asks("hold")
        await server.say("desk_call", **standing(held=True))
        await tab.says("The caller is on hold")
        assert len(page.context.pages) == 1
        await tab.picture("desk-held")
        await tab.press("On hold")
        await server.asks("resume")
        await server.say("desk_call", **standing())

        # Ask somebody who does not answer, then somebody who does; all by keyboard.
        await tab.access_key("t")
        await expect(page.get_by_role("combobox")).to_be_focused()
        await tab.picture("desk-transfer")
        await tab.is_accessible()
        await page.keyboard.type("bob")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        assert await server.asks("transfer") == {
            "type": "transfer",
            "call_id": "c1",
            "to": "agent:bob",
            "mode": "attended",
        }
        await server.say("refused", request="transfer", call_id="c1", reason="nobody_there")
        await tab.says("Nobody can take the call there right now")
        await page.get_by_role("combobox").fill("(617) 555-0100")
        await page.get_by_role("option", name="Call (617) 555-0100").click()
        await tab.press("Ask first")
        assert (await server.asks("transfer"))["to"] == "(617) 555-0100"
        away = {"held": True, "consulting": "+16175550100"}
        await server.say("desk_call", **standing(**away, transfer="ringing"))
        await tab.says("Ringing +16175550100…")
        await expect(page.get_by_role("button", name="Back to the caller")).to_be_focused()
        await tab.picture("desk-consult-rings")
        await server.say("desk_call", **standing(held=True, transfer="failed"))
        await tab.says("Nobody answered. The caller is still on hold.")
        await tab.press("Ask someone else")
        await page.get_by_role("option", name="Workshop").click()
        await tab.press("Ask first")
        assert (await server.asks("transfer"))["to"] == "route:workshop"
        await server.say("desk_call", **standing(held=True, consulting="Workshop", transfer="talking"))
        await tab.says("You are talking to Workshop.")
        await tab.picture("desk-consult")
        await tab.is_accessible()
        await tab.press("Back to the caller")
        await server.asks("resume")
        await server.say("desk_call", **standing())

        # A page is shown; a note is kept by itself.
        await expect(page.get_by_text("Another shop's page")).to_have_count(0)
        await page.get_by_role("button", name="Size guide").click()
        assert (await server.asks("push_page"))["page"] == "20"
        sent = {"call_id": "c1", "url": "https://bikes.example/sizes", "title": "Size guide"}
        await server.say("push_state", **sent, state="sent")
        await tab.says("Waiting for the shopper")
        await server.say("push_state", **sent, state="accepted")
        await tab.says("The shopper opened it")
        await page.get_by_label("Address of a page").fill("elsewhere.example/x")
        await page.keyboard.press("Enter")
        assert (await server.asks("push_page"))["page"] == "https://elsewhere.example/x"
        await server.say("refused", request="push_page", call_id="c1", reason="page_refused")
        await tab.says("Shoppers may not be sent to that address")
        await page.get_by_label("Notes", exact=True).fill("Wants a trailer, too.")
        assert (await server.asks("note"))["text"] == "Wants a trailer, too."
        await server.say("kept", call_id="c1", note="Wants a trailer, too.", code=None)
        await expect(page.locator("note-pad")).to_contain_text("Saved")
        await tab.picture("desk-working")
        await tab.is_accessible()

        await tab.press("Hang up")
        await caller.gone("peer_ended")
        await server.becomes("wrap_up")
        await server.say("desk_call", **standing("wrap_up", until=time.time() + 30))
        await tab.says("Call ended: you hung up")
        await page.get_by_text("Question answered").click()
        await tab.picture("desk-wrap-up")
        await tab.is_accessible()
        await tab.press("Done")
        assert await server.asks("wrap_up") == {"type": "wrap_up", "call_id": "c1", "code": "question"}
        await server.say("desk_call", **standing("over", code="question"))
        await server.becomes("available")
        await tab.shows("You are available")
        await tab.picture("desk-after")
        tab.is_fine()


@asyncio_test(timeout=150)
async def test_a_call_on_the_agents_own_phone_and_in_the_dark() -> None:
    async with (
        stand_in() as server,
        agent(server.url, PHONE, color_scheme="dark", has_touch=True, is_mobile=True) as tab,
    ):
        page = tab.page
        await _at_desk(tab, server)
        await server.say("desk", **{**DESK, "own_phone": True})
        await tab.says("Calls ring on your phone")
        await server.becomes("ringing")
        await server.say("pop", **pop())
        await tab.shows("Acme Bikes is calling")
        await tab.says("Your phone is ringing")
        await expect(page.get_by_role("button", name="Answer")).to_have_count(0)
        await tab.picture("desk-phone-rings")
        await tab.is_accessible()
        await server.becomes("on_call")
        await server.say("pop", **pop("answered"))
        await server.say("desk_call", **standing())
        await tab.says("You are talking, on your phone")
        await expect(page.get_by_role("button", name="Mute")).to_have_count(0)
        await expect(page.get_by_role("button", name="Hold")).to_be_in_viewport()
        await tab.picture("desk-phone-talks")
        await tab.is_accessible()
        # Another one rings meanwhile, and may be looked at.
        other = pop(site="Acme Scooters", call_id="c2") | {"call_id": "c2"}
        await server.say("pop", **other)
        await page.get_by_role("button", name="Acme Scooters: rings").click()
        await tab.shows("Acme Scooters is calling")
        await tab.picture("desk-phone-two-calls")
        await server.say("pop", **other | {"state": "over"})
        await tab.shows("Acme Bikes")
        await tab.press("Transfer")
        await page.get_by_role("option", name="Bob Mayer").click()
        await tab.picture("desk-phone-transfer")
        await tab.is_accessible()
        assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        await tab.press("Transfer now")
        assert (await server.asks("transfer"))["mode"] == "blind"
        await server.say("pop", **pop("over") | {"cause": "transferred"})
        await server.becomes("wrap_up")
        await server.say("desk_call", **standing("wrap_up", until=time.time() + 30))
        await tab.says("Call ended: you transferred it")
        await tab.picture("desk-phone-wrap-up")
        await tab.is_accessible()
        await server.say("desk_call", **standing("over"))
        await server.becomes("available")
        await tab.shows("You are available")
        await tab.says("You transferred it")
        tab.is_fine()
