"""Legs that a trunk's peer places: it dials us, under a name that is good for one leg."""

from ipaddress import ip_network

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegAwaited, LegEnded
from config.sections.trunks import Trunk
from routing.plan import Originate
from tests.aio import asyncio_test
from tests.sip.core import Worker, stage
from tests.sip.test_firewall import ask

PLACED = Originate("office", "PJSIP/alice", "ringback")


def user_of(awaited: LegAwaited) -> str:
    return awaited.uri.removeprefix("sip:").partition("@")[0]


@asyncio_test(timeout=90)
async def test_the_peer_dials_the_leg():
    peer = await Worker.start(bind_address="127.0.0.2")  # a SIP stack like any other
    try:
        trunks = {"pbx": Trunk(host=f"127.0.0.2:{peer.sip_port}")}
        async with stage(trunks=trunks) as (worker, _):
            worker.dial("a", "sip:810@127.0.0.2", "pbx", originate=PLACED)
            awaited = await worker.expect(LegAwaited, "a")
            assert awaited.uri == f"sip:{user_of(awaited)}@127.0.0.1:{worker.sip_port}"
            peer.dial("far", awaited.uri)
            answered = await worker.expect(LegAnswered, "a")
            await peer.expect(LegAnswered, "far")
            peer.dial("again", awaited.uri)
            assert (await peer.expect(LegEnded, "again")).sip_status == 403
            peer.hang_up("far", HangupCause.PEER_ENDED)
            ended = await worker.expect(LegEnded, "a")
            assert (ended.cause, ended.sip_call_id) == (HangupCause.NORMAL, answered.sip_call_id)
            assert worker.got(LegAwaited) == [awaited]
            assert worker.stderr == []
    finally:
        await peer.stop()


@asyncio_test(timeout=90)
async def test_a_leg_that_nobody_dialled_is_over_when_we_say_so():
    trunks = {"pbx": Trunk(host="127.0.3.1", addresses=(ip_network("127.0.4.0/24"),))}
    async with stage(trunks=trunks) as (worker, _):
        for number in range(10):  # more than PJSIP has accounts
            worker.dial(f"a{number}", "sip:810@127.0.3.1", "pbx", originate=PLACED)
            awaited = await worker.expect(LegAwaited, f"a{number}")
            assert await ask(worker, "127.0.4.77", "INVITE", "guessed") == "SIP/2.0 403 Forbidden"
            worker.hang_up(f"a{number}", HangupCause.BUSY)
            assert (await worker.expect(LegEnded, f"a{number}")).cause is HangupCause.BUSY
            assert await ask(worker, "127.0.4.77", "INVITE", user_of(awaited)) == "SIP/2.0 403 Forbidden"
        assert worker.stderr == []
