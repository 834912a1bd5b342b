"""The call that goes no further: shoppers who are not reached, businesses that do not take it, bad trunks."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from phones import wire
from tests.aio import asyncio_test
from tests.scenarios.server import came_from
from tests.scenarios.settings import free_tcp_port, step
from tests.scenarios.world import RINGS, SHOPPER_ANSWERS, Record, answers, refuses, world


@asyncio_test(timeout=60)
async def test_the_shopper_is_not_reached(tmp_path: Path) -> None:
    expected = {
        486: ("shopper_unreachable", "busy"),
        600: ("shopper_unreachable", "busy"),
        480: ("shopper_unreachable", "unreachable"),
        404: ("shopper_unreachable", "not_found"),
        408: ("shopper_unreachable", "no_answer"),
        603: ("shopper_unreachable", "declined"),
        503: ("failed", "congestion"),
        488: ("failed", "incompatible"),
        403: ("failed", "forbidden"),
    }
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        await here.serve()
        for status, (disposition, cause) in expected.items():
            await shopper.set_script(refuses(status, after=0.05))
            record = await (await here.click()).over()
            assert (record.disposition, record.cause) == (disposition, cause), status
            assert record.causes == [("shopper", cause)]
            assert record.statuses == [status]
        assert boston.seen(wire.Incoming) == []


@asyncio_test(timeout=60)
async def test_a_day_that_has_cost_enough(tmp_path: Path) -> None:
    """A minute is a minute, for any hang-up; who is not reached costs nothing; a restart forgets nothing."""
    async with world(tmp_path) as here:
        shopper = await here.shopper(refuses(486, after=0.05))
        await here.business("boston")
        here.settings["trunks"]["carrier"]["spend"] = {"currency": "USD", "prices": {"+1": 0.01}}
        here.site["spend"] = {"daily_cost": 0.02}
        here.expected_complaints = "spend_cap_reached"
        await here.serve()
        for _ in range(2):
            assert (await (await here.click()).over()).disposition == "shopper_unreachable"
        await shopper.set_script(SHOPPER_ANSWERS)
        for _ in range(2):
            call = await here.click()
            await call.reaches("bridged")
            await call.cancel()
            assert (await call.over()).disposition == "bridged"
        for _ in range(2):
            refused = await here.ask()
            assert (refused.status_code, refused.json()["id"]) == (429, "spend_cap")
            listed = (await here.server.admin("GET", "/v1/spend")).json()["spend"]
            (site,) = [each for each in listed if each["account"] == "site:shop"]
            assert (site["spent"], site["cap"], site["live_legs"], site["level"]) == ("0.02", "0.02", 0, 100)
            assert await here.server.stop() == 0
            await here.server.start()


@asyncio_test(timeout=30)
async def test_the_shopper_does_not_answer(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper(RINGS)
        await here.business("boston")
        here.site["ring_timeout"] = "1s"
        await here.serve()
        call = await here.click()
        await call.tells(lambda line: line["shopper_ringing"])
        record = await call.over()
        assert (record.disposition, record.cause) == ("shopper_unreachable", "ring_timeout")
        ended = await shopper.expect(wire.Ended)
        assert (ended.status, ended.was_answered) == (487, False)
        assert ended.reason is not None
        assert "cause=19" in ended.reason


@asyncio_test(timeout=60)
async def test_the_only_business_refuses(tmp_path: Path) -> None:
    expected = {
        486: ("unanswered", "busy"),
        480: ("unanswered", "unreachable"),
        408: ("unanswered", "no_answer"),
        603: ("unanswered", "declined"),
        404: ("unanswered", "not_found"),
        503: ("failed", "congestion"),
    }
    async with world(tmp_path) as here:
        shopper = await here.shopper()
        boston = await here.business("boston")
        here.end_unanswered()
        await here.serve()
        for status, (disposition, cause) in expected.items():
            await boston.set_script(refuses(status, after=0.05))
            record = await (await here.click()).over()
            assert (record.disposition, record.cause) == (disposition, cause), status
            assert record.causes == [("shopper", "peer_ended"), ("boston", cause)]
            assert record.statuses[1] == status
            assert (await shopper.expect(wire.Ended)).was_answered


@asyncio_test(timeout=30)
async def test_no_business_answers(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        boston = await here.business("boston", RINGS)
        cambridge = await here.business("cambridge", RINGS)
        here.end_unanswered()
        await here.serve(step("boston", timeout="1s"), step("cambridge", strategy="in_order", timeout="1s"))
        record = await (await here.click()).over()
        assert (record.disposition, record.cause) == ("unanswered", "ring_timeout")
        assert record.causes[1:] == [("boston", "ring_timeout"), ("cambridge", "ring_timeout")]
        for phone in (boston, cambridge):
            assert (await phone.expect(wire.Ended)).status == 487


@asyncio_test(timeout=60)
async def test_nothing_listens_at_the_destination(tmp_path: Path) -> None:
    """ICMP tells that nothing is there (UDP), or the connection is refused (TCP)."""
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("cambridge")
        nobody = f"127.0.0.1:{free_tcp_port()}"
        here.settings["destinations"]["nobody"] = {
            "label": "Nobody",
            "sip": f"sip:nobody@{nobody};transport=tcp",
        }
        await here.serve(step("nobody", "cambridge", strategy="in_order", timeout="15s"))
        call = await here.click()
        await call.reaches("bridged", within=10)
        await call.cancel()
        assert (await call.over()).causes[1] == ("nobody", "unreachable")


@asyncio_test(timeout=30)
async def test_a_trunk_that_is_silent(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hole:
        hole.bind(("127.0.0.1", 0))
        async with world(tmp_path) as here:
            await here.shopper()
            await here.business("boston")
            here.settings["trunks"]["carrier"]["host"] = f"127.0.0.1:{hole.getsockname()[1]}"
            here.site["ring_timeout"] = "2s"
            await here.serve()
            record = await (await here.click()).over()
            assert (record.disposition, record.cause) == ("shopper_unreachable", "ring_timeout")


@asyncio_test(timeout=30)
async def test_a_trunk_whose_host_is_unknown(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await here.shopper()
        await here.business("boston")
        here.settings["trunks"]["carrier"]["host"] = "no-such-host.invalid"
        await here.serve(ready=False)
        # Nobody can be called: it says so from the start, and does not blame the shopper.
        ready = await here.server.readiness()
        assert not ready["ready"]
        carrier = ready["trunks"]["carrier"]
        assert (carrier["state"], carrier["registered"]) == ("unresolved", None)
        assert "no-such-host.invalid" in carrier["reason"]
        record: Record = await (await here.click()).over()
        assert (record.disposition, record.cause) == ("failed", "trunk_unresolved")


@asyncio_test(timeout=30)
async def test_the_server_refuses_what_it_must(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        shopper = await here.shopper(SHOPPER_ANSWERS)
        await here.business("boston", answers())
        await here.serve()
        for wrong, status in (
            ({"number": "+4930901820", "country": "DE"}, 403),  # not in the site's countries
            ({"number": "911"}, 403),
            ({"number": "12"}, 400),
            ({"number": "+19005550100"}, 403),  # premium
            ({"site_key": "some-other-key"}, 400),
        ):
            response = await here.ask(**wrong)
            assert (response.status_code, wrong) == (status, wrong), response.text
            assert response.headers["content-type"] == "application/problem+json"
        await asyncio.sleep(0.5)
        assert shopper.seen(wire.Incoming) == []


@pytest.mark.parametrize("kind", ["udp", "tcp"])
@asyncio_test(timeout=30)
async def test_strangers_get_no_answer(tmp_path: Path, kind: str) -> None:
    """An OPTIONS or INVITE from an address that is no trunk's is dropped: a scanner learns nothing."""
    async with world(tmp_path) as here:
        await here.shopper(RINGS)
        await here.business("boston")
        here.settings["trunks"]["carrier"]["transport"] = kind
        await here.serve()
        call = await here.click()
        invite = await here.phones["shopper"].expect(wire.Incoming)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.bind(("127.0.0.2", 0))
            stranger.settimeout(1)
            stranger.sendto(_options(stranger.getsockname()), ("127.0.0.1", came_from(invite)))
            with pytest.raises((TimeoutError, ConnectionRefusedError)):
                stranger.recv(2000)
        await call.cancel()
        await call.over()


def _options(source: tuple[str, int]) -> bytes:
    return (
        "OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {source[0]}:{source[1]};branch=z9hG4bKstranger\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:scan@127.0.0.2>;tag=1\r\nTo: <sip:x@127.0.0.1>\r\n"
        "Call-ID: stranger\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    ).encode()
