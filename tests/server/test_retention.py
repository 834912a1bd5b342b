"""What is too old goes, piece by piece; what is not stays, and asking takes nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bridge.callback import CallbackState
from server import retention as module
from server.retention import RetentionSweep
from store import questions as module_of_questions
from store.questions import AskedQuestion
from store.retention import SqlRetention
from store.wrap_ups import SqlWrapUpStore
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import admin, settings
from tests.store.records import NUMBER, a_callback, a_click, a_delivery, a_record
from visits.records import ConversionRow, CountKey, OfferRow, VisitBatch, VisitorRow

DAY = 86400.0

#: What is not kept for ever without a word in the settings.
BY_DEFAULT = ("leads", "questions", "page_visitors", "offers", "orders")


@asynccontextmanager
async def kept(tmp_path: Path, **site: Any) -> AsyncIterator[tuple[Server, RetentionSweep]]:
    """Calls of two sites, 1 to 6 days old, and callbacks."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    config = settings({"recordings": str(folder)}, **site)
    async with serving(tmp_path, config) as server:
        now = server.clock.now
        for days in range(1, 7):
            for name in ("shop", "other"):
                call, at = f"{name}-{days}", now - days * DAY
                await server.store.open_call(call, a_click(site=name), "sales", at)
                await server.store.write_cdr(a_record(call, site=name, requested_at=at, ended_at=at + 60))
                await SqlWrapUpStore(server.store._database).keep(call, "alice", "likes blue", None, at)
                state = CallbackState.BOOKED if days == 6 else CallbackState.DONE
                await server.callbacks.add_callback(
                    replace(a_callback(f"back-{call}"), click=a_click(site=name), due_at=at, state=state)
                )
        await server.store.open_call("live", a_click(site="shop"), "sales", now - 9 * DAY)
        store = SqlRetention(server.store._database)
        retention = RetentionSweep(store, lambda: server.world.config, server.clock)
        server.world.expired = retention.expired
        with patch.object(module, "PAUSE", 0.0), patch.object(module, "PIECE", 2):
            yield server, retention


async def ids(server: Server) -> list[str]:
    listed = (await server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"]
    return sorted(each["call_id"] for each in listed)


@asyncio_test
async def test_old_calls_go_and_live_ones_and_other_sites_stay(tmp_path: Path) -> None:
    async with kept(tmp_path, retention={"calls": "3.5d"}) as (server, retention):
        asked = (await server.http.get("/v1/retention", headers=admin())).json()["expired"]
        assert [(each["site"], each["kind"], each["count"]) for each in asked] == [
            ("shop", "calls", 3), *(("shop", kind, 0) for kind in BY_DEFAULT),
            *(("other", kind, 0) for kind in BY_DEFAULT),
            ("", "audit", 0), ("", "changes", 0), ("", "agent_time", 0), ("", "deliveries", 0),
            ("", "files", 0),
        ]  # fmt: skip
        assert len(await ids(server)) == 12  # asking takes nothing
        assert await retention.sweep() == {"shop.calls": 3}
        assert await ids(server) == [*(f"other-{n}" for n in range(1, 7)), "shop-1", "shop-2", "shop-3"]
        assert await retention.sweep() == {}
        assert (
            await server.store._database.read(
                lambda c: c.exec_driver_sql("SELECT count(*) FROM legs WHERE call_id LIKE 'shop%'").scalar()
            )
            == 9
        )
        assert (
            await server.store._database.read(
                lambda c: c.exec_driver_sql("SELECT count(*) FROM calls WHERE id = 'live'").scalar()
            )
            == 1
        )


@asyncio_test
async def test_old_calls_become_nobodys(tmp_path: Path) -> None:
    async with kept(tmp_path, retention={"visitors": "3.5d"}) as (server, retention):
        assert await retention.sweep() == {"shop.visitors": 3}
        listed = (await server.http.get("/v1/cdrs", headers=admin())).json()["cdrs"]
        found = {each["call_id"]: each for each in listed}
        assert len(found) == 12
        for days in range(1, 7):
            old = found[f"shop-{days}"]
            known = days < 4
            assert (old["number"] == NUMBER, bool(old["context"]), bool(old["page"])) == (known, known, known)
            assert (old["wrap_ups"][0]["note"] is not None) is known
            assert old["disposition"] == "bridged"
            assert found[f"other-{days}"]["number"] == NUMBER
        assert await retention.sweep() == {}


@asyncio_test
async def test_callbacks_that_are_over_go(tmp_path: Path) -> None:
    async with kept(tmp_path, retention={"callbacks": "2.5d"}) as (server, retention):
        assert await retention.sweep() == {"shop.callbacks": 3}
        left = {each.callback_id for each in await server.callbacks.callbacks()}
        assert {each for each in left if "shop" in each} == {f"back-shop-{n}" for n in (1, 2, 6)}


@asyncio_test
async def test_recordings_that_no_message_is_about(tmp_path: Path) -> None:
    async with kept(tmp_path) as (server, retention):
        folder = tmp_path / "recordings"
        for name, days in (("young", 1), ("old", 60), ("other.txt", 60)):
            file = folder / (name if "." in name else f"{name}.wav")
            file.touch()
            past = file.stat().st_mtime - days * DAY
            os.utime(file, (past, past))
        await server.deliveries.add_deliveries([a_delivery("done", created_at=1.0, next_at=None)])
        asked = (await server.http.get("/v1/retention", headers=admin())).json()["expired"]
        assert [(each["kind"], each["count"]) for each in asked] == [
            *((kind, 0) for kind in BY_DEFAULT * 2), ("audit", 0), ("changes", 0), ("agent_time", 0),
            ("deliveries", 1), ("files", 1),
        ]  # fmt: skip
        assert await retention.sweep() == {"files": 1}
        assert sorted(file.name for file in folder.iterdir()) == ["other.txt", "young.wav"]


@asyncio_test
async def test_calls_are_written_between_the_pieces(tmp_path: Path) -> None:
    async with kept(tmp_path, retention={"calls": "1h"}) as (server, retention):
        with patch.object(module, "PIECE", 1):
            sweeping = asyncio.create_task(retention.sweep())
            for number in range(5):
                await asyncio.wait_for(
                    server.store.open_call(f"new-{number}", a_click(), "sales", server.clock.now), 2
                )
            assert (await sweeping)["shop.calls"] == 6


@asyncio_test
async def test_what_was_asked_goes_by_itself_after_90_days(tmp_path: Path) -> None:
    async with kept(tmp_path) as (server, retention):
        questions, now = server.stores.questions, server.clock.now
        for days, text in ((100, "old one"), (100, "still asked"), (1, "still asked")):
            for asker in ("aa", "bb", "cc"):
                asked = AskedQuestion("shop", "en", text, f"digest of {text}", asker)
                assert await questions.note(asked, "asked", 3, now - days * DAY)
            await questions.note_answer("shop", "returns", "helped", now - days * DAY)
        assert [(each.text, each.asked) for each in await questions.asked(0)] == [
            ("still asked", 6), ("old one", 3),
        ]  # fmt: skip
        assert await retention.sweep() == {"shop.questions": 3}
        assert [(each.text, each.asked) for each in await questions.asked(0)] == [("still asked", 3)]
        assert [each.helped for each in await questions.answered(0)] == [1]


@asyncio_test
async def test_a_site_takes_up_so_many_new_questions_a_day(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        now = server.clock.now

        async def note(site: str, text: str, at: float = now) -> bool:
            asked = AskedQuestion(site, "en", text, f"digest of {text}", "aa")
            return await server.stores.questions.note(asked, "asked", 3, at)

        with patch.object(module_of_questions, "MOST_NEW", 3):
            assert [await note("shop", each) for each in ("a", "b", "c", "d", "a")] == [True] * 3 + [
                False,
                True,
            ]
            assert await note("other", "d")
            assert await note("shop", "d", now + DAY + 1)


@asyncio_test
async def test_visits_go_after_ninety_days_and_their_counts_stay(tmp_path: Path) -> None:
    async with kept(tmp_path) as (server, retention):
        now, visits = server.clock.time(), server.stores.visits
        for name, days in (("old", 91), ("older", 200), ("oldest", 300), ("young", 89)):
            at = now - days * DAY
            await visits.write(
                VisitBatch(
                    counts={CountKey("shop", 0, "r", "", "shown", "exposed", "", "phone"): 1},
                    offers={name: OfferRow(name, "shop", name, "r", "", "", "shown", "/", at, "exposed")},
                    visitors={("shop", name): VisitorRow("shop", name, at, at, 1, {})},
                    orders=[ConversionRow("shop", name, name, at, 100, "EUR", "page")],
                )
            )
        counted = dict.fromkeys(("shop.page_visitors", "shop.offers", "shop.orders"), 3)
        assert await retention.sweep() == counted
        assert list(await visits.load([("shop", "old"), ("shop", "young")])) == [("shop", "young")]
        assert sum((await visits.counts(0, 1)).values()) == 4
        assert await visits.sales(0, now) == [("shop", "page", "EUR", 1, 100)]
