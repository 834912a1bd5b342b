"""Session timers (RFC 4028) that we refresh ourselves: slow, for the shortest session is 90 s."""

import asyncio
import time

import pytest

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded
from config.sections.trunks import Trunk
from tests.aio import asyncio_test
from tests.sip.core import Worker, until
from tests.sip.uas import Phone, Sip


class TimedPhone(Phone):
    """Leaves the refreshing to the caller, and says so in every answer to a request that may refresh."""

    allow = "INVITE, ACK, BYE, CANCEL"

    def respond(self, sip: Sip, status, reason="X", headers=None, body="") -> None:
        headers = list(headers or [])
        if status == 200 and sip.method in ("INVITE", "UPDATE"):
            headers += [("Session-Expires", "90;refresher=uac"), ("Require", "timer"), ("Allow", self.allow)]
        super().respond(sip, status, reason, headers, body)


class UpdatingPhone(TimedPhone):
    allow = "INVITE, ACK, BYE, CANCEL, UPDATE"


@pytest.mark.pjsua2
@asyncio_test(timeout=90)
async def test_we_refresh_at_half_time_and_prove_who_we_are():
    """By UPDATE where the far side allows it, else by re-INVITE; either is asked for the password."""
    phones = {"INVITE": await TimedPhone.start(), "UPDATE": await UpdatingPhone.start()}
    trunks = {}
    for method, phone in phones.items():
        phone.password = "secret"
        phone.challenged |= {"UPDATE", "BYE"}
        trunks[method.lower()] = Trunk(
            host=f"127.0.0.1:{phone.port}", username="shop", password="secret", session_expires="90s"
        )
    worker = await Worker.start(trunks)
    for method, phone in phones.items():
        worker.dial(method, phone.uri, method.lower())
        await worker.expect(LegAnswered, method)
    answered = time.monotonic()
    for phone in phones.values():
        phone.nonce = "another"
        phone.log.clear()
    await asyncio.sleep(43)
    for method, phone in phones.items():
        await until(lambda phone=phone: any(phone.authorized(sip) for sip in phone.log), 6)
        asked, refresh = (sip for sip in phone.log if sip.method != "ACK")
        assert asked.method == refresh.method == method
        assert not phone.authorized(asked)
        assert 'nonce="another"' in refresh.get("Authorization")
        assert refresh.get("Session-Expires").startswith("90")
        assert 43 < refresh.at - answered < 49
    await asyncio.sleep(1)
    assert not worker.got(LegEnded)
    for method, phone in phones.items():
        worker.hang_up(method, HangupCause.PEER_ENDED)
        assert (await worker.expect(LegEnded, method)).cause is HangupCause.PEER_ENDED
        phone.close()
    assert worker.stderr == []
    await worker.stop()
