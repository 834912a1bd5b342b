"""The shopper's side of a shared view, in a browser: the question, the bar, what an agent does, the end."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bridge.progress import CallState
from config.sections.cobrowse import SCOPES, Scope
from tests.aio import asyncio_test
from tests.widget.page import SHOP, WITH_THE_PANEL, dark, expect, open_page, shoppers
from tests.widget.sharing import SharingServer
from tests.widget.test_states import PHONE, is_accessible, picture

pytestmark = WITH_THE_PANEL


async def _in_a_call(page: Any, server: SharingServer) -> None:
    await page.click("#opener")
    await page.locator("#number").fill("617 555 0123")
    await page.get_by_role("button", name="Call me now").click()
    await page.get_by_role("button", name="Hang up").wait_for()
    server.say(CallState.BRIDGED, connected_to="Sandra")
    await page.get_by_role("button", name="Close", exact=True).click()


async def _agree(page: Any, server: SharingServer, *scopes: Scope) -> None:
    server.ask()
    card = page.locator("ringback-consent")
    await card.wait_for()
    for scope in scopes or SCOPES:
        await card.locator(f"input[name={scope}]").check()
    await card.get_by_role("button", name="Agree to what is ticked").click()
    await page.locator("ringback-view-bar").wait_for()
    if server.records:
        await server.node("more")


@asyncio_test(timeout=90)
async def test_the_shopper_is_asked_agrees_and_ends_it() -> None:
    server = SharingServer()
    async with shoppers(server) as context:
        page = await open_page(context)
        loaded: list[str] = []
        page.on("request", lambda request: loaded.append(request.url))
        await _in_a_call(page, server)
        await page.locator("#search").focus()
        server.ask()
        card = page.locator("ringback-consent")
        await expect(card.get_by_role("heading")).to_have_text("Sandra asks to see this page")
        await expect(page.locator("ringback-view .visually-hidden[aria-live]")).to_contain_text(
            "Sandra asks to see this page"
        )
        await expect(page.locator("#search")).to_be_focused()
        await picture(page, "view-asked")
        await is_accessible(page)
        # Nothing is ticked for the shopper, and nothing that records is loaded before they agree.
        assert await card.locator("input:checked").count() == 0
        agree = card.get_by_role("button", name="Agree to what is ticked")
        await expect(agree).to_have_attribute("aria-disabled", "true")
        await agree.click(force=True)
        assert "consent" not in server.types()
        assert not [url for url in loaded if "record-" in url]
        await card.locator("input[name=fill]").check()
        await expect(card.locator("input[name=see]")).to_be_checked()
        await card.locator("input[name=see]").uncheck()
        await expect(card.locator("input[name=fill]")).not_to_be_checked()
        for scope in SCOPES:
            await card.locator(f"input[name={scope}]").check()
        await agree.click()
        told = await server.heard_of(lambda message: message["type"] == "consent")
        assert told == {"type": "consent", "scopes": list(SCOPES), "version": "1-en"}
        bar = page.locator("ringback-view-bar")
        await expect(bar).to_contain_text("Sandra sees this page")
        await server.node("zip")
        assert "SECRET" not in json.dumps(server.events)
        assert "A ZIP code has five digits." in json.dumps(server.events)
        await picture(page, "view-bar")
        await is_accessible(page)
        # Escape once is anybody's; twice ends it, at once and with the frame.
        await page.keyboard.press("Escape")
        await page.wait_for_timeout(800)
        await expect(bar).to_have_count(1)
        await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await expect(bar).to_have_count(0)
        await expect(page.locator(".frame")).to_have_count(0)
        await expect(page.get_by_text("You ended it. Nobody sees this page any more.").first).to_be_visible()
        assert server.types()[-1] == "end"
        recorded = len(server.events)
        await page.locator("#street").fill("Another street")
        await page.wait_for_timeout(300)
        assert len(server.events) == recorded
        assert page.troubles == []


@asyncio_test(timeout=60)
async def test_a_change_that_is_too_large_to_send_leads_to_a_new_snapshot() -> None:
    server = SharingServer()
    async with shoppers(server) as context:
        page = await open_page(context)
        await _in_a_call(page, server)
        await _agree(page, server)
        first = len(server.events)
        await page.evaluate("""() => {
            const large = document.createElement("p");
            large.textContent = "x".repeat(2_200_000);
            document.body.append(large);
            setTimeout(() => large.replaceWith("It was too much."), 200);
        }""")

        def shown_again(_: dict[str, Any]) -> bool:
            since = server.events[first:]
            return any(event["type"] == 2 and "It was too much." in json.dumps(event) for event in since)

        await server.heard_of(shown_again)
        assert "too_large" not in server.types()
        assert page.troubles == []


@asyncio_test(timeout=90)
async def test_an_agent_helps_and_each_act_is_listed() -> None:
    server = SharingServer()
    async with shoppers(server) as context:
        page = await open_page(context)
        await _in_a_call(page, server)
        await _agree(page, server)
        await page.evaluate("""() => {
            window.events = [];
            zip.addEventListener("input", () => (wrong.hidden = /^\\d{5}$/.test(zip.value)));
            for (const name of ["input", "change", "blur"])
              zip.addEventListener(name, () => events.push(name));
            more.addEventListener("click", () => (clicked.textContent = "There is more."));
            const never = document.getElementById("delete");
            never.addEventListener("click", () => (clicked.textContent = "DELETED"));
            order.addEventListener("submit", (event) => {
              event.preventDefault();
              clicked.textContent = "PAID";
            });
        }""")
        await page.locator("#search").focus()
        node = {name: await server.node(name) for name in (
            "zip", "country", "gift", "voucher", "closed", "password", "photo", "basket", "card", "pay",
            "delete", "more", "away", "below", "clicked",
        )}  # fmt: skip
        done = {"result": "done", "reason": ""}

        async def act(*asked: Any, **more: Any) -> dict[str, str]:
            told = await server.act(*asked, **more)
            return {"result": told["result"], "reason": told["reason"]}

        assert await act("highlight", node["zip"], word="This one, please") == done
        mark = page.locator("ringback-pointer-layer .box")
        await expect(mark).to_contain_text("Sandra: This one, please")
        # The frame stays round the field while the page scrolls there.
        apart = await mark.evaluate(
            "box => box.getBoundingClientRect().x - document.getElementById('zip').getBoundingClientRect().x"
        )
        assert -10 < apart < 0
        await expect(page.locator("#zip")).to_be_in_viewport()
        # The word covers neither the field nor what is said about it.
        covered: list[str] | None = None
        while covered != []:  # until the page has scrolled there
            covered = await mark.locator(".name").evaluate("""name => {
                const word = name.getBoundingClientRect();
                const zip = document.getElementById("zip");
                return [zip, ...zip.labels, document.getElementById("wrong")].filter((each) => {
                    const box = each.getBoundingClientRect();
                    return !each.contains(zip) && box.left < word.right && word.left < box.right
                        && box.top < word.bottom && word.top < box.bottom;
                }).map((each) => each.textContent);
            }""")
        await expect(page.locator("ringback-view .visually-hidden[aria-live]")).to_contain_text(
            "Sandra highlights ZIP code"
        )
        await picture(page, "view-highlight")
        # Filled as the shopper would, and the focus stays where it was.
        assert await act("fill", node["zip"], "02134") == done
        assert await page.locator("#zip").input_value() == "02134"
        await expect(page.locator("#wrong")).to_be_hidden()
        assert await page.evaluate("events") == ["input", "change", "blur"]
        await expect(page.locator("#search")).to_be_focused()
        assert await act("fill", node["country"], "Canada") == done
        assert await page.locator("#country").input_value() == "ca"
        assert await act("fill", node["gift"], "true") == done
        assert await page.locator("#gift").is_checked()
        assert await act("click", node["more"]) == done
        await expect(page.locator("#clicked")).to_have_text("There is more.")
        assert await act("scroll", node["below"]) == done
        await expect(page.locator("#below")).to_be_in_viewport()
        for asked, reason in (
            (("fill", node["zip"], "021345"), "value_too_long"),
            (("fill", node["country"], "Mars"), "bad_value"),
            (("fill", node["voucher"], "x"), "never_fill"),
            (("fill", node["closed"], "x"), "disabled"),
            (("fill", node["password"], "x"), "masked"),
            (("fill", node["photo"], "x"), "masked"),
            (("fill", node["basket"], "x"), "masked"),
            (("fill", node["card"], "x"), "masked"),
            (("fill", node["more"], "x"), "not_fillable"),
            (("click", node["pay"]), "never_click"),
            (("click", node["delete"]), "never_click"),
            (("click", node["away"]), "other_origin"),
            (("click", 999_999), "gone"),
            (("navigate", None, "javascript:alert(1)"), "bad_address"),
        ):
            assert await act(*asked) == {"result": "refused", "reason": reason}, asked
        await expect(page.locator("#clicked")).to_have_text("There is more.")
        bar = page.locator("ringback-view-bar")
        await bar.get_by_role("button", name="Details").click()
        await expect(bar.locator("li")).to_have_count(20)
        await expect(bar.locator("li").last).to_contain_text("Sandra highlights ZIP code")
        await expect(bar).to_contain_text("Only you may press it.")
        await picture(page, "view-list")
        await is_accessible(page)
        # What is taken back holds at once.
        await bar.locator("input[name=fill]").uncheck()
        assert await act("fill", node["zip"], "90210") == {"result": "refused", "reason": "not_agreed"}
        assert (await server.heard_of(lambda told: told["type"] == "revoke"))["scopes"] == ["fill"]
        assert await page.locator("#zip").input_value() == "02134"
        assert page.troubles == []


@asyncio_test(timeout=90)
async def test_a_value_is_suggested_and_changed_and_more_is_asked_for() -> None:
    server = SharingServer()
    async with shoppers(server, **PHONE) as context:
        page = await open_page(context)
        await _in_a_call(page, server)
        await _agree(page, server, "see", "point")
        zip_code = await server.node("zip")
        await page.locator("#search").focus()
        offer = page.locator("ringback-offer")
        suggested = asyncio.ensure_future(server.act("propose", zip_code, "02134"))
        await expect(offer.get_by_role("heading")).to_have_text("Sandra suggests for ZIP code:")
        await expect(page.locator("#search")).to_be_focused()
        await picture(page, "view-offer-phone")
        await is_accessible(page)
        await offer.locator("input").fill("02139")
        await offer.get_by_role("button", name="Use it").click()
        assert (await suggested)["result"] == "done"
        assert await page.locator("#zip").input_value() == "02139"
        suggested = asyncio.ensure_future(server.act("propose", zip_code, "90210"))
        await offer.get_by_role("button", name="No, thanks").click()
        assert (await suggested)["result"] == "declined"
        assert await page.locator("#zip").input_value() == "02139"
        assert (await server.act("fill", zip_code, "90210"))["reason"] == "not_agreed"
        server.ask_more("fill")
        card = page.locator("ringback-consent")
        await expect(card.get_by_role("heading")).to_have_text("Sandra asks for more")
        await expect(card.locator("input")).to_have_count(1)
        await picture(page, "view-more-phone")
        await card.locator("input").check()
        await card.get_by_role("button", name="Agree to what is ticked").click()
        await expect(card).to_have_count(0)
        assert (await server.act("fill", zip_code, "90210"))["result"] == "done"
        # A page that an agent shows, of another site, is asked about whatever the server says.
        shown = asyncio.ensure_future(server.act("navigate", None, "https://other.example/"))
        await offer.get_by_role("button", name="Stay here").click()
        assert (await shown)["result"] == "declined"
        await page.locator("ringback-view-bar").get_by_role("button", name="Details").click()
        await picture(page, "view-list-phone")
        assert page.troubles == []


@asyncio_test(timeout=90)
@pytest.mark.parametrize("name", ["react", "vue", "lit"])
async def test_frameworks_notice_what_an_agent_does(name: str) -> None:
    server = SharingServer(agreed=SCOPES)
    async with shoppers(server) as context:
        await context.add_init_script("""sessionStorage.setItem("ringback.view", JSON.stringify({
            base: "http://127.0.0.1:10/ringback/", ticket: {view: "v_1", token: "secret"}, deeds: []}));
            sessionStorage.setItem("back", "1")""")
        page = await open_page(context, f"{name}.html")
        zip_code = await server.node(lambda each: each.get("attributes", {}).get("class") == "shown")
        more = await server.node(lambda each: each.get("tagName") == "button")
        assert (await server.act("fill", zip_code, "90210"))["result"] == "done"
        await expect(page.get_by_text("Delivery to 90210")).to_be_visible()
        assert (await server.act("click", more))["result"] == "done"
        await expect(page.get_by_text("There is more.").first).to_be_visible()
        assert page.troubles == []


@asyncio_test(timeout=90)
async def test_it_goes_on_over_pages_and_tabs_of_the_site() -> None:
    server = SharingServer()
    async with shoppers(server) as context:
        page = await open_page(context)
        await _in_a_call(page, server)
        await _agree(page, server)
        await server.act("highlight", await server.node("zip"))
        await page.goto(f"{SHOP}next")
        await page.locator("ringback-view-bar").wait_for()
        hello = [told for _, told in server.said if told["type"] == "hello"]
        assert [each["resumed"] for each in hello] == [False, True]
        assert hello[0]["tab"] != hello[1]["tab"]
        await expect(page.locator("ringback-consent")).to_have_count(0)
        await page.locator("ringback-view-bar").get_by_role("button", name="Details").click()
        await expect(page.locator("ringback-view-bar li")).to_contain_text("Sandra highlights ZIP code")
        # A new tab of the shop hears of it from this one, once its panel is there.
        other = await open_page(context, "other")
        await other.evaluate("panel.open({ back: true })")
        await other.locator("ringback-view-bar").wait_for()
        assert [told["resumed"] for _, told in server.said if told["type"] == "hello"] == [False, True, True]
        await page.bring_to_front()
        # It is over in one, and told to the other: nothing is left in the browser.
        server.send({"type": "ended", "reason": "agent"}, 1)
        await expect(page.locator("ringback-view-bar")).to_have_count(0)
        await expect(page.get_by_text("The other side ended it.").first).to_be_visible()
        server.send({"type": "ended", "reason": "agent"}, 2)
        await expect(other.locator("ringback-view-bar")).to_have_count(0)
        await page.goto(f"{SHOP}last")
        assert await page.evaluate("sessionStorage.getItem('ringback.view')") is None
        assert page.troubles + other.troubles == []


@asyncio_test(timeout=90)
async def test_a_code_for_who_is_on_the_phone() -> None:
    server = SharingServer(records=False)
    server.plan = dark(server.plan)
    server.plan["site"]["shared_view"] = True
    async with shoppers(server, color_scheme="dark") as context:
        page = await open_page(context)
        await page.click("#opener")
        await page.get_by_role("button", name="Share this page by phone").click()
        code = page.locator("ringback-code")
        await expect(code.locator(".digits")).to_have_text("407113")
        assert server.asked == [{"site_key": "shop-public-key"}]
        await picture(page, "view-code-dark")
        await is_accessible(page)
        server.ask_more("see", "point")
        card = page.locator("ringback-consent")
        await card.wait_for()
        await expect(code).to_have_count(0)
        await picture(page, "view-asked-dark")
        await card.get_by_role("button", name="No, thanks").click()
        await expect(card).to_have_count(0)
        assert server.types()[-1] == "decline"
        assert page.troubles == []
