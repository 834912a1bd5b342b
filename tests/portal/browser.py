"""The portal's built page, served by a real server, in Debian's Chromium."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.async_api import expect
from sqlalchemy import insert

from config.models import Config
from server.reporting import CallCounter
from store.tables import offers
from tests.agent_page.chromium import Tab
from tests.api.pages import PASSWORD, listening
from tests.api.portal.house import staffed
from tests.api.serving import Server
from tests.plumbing import chromium
from tests.reports.month import some_calls
from tests.store.test_reports import keep
from web import built

BUILD = built("portal")
DESK, PHONE, NARROW = (
    {"width": 1280, "height": 900},
    {"width": 390, "height": 844},
    {"width": 320, "height": 640},
)


@contextlib.asynccontextmanager
async def portal(path: Path, config: Config | None = None) -> AsyncIterator[tuple[Server, str]]:
    """A server with the page; its address."""
    (path / "portal").symlink_to(BUILD)
    async with listening(path, config or staffed()) as (server, address):
        yield server, f"http://{address}/portal/"


@contextlib.asynccontextmanager
async def operator(
    url: str, size: dict[str, int] = DESK, *, name: str = "olivia", **options: Any
) -> AsyncIterator[Tab]:
    """A tab in which an operator has logged in."""
    async with chromium.context((), viewport=size, **options) as own:
        tab = await Tab.open(own, url)
        tab.expected = ("401 (Unauthorized)",)
        await tab.page.get_by_label("Operator").fill(name)
        await tab.page.get_by_label("Password").fill(PASSWORD)
        await tab.page.get_by_role("button", name="Log in").click()
        await expect(tab.page.get_by_role("navigation", name="Portal")).to_be_visible()
        yield tab


async def with_calls(server: Server, count: int = 400) -> None:
    """A month of calls of the shop, counted."""
    records = [
        replace(
            record,
            site="shop",
            legs=tuple(replace(leg, leg_id=f"{record.call_id}-{at}") for at, leg in enumerate(record.legs)),
        )
        for record, _, _ in some_calls(count)
    ]
    await keep(server.store, *records)
    one = records[0]
    offer = {"id": "o1", "site": "shop", "visitor": "v", "rule": "rescue", "epoch": "", "variant": "",
             "arm": "shown", "page": "/cart", "offered_at": one.requested_at - 30,
             "outcome": "accepted", "call_id": one.call_id}  # fmt: skip
    database = server.stores.database
    await database.write(lambda connection: connection.execute(insert(offers), [offer]) and None)
    await CallCounter(server.stores.reports, server.world.settings).count()
