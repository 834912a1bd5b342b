"""Phones behind NAT, and Ringback itself behind NAT."""

import asyncio
import re
import time
from ipaddress import ip_address

import pytest

from bridge.causes import HangupCause
from bridge.commands import Join
from bridge.events import LegAnswered, LegEnded
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from sip.accounts import own_address_for, plain_account, trunk_account
from tests.aio import asyncio_test
from tests.sip.core import Worker, until
from tests.sip.ears import call_of, hears
from tests.sip.own_network import own_network
from tests.sip.test_connections import StreamPhone
from tests.sip.uas import Phone

#: Nobody has it: what a phone behind NAT believes to be its address.
INNER = "127.0.77.7"


class InnerPhone(Phone):
    """Its SDP names an inner address and port; its RTP arrives from another."""

    def sdp(self, call_id: str, *args, **kwargs) -> str:
        told = super().sdp(call_id, *args, **kwargs)
        port = self.dialogs[call_id].rtp.port
        return told.replace(f"IP4 {self.host}", f"IP4 {INNER}").replace(f"audio {port}", f"audio {port ^ 2}")


@asyncio_test(timeout=90)
async def test_audio_goes_to_where_audio_comes_from():
    shopper, business = await InnerPhone.start(), await InnerPhone.start()
    worker = await Worker.start()
    for leg, phone in (("s", shopper), ("b", business)):
        worker.dial(leg, phone.uri)
        await worker.expect(LegAnswered, leg)
    worker.do(Join("s", "b"))
    await asyncio.sleep(0.5)
    assert f"IP4 {INNER}" in shopper.sdp(next(iter(shopper.dialogs)))
    assert not call_of(shopper).rtp.packets  # what the SDP says leads nowhere
    assert not call_of(business).rtp.packets
    for phone, hertz in ((shopper, 1000), (business, 1800)):
        spoke = time.monotonic()
        call_of(phone).rtp.speak(hertz)
        await until(lambda phone=phone: call_of(phone).rtp.packets, 1.0)
        assert time.monotonic() - spoke < 1.0
    await hears(shopper, 1800, not_=(1000,))
    await hears(business, 1000, not_=(1800,))

    # A re-INVITE names the inner address once more: audio finds its way again.
    call_id = next(iter(business.dialogs))
    business.request(call_id, "INVITE", business.sdp(call_id))
    await business.expect("SIP/2.0 200")
    await asyncio.sleep(0.5)
    await hears(business, 1000, not_=(1800,))
    await hears(shopper, 1800, not_=(1000,))
    for phone in (shopper, business):
        phone.close()
    await worker.stop()


#: The address that a 1:1 NAT would have; a carrier out in the world; a PBX next door.
PUBLIC, CARRIER, PBX = "8.8.4.4", "9.9.9.9", "10.55.0.5"


def test_the_public_address_is_for_peers_outside_alone():
    settings = Sip(bind_address="127.0.0.1", public_address=PUBLIC)
    for peer, seen in ((CARRIER, PUBLIC), (PBX, "127.0.0.1"), ("10.1.2.3", "127.0.0.1")):
        place = own_address_for(ip_address(peer), settings, 5100, 20000)
        assert (place.address, place.bind) == (seen, "127.0.0.1")
        for config in (
            plain_account(place),
            trunk_account(Trunk(host=peer), place),
        ):
            media = config.mediaConfig.transportConfig
            assert (media.publicAddress, media.boundAddress) == (seen, "127.0.0.1")
            assert config.sipConfig.contactForced == f"<sip:ringback@{seen}:5100>"


@pytest.mark.parametrize("through", ["trunk", "uri"])
@asyncio_test(timeout=90)
async def test_ringback_behind_nat(through):
    """The carrier sees the public address, and reaches us there; the PBX next door sees the inner one."""
    with own_network(PUBLIC, CARRIER, PBX):
        carrier, pbx = await Phone.start(host=CARRIER), await Phone.start(host=PBX)
        trunks = {
            "carrier": Trunk(host=f"{CARRIER}:{carrier.port}"),
            "pbx": Trunk(host=f"{PBX}:{pbx.port}"),
        }
        worker = await Worker.start(trunks, bind_address="0.0.0.0", public_address=PUBLIC)
        port = worker.sip_port
        for name, phone, address in (("carrier", carrier, PUBLIC), ("pbx", pbx, None)):
            worker.dial(name, phone.uri, name if through == "trunk" else None)
            invite = await phone.expect("INVITE")
            # Of this machine's inner addresses, the one that the kernel sends from to this peer.
            address = address or invite.source[0]
            assert f"@{address}:{port}" in invite.get("Contact")
            assert set(re.findall(r"IN IP4 (\S+)", invite.body)) == {address}
            # Responses come back to where the request came from, whatever sent-by says (RFC 3581).
            assert ";rport" in invite.get("Via")
            await worker.expect(LegAnswered, name)
        worker.do(Join("carrier", "pbx"))
        call_of(carrier).rtp.speak(1000)  # to the public address, as the SDP says
        call_of(pbx).rtp.speak(1800)
        await hears(carrier, 1800, not_=(1000,))
        await hears(pbx, 1000, not_=(1800,))
        call_id, call = next(iter(carrier.dialogs.items()))
        call.invite.source = (PUBLIC, port)  # where the Contact says
        carrier.request(call_id, "BYE")
        assert (await worker.expect(LegEnded, "carrier")).cause is HangupCause.NORMAL
        for phone in (carrier, pbx):
            phone.close()
        await worker.stop()


@asyncio_test(timeout=90)
async def test_a_carrier_connects_to_the_public_address():
    """Each connection-oriented trunk has a listener of its own, and Contact says at which port."""
    with own_network(PUBLIC, CARRIER):
        carriers = [await StreamPhone.listen(host=CARRIER), await Phone.start(host=CARRIER)]
        trunks = {
            "tcp": Trunk(host=f"{CARRIER}:{carriers[0].port}", transport="tcp"),
            "udp": Trunk(host=f"{CARRIER}:{carriers[1].port}"),
        }
        worker = await Worker.start(trunks, bind_address="0.0.0.0", public_address=PUBLIC)
        for name, phone in zip(trunks, carriers, strict=True):
            worker.dial(name, phone.uri, name)
            invite = await phone.expect("INVITE")
            contact = re.fullmatch(rf"<sip:ringback@{PUBLIC}:(\d+)(;transport=tcp)?>", invite.get("Contact"))
            assert bool(contact[2]) == (name == "tcp")
            await worker.expect(LegAnswered, name)
            if name == "tcp":
                _, writer = await asyncio.open_connection(PUBLIC, int(contact[1]), local_addr=(CARRIER, 0))
                writer.close()
            phone.request(next(iter(phone.dialogs)), "BYE")
            assert (await worker.expect(LegEnded, name)).cause is HangupCause.NORMAL
            phone.close()
        await worker.stop()
