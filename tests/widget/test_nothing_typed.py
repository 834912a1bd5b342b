"""Nothing typed into the shop's forms leaves it, and the call is placed with a proof of work on a slow phone.

The real loader, panel and server, on a page with a strict policy; every request is recorded.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from tests.aio import asyncio_test
from tests.api.serving import listening, serving
from tests.api.shop import SITE_KEY, settings
from tests.api.test_proof_in_browser import shop
from tests.plumbing import chromium
from tests.plumbing.chromium import playwright
from tests.widget.page import WITH_THE_PANEL
from web import built

pytestmark = WITH_THE_PANEL
#: What the shopper types, by the place; each is told apart from all else on the page.
SECRETS = {
    "#email": "zebra.mail@secret.example",
    "#password": "zebra-password-1",
    "#card": "4929 1111 2222 3333",
    "#search": "zebra medication",
    "#note": "zebra told me in confidence",
    "#editor": "zebra in an editor",
    "#promo": "ZEBRA20",
}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Checkout</title>
<h1>Checkout</h1>
<form method="post" action="/pay">
  <input id="email" name="email" type="email"><input id="password" name="password" type="password">
  <input id="card" name="card" autocomplete="cc-number">
  <input type="hidden" name="token" value="zebra-hidden">
  <select name="size"><option value="zebra-option">Large</option></select>
  <textarea id="note" name="note"></textarea><input id="promo" name="promo">
</form>
<input id="search" type="search"><div id="editor" contenteditable="true" data-owner="zebra-data"></div>
<p class="form-error">This code is not valid: zebra-error</p>
<button data-ringback="phone">Talk to us</button>
<script async src="{base}/p/{key}.js"></script>
<script src="facts.js"></script>
"""
POLICY = (
    "default-src 'none'; script-src 'self' {base}; connect-src {base} ws://127.0.0.1:{port}; "
    "require-trusted-types-for 'script'; trusted-types ringback lit-html"
)
#: What the shop declares by itself, before the loader is there.
FACTS = """
window.ringback = window.ringback || function () { (ringback.q = ringback.q || []).push(arguments) };
ringback("set", { "cart.value": 120, "page.secret": "told-by-the-shop" });
ringback("count", "promo.failed", 2);
"""


def settings_of(origin: str) -> Any:
    """A site that reads facts of the page, invites, and passes one field on."""
    return settings(
        origins=[origin],
        countries=["US"],
        proof_of_work="always",
        page={
            "consent": "not_needed",
            "facts": {"errors.count": {"type": "number", "selector": ".form-error:not(:empty)"}},
        },
        engage={
            "rules": {
                "rescue": {
                    "when": "promo.failed >= 2 && errors.count >= 1",
                    "show": {"invitation": "phone", "text": {"en": "Trouble? Talk to us."}},
                }
            }
        },
        data_pass={"unknown_fields": "drop", "fields": {"cart.value": {"label": "Cart", "type": "number"}}},
    )


@asyncio_test(timeout=90)
async def test_what_is_typed_into_the_shops_forms_stays_there(tmp_path: Path) -> None:
    for name in ("page", "widget"):
        shutil.copytree(Path(str(built(name))), tmp_path / name)
    sent: list[str] = []
    async with (
        shop() as (origin, files),
        serving(tmp_path, settings_of(origin)) as server,
        listening(server) as port,
        chromium.context() as context,
    ):
        base = f"http://127.0.0.1:{port}"
        files["policy"] = ("", POLICY.format(base=base, port=port))
        files["/"] = ("text/html; charset=utf-8", PAGE.format(base=base, key=SITE_KEY))
        files["/facts.js"] = ("text/javascript", FACTS)
        context.on("request", lambda request: sent.append(_all_of(request)))
        page = await context.new_page()
        page.on("websocket", lambda socket: socket.on("framesent", lambda text: sent.append(str(text))))
        await page.goto(f"{origin}/#zebra-fragment")
        for place, secret in SECRETS.items():
            await page.locator(place).click()
            await page.keyboard.type(secret)
        await page.get_by_role("heading").click()
        # The invitation comes, and the shopper talks.
        await page.get_by_text("Trouble? Talk to us.").wait_for(timeout=20_000)
        session = await context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
        await page.get_by_role("button", name="Talk to us", exact=True).first.click()
        await page.get_by_label("Your phone number").fill("(617) 555-0123")
        await page.get_by_role("button", name="Call me now").click()
        await playwright.expect(page.locator("ringback-call")).to_have_count(1, timeout=20_000)
        await asyncio.sleep(0.5)
        (call,) = server.engine.live()
        click = server.engine.click(call.call_id)
    asked = [each for each in sent if base in each]
    assert any("/v1/page" in each for each in asked)
    assert any("/v1/calls" in each for each in asked)
    words = ("zebra", "ZEBRA", "4929", "secret.example")
    assert [each for each in asked if any(word in each for word in words)] == []
    assert any("told-by-the-shop" in each for each in asked), "bodies are recorded"
    hosts = {each.split("/")[2] for each in sent if each.startswith("http")}
    assert hosts == {f"127.0.0.1:{port}", origin.removeprefix("http://")}
    assert any(each.partition("\n")[0].endswith("/v1/page/challenge") for each in asked)
    assert any("/v1/calls" in each and '"proof":"' in each for each in asked)
    # Of what the shop told by itself, the call keeps what its settings declare.
    assert dict(click.context) == {"cart.value": "120"}


def _all_of(request: Any) -> str:
    """Address, headers and body of a request."""
    body = request.post_data_buffer or b""
    return unquote_plus(f"{request.url}\n{request.headers}\n") + body.decode(errors="replace")
