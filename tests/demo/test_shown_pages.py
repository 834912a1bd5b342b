"""Pages that an agent shows to a shopper, in a browser: asked for or opened at once, with a way back."""

from __future__ import annotations

import json
import mimetypes
import time
from dataclasses import asdict
from typing import Any

from api.subprotocol.shopper import progress
from bridge.progress import CallProgress, CallState
from demo.preflight import BUILD
from tests.aio import asyncio_test
from tests.demo.visit import IN_A_BROWSER, PHONE, Visitor, visitor

pytestmark = IN_A_BROWSER
SHOP = "http://127.0.0.1:9/"
API = "http://127.0.0.1:10"
SETUP = {
    "api": API,
    "site_key": "acme",
    "talk": ["phone", "pc"],
    "agent": {"label": "Kim", "url": f"{API}/agent/", "name": "kim", "password": "x"},
    "countries": [{"code": "US", "name": "United States"}],
    "stories": [
        {
            "id": "store",
            "title": "The store answers",
            "explains": {"phone": "It rings."},
            "country": "US",
            "number": "(617) 555-0123",
            "company": False,
            "agent": False,
        }
    ],
}
SIZES = {"type": "open_page", "push": 1, "url": f"{SHOP}?page=sizes", "title": "Bike sizes", "mode": "ask"}


class Server:
    """Stands for Ringback and for the shop's web server, by answering what the browser asks for."""

    def __init__(self) -> None:
        self.sockets: list[Any] = []
        self.heard: list[Any] = []
        self.asked: dict[str, Any] = {}

    async def stand(self, page: Any) -> None:
        await page.route(f"{SHOP}**", self._file)
        await page.route(f"{API}/**", self._call)
        await page.route_web_socket("ws://127.0.0.1:10/**", self._follow)

    async def push(self, **more: Any) -> None:
        self.sockets[-1].send(json.dumps(SIZES | more))

    async def _file(self, route: Any) -> None:
        path = route.request.url.removeprefix(SHOP).partition("?")[0] or "index.html"
        if path == "demo/setup.json":
            await route.fulfill(json=SETUP)
        elif path == "demo/number":
            await route.fulfill(json={"number": "+1 617-555-0123", "hint": None})
        elif path == "demo/signed":
            await route.fulfill(json={"signed": "e30.e30.x"})
        elif (BUILD / path).is_file():
            kind, _ = mimetypes.guess_type(path)
            await route.fulfill(body=(BUILD / path).read_bytes(), content_type=kind)
        else:
            await route.fulfill(status=404)

    async def _call(self, route: Any) -> None:
        headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
        if route.request.method == "POST":
            self.asked = route.request.post_data_json
        await route.fulfill(
            status=201, headers=headers, json={"id": "c1", "token": "t1", "progress": asdict(_bridged())}
        )

    async def _follow(self, socket: Any) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda text: self.heard.append(json.loads(text)))
        socket.send(progress(_bridged(), time.time(), time.time(), time.time()).model_dump_json())


def _bridged() -> CallProgress:
    return CallProgress(
        "c1", "acme", 5, time.time(), CallState.BRIDGED,
        shopper_ringing=True, attempt=1, attempts=1, connected_to="Boston store",
    )  # fmt: skip


async def _in_a_call(who: Visitor, server: Server) -> None:
    await server.stand(who.page)
    await who.open(SHOP)
    await who.page.get_by_role("button", name="Talk by Phone").click()
    await who.page.get_by_role("button", name="Call me now").click()
    await who.sees("Boston store")


@asyncio_test(timeout=90)
async def test_a_page_is_asked_for_shown_and_left_again() -> None:
    async with visitor() as who:
        server, page = Server(), who.page
        await _in_a_call(who, server)
        # What the page says goes along, and apart from it what the shop's server has signed.
        assert server.asked["context"]["cart"] == {"items": 0, "value": 0}
        assert server.asked["signed"] == "e30.e30.x"
        await server.push()
        dialog = page.get_by_role("dialog", name="The Boston store would like to show you a page")
        await dialog.wait_for()
        await who.picture("push-asked")
        await who.is_accessible()
        await page.keyboard.press("Escape")
        await dialog.wait_for(state="hidden")
        assert server.heard == [{"type": "page_answer", "push": 1, "accepted": False}]
        # Told again, as after a lost connection, it is answered and not asked.
        await server.push()
        await server.push(push=2)
        await dialog.wait_for()
        assert server.heard[1:] == [{"type": "page_answer", "push": 1, "accepted": False}]
        await page.get_by_role("button", name="Open the page").click()
        await page.get_by_role("heading", name="Bike sizes").wait_for()
        assert server.heard[-1] == {"type": "page_answer", "push": 2, "accepted": True}
        # The call is found again, and the page is to be seen, not the call's drawer.
        await page.get_by_role("button", name="Boston store").wait_for()
        await page.get_by_text("This page was shown to you").wait_for()
        await who.picture("push-shown")
        await who.is_accessible()
        await page.get_by_role("link", name="Back to where you were").click()
        await page.get_by_role("heading", name="The Harbor").wait_for()
        assert page.url == SHOP
        assert await page.get_by_text("This page was shown to you").count() == 0
        assert who.troubles == []


@asyncio_test(timeout=90)
async def test_a_page_that_just_opens() -> None:
    async with visitor(PHONE) as who:
        server, page = Server(), who.page
        await _in_a_call(who, server)
        await server.push(mode="go", url=f"{SHOP}?page=returns", title="Returns")
        await page.get_by_role("heading", name="Returns and refunds").wait_for()
        assert server.heard == [{"type": "page_answer", "push": 1, "accepted": True}]
        await page.get_by_text("This page was shown to you").wait_for()
        await who.picture("push-phone")
        await who.is_accessible()
        await page.go_back()
        await page.get_by_role("heading", name="The Harbor").wait_for()
        assert who.troubles == []
