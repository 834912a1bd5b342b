"""A shopper chooses a time for the call: of those that are free, once, and theirs alone to move."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import ORIGIN, SITE_KEY, settings
from tests.api.test_lead_forms import key, send

NEW_YORK, BERLIN = "America/New_York", "Europe/Berlin"
HOURS = {"office": {"opening_hours": "Mo-Su 09:00-17:00", "time_zone": "America/New_York"}}


def shop(path: Path, **times: Any) -> AbstractAsyncContextManager[Server]:
    forms = {"times": {"in": "office", **times}, "per_ip": ["100 per 1h"]}
    section = {"promises": {"all": {"first": "4h"}}, "forms": forms}
    proxied = {"trusted_proxies": ["198.51.100.7/32"]}
    sections = {"follow_up": section, "hours": HOURS}
    return serving(path, settings(proxied, sections, time_zone="America/New_York"))


async def free(server: Server, origin: str | None = ORIGIN) -> httpx.Response:
    headers = {"Origin": origin} if origin else {}
    return await server.http.get(f"/v1/page/{SITE_KEY}/times", headers=headers)


async def starts(server: Server) -> list[float]:
    found: list[float] = (await free(server)).json()["starts"]
    return found


@asyncio_test
async def test_free_times_are_told_to_the_sites_pages(tmp_path: Path) -> None:
    async with shop(tmp_path, most=1) as server:
        answer = await free(server)
        told = answer.json()
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert (told["zone"], told["seconds"]) == ("America/New_York", 1800.0)
        assert told["starts"][0] >= server.clock.time() + 3600
        assert (await free(server, "https://evil.example")).json()["id"] == "origin_refused"
        unknown = await server.http.get("/v1/page/nobody-knows-it/times", headers={"Origin": ORIGIN})
        assert unknown.json()["id"] == "site_unknown"


@asyncio_test
async def test_a_site_that_offers_none_says_so(tmp_path: Path) -> None:
    section = {"promises": {"all": {"first": "4h"}}, "forms": {}}
    async with serving(tmp_path, settings(sections={"follow_up": section})) as server:
        assert await starts(server) == []
        refused = await send(server, at=server.clock.time() + 7200)
        assert (refused.status_code, refused.json()["id"]) == (409, "time_gone")


@asyncio_test
async def test_a_chosen_time_is_promised_and_taken(tmp_path: Path) -> None:
    async with shop(tmp_path, most=1) as server:
        first, second, *_ = await starts(server)
        answer = await send(server, key(1), at=second, zone="Europe/Berlin")
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["at"], told["until"], told["zone"]) == (second, second + 1800, "America/New_York")
        [lead] = server.leads.desk.open_leads()
        assert (lead.due_at, lead.chosen.zone) == (second + 1800, "Europe/Berlin")
        assert lead.running.explanation.startswith("the shopper chose ")
        assert second not in await starts(server)
        # Sent again it is the same; somebody else is too late; what is no time of ours is none.
        assert (await send(server, key(1), at=second)).json()["at"] == second
        for at in (second, first + 1, server.clock.time(), 1e11):
            late = await send(server, key(2), number="(617) 555-0177", at=at)
            assert (late.status_code, late.json()["id"]) == (409, "time_gone")
        alone = await send(server, key(3), number=None, email="ann@mail.example", at=first)
        assert alone.json()["errors"][0]["path"] == "body.number"
        odd = await send(server, key(4), number="(617) 555-0178", at=first, zone="../../etc/passwd")
        assert odd.status_code == 200
        await server.leads.desk.writer.flushed()
        stored = await server.stores.leads.lead(lead.lead_id)
        assert stored is not None
        assert stored.lead == lead


@asyncio_test
async def test_the_link_looks_by_get_and_moves_and_cancels_by_post_alone(tmp_path: Path) -> None:
    async with shop(tmp_path, most=1) as server:
        first, second, third, *_ = await starts(server)
        link = httpx.URL((await send(server, key(1), at=first, zone="Europe/Berlin")).json()["link"]).path
        other = await send(server, key(2), number="(617) 555-0177", at=second)
        assert other.status_code == 200
        [lead, _] = server.leads.desk.open_leads()
        page = await server.http.get(link)
        assert "We will call you" in page.text
        here, there = (datetime.fromtimestamp(first, ZoneInfo(zone)) for zone in (NEW_YORK, BERLIN))
        for moment, place in ((here, "New York"), (there, "Berlin")):
            half = "p.m." if moment.hour >= 12 else "a.m."
            assert f"{moment.hour % 12 or 12}:{moment:%M} {half} ({place} time)" in page.text
        # A robot that follows links moves nothing.
        for path in (f"{link}/move", f"{link}/cancel", f"{link}/move?start={third:.0f}"):
            assert (await server.http.get(path)).status_code == 405
        taken = await server.http.post(f"{link}/move", data={"start": f"{second:.0f}"})
        assert (taken.status_code, "not free any more" in taken.text) == (409, True)
        for odd in (b"", b"start=", b"start=nan", b"start=-5", b"start=" + b"9" * 400, b"\xff\xfe"):
            assert (await server.http.post(f"{link}/move", content=odd)).status_code == 409
        assert server.leads.desk.of_ref(_ref(server, lead.lead_id)).chosen.start == first
        moved = await server.http.post(f"{link}/move", data={"start": f"{third:.0f}"})
        assert moved.status_code == 303
        assert server.leads.desk.of_ref(_ref(server, lead.lead_id)).due_at == third + 1800
        assert first in await starts(server)
        assert (await server.http.post(f"{link}/cancel")).status_code == 303
        assert third in await starts(server)
        assert "We will not answer you" in (await server.http.get(link)).text
        assert (await server.http.post(f"{link}/move", data={"start": f"{third:.0f}"})).status_code == 303
        assert third in await starts(server)


@asyncio_test
async def test_who_types_somebodys_number_moves_no_call_of_theirs(tmp_path: Path) -> None:
    async with shop(tmp_path) as server:
        first, second, *_ = await starts(server)
        assert (await send(server, key(1), at=first, visitor="browser-0123456789abcdef")).status_code == 200
        assert (await send(server, key(2), at=second)).status_code == 200
        theirs = sorted(lead.chosen.start for lead in server.leads.desk.open_leads())
        assert theirs == [first, second]
        # The same browser moves its own.
        assert (await send(server, key(3), at=second, visitor="browser-0123456789abcdef")).status_code == 200
        assert [lead.chosen.start for lead in server.leads.desk.open_leads()] == [second, second]


def _ref(server: Server, lead_id: str) -> str:
    live = server.leads.desk.board.get(lead_id)
    assert live is not None
    return live.contacts[0].ref
