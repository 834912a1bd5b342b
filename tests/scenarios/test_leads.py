"""A missed call becomes a lead, and an agent calls back with one click: their own phone first."""

from __future__ import annotations

import asyncio
from pathlib import Path

from phones import wire
from phones.tones import BUSINESS_HZ, SHOPPER_HZ
from tests.aio import asyncio_test
from tests.scenarios.pages import PASSWORD_HASH, agent_page
from tests.scenarios.settings import step
from tests.scenarios.test_callback import PROMPT_HZ, TAKES_IT, cdr_of, shop
from tests.scenarios.world import refuses


@asyncio_test(timeout=90)
async def test_a_missed_call_is_called_back_from_the_list(tmp_path: Path) -> None:
    async with shop(tmp_path) as here:
        await here.business("cambridge", refuses(486))
        boston = await here.business("boston", TAKES_IT)
        here.settings["agents"] = {
            "alice": {"label": "Alice", "password_hash": PASSWORD_HASH, "phones": ["boston"]}
        }
        here.settings["follow_up"] = {"promises": {"calls": {"first": "4h"}}}
        here.end_unanswered()
        await here.serve(step("cambridge"))
        http, own = here.server.client, {"Origin": f"http://{here.server.listen}"}
        async with agent_page(here.server) as alice:
            missed = await (await here.click()).over()
            assert missed.disposition == "unanswered"
            await alice.tells(type="leads_moved", open=1, due=1, mine=0)
            [lead] = (await http.get("/v1/agent/leads")).json()["leads"]
            assert (lead["kind"], lead["state"], lead["overdue"]) == ("call_unanswered", "waiting", False)

            before = len(here.phones["shopper"].seen(wire.Incoming))
            called = await http.post(f"/v1/agent/leads/{lead['lead_id']}/call", headers=own)
            assert called.status_code == 200, called.text
            await alice.tells(type="leads_moved", open=0, mine=0, within=15.0)
            [shoppers] = here.phones["shopper"].seen(wire.Incoming)[before:]
            [agents] = boston.seen(wire.Incoming)
            assert agents.at < shoppers.at
            await asyncio.sleep(1.4)
            await here.phones["shopper"].send(wire.HangUpCall(shoppers.call))
            record = await cdr_of(here, called.json()["call_id"])
            assert record["disposition"] == "bridged"
            since, until = record["bridged_at"] + 0.6, record["ended_at"] - 0.1
            heard = await here.heard(here.phones["shopper"], shoppers.call)
            assert heard.only(BUSINESS_HZ, since=since, until=until, not_hz=(PROMPT_HZ,)), heard.story()
            heard = await here.heard(boston, agents.call)
            assert heard.only(SHOPPER_HZ, since=since, until=until, not_hz=(PROMPT_HZ,)), heard.story()

        [closed] = (await here.server.admin("GET", "/v1/leads?view=closed")).json()["leads"]
        assert (closed["lead_id"], closed["closed_how"]) == (lead["lead_id"], "served")
        report = (await here.server.admin("GET", "/v1/reports/promises?by=agent")).json()["rows"]
        assert [(row["key"], row["kept"], row["broken"]) for row in report] == [("alice", 1, 0)]
