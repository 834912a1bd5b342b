"""What an agent fills in reaches React, Vue, Lit and plain pages as if it were typed, or says why not."""

from __future__ import annotations

import json
from typing import Any

from config.sections.cobrowse import SCOPES
from tests.aio import asyncio_test
from tests.widget.page import WITH_THE_PANEL, open_page, shoppers
from tests.widget.sharing import SharingServer

pytestmark = WITH_THE_PANEL

#: A view that goes on in this tab.
GOES_ON = """sessionStorage.setItem("ringback.view", JSON.stringify({
    base: "http://127.0.0.1:10/ringback/", ticket: {view: "v_1", token: "secret"}, deeds: []}));
    sessionStorage.setItem("back", "1")"""
#: The field, what to fill in, why not, and what the field says then.
FILLS = (
    ("text", "A new text", "", "A new text"),
    ("digits", "27", "", "27"),
    # The page puts back what it knows, at once or once it has drawn itself anew.
    ("digits", "abc", "bad_value", None),
    ("remarks", "Two\nlines", "", "Two\nlines"),
    ("size", "Large", "", "l"),
    ("size", "Huge", "bad_value", "l"),
    ("gift", "yes", "", True),
    ("gift", "perhaps", "bad_value", True),
    ("fixed", "no", "bad_value", True),
    ("invoice", "true", "", True),
    ("invoice", "false", "bad_value", True),
    ("day", "2026-12-24", "", "2026-12-24"),
    ("day", "24.12.2026", "bad_value", "2026-12-24"),
    ("phone", "6175550123", "", "(617) 555-0123"),
    ("phone", "none", "bad_value", None),
    ("short", "12345", "", "12345"),
    ("short", "123456", "value_too_long", "12345"),
    ("closed", "y", "disabled", "x"),
    ("shut", "y", "disabled", ""),
    ("editor", "y", "not_fillable", None),
)
#: What the page knows then.
KNOWN = {
    "text": "A new text", "remarks": "Two\nlines", "size": "l", "gift": True, "pay": "invoice",
    "day": "2026-12-24",
}  # fmt: skip
#: What a field says, past accessors of the page's own, and in shadow roots.
_SAYS = """id => {
  const root = document.querySelector("harbor-fields")?.shadowRoot ?? document;
  const field = root.getElementById(id);
  if (["checkbox", "radio"].includes(field.type)) return field.checked;
  if (field.localName !== "input") return field.value;
  return Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").get.call(field);
}"""
_KNOWS = """() => (document.querySelector("harbor-fields")?.shadowRoot ?? document)
  .getElementById("known").textContent"""


@asyncio_test(timeout=90)
async def test_each_kind_of_field_takes_a_value_or_says_why_not() -> None:
    server = SharingServer(agreed=SCOPES)
    async with shoppers(server) as context:
        await context.add_init_script(GOES_ON)
        for name in ("react", "vue", "lit", "plain"):
            server.body = f'<div id="root"></div><script type="module" src="built/fields-{name}.js"></script>'
            page = await open_page(context)
            found, wanted = await _fill_all(page, server)
            assert found == wanted, name
            known = json.loads(await page.evaluate(_KNOWS))
            assert {key: known[key] for key in KNOWN} == KNOWN, name
            assert page.troubles == []
            await page.close()
            server.events.clear()


async def _fill_all(page: Any, server: SharingServer) -> tuple[dict[str, Any], dict[str, Any]]:
    """What became of each value, and what should have become of it."""
    found: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    for number, (field, value, reason, says) in enumerate(FILLS):
        key = f"{number} {field}"
        told = await server.act("fill", await server.node(field), value)
        found[key] = (told["result"], told["reason"])
        wanted[key] = ("refused" if reason else "done", reason)
        if says is not None:
            found[key] += (await page.evaluate(_SAYS, field),)
            wanted[key] += (says,)
    return found, wanted
