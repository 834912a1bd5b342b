"""The loader in a real Chromium and the real API: rules decide, and what becomes of it is counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.aio import asyncio_test
from tests.api.page.shopper import RESCUE, counted, shop
from tests.api.pages import listening
from tests.api.serving import Server
from tests.api.shop import SITE_KEY
from tests.page.shopping import LAUNCHER, accessible, shopping
from tests.page.stand_in import PANEL, ShopPage, StandIn
from tests.plumbing import chromium
from web import built

pytestmark = pytest.mark.skipif(chromium.CHROMIUM is None, reason="needs chromium")

SECRET = "0123456789abcdef0123456789abcdef"


@asynccontextmanager
async def open_shop(
    path: Path,
    rules: dict[str, Any],
    page: dict[str, Any] | None = None,
    *,
    panel: Path | None = None,
    **site: Any,
) -> AsyncIterator[tuple[Server, StandIn, Any]]:
    """A server with these rules, and a tab that is to open a page of its shop."""
    (path / "page").symlink_to(built("page"))
    if panel is None:
        (path / "widget").mkdir()
        (path / "widget" / "panel-0a1b2c3d.js").write_text(PANEL)
    else:
        (path / "widget").symlink_to(panel)
    async with shopping() as (shops, tab):
        config = shop(rules, page, origins=[f"http://localhost:{shops.port}"], **site)
        async with listening(path, config) as (server, address):
            line = f'<script async src="http://{address}/p/{SITE_KEY}.js"></script>'
            shops.pages["/"] = ShopPage(
                head=line, body='<button data-ringback="phone" hidden>Call us</button>'
            )
            yield server, shops, tab


@asyncio_test
async def test_a_shopper_in_trouble_is_invited_and_left_alone_once_they_declined(tmp_path: Path) -> None:
    async with open_shop(tmp_path, {"rescue": RESCUE}, {"explain": True}) as (server, shops, tab):
        await tab.goto(shops.shop())
        await tab.get_by_role("button", name=LAUNCHER).wait_for()
        await tab.evaluate("ringback.consent(true); ringback.count('promo.failed')")
        await tab.mouse.move(60, 60)
        await tab.evaluate("ringback.count('promo.failed')")
        await tab.get_by_text("Trouble with a code?").wait_for()
        await tab.get_by_role("button", name="No, thanks").click()
        key = ("rescue", "shown")
        assert await _counted(server, 3) >= {(*key, "offered"), (*key, "exposed"), (*key, "declined")}
        # The code fails again on the next page, which knows what failed before.
        await tab.reload()
        await tab.get_by_role("button", name=LAUNCHER).wait_for()
        await tab.mouse.move(80, 60)
        assert ("rescue", "", "held") in await _counted(server, 4)
        assert not await tab.get_by_text("Trouble with a code?").is_visible()
        await tab.wait_for_function(
            "async () => (await ringback.explain()).decisions.at(-1).rules[0].held === 'cool_down'"
        )


async def _counted(server: Server, number: int) -> set[tuple[str, str, str]]:
    """What was counted of rules, once so much was."""
    found: set[tuple[str, str, str]] = set()
    for _ in range(100):
        found = {key[:3] for key in await counted(server) if key[0]}
        if len(found) >= number:
            break
    return found


@asyncio_test
async def test_a_gold_customer_sees_the_button_at_once_and_others_with_a_full_cart(tmp_path: Path) -> None:
    rules = {
        "gold": {"when": 'signed.customer.tier == "gold"', "show": {"button": "phone"}},
        "silver": {"when": "cart.value >= 200", "show": {"button": "phone"}},
    }
    signing = {"signing": {"secret": SECRET}, "fields": {"customer.tier": {}}}
    async with open_shop(tmp_path, rules, data_pass=signing) as (server, shops, tab):
        button = tab.get_by_role("button", name="Call us")
        now = int(server.clock.time())
        gold = {
            "aud": "shop",
            "for": "page",
            "iat": now,
            "exp": now + 600,
            "visitor": "4711",
            "context": {"customer": {"tier": "gold"}},
        }
        await tab.goto(shops.shop())
        await tab.wait_for_function("!!window.ringback?.set")
        await tab.evaluate("ringback.on('ready', (it) => (window.state = it.ways.phone))")
        await tab.wait_for_function("window.state === 'hidden'")
        assert not await button.is_visible()
        await tab.evaluate("ringback.set('cart.value', 199)")
        await tab.evaluate("ringback.set('cart.value', 200)")
        await button.wait_for()
        await tab.evaluate("ringback.set('cart.value', 100)")
        await button.wait_for(state="hidden")
        await tab.evaluate(f"ringback.identify('{jwt.encode(gold, SECRET, algorithm='HS256')}')")
        await button.wait_for()
        # A token that has expired costs them their segment, and nothing else.
        old = gold | {"iat": now - 900, "exp": now - 600}
        await tab.evaluate(f"ringback.identify('{jwt.encode(old, SECRET, algorithm='HS256')}')")
        await button.wait_for(state="hidden")
        await tab.evaluate("ringback.set('cart.value', 300)")
        await button.wait_for()


@asyncio_test
async def test_the_real_panel_opens_under_a_strict_policy_and_is_asked_for_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path, {"rescue": RESCUE}, panel=built("widget")) as (_, shops, tab):
        base = shops.pages["/"].head.split('src="')[1].split("/p/")[0]
        policy = (
            f"default-src 'none'; script-src 'nonce-abc' {base}; connect-src {base};"
            " img-src data:; require-trusted-types-for 'script'; trusted-types lit-html"
        )
        listener = (
            "addEventListener('securitypolicyviolation',"
            " (e) => (window.bad ??= []).push(e.violatedDirective + e.blockedURI))"
        )
        shops.pages["/"] = ShopPage(
            head=f"<script nonce=abc>{listener}</script>" + shops.pages["/"].head,
            headers={"Content-Security-Policy": policy},
        )
        loads: list[str] = []
        tab.on("request", lambda request: loads.append(request.url))
        await tab.goto(shops.shop())
        await tab.get_by_role("button", name=LAUNCHER).click(click_count=20)
        dialog = tab.get_by_role("dialog")
        await dialog.wait_for()
        assert await tab.get_by_role("button", name=LAUNCHER).count() == 0
        assert sum("/panel-" in url for url in loads) == 1
        await accessible(tab)
        await tab.keyboard.press("Escape")
        await tab.get_by_role("button", name=LAUNCHER).wait_for()
        assert await tab.evaluate("window.bad ?? []") == []


@asyncio_test
async def test_a_form_of_the_page_leaves_a_lead_and_hears_what_is_wrong(tmp_path: Path) -> None:
    forms = {"follow_up": {"forms": {"per_ip": ["1 per 1h"]}}}
    async with open_shop(tmp_path, {}, sections=forms) as (server, shops, tab):
        await tab.goto(shops.shop())
        await tab.get_by_role("button", name=LAUNCHER).wait_for()
        await tab.evaluate("ringback.set({'cart.value': 120, 'contact.number': '+16175550199'})")
        send = "(form) => ringback.send(form)"
        wrong = await tab.evaluate(send, {"name": "Ann", "number": "12"})
        assert (wrong["sent"], wrong["problem"]["id"]) == (False, "number_invalid")
        form = {"name": "Ann", "number": "(617) 555-0123", "said": "Blue?"}
        assert await tab.evaluate(send, form) == {"sent": True}
        assert await tab.evaluate(send, form) == {"sent": True}  # the same words are one form
        assert (await tab.evaluate(send, {**form, "said": "Red?"}))["problem"]["id"] == "limit_leads"
        [lead] = server.leads.desk.open_leads()
        assert (lead.person.name, lead.person.number, lead.said) == ("Ann", "+16175550123", "Blue?")
        assert lead.page == shops.shop()
        assert lead.context["cart.value"] == "120"
        assert "contact.number" not in lead.context
        await tab.context.set_offline(True)
        assert await tab.evaluate(send, form) == {"sent": False, "problem": {"id": "unreachable"}}
