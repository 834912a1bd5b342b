"""The registrar: REGISTER, refusals, retries, and leaving."""

import asyncio

from config.models import Trunk
from tests.aio import asyncio_test
from tests.sip.core import Worker
from tests.sip.uas import Phone


@asyncio_test(timeout=90)
async def test_trunks_are_registered_and_unregistered():
    carrier, wrong = await Phone.start(), await Phone.start()
    for phone in (carrier, wrong):
        phone.password = "secret"
    trunks = {
        "carrier": Trunk(
            host=f"127.0.0.1:{carrier.port}", username="shop", password="secret", registration=True
        ),
        "wrong": Trunk(host=f"127.0.0.1:{wrong.port}", username="shop", password="oops", registration=True),
        "plain": Trunk(host="127.0.0.1:9"),
    }
    worker = await Worker.start(trunks, role="registrar")
    news = {await asyncio.wait_for(worker.registrations.get(), 5) for _ in range(2)}
    assert news == {("carrier", True, 200), ("wrong", False, 401)}
    register = carrier.log[-1]
    assert register.get("Expires") == "300"
    await worker.stop()
    gone = [sip for sip in carrier.log if sip.method == "REGISTER"][-1]
    assert gone.get("Expires") == "0"
    for phone in (carrier, wrong):
        phone.close()


@asyncio_test(timeout=90)
async def test_a_failed_registration_is_tried_again():
    carrier = await Phone.start()
    carrier.password = "secret"
    trunk = Trunk(host=f"127.0.0.1:{carrier.port}", username="shop", password="old", registration=True)
    worker = await Worker.start({"t": trunk}, role="registrar")
    assert await asyncio.wait_for(worker.registrations.get(), 5) == ("t", False, 401)
    carrier.password = "old"
    assert await asyncio.wait_for(worker.registrations.get(), 10) == ("t", True, 200)
    await worker.stop()
    carrier.close()
