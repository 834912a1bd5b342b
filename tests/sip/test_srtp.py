"""What is on the wire where a trunk asks for SRTP."""

import array
import asyncio
import re

import pytest

from bridge.commands import Join, Play
from bridge.events import LegAnswered, LegDtmf
from config.sections.trunks import Trunk
from routing.plan import Tone
from tests.aio import asyncio_test
from tests.sip.core import Worker
from tests.sip.ears import LOUD, call_of, hears
from tests.sip.srtp import SecurePhone, Srtp
from tests.sip.uas import Phone, level, linear


def test_keys_are_derived_as_rfc_3711_shows():
    """Appendix B.3."""
    master = bytes.fromhex("E1F97A0D3E018BE0D64FA32C06DE4139")
    salt = bytes.fromhex("0EC675AD498AFEEBB6960B3AABE6")
    srtp = Srtp(master + salt)
    assert srtp._key == bytes.fromhex("C61E7A93744F39EE10734AFE3FF7A087")
    assert srtp._session_salt == bytes.fromhex("30CBBC08863D8C85D49DB34A9AE1")
    assert srtp._auth == bytes.fromhex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")


def plainly(packets: list[bytes]) -> list[int]:
    """The wire as one would hear it who takes it for plain µ-law."""
    return list(array.array("h", [linear(b) for packet in packets for b in packet[12:172]]))


@pytest.mark.parametrize("srtp", ["optional", "required"])
@asyncio_test(timeout=90)
async def test_only_the_key_makes_the_tone_audible(srtp):
    secure, plain = await SecurePhone.start(), await Phone.start()
    worker = await Worker.start({"t": Trunk(host=f"127.0.0.1:{secure.port}", srtp=srtp)})
    worker.dial("a", secure.uri, "t")
    worker.dial("b", plain.uri)
    await worker.expect(LegAnswered, "a")
    await worker.expect(LegAnswered, "b")
    for leg in "ab":
        worker.do(Play(leg, Tone("tone", ((440, 0, 2000, 0),)), loop=True))
    await hears(plain, 440)
    await hears(secure, 440)  # every packet so far was authentic, else there would be none
    await asyncio.sleep(0.8)
    rtp = call_of(secure).rtp
    wire = rtp.wire[-40:]
    assert {packet[1] & 0x7F for packet in wire} == {0}  # PCMU, it says
    assert {len(packet) for packet in wire} == {12 + 160 + 10}
    # Noise has a little of every frequency: 40 packets of it about 250 of this one.
    assert level(plainly(wire), 440) < LOUD / 2
    assert level(plainly([rtp.theirs.unprotect(packet) for packet in wire]), 440) > LOUD

    worker.do(Join("a", "b"))
    call_of(secure).rtp.speak(1000)
    call_of(plain).rtp.speak(1800)
    await hears(plain, 1000, not_=(440, 1800))
    await hears(secure, 1800, not_=(440, 1000))
    assert worker.stderr == []
    for phone in (secure, plain):
        phone.close()
    await worker.stop()


@pytest.mark.pjsua2
@asyncio_test(timeout=60)
async def test_the_second_codec_of_an_answer_is_offered_alone_where_nobody_but_pjsip_can_read_it():
    secure, plain = await SecurePhone.start(), await Phone.start()
    secure.formats = "0 8 101"
    worker = await Worker.start({"t": Trunk(host=f"127.0.0.1:{secure.port}", srtp="required")})
    worker.dial("a", secure.uri, "t")
    worker.dial("b", plain.uri)
    await worker.expect(LegAnswered, "a")
    await worker.expect(LegAnswered, "b")
    worker.do(Join("a", "b"))
    await secure.expect("INVITE")
    call_of(secure).rtp.speak(1000, kind=8)
    call_of(plain).rtp.speak(1800)
    again = await secure.expect("INVITE")
    assert re.search(r"m=audio \d+ RTP/SAVP 8 101\r", again.body)
    await hears(plain, 1000, not_=(1800,))
    await hears(secure, 1800, not_=(1000,))
    call_of(secure).rtp.press(4)
    assert (await worker.expect(LegDtmf, "a")).digit == "4"
    for phone in (secure, plain):
        phone.close()
    await worker.stop()
