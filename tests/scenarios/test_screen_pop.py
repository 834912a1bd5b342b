"""Another system is told of a call by webhooks, through a whole Ringback: signed, given up, sent again."""

from __future__ import annotations

import asyncio
import json
import secrets
from base64 import b64encode
from pathlib import Path
from typing import Any

from standardwebhooks.webhooks import Webhook

from tests.aio import asyncio_test
from tests.notify.receivers import Request, answer, receiver
from tests.scenarios.settings import step
from tests.scenarios.world import BUSINESS, eventually, world

SECRET = "whsec_" + b64encode(secrets.token_bytes(32)).decode()


@asyncio_test(timeout=60)
async def test_a_crm_is_told_of_a_call_and_can_be_told_again(tmp_path: Path) -> None:
    """It says 410 once the call is answered: from then on it gets nothing, until somebody resumes it."""
    wants = {"screen_pop.offered"}

    async def reply(request: Request) -> bytes:
        return answer("200 OK" if json.loads(request.body)["type"] in wants else "410 Gone")

    async with receiver(reply) as crm, world(tmp_path) as here:
        here.expected_complaints = "delivery_given_up"
        await here.shopper()
        await here.business("boston", BUSINESS)
        (tmp_path / "crm.secret").write_text(SECRET)
        (tmp_path / "crm.secret").chmod(0o600)
        here.site["screen_pop"] = {"webhook": {"url": f"{crm.url}/pops", "secret_file": "crm.secret"}}
        await here.serve(step("boston"))
        call = await here.click(context={"customer.name": "Ann", "cart": 120})
        await call.reaches("bridged")
        await eventually(lambda: len(crm.requests) == 2, within=10)
        await call.cancel()
        await call.over()

        async def dead(count: int) -> dict[str, dict[str, Any]]:
            for _ in range(200):  # what became of them is on disk a moment after the answer
                listed = (await here.server.admin("GET", "/v1/deliveries?dead=true")).json()["deliveries"]
                if len(listed) == count:
                    break
                await asyncio.sleep(0.05)
            return {letter["subject"]: letter for letter in listed}

        letters = await dead(2)
        assert letters["screen_pop.answered"]["error"] == "410 Gone: the receiver wants no more"
        assert letters["screen_pop.answered"]["mailbox"] == "site:shop"
        assert letters["screen_pop.ended"]["error"].startswith("not sent: the receiver is disabled")
        assert len(crm.requests) == 2

        wants |= {"screen_pop.answered", "screen_pop.ended"}
        target = letters["screen_pop.ended"]["target"]
        resumed = await here.server.admin("POST", "/v1/receivers/resume", json={"target": target})
        assert resumed.is_success, resumed.text
        for letter in letters.values():
            again = await here.server.admin("POST", f"/v1/deliveries/{letter['id']}/resend")
            assert again.status_code == 202
        await eventually(lambda: len(crm.requests) == 4, within=10)
        sent_again = {request.headers["webhook-id"] for request in crm.requests[2:]}
        assert sent_again == {letter["id"] for letter in letters.values()}

        told: dict[str, dict[str, Any]] = {}
        for request in crm.requests:
            event = Webhook(SECRET).verify(request.body, request.headers)
            told[event["type"]] = event["data"]
        assert set(told) == wants
        offered = told["screen_pop.offered"]
        assert (offered["call_id"], offered["destination"], offered["agent"]) == (call.id, "boston", None)
        assert (offered["number"], offered["site"]) == (call.number, "shop")
        assert offered["claimed"] == {"customer.name": "Ann", "cart": "120"}
        assert told["screen_pop.ended"]["cause"] == "cancelled"
