"""The registrar: REGISTER, refusals, retries, and leaving."""

import asyncio

import pytest

from bridge.events import LegAnswered
from config.sections.trunks import Trunk
from sip.retries import is_for_good, wait_before_retry
from tests.aio import asyncio_test
from tests.sip.core import Worker, until
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


@pytest.mark.parametrize(
    ("status", "waits"),
    [
        (403, [5, 30, 180, 1080, 3600, 3600]),
        (404, [5, 30, 180, 1080, 3600, 3600]),
        (401, [5, 30, 180, 1080, 3600, 3600]),
        (302, [5, 30, 180, 1080, 3600, 3600]),
        (603, [5, 30, 180, 1080, 3600, 3600]),
        (503, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]),
        (408, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]),
        (0, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]),
    ],
)
def test_who_refuses_for_good_is_asked_ever_more_rarely(status, waits):
    assert [wait_before_retry(status, count + 1) for count in range(len(waits))] == waits
    assert is_for_good(status) is (waits[0] == 5)
    assert wait_before_retry(status, 1000) == waits[-1]


def test_retry_after_is_the_least_within_bounds():
    assert wait_before_retry(503, 1, 40.0) == 40.0
    assert wait_before_retry(503, 7, 40.0) == 128.0
    assert wait_before_retry(503, 1, 1e9) == 3600.0


def registering(port: int, **settings) -> dict[str, Trunk]:
    trunk = {"host": f"127.0.0.1:{port}", "username": "shop", "password": "secret", "registration": True}
    return {"t": Trunk.model_validate(trunk | settings, strict=False)}


def granting(service_route: str):
    """A registrar that grants, and names the way of calls."""

    def grant(phone: Phone, sip) -> None:
        kept = [(name, sip.get(name)) for name in ("Contact", "Expires")]
        phone.respond(sip, 200, "OK", [*kept, ("Service-Route", service_route)])

    return grant


async def registrar(script) -> Phone:
    phone = await Phone.start()
    phone.registrar = script
    return phone


def registers(phone: Phone) -> list[float]:
    return [sip.at for sip in phone.log if sip.method == "REGISTER"]


@asyncio_test(timeout=60)
async def test_a_registration_refused_for_good_is_told_and_left_alone():
    carrier = await registrar(lambda phone, sip: phone.respond(sip, 403, "Forbidden"))
    worker = await Worker.start(registering(carrier.port), role="registrar")
    assert await asyncio.wait_for(worker.registrations.get(), 5) == ("t", False, 403)
    await asyncio.sleep(4)
    assert len(registers(carrier)) == 1
    assert any("registration_failed" in line and "again_in" in line for line in worker.stderr)
    await worker.stop()
    carrier.close()


@asyncio_test(timeout=60)
async def test_a_registrar_that_asks_to_be_left_alone_is():
    carrier = await registrar(lambda phone, sip: phone.respond(sip, 503, "Full", [("Retry-After", "40")]))
    worker = await Worker.start(registering(carrier.port), role="registrar")
    assert await asyncio.wait_for(worker.registrations.get(), 5) == ("t", False, 503)
    await asyncio.sleep(4)
    assert len(registers(carrier)) == 1
    await worker.stop()
    carrier.close()


@asyncio_test(timeout=60)
async def test_an_interval_that_is_too_brief_is_lengthened():
    def brief(phone: Phone, sip) -> None:
        if int(sip.get("Expires")) not in (0, 3600):
            phone.respond(sip, 423, "Interval Too Brief", [("Min-Expires", "3600")])
        else:
            phone.respond(sip, 200, "OK", [("Contact", f"{sip.get('Contact')};expires={sip.get('Expires')}")])

    carrier = await registrar(brief)
    worker = await Worker.start(registering(carrier.port), role="registrar")
    assert await asyncio.wait_for(worker.registrations.get(), 10) == ("t", True, 200)
    assert len(registers(carrier)) == 2
    await worker.stop()
    carrier.close()


@asyncio_test(timeout=60)
async def test_challenges_without_end_end():
    asked = iter(range(1000))

    def challenge(phone: Phone, sip) -> None:
        nonce = f'Digest realm="r", nonce="n{next(asked)}", algorithm=MD5, qop="auth"'
        phone.respond(sip, 401, "Unauthorized", [("WWW-Authenticate", nonce)])

    carrier = await registrar(challenge)
    worker = await Worker.start(registering(carrier.port), role="registrar")
    assert await asyncio.wait_for(worker.registrations.get(), 5) == ("t", False, 401)
    await asyncio.sleep(3)
    assert len(registers(carrier)) <= 4
    await worker.stop()
    carrier.close()


@asyncio_test(timeout=60)
async def test_a_service_route_is_told_and_calls_take_it():
    """RFC 3608: the registrar names the proxies that calls go through, the first being the next hop."""
    proxy, carrier = await Phone.start(), await Phone.start()
    routes = f"<sip:127.0.0.1:{proxy.port};lr>, <sip:core.carrier.example;lr>"

    def grant(phone: Phone, sip) -> None:
        headers = [
            ("Contact", sip.get("Contact")),
            ("Expires", sip.get("Expires")),
            ("Service-Route", routes),
        ]
        phone.respond(sip, 200, "OK", headers)

    carrier.registrar = grant
    trunks = registering(carrier.port)
    worker = await Worker.start(trunks, role="registrar")
    assert await asyncio.wait_for(worker.registrations.get(), 10) == ("t", True, 200)
    await until(lambda: worker.routes)
    told = worker.routes
    assert told == {"t": tuple(routes.split(", "))}
    await worker.stop()
    worker = await Worker.start(trunks)
    worker.dial("a", f"sip:x@127.0.0.1:{carrier.port}", "t", service_routes=tuple(told.items()))
    invite = await proxy.expect("INVITE")
    assert invite.first == f"INVITE sip:x@127.0.0.1:{carrier.port} SIP/2.0"
    assert invite.all("Route") == routes.split(", ")
    await worker.expect(LegAnswered, "a")
    assert all(sip.method == "REGISTER" for sip in carrier.log)
    await worker.stop()
    for phone in (proxy, carrier):
        phone.close()


@pytest.mark.parametrize(
    "value", ["<tel:+1>", "<sip:a b>", ", ".join(["<sip:a.example;lr>"] * 9), "<sip:" + "a" * 300 + ">"]
)
@asyncio_test(timeout=60)
async def test_a_service_route_that_makes_no_sense_is_none(value):
    carrier = await registrar(granting(value))
    worker = await Worker.start(registering(carrier.port), role="registrar")
    assert await asyncio.wait_for(worker.registrations.get(), 10) == ("t", True, 200)
    await until(lambda: "t" in worker.routes)
    assert worker.routes == {"t": ()}
    await worker.stop()
    carrier.close()
