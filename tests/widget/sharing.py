"""A stand-in for the server of shared views, beside that of `page.py`, and pages that an agent is shown."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from cobrowse.consent import consent_words
from config.sections.cobrowse import SCOPES, Cobrowse, Scope
from tests.cobrowse.corpus import LINE, PAGES, bundles, manifest
from tests.widget.page import _HTML as HTML
from tests.widget.page import BASE, SHOP, StandIn
from tests.widget.page import _entry as panel_file

#: What a page of the shop has in place of its text, for an agent to point at.
CHECKOUT = """
<h1>Checkout</h1>
<form id="order" action="#">
  <label>Street <input id="street" value="SECRET street"></label>
  <label>ZIP code <input id="zip" class="shown" maxlength="5" value="9021"></label>
  <p id="wrong" role="alert">A ZIP code has five digits.</p>
  <label>Country <select id="country">
    <option value="us">United States</option><option value="ca">Canada</option>
  </select></label>
  <label><input type="checkbox" id="gift"> Gift wrap</label>
  <label>Voucher <input id="voucher" class="locked"></label>
  <label>Closed <input id="closed" disabled></label>
  <label>Password <input id="password" type="password" value="SECRET password"></label>
  <label>Photo <input id="photo" type="file"></label>
  <input type="hidden" id="basket" name="basket" value="SECRET basket">
  <label>Card number <input id="card" name="cardNumber" value="SECRET card"></label>
  <button type="submit" id="pay">Pay 209.00</button>
  <button type="button" id="delete">Delete my account</button>
</form>
<p class="account-number" title="SECRET title">SECRET account</p>
<!-- SECRET comment -->
<button type="button" id="more">Tell me more</button> <output id="clicked"></output>
<a id="away" href="https://other.example/">Elsewhere</a>
<div style="height: 150vh"></div>
<p id="below">Far below</p>
"""


@dataclass
class SharingServer(StandIn):
    """Ringback with one shared view, whose agent is the test."""

    #: In place of the shop's text; an address with the name of a page of the corpus shows that one instead.
    body: str = CHECKOUT
    rules: dict[str, Any] = field(
        default_factory=lambda: dict(manifest().rules) | {"private_by_default": False}
    )
    agreed: tuple[Scope, ...] = ()
    #: Of each WebSocket of the view, in order.
    tabs: list[Any] = field(default_factory=list)
    #: What pages said, by the socket's place.
    said: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    #: The recorded events, put together.
    events: list[dict[str, Any]] = field(default_factory=list)
    #: Whether a tab is recorded as soon as it may be seen.
    records: bool = True
    _whole: str = ""
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ask(self, *scopes: Scope) -> None:
        """An agent asks the shopper of the call."""
        for socket in self.sockets:
            with contextlib.suppress(Exception):
                socket.send(json.dumps({
                    "type": "shared_view", "view": "v_1", "token": "secret", "agent": "Sandra",
                    "scopes": scopes or SCOPES, "consent": _consent(scopes or SCOPES), "expires_in": 60,
                }))  # fmt: skip

    def ask_more(self, *scopes: Scope) -> None:
        """She asks for more, on the view's own socket."""
        self.send(
            {
                "type": "ask",
                "agent": "Sandra",
                "scopes": scopes,
                "consent": _consent(scopes),
                "expires_in": 60,
            }
        )

    def send(self, message: dict[str, Any], tab: int = -1) -> None:
        """Say something to the tab that connected last, or to another one."""
        self.tabs[tab].send(json.dumps(message))

    async def act(self, kind: str, node: int | None, value: str | None = None, **more: Any) -> dict[str, Any]:
        """Do something on the page: what became of it."""
        name = f"a{next(self._names)}"
        message = {"type": "action", "action": name, "kind": kind, "node": node, "value": value,
                   "word": None, "agent": "Sandra", "ask": False}  # fmt: skip
        self.send(message | more)
        return await self.heard_of(lambda told: told["type"] == "done" and told["action"] == name)

    async def heard_of(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message of the pages that fits, once it is there."""
        async with asyncio.timeout(15):
            while True:
                for _, told in self.said:
                    if fits(told):
                        return told
                await asyncio.sleep(0.02)

    async def node(self, which: str | Callable[[dict[str, Any]], bool]) -> int:
        """rrweb's number of an element by its id, or by what it is like, once it was recorded."""
        fits = which if callable(which) else lambda each: each.get("attributes", {}).get("id") == which
        async with asyncio.timeout(15):
            while True:
                for each in nodes(self.events):
                    if fits(each):
                        return int(each["id"])
                await asyncio.sleep(0.02)

    def types(self) -> list[str]:
        """The kinds of what pages said, without what they recorded."""
        return [told["type"] for _, told in self.said if told["type"] not in ("events", "part")]

    async def _page(self, route: Any) -> None:
        name = route.request.url.removeprefix(SHOP).partition("?")[0]
        if name.startswith("built/"):
            script = {"Content-Type": "text/javascript"}
            return await route.fulfill(
                body=(bundles() / name.removeprefix("built/")).read_bytes(), headers=script
            )
        page = HTML.format(base=BASE, widget=panel_file().name, plan=json.dumps(self.plan),
                           language=self.language, direction=self.direction)  # fmt: skip
        if (PAGES / name).is_file() and not name.endswith(".html"):
            return await route.fulfill(path=PAGES / name)
        if name.endswith(".html"):
            script = page[page.index("<script") :].replace(
                'document.getElementById("opener").onclick', "window.opened"
            )
            page = (PAGES / name).read_text().replace(LINE, script)
        else:
            page = page.replace("<h1>The Harbor</h1>", self.body)
        await route.fulfill(body=page, headers={"Content-Type": "text/html"})

    async def _answer(self, route: Any) -> None:
        if not route.request.url.endswith("v1/views/codes") or route.request.method == "OPTIONS":
            return await super()._answer(route)
        self.asked.append(route.request.post_data_json)
        answer = {"code": "407113", "view": "v_1", "token": "secret", "expires_in": 300}
        return await route.fulfill(json=answer, headers={"Access-Control-Allow-Origin": "*"})

    async def _follow(self, socket: Any) -> None:
        if "/v1/views/" not in socket.url:
            return await super()._follow(socket)
        place = len(self.tabs)
        self.tabs.append(socket)
        socket.on_message(lambda text: self._hear(place, json.loads(text)))

    def _hear(self, place: int, told: dict[str, Any]) -> None:
        self.said.append((place, told))
        match told["type"]:
            case "hello":
                asked = not self.agreed and bool(self.sockets)
                self.send({
                    "type": "welcome", "state": "seeing" if self.agreed else "asked",
                    "agent": "Sandra" if asked or self.agreed else "",
                    "scopes": SCOPES, "agreed": self.agreed,
                    "consent": _consent(SCOPES) if asked else None, "ends_in": None, "rules": self.rules,
                }, place)  # fmt: skip
                self._go_on(place)
            case "consent":
                first = not self.agreed
                self.agreed = tuple(each for each in SCOPES if each in (*self.agreed, *told["scopes"]))
                self._moved(place)
                if first:
                    self._go_on(place)
            case "revoke":
                self.agreed = tuple(each for each in self.agreed if each not in told["scopes"])
                self._moved(place)
            case "events":
                self.events += told["events"]
            case "part":
                self._whole = told["data"] if told["index"] == 0 else self._whole + told["data"]
                if told["index"] == told["count"] - 1:
                    self.events.append(json.loads(self._whole))

    def _go_on(self, place: int) -> None:
        if self.agreed and self.records:
            self.events.clear()
            self.send({"type": "record", "on": True, "page": len(self.tabs)}, place)

    def _moved(self, place: int) -> None:
        self.send({"type": "state", "state": "seeing", "agent": "Sandra", "agreed": self.agreed,
                   "agents": ["Sandra"], "ends_in": 1800}, place)  # fmt: skip


def _consent(scopes: tuple[Scope, ...]) -> dict[str, Any]:
    return asdict(consent_words(scopes, "Sandra", "Acme Bikes", "en", Cobrowse()))


def nodes(events: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every node that was recorded."""
    for event in events:
        data = event["data"]
        if event["type"] == 2:
            yield from _tree(data["node"])
        elif event["type"] == 3 and data["source"] == 0:
            for added in data["adds"]:
                yield from _tree(added["node"])


def _tree(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("childNodes", ()):
        yield from _tree(child)
