"""Reports at the portal: screen, CSV and API tell the same, and a number leads to its calls."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bridge.causes import Disposition
from follow.lead import Lead, LeadContact, LeadPerson, LeadState, PromiseKept
from leads.records import KeepContact, KeepLead, KeepPromise
from reports.csv_text import BOM, csv_text
from reports.definitions import BY_ID
from server.reporting import CallCounter
from store.tables import offers
from tests.aio import asyncio_test
from tests.api.portal.house import OWN, log_in, staffed
from tests.api.serving import Server, serving
from tests.reports.month import OCTOBER, some_calls
from tests.store.test_parts import keep_chats
from tests.store.test_reports import keep

MONTH = {"first": "2026-10-01", "last": "2026-10-31"}
ALL = {"since": OCTOBER - 86400, "until": OCTOBER + 33 * 86400}


async def counted(server: Server, count: int = 120) -> None:
    records = [
        replace(
            record,
            site="shop",
            legs=tuple(replace(leg, leg_id=f"{record.call_id}-{at}") for at, leg in enumerate(record.legs)),
        )
        for record, _, _ in some_calls(count)
    ]
    await keep(server.store, *records)
    offer = {"id": "o1", "site": "shop", "visitor": "v", "rule": "rescue", "epoch": "", "variant": "",
             "arm": "shown", "page": "/cart", "offered_at": records[0].requested_at - 30,
             "outcome": "accepted", "call_id": records[0].call_id}  # fmt: skip
    await server.stores.database.write(
        lambda connection: connection.execute(insert(offers), [offer]) and None
    )
    await CallCounter(server.stores.reports, server.world.settings).count()


async def asked(server: Server, path: str, **params: Any) -> Any:
    answer = await server.http.get(f"/v1/portal/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@asyncio_test
async def test_the_file_is_what_the_screen_shows(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await counted(server)
        await log_in(server)
        for zone in ("UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"):
            query = {**MONTH, "zone": zone, "by": "route", "compare": "before"}
            report = await asked(server, "reports/calls", **query)
            assert [each["id"] for each in report["definitions"]] == list(report["total"])
            for table, rows in (
                ("steps", report["steps"]),
                ("groups", report["groups"]),
                ("heat", report["heat"]),
            ):
                answer = await server.http.get(
                    "/v1/portal/reports/calls/csv", params={**query, "table": table, "bom": True}
                )
                assert answer.headers["content-type"] == "text/csv; charset=utf-8"
                assert answer.text.startswith(BOM)
                read = list(csv.reader(io.StringIO(answer.text.removeprefix(BOM))))
                assert len(read) == len(rows) + 1
                skip = 2 if table == "heat" else 1
                for line, row in zip(read[1:], rows, strict=True):
                    told = [None if cell == "" else float(cell) for cell in line[skip:]]
                    assert told == list(row["metrics"].values())
            for parts in (report["steps"], report["groups"], report["heat"]):
                for name, value in report["total"].items():
                    if BY_ID[name].unit == "count":
                        assert sum(each["metrics"][name] for each in parts) == value


@asyncio_test
async def test_each_number_leads_to_as_many_calls(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await counted(server)
        await log_in(server)
        for by in ("route", "agent", "page", "rule", "outcome", "queue"):
            report = await asked(server, "reports/calls", **MONTH, by=by)
            times = {"since": report["period"]["begins"], "until": report["period"]["ends"], "limit": 200}
            for group in report["groups"]:
                for metric in ("offered", "answered", "abandoned", "refused"):
                    which = {**times, "part": by, "value": group["value"], "metric": metric}
                    found = await asked(server, "talks/calls", **which)
                    assert len(found["talks"]) == group["metrics"][metric], (by, group["value"], metric)
                    assert found["next"] is None


@asyncio_test
async def test_each_number_of_chats_leads_to_as_many(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await keep_chats(server.stores.database)
        await CallCounter(server.stores.reports, server.world.settings).count()
        await log_in(server)
        for by in ("route", "agent", "page", "outcome", "queue", "site"):
            report = await asked(server, "reports/chats", **MONTH, by=by)
            assert report["total"]["first_answer"] > 0
            times = {"since": report["period"]["begins"], "until": report["period"]["ends"], "limit": 200}
            for group in report["groups"]:
                for metric in ("offered", "answered"):
                    which = (
                        {"site": group["value"]} if by == "site" else {"part": by, "value": group["value"]}
                    )
                    found = await asked(server, "talks/chats", **times, **which, metric=metric)
                    assert len(found["talks"]) == group["metrics"][metric], (by, group["value"], metric)


@asyncio_test
async def test_what_is_compared_is_the_report_of_that_period(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await counted(server, 200)
        await log_in(server)
        here = {"zone": "Australia/Lord_Howe", "by": "outcome", "every": "day"}
        for compare, first, last in (
            ("before", "2026-10-06", "2026-10-10"),
            ("year", "2025-10-12", "2025-10-16"),
        ):
            now = {"first": "2026-10-11", "last": "2026-10-15"}
            report = await asked(server, "reports/calls", **now, **here, compare=compare)
            then = await asked(server, "reports/calls", first=first, last=last, **here, compare="none")
            assert report["before"] == then["total"]
            assert report["steps_before"] == then["steps"]
            assert report["period_before"] == then["period"]
            told = {each["value"]: each["metrics"] for each in then["groups"]}
            for group in report["groups"]:
                assert group["before"] == told.get(group["value"], group["before"])
            assert (then["total"]["offered"] > 0) == (compare == "before")


@asyncio_test
async def test_a_list_goes_on_where_the_page_before_ended(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await counted(server)
        await log_in(server)
        seen, cursor = [], None
        while True:
            more = {} if cursor is None else {"cursor": cursor}
            page = await asked(server, "talks/calls", **ALL, limit=7, metric="offered", **more)
            seen += page["talks"]
            if (cursor := page["next"]) is None:
                break
        offered = sum(record.disposition is not Disposition.REFUSED for record, _, _ in some_calls(120))
        assert len({each["id"] for each in seen}) == len(seen) == offered
        assert [each["at"] for each in seen] == sorted((each["at"] for each in seen), reverse=True)


@asyncio_test
async def test_the_most_at_once_is_that_of_the_calls_themselves(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await counted(server, 400)
        await log_in(server)
        query = {**MONTH, "zone": "Australia/Lord_Howe"}
        spans = [
            (record.requested_at, record.ended_at)
            for record, _, _ in some_calls(400)
            if record.disposition is not Disposition.REFUSED
        ]
        for every in ("hour", "day", "week"):
            view = await asked(server, "reports/calls/at-once", **query, every=every)
            for step in (*view["steps"], view["total"]):
                begun = [at for at, _ in spans if step["begins"] <= at < step["ends"]]
                moments = [step["begins"], *begun]
                going = [sum(one <= at < two for one, two in spans) for at in moments]
                if step["most"] is not None:
                    assert step["most"] == max(going)
                    assert step["at"] is None or going[moments.index(step["at"])] == max(going)
            assert view["total"]["most"] == max(each["most"] or 0 for each in view["steps"]) > 1
            answer = await server.http.get(
                "/v1/portal/reports/calls/at-once/csv", params={**query, "every": every}
            )
            head, *lines = csv.reader(io.StringIO(answer.text))
            assert head == ["Begins", "Most calls at once", "First reached"]
            told = ["" if each["most"] is None else str(each["most"]) for each in view["steps"]]
            assert [line[1] for line in lines] == told
        for step in view["steps"]:
            if step["at"] is not None:
                at = step["at"]
                which = {"since": at - 86400, "until": at + 1, "during": at, "limit": 200}
                assert len((await asked(server, "talks/calls", **which))["talks"]) == step["most"]
        # Of another site, and before the oldest that is kept, nothing is known: that is no nought.
        for other in ({**query, "site": "none"}, {"first": "2026-01-01", "last": "2026-01-31"}):
            view = await asked(server, "reports/calls/at-once", **other)
            assert {each["most"] for each in (*view["steps"], view["total"])} == {None}
        chats = await asked(server, "reports/chats/at-once", **query)
        assert chats["definition"]["label"] == "Most chats at once"


@asyncio_test
async def test_the_story_of_a_call_is_told_in_its_order_and_noted(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await counted(server)
        await log_in(server)
        story = await asked(server, "talks/calls/c0")
        kinds = [each["kind"] for each in story["events"]]
        assert kinds[:3] == ["page", "offer", "call"]
        assert "call_ended" in kinds
        assert story["talk"]["rule"] == "rescue"
        assert "+1617" not in str(story["events"])
        assert story["number"].startswith("+1617•••")
        trail = (await asked(server, "audit"))["entries"]
        assert [(each["what"], each["about"]) for each in trail] == [("call_opened", {"id": "c0"})]
        assert (await server.http.get("/v1/portal/talks/calls/none")).json()["id"] == "talk_unknown"
        assert (await server.http.get("/v1/portal/talks/chats/none")).json()["id"] == "talk_unknown"


@asyncio_test
async def test_the_story_goes_on_with_the_lead_that_a_call_became(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await counted(server)
        at = OCTOBER + 86400
        lead = Lead("l1", "shop", LeadPerson(number="+16175550123"), at, at, state=LeadState.CLOSED,
                    kind="call_left", closed_at=at + 9000, closed_how="served")  # fmt: skip
        contacts = (
            LeadContact("call_left", "c1", at),
            LeadContact("chat_left", "t9", at + 60),
            LeadContact("call", "c2", at + 9000, "alice"),
        )
        late = PromiseKept("sales", "first", at, at + 7200, "due Thu 11:20 EDT: 2 h on Thu",
                           met_at=at + 9000, agent="alice", breached_at=at + 7200)  # fmt: skip
        kept = [KeepContact("l1", place, each) for place, each in enumerate(contacts)]
        await server.stores.leads.write_leads([KeepLead(lead), *kept, KeepPromise("l1", "shop", late)])
        await log_in(server)
        for talk in ("c1", "c2"):
            events = (await asked(server, f"talks/calls/{talk}"))["events"]
            told = {each["kind"]: each["text"] for each in events}
            assert told["lead"] == "Became a lead: the shopper waited for 10 s or more, and hung up"
            assert told["promise"].endswith("due Thu 11:20 EDT: 2 h on Thu")
            assert told["breach"] == 'The promise "sales" (first answer) was broken'
            assert told["answer"] == "A person answered, late"
            assert told["lead_closed"] == "The lead was closed: served"
            tries = [each["text"] for each in events if each["kind"] == "contact"]
            assert "The shopper waited for a chat for 30 s or more, and left" in tries
            assert ("Alice: call" in tries) == (talk == "c1")
            assert [each["at"] for each in events] == sorted(each["at"] for each in events)
            assert "+1617" not in str(events)


@asyncio_test
async def test_numbers_of_one_agent_need_the_right_for_agents(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server, "reports")
        for params in ({"by": "agent"}, {"part": "agent", "value": "alice"}):
            for path in ("reports/calls", "reports/calls/csv"):
                answer = await server.http.get(f"/v1/portal/{path}", params={**MONTH, **params})
                assert answer.json()["id"] == "right_missing"
        answer = await server.http.get(
            "/v1/portal/talks/calls", params={**ALL, "part": "agent", "value": "x"}
        )
        assert answer.json()["id"] == "right_missing"
        assert (
            await server.http.get("/v1/portal/reports/calls", params=MONTH, headers=OWN)
        ).status_code == 200


@asyncio_test
async def test_what_no_report_can_be_asked_for_is_told(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        for wrong in (
            {"zone": "Mars/Olympus"},
            {"zone": "../../etc/passwd"},
            {"first": "2026-11-02", "last": "2026-11-01"},
            {"first": "2010-01-01", "last": "2026-11-01"},
            {"first": "2026-01-01", "last": "2026-11-01", "every": "hour"},
            {"first": "0001-01-01", "last": "0001-01-02"},
            {"first": "9999-12-31", "last": "9999-12-31"},
            {"part": "route", "value": "sales", "also": "route", "also_value": "x"},
            {"by": "weather"},
        ):
            answer = await server.http.get("/v1/portal/reports/calls", params=wrong)
            assert (answer.status_code, answer.json()["id"]) == (400, "validation_failed"), wrong


@asyncio_test
async def test_the_choices_are_those_of_the_settings(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        choices = await asked(server, "reports/choices")
        assert [each["value"] for each in choices["agents"]] == ["alice", "ben"]
        assert {"UTC"} <= set(choices["zones"])
        assert choices["calls"][0]["definition"]


def test_no_cell_is_a_formula() -> None:
    hostile = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain", "a,b", 'a"b']
    read = list(csv.reader(io.StringIO(csv_text(["=head"], [[cell] for cell in hostile]), newline="")))
    assert [row[0][0] for row in read[:7]] == ["'"] * 7
    assert [row[0] for row in read[7:]] == ["plain", "a,b", 'a"b']
    assert csv_text(["n"], [[-1.5], [3.0], [None]]) == 'n\r\n-1.5\r\n3\r\n""\r\n'
