"""A page asks what to show, and tells what became of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from routing.directory import Directory, Standing
from tests.aio import asyncio_test
from tests.api.page.shopper import RESCUE, TEXT, Shopper, counted, shop
from tests.api.serving import serving
from tests.api.shop import ORIGIN, SITE_KEY

SECRET = "0123456789abcdef0123456789abcdef"
SIGNING = {"signing": {"secret": SECRET}}
ONE_PHONE = {"destinations": {"boston": {"label": "Boston", "sip": "sip:b@127.0.0.1", "max_calls": 1}}}
TRIED = {"promo.failed": 2}


@asyncio_test
async def test_a_page_is_told_what_to_show_and_when_to_ask_again(tmp_path: Path) -> None:
    rules = {"rescue": RESCUE, "slow": {**RESCUE, "when": "time.on_page >= 40"}}
    facts = {
        "promo.failed": {"type": "number"},
        "errors.count": {"selector": ".error"},
        "errors.text": {"type": "text", "selector": "#problem"},
    }
    async with serving(tmp_path, shop(rules, {"facts": facts}, talk_methods=["phone", "pc"])) as server:
        plan = await Shopper(server).asks({"time.on_page": 10, "promo.failed": 0})
        assert plan["v"] == 1
        assert plan["site"]["label"] == "Shop"
        assert plan["site"]["ways"] == ["phone", "pc"]
        assert plan["site"]["theme"]["accent"].startswith("#")
        assert (plan["state"], plan["offer"], plan["later"]) == ("open", None, None)
        assert plan["ways"] == {"phone": "open", "pc": "open", "chat": "hidden"}
        assert plan["ask_again"]["facts"] == ["promo.failed"]
        assert plan["ask_again"]["seconds"] == pytest.approx(30)
        assert plan["watch"] == {"errors.count": ".error", "errors.text": "#problem"}
        assert plan["watch_kinds"] == {"errors.text": "text"}
        told = json.dumps(plan)
        assert "rescue" not in told
        assert "slow" not in told


@asyncio_test
async def test_a_page_is_told_what_of_its_query_to_tell_and_the_loaders_words(tmp_path: Path) -> None:
    rules = {
        "coupon": {**RESCUE, "when": 'page.query.coupon == "SPRING"'},
        "other": {**RESCUE, "when": 'page.query["sort-by"] == "price"'},
    }
    async with serving(tmp_path, shop(rules, {"languages": ["en", "de"]})) as server:
        shopper = Shopper(server)
        plan = await shopper.asks(language="de-AT")
        assert plan["site"]["query"] == ["coupon", "sort-by"]
        assert plan["words"]["decline"] == "Nein, danke"
        for language in ("fr", ""):  # the site's first one, as the widget has it
            assert (await shopper.asks(language=language))["words"]["decline"] == "No, thanks"


@asyncio_test
async def test_an_invitation_is_counted_from_its_offer_to_its_answer_each_once(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE})) as server:
        shopper = Shopper(server)
        plan = await shopper.asks(TRIED)
        offer = plan["offer"]
        assert (offer["arm"], offer["way"], offer["text"]) == ("shown", "phone", RESCUE["show"]["text"]["en"])
        again = await shopper.asks(TRIED)
        assert again["offer"]["id"] == offer["id"]
        for _ in range(3):
            await shopper.tells("exposed", offer["id"])
            await shopper.tells("accepted", offer["id"])
            await shopper.tells("declined", offer["id"])
        assert await counted(server) == {
            ("rescue", "shown", "offered", ""): 1,
            ("rescue", "shown", "exposed", ""): 1,
            ("rescue", "shown", "accepted", ""): 1,
        }
        (arm,) = await server.stores.visits.arms(0, 2**40)
        assert (arm.rule, arm.arm, arm.visitors, arm.accepted) == ("rescue", "shown", 1, 1)
        # A shopper who has answered is left alone, also after the server forgot them.
        server.visits.live.forget([("shop", str(shopper.visitor))])
        shopper.goes_on()
        assert (await shopper.asks(TRIED))["offer"] is None
        assert (await counted(server))["rescue", "", "held", "cool_down"] == 1


@asyncio_test
async def test_nothing_that_a_page_makes_up_changes_a_count(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE})) as server:
        shopper, other = Shopper(server), Shopper(server)
        offer = (await shopper.asks(TRIED))["offer"]["id"]
        before = await counted(server)
        await other.tells("accepted", offer)  # another page view
        await shopper.tells("accepted", "an-offer-that-I-made-up")
        await shopper.tells("accepted", None)
        await shopper.tells("bought_everything", offer)
        await shopper.tells("held", offer, reason="control")  # not for a page to say
        elsewhere = Shopper(server, view=shopper.view, origin="https://other.example")
        elsewhere.more = {"site": "other-public-key"}
        await elsewhere.tells("accepted", offer)
        assert await counted(server) == before
        server.clock.now += 3601
        await shopper.tells("accepted", offer)
        assert await counted(server) == before


@asyncio_test
async def test_without_consent_nothing_is_kept_and_caps_hold_for_the_page_alone(tmp_path: Path) -> None:
    rules = {"rescue": {**RESCUE, "control": "50%", "since": "2026-11-01"}}
    async with serving(tmp_path, shop(rules)) as server:
        shopper = Shopper(server)
        for _ in range(3):
            plan = await shopper.asks(TRIED, consent=False)
            assert plan["offer"]["arm"] == "shown"
            await shopper.tells("exposed", plan["offer"]["id"])
            await shopper.tells("declined", plan["offer"]["id"])
            assert (await shopper.asks(TRIED, consent=False))["offer"] is None
            shopper.goes_on()
        assert (await counted(server))["rescue", "", "exposed", ""] == 3
        assert await server.stores.visits.load([("shop", str(shopper.visitor))]) == {}
        assert await server.stores.visits.arms(0, 2**40) == []


@asyncio_test
async def test_the_control_arm_is_told_nothing_and_counted_by_the_same_path(tmp_path: Path) -> None:
    rules = {"rescue": {**RESCUE, "control": "50%", "since": "2026-11-01"}}
    async with serving(tmp_path, shop(rules)) as server:
        seen: dict[str, int] = {"shown": 0, "control": 0}
        for _ in range(40):
            shopper = Shopper(server)
            offer = (await shopper.asks(TRIED))["offer"]
            seen[offer["arm"]] += 1
            assert (offer["text"] == "") == (offer["arm"] == "control")
            await shopper.tells("exposed", offer["id"])
            if offer["arm"] == "control":
                await shopper.tells("accepted", offer["id"])  # nobody accepts what they did not see
        found = await counted(server)
        assert min(seen.values()) > 5
        assert found["rescue", "control", "exposed", ""] == seen["control"]
        assert found["rescue", "shown", "exposed", ""] == seen["shown"]
        assert ("rescue", "control", "accepted", "") not in found
        assert found["rescue", "", "held", "control"] == seen["control"]


@asyncio_test
async def test_held_rules_count_with_their_reason_once_a_page_view(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE})) as server:
        shopper = Shopper(server)
        for _ in range(3):
            plan = await shopper.asks(TRIED, busy=["typing", "a_word_of_a_newer_loader"])
            assert plan["offer"] is None
            assert plan["ask_again"]["busy"] is True
        await shopper.asks(TRIED, trusted=False)
        found = await counted(server)
        assert found == {("rescue", "", "held", "typing"): 1, ("rescue", "", "held", "bot"): 1}
        # What the page finds out when it is about to show it.
        offer = (await shopper.asks(TRIED))["offer"]["id"]
        for _ in range(2):
            await shopper.tells("held", offer, reason="dialog")
        assert (await counted(server))["rescue", "", "held", "dialog"] == 1
        assert (await shopper.asks(TRIED))["offer"] is not None  # it did not count


@asyncio_test
async def test_never_more_open_invitations_than_people_who_are_free(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE}, sections=ONE_PHONE)) as server:
        first, second = Shopper(server), Shopper(server)
        offer = (await first.asks(TRIED))["offer"]["id"]
        await first.tells("exposed", offer)
        assert (await second.asks(TRIED))["offer"] is None
        assert (await counted(server))["rescue", "", "held", "agents"] == 1
        await first.tells("declined", offer)
        assert (await second.asks(TRIED))["offer"] is not None


@asyncio_test
async def test_an_offer_that_became_untrue_turns_into_a_callback_and_says_why(tmp_path: Path) -> None:
    sections = ONE_PHONE | {
        "callbacks": {"later": {}},
        "routes": {"sales": {"steps": [{"destinations": ["boston"]}], "callback": "later"}},
    }
    async with serving(tmp_path, shop({"rescue": RESCUE}, sections=sections)) as server:
        shopper = Shopper(server)

        async def now(offer: str) -> dict[str, Any]:
            answer = await server.http.get(
                f"/v1/page/{SITE_KEY}/now", params={"offer": offer}, headers={"Origin": ORIGIN}
            )
            assert answer.status_code == 200
            assert len(answer.content) <= 300
            told: dict[str, Any] = answer.json()
            return told

        offer = (await shopper.asks(TRIED))["offer"]["id"]
        assert (await now(offer))["offer"] == "open"
        # The only agent goes away before it is shown.
        server.world.directory = Directory(standings={"boston": Standing(live_calls=1)})
        server.clock.now += 3
        told = await now(offer)
        assert (told["offer"], told["why"], told["state"]) == ("callback", "agents", "later")
        assert told["later"]["ways"] == ["callback"]
        assert (await counted(server))["rescue", "", "held", "agents"] == 1

        # They come back, it is shown, they go away, and the shopper clicks.
        server.world.directory = Directory()
        server.clock.now += 3
        offer = (await shopper.asks(TRIED))["offer"]["id"]
        await shopper.tells("exposed", offer)
        server.world.directory = Directory(standings={"boston": Standing(live_calls=1)})
        server.clock.now += 3
        for _ in range(2):
            assert (await now(offer))["offer"] == "callback"
        found = await counted(server)
        assert found["rescue", "shown", "changed", "agents"] == 1
        assert found["rescue", "", "held", "agents"] == 1
        assert (await now("never-made"))["offer"] == "gone"
        assert (await now(""))["offer"] is None


@asyncio_test
async def test_a_gold_customer_sees_the_button_at_once_and_others_from_a_cart_value_on(
    tmp_path: Path,
) -> None:
    rules = {
        "gold": {"when": 'signed.customer.tier == "gold"', "show": {"button": "phone"}},
        "others": {"when": "cart.value >= 200", "show": {"button": "phone"}},
    }
    async with serving(tmp_path, shop(rules, data_pass=SIGNING)) as server:

        def token(tier: str) -> str:
            now = int(server.clock.time())
            claims = {"aud": "shop", "for": "page", "iat": now, "exp": now + 600, "visitor": tier}
            return jwt.encode(claims | {"context": {"customer": {"tier": tier}}}, SECRET)

        gold = await Shopper(server).asks({"cart.value": 1}, token=token("gold"))
        assert (gold["state"], gold["ways"]["phone"], len(gold["buttons"])) == ("open", "open", 1)
        button = gold["buttons"][0]["offer"]
        params, headers = {"offer": button}, {"Origin": ORIGIN}
        now = (await server.http.get(f"/v1/page/{SITE_KEY}/now", params=params, headers=headers)).json()
        assert (now["state"], now["offer"]) == ("open", None)  # a button is as its way is
        silver = Shopper(server)
        plan = await silver.asks({"cart.value": 199}, token=token("silver"))
        assert (plan["state"], plan["ways"]["phone"], plan["buttons"]) == ("hidden", "hidden", [])
        assert plan["ask_again"]["facts"] == ["cart.value"]
        plan = await silver.asks({"cart.value": 200}, token=token("silver"))
        assert plan["ways"]["phone"] == "open"
        # No page makes itself gold.
        claims = {"signed.customer.tier": "gold", "customer.tier": "gold", "agents.free": 9}
        assert (await Shopper(server).asks(claims))["state"] == "hidden"
        refused = await silver.post(
            "/v1/page", page={"url": "https://shop.example/"}, token=f"{token('gold')[:-3]}abc"
        )
        assert (refused.status_code, refused.json()["id"]) == (403, "signed_invalid")


@asyncio_test
async def test_buttons_are_counted_by_element_and_page_within_bounds(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({})) as server:
        shopper = Shopper(server)
        told = {"place": "help-me", "page": "https://shop.example/cart?id=7", "way": "phone"}
        await shopper.tells("button_seen", **told)
        await shopper.tells("button_seen", **told)
        await shopper.tells("button_clicked", **told)
        await shopper.tells("button_clicked", place="x", page="https://[", way="fax")
        await server.visits.keeper.write()
        found = await server.stores.visits.placements(0, 2**40)
        assert {(key.place, key.page, key.way): (each.seen, each.clicked) for key, each in found.items()} == {
            ("help-me", "/cart", "phone"): (2, 1),
            ("x", "", "other"): (0, 1),
        }


@asyncio_test
async def test_a_shopper_who_asked_to_be_left_alone_is(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE})) as server:
        shopper = Shopper(server)
        await shopper.tells("opted_out", consent=True)
        assert (await shopper.asks(TRIED))["offer"] is None
        assert (await counted(server))["rescue", "", "held", "opted_out"] == 1


@asyncio_test
async def test_a_call_belongs_to_the_offer_and_the_visitor(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE})) as server:
        shopper = Shopper(server)
        offer = (await shopper.asks(TRIED))["offer"]["id"]
        await shopper.tells("exposed", offer)
        await shopper.tells("accepted", offer)
        answer = await server.place(offer=offer, visitor=shopper.visitor)
        assert answer.status_code == 201
        await server.visits.keeper.write()
        (arm,) = await server.stores.visits.arms(0, 2**40)
        assert arm.calls == 1
        row = (await server.stores.visits.load([("shop", str(shopper.visitor))]))[
            "shop", str(shopper.visitor)
        ]
        assert row.call_id == answer.json()["id"]
        # Whatever else a page says of offers and visitors, the call is placed.
        assert (await server.place(offer="made-up", visitor="nobody-nobody-nobody")).status_code == 201


@asyncio_test
async def test_why_is_explained_only_where_the_settings_say_so(tmp_path: Path) -> None:
    rules = {"rescue": RESCUE, "slow": {**RESCUE, "when": "time.on_page >= 40"}}
    async with serving(tmp_path, shop(rules)) as server:
        shopper = Shopper(server)
        await shopper.asks(TRIED)
        assert (await shopper.post("/v1/page/explain")).status_code == 404
    async with serving(tmp_path, shop(rules, {"explain": True, "consent": "not_needed"})) as server:
        shopper = Shopper(server)
        await shopper.asks(TRIED)
        assert len((await shopper.post("/v1/page/explain")).json()["decisions"]) == 1
    async with serving(tmp_path, shop(rules, {"explain": True})) as server:
        shopper = Shopper(server)
        for number in range(25):
            await shopper.asks({"promo.failed": 2, "time.on_page": number}, busy=["typing"])
        answer = await shopper.post("/v1/page/explain")
        decisions = answer.json()["decisions"]
        assert len(decisions) == 20
        newest = {each["rule"]: each for each in decisions[-1]["rules"]}
        assert (newest["rescue"]["held"], newest["rescue"]["condition"]) == ("typing", "true")
        assert newest["slow"]["condition"] == "unknown"
        assert newest["rescue"]["text"]


@pytest.mark.parametrize(
    ("path", "body", "origin", "status", "problem"),
    [
        ("/v1/page", "{", ORIGIN, 400, "body_invalid"),
        ("/v1/page", "[]", ORIGIN, 400, "validation_failed"),
        ("/v1/page", "", ORIGIN, 400, "body_invalid"),
        ("/v1/page", '{"site": "shop-public-key"}', ORIGIN, 400, "validation_failed"),
        ("/v1/page", "x" * 4097, ORIGIN, 413, "body_too_large"),
        ("/v1/page/events", "x" * 2049, ORIGIN, 413, "body_too_large"),
        ("/v1/page", None, "https://evil.example", 403, "origin_refused"),
        ("/v1/page", None, None, 403, "origin_refused"),
        ("/v1/page/events", None, "https://other.example", 403, "origin_refused"),
    ],
)
@asyncio_test
async def test_what_is_no_question_is_refused(
    tmp_path: Path, path: str, body: str | None, origin: str | None, status: int, problem: str
) -> None:
    async with serving(tmp_path, shop({})) as server:
        right = {
            "site": SITE_KEY, "view": "v" * 16, "what": "exposed", "page": {"url": "https://shop.example/"},
        }  # fmt: skip
        if path.endswith("events"):
            right["page"] = "/"
        headers = TEXT | ({"Origin": origin} if origin else {})
        answer = await server.http.post(
            path, content=json.dumps(right) if body is None else body, headers=headers
        )
        assert (answer.status_code, answer.json()["id"]) == (status, problem)


@asyncio_test
async def test_a_newer_loader_is_understood(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({"rescue": RESCUE})) as server:
        plan = await Shopper(server).asks(TRIED, v=2, device="glasses", weather={"a": 1}, busy=["dreaming"])
        assert plan["offer"] is not None


@asyncio_test
async def test_how_often_a_page_and_an_address_may_ask(tmp_path: Path) -> None:
    async with serving(tmp_path, shop({})) as server:
        shopper = Shopper(server)
        for _ in range(60):
            await shopper.asks()
        page = {"url": "https://shop.example/"}
        refused = await shopper.post("/v1/page", page=page)
        assert (refused.status_code, refused.json()["id"]) == (429, "limit_requests")
        assert int(refused.headers["Retry-After"]) <= 60
        await shopper.tells("opted_out")  # events count apart
        for _ in range(9):
            other = Shopper(server)
            for _ in range(60):
                await other.asks()
        assert (await Shopper(server).post("/v1/page", page=page)).status_code == 429
        server.clock.now += 61
        await shopper.asks()
