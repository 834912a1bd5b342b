"""An INVITE with as many headers as routing gives it stays as small as SIP over UDP wants it."""

from __future__ import annotations

import pytest

from config.sections.destinations import UserToUser
from config.sections.trunks import Trunk
from routing.headers import (
    LARGEST_BY_UDP,
    LARGEST_WITH_CREDENTIALS,
    HeaderTemplates,
    room_for_headers,
)
from routing.plan import ClickToCall
from tests.aio import asyncio_test
from tests.sip.core import stage
from tests.sip.uas import Phone, Sip

CLICK = ClickToCall("shop", "+16175550123", "https://shop.example/bikes", {"note": "x" * 500}, "")
#: Much more than there is room for.
MANY = HeaderTemplates(
    (("X-Call", "{call_id}"), *((f"X-{n}", "y" * 10) for n in range(100))), UserToUser(text="{context.note}")
)
NUMBER, NAME = "+16175550100", "The Shop"
#: What an address in this test lacks to the longest there is, in each of the places where it stands.
LONGEST_ADDRESSES = 6 * (len("255.255.255.255") - len("127.0.0.1"))


def size(sip: Sip) -> int:
    lines = [sip.first, *(f"{name}: {value}" for name, value in sip.headers), "", sip.body]
    padding = 4  # PJSIP's, before the Content-Length
    return len("\r\n".join(lines).encode()) + padding


def with_trunk(phones: list[Phone]) -> dict[str, Trunk]:
    host = f"127.0.0.1:{phones[0].port}"
    asserted = {"caller_id": {"number": "+16175550199"}}
    return {
        "open": Trunk.model_validate({"host": host}),
        "all": Trunk.model_validate({"host": host, "username": "ringback", "password": "secret", **asserted}),
    }


async def invite(worker, phone: Phone, trunk_name: str | None, trunk: Trunk | None) -> Sip:
    room = room_for_headers(phone.uri, trunk, NUMBER + NAME)
    headers = MANY.fill(CLICK, "c" * 24, room)
    leg = f"leg-{trunk_name}"
    worker.dial(leg, phone.uri, trunk_name, caller_number=NUMBER, caller_name=NAME, headers=headers)
    return await phone.expect("INVITE")


@pytest.mark.pjsua2
@asyncio_test(timeout=90)
async def test_an_invite_by_udp_keeps_its_size():
    async with stage(trunks=with_trunk) as (worker, phone):
        trunks = with_trunk([phone])
        for name in (None, "open"):
            found = size(await invite(worker, phone, name, trunks.get(name or "")))
            assert LARGEST_BY_UDP - 150 < found + LONGEST_ADDRESSES <= LARGEST_BY_UDP
        phone.password = "secret"
        await invite(worker, phone, "all", trunks["all"])
        again = await phone.expect("INVITE")
        assert again.get("Authorization")
        assert again.get("P-Asserted-Identity")
        assert again.get("User-to-User")
        found = size(again) + LONGEST_ADDRESSES
        assert LARGEST_WITH_CREDENTIALS - 250 < found <= LARGEST_WITH_CREDENTIALS


@pytest.mark.pjsua2
@asyncio_test(timeout=90)
async def test_what_carriers_ask_for_is_counted_too():
    """P-Asserted-Identity always, user=phone, and a caller that is kept from the callee."""

    def asking(phones: list[Phone]) -> dict[str, Trunk]:
        host = {"host": f"127.0.0.1:{phones[0].port}", "user_phone": True, "asserted_identity": "always"}
        return {
            "shown": Trunk.model_validate(host),
            "hidden": Trunk.model_validate({**host, "privacy": "id"}),
        }

    async with stage(trunks=asking) as (worker, phone):
        for name, trunk in asking([phone]).items():
            sent = await invite(worker, phone, name, trunk)
            assert f"<sip:{NUMBER}@127.0.0.1;user=phone>" in sent.get("P-Asserted-Identity")
            assert sent.get("Privacy") == ("id" if name == "hidden" else "")
            assert ("anonymous.invalid" in sent.get("From")) is (name == "hidden")
            found = size(sent) + LONGEST_ADDRESSES
            assert LARGEST_BY_UDP - 250 < found <= LARGEST_BY_UDP
