"""Trunks that fail under whole calls: the shopper waits seconds at most, and nobody blames the shopper."""

from __future__ import annotations

import time
from pathlib import Path

from tests.aio import asyncio_test
from tests.scenarios.settings import free_tcp_port, step
from tests.scenarios.world import world
from tests.sip.uas import Phone


def mute(phone: Phone, sip) -> None:
    """Says nothing at all."""


@asyncio_test(timeout=60)
async def test_the_shoppers_leg_goes_by_another_trunk(tmp_path: Path) -> None:
    silent = await Phone.start(mute)
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        trunks = here.settings["trunks"]
        trunks["second"] = dict(trunks["carrier"])
        trunks["carrier"] = {"host": f"127.0.0.1:{silent.port}", "response_timeout": "700ms"}
        here.site["backup_trunks"] = ["second"]
        await here.serve()
        call = await here.click()
        await call.reaches("bridged", within=10)
        await call.cancel()
        record = await call.over()
        assert record.disposition == "bridged"
        assert [leg for leg, _ in record.causes] == ["shopper", "boston"]
        # From now on the trunk is tried last: the next shopper does not wait for it.
        asked = {sip.get("Call-ID") for sip in silent.log}
        await (await here.click()).reaches("bridged", within=10)
        assert {sip.get("Call-ID") for sip in silent.log} == asked  # the first INVITE may be repeated still
        carrier = (await here.server.readiness())["trunks"]["carrier"]
        assert (carrier["state"], carrier["registered"]) == ("down", None)
        await here.clicks[-1].cancel()
        await here.clicks[-1].over()
    silent.close()


@asyncio_test(timeout=60)
async def test_a_dead_trunk_is_our_fault_and_told_at_once(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        here.settings["trunks"]["carrier"]["host"] = f"127.0.0.1:{free_tcp_port()}"
        await here.serve()
        began = time.monotonic()
        record = await (await here.click()).over()
        assert time.monotonic() - began < 8
        assert (record.disposition, record.cause) == ("failed", "trunk_unreachable")
        # No shopper can be dialled any more: not here.
        assert not (await here.server.readiness())["ready"]


@asyncio_test(timeout=60)
async def test_a_destination_behind_a_dead_trunk_is_passed_over(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        dead = f"127.0.0.1:{free_tcp_port()}"
        here.settings["trunks"]["dead"] = {"host": dead}
        here.settings["trunks"]["nowhere"] = {"host": "no-such-host.invalid"}
        here.settings["destinations"]["salem"] = {"label": "Salem", "sip": f"sip:1@{dead}", "trunk": "dead"}
        here.settings["destinations"]["lynn"] = {
            "label": "Lynn",
            "number": "+16175550188",
            "trunk": "nowhere",
        }
        await here.serve(step("salem", "lynn", "boston", strategy="in_order", timeout="20s"))
        call = await here.click()
        await call.reaches("bridged", within=15)
        await call.cancel()
        record = await call.over()
        assert record.causes[1:] == [
            ("salem", "trunk_unreachable"),
            ("lynn", "trunk_unresolved"),
            ("boston", "cancelled"),
        ]


@asyncio_test(timeout=60)
async def test_a_trunk_that_asks_to_be_left_alone_is(tmp_path: Path) -> None:
    def full(phone: Phone, sip) -> None:
        phone.respond(sip, 503, "Full", [("Retry-After", "60")])

    carrier = await Phone.start(full)
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        here.settings["trunks"]["carrier"] = {"host": f"127.0.0.1:{carrier.port}"}
        await here.serve()

        def invites() -> int:
            return len([sip for sip in carrier.log if sip.method == "INVITE"])

        record = await (await here.click()).over()
        assert (record.disposition, record.cause, record.statuses) == ("failed", "congestion", [503])
        record = await (await here.click()).over()
        assert (record.disposition, record.cause) == ("failed", "congestion")
        assert invites() == 1
        assert (await here.server.readiness())["trunks"]["carrier"]["state"] == "held"
    carrier.close()
