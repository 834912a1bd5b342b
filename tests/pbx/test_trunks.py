"""Trunks to a real Asterisk: digest, registration, TCP, TLS, SRTP, session timers."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from phones import wire
from phones.tones import BUSINESS_HZ
from tests.aio import asyncio_test
from tests.pbx.certificates import make_certificate
from tests.pbx.office import BY_ADDRESS, BY_DIGEST, PASSWORD, USERNAME, Office, office

pytestmark = pytest.mark.pbx


def _credentials(the: Office, password: str = PASSWORD) -> None:
    path = the.world.folder / "trunk.password"
    path.write_text(password)
    path.chmod(0o600)
    the.trunk.update(username=USERNAME, password_file=path.name)


async def _talk(the: Office) -> None:
    """A call to alice that is heard, and ended by the shopper."""
    call = await the.world.click()
    await call.reaches("bridged")
    await asyncio.sleep(1)
    await the.shopper.send(wire.HangUpCall(1))
    record = await call.over()
    assert record.causes == [("shopper", "normal"), ("pbx-alice", "peer_ended")]
    assert (await the.alice.expect(wire.Ended)).status == 200
    ear = await the.world.heard(the.shopper)
    assert ear.only(BUSINESS_HZ, since=call.at("bridged") + 0.4, until=call.at("ending")), ear.story()


def _certificate_of_the_pbx(folder: Path) -> Path:
    """What Asterisk shows at its TLS port."""
    (folder / "pbx").mkdir()
    return make_certificate(folder / "pbx", "127.0.0.1")[0]


@asyncio_test(timeout=40)
async def test_digest(tmp_path: Path) -> None:
    async with office(tmp_path, pbx_settings={"trunk": BY_DIGEST}) as the:
        _credentials(the)
        await the.serve("alice")
        await _talk(the)


@asyncio_test(timeout=40)
async def test_wrong_password(tmp_path: Path) -> None:
    async with office(tmp_path, pbx_settings={"trunk": BY_DIGEST}) as the:
        _credentials(the, "not-" + PASSWORD)
        the.world.end_unanswered()
        await the.serve("alice")
        record = await (await the.world.click()).over()
        assert (record.disposition, record.cause) == ("failed", "unauthorized")
        assert record.statuses[1] == 401
        assert the.alice.seen(wire.Incoming) == []


@asyncio_test(timeout=40)
async def test_registration(tmp_path: Path) -> None:
    async with office(tmp_path, pbx_settings={"trunk": BY_DIGEST}) as the:
        _credentials(the)
        the.trunk.update(registration=True, registration_interval="60s")
        await the.serve("alice")
        give_up = time.monotonic() + 5
        while not (await the.world.server.readiness())["trunks"]["pbx"]["registered"]:
            assert time.monotonic() < give_up, the.world.server.tail()
            await asyncio.sleep(0.1)
        assert f"{USERNAME}/sip:" in await the.pbx.command("pjsip show contacts")
        await _talk(the)
        await the.world.server.stop()
        assert f"{USERNAME}/sip:" not in await the.pbx.command("pjsip show contacts")


@asyncio_test(timeout=40)
async def test_registration_refused_shows(tmp_path: Path) -> None:
    async with office(tmp_path, pbx_settings={"trunk": BY_DIGEST}) as the:
        _credentials(the, "not-" + PASSWORD)
        the.trunk["registration"] = True
        await the.serve("alice")
        give_up = time.monotonic() + 5
        while (trunk := (await the.world.server.readiness())["trunks"]["pbx"])["status"] is None:
            assert time.monotonic() < give_up, the.world.server.tail()
            await asyncio.sleep(0.1)
        assert (trunk["registered"], trunk["status"]) == (False, 401)


@pytest.mark.parametrize("trunk", [BY_ADDRESS, BY_DIGEST], ids=["address", "digest"])
@asyncio_test(timeout=40)
async def test_tcp(tmp_path: Path, trunk: str) -> None:
    async with office(tmp_path, pbx_settings={"trunk": trunk}) as the:
        the.trunk["transport"] = "tcp"
        if trunk is BY_DIGEST:
            _credentials(the)
        await the.serve("alice")
        await _talk(the)


@pytest.mark.parametrize("srtp", ["off", "optional", "required"])
@asyncio_test(timeout=40)
async def test_tls_and_srtp(tmp_path: Path, srtp: str) -> None:
    certificate = _certificate_of_the_pbx(tmp_path)
    pbx_settings = {
        "tls_transport": _TLS_TRANSPORT,
        "media_encryption": "no" if srtp == "off" else "sdes",
    }
    async with office(tmp_path, pbx_settings=pbx_settings) as the:
        the.trunk.update(
            host=f"127.0.0.1:{the.pbx.ports.tls}",
            transport="tls",
            srtp=srtp,
            tls={"ca_file": str(certificate)},
        )
        await the.serve("alice")
        await _talk(the)


@asyncio_test(timeout=40)
async def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    _certificate_of_the_pbx(tmp_path)
    other, _ = make_certificate(tmp_path, "127.0.0.1", name="other")
    async with office(tmp_path, pbx_settings={"tls_transport": _TLS_TRANSPORT}) as the:
        the.trunk.update(host=f"127.0.0.1:{the.pbx.ports.tls}", transport="tls", tls={"ca_file": str(other)})
        the.world.end_unanswered()
        await the.serve("alice")
        record = await (await the.world.click()).over()
        assert record.causes[1] == ("pbx-alice", "trunk_unreachable")


@pytest.mark.parametrize("timers", ["no", "required", "always"])
@asyncio_test(timeout=40)
async def test_session_timers(tmp_path: Path, timers: str) -> None:
    async with office(tmp_path, pbx_settings={"timers": timers}) as the:
        the.trunk["session_expires"] = "90s"
        await the.serve("alice")
        await _talk(the)


_TLS_TRANSPORT = """
[tls]
type = transport
protocol = tls
bind = 127.0.0.1:$tls_port
cert_file = /mnt/server.pem
priv_key_file = /mnt/server.key
method = tlsv1_2
"""
