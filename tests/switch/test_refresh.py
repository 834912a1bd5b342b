"""Session refreshes (RFC 4028) that the peer refuses: a dialog on Sofia in this process, and a phone."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from bridge.causes import HangupCause
from config.sections.sip import Sip as SipSettings
from config.sections.trunks import Tls
from sip.firewall import AllowedNetwork
from switch.dialog import Dialog
from switch.invite_plan import InvitePlan
from switch.sofia import Sofia
from switch.stack import SofiaStack
from switch.tracing import SofiaTaps
from tests.aio import asyncio_test
from tests.sip.core import free_port, until
from tests.sip.test_gate import Timed
from tests.sip.uas import Sip
from tests.switch.stage import describe


class Owner:
    """Keeps what its dialog tells."""

    def __init__(self) -> None:
        self.told: list[tuple] = []

    def __getattr__(self, name: str):
        return lambda *given: self.told.append((name, *given))

    def got(self, name: str) -> list[tuple]:
        return [one for one in self.told if one[0] == name]


async def called(phone: Timed) -> tuple[Owner, Dialog, SofiaStack]:
    """A dialog with this phone, whose session of 9 s is ours to refresh."""
    port = free_port()
    settings = SipSettings(bind_address="127.0.0.1", ports=f"{port}-{port + 1}")
    nobody = SofiaTaps(lambda sighting: None, lambda call_id: ("", ""), lambda invite: None)
    stack = SofiaStack(Sofia.load(), settings, lambda *_: None, nobody)
    stack.begin()
    stack.hear_only([AllowedNetwork(ip_network("127.0.0.1/32"))])
    door = stack.door(ip_address("127.0.0.1"), "udp", Tls())
    door.agent.set(nutag_min_se=1)  # the standard's 90 s would be a long test
    owner = Owner()
    dialog = Dialog(owner)
    plan = InvitePlan(
        agent=door.agent,
        hop=f"sip:127.0.0.1:{phone.port};transport=udp",
        uri=phone.uri,
        from_="<sip:us@127.0.0.1>",
        to=f"<{phone.uri}>",
        contact=f"<{door.uri('us')}>",
        session_expires=9,
        address="127.0.0.1",
        port=phone.port,
        local_address="127.0.0.1",
    )
    dialog.invite(plan, describe(4000, "PCMU"))
    await until(lambda: owner.got("answered"))
    return owner, dialog, stack


def refreshes(phone: Timed) -> list[Sip]:
    """By re-INVITE or UPDATE."""
    return [one for one in phone.log if one.method in ("INVITE", "UPDATE") and "tag=" in one.get("To")]


@pytest.mark.parametrize("status", [500, 491])
@asyncio_test(timeout=60)
async def test_a_refused_refresh_is_tried_again_and_the_call_goes_on(status):
    phone = await Timed.start()
    phone.refusals = [(status, [("Retry-After", "1")])]
    owner, dialog, _ = await called(phone)
    await until(lambda: len(refreshes(phone)) == 3, 20)
    first, second, third = refreshes(phone)
    assert 0.9 < second.at - first.at < 4
    assert third.at - second.at > 3, "the second one began the session again"
    assert not owner.got("ended")
    dialog.leave(HangupCause.PEER_ENDED)
    await until(lambda: owner.got("let_go"))
    phone.close()


@asyncio_test(timeout=60)
async def test_a_peer_that_knows_the_call_no_more_ends_it():
    phone = await Timed.start()
    phone.refusals = [(481, [])]
    owner, _, _ = await called(phone)
    await until(lambda: owner.got("ended"), 15)
    assert owner.got("ended")[0][1] is HangupCause.SESSION_EXPIRED
    phone.close()
