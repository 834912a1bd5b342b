"""Dialogs of the switch at raw phones: what Sofia-SIP does not do by itself, and what it must not do."""

import asyncio
import hashlib
import random
import re

import pytest

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegDtmf, LegEnded, LegHeld, LegResumed, LegRinging
from config.sections.trunks import Trunk
from sip.gate.records import load
from tests.aio import asyncio_test
from tests.sip.core import Worker, stage, until
from tests.sip.uas import Phone, Sip


@pytest.fixture(autouse=True)
def _on_the_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Worker, "engine", "switch")


def with_trunk(**fields):
    return lambda phones: {"t": Trunk(host=f"127.0.0.1:{phones[0].port}", **fields)}


def call_id_of(phone: Phone) -> str:
    return next(iter(phone.dialogs))


class Asking(Phone):
    """Asks for SHA-256, and for another nonce at each BYE."""

    asked = ("INVITE", "BYE")

    def right(self, sip: Sip) -> bool:
        given = sip.get("Authorization")
        part = dict(re.findall(r'(\w+)="?([^",]+)"?', given))
        if part.get("nonce") != self.nonce or part.get("algorithm") != "SHA-256":
            return False
        sha = lambda text: hashlib.sha256(text.encode()).hexdigest()  # noqa: E731
        one, two = sha(f"{part['username']}:here:secret"), sha(f"{sip.method}:{part['uri']}")
        return part["response"] == sha(
            f"{one}:{part['nonce']}:{part['nc']}:{part['cnonce']}:{part['qop']}:{two}"
        )

    async def _handle(self, sip: Sip) -> None:
        if sip.first.startswith("SIP/2.0") or sip.method not in self.asked or self.right(sip):
            await super()._handle(sip)
            return
        self.nonce = f"n{random.randrange(10**9)}"
        challenge = f'Digest realm="here", nonce="{self.nonce}", algorithm=SHA-256, qop="auth", stale=true'
        self.respond(sip, 401, "Prove it", [("WWW-Authenticate", challenge)])


@asyncio_test(timeout=60)
async def test_digest_with_sha_256_on_invite_and_bye():
    phone = await Asking.start()
    trunk = Trunk(host=f"127.0.0.1:{phone.port}", username="shop", password="secret")
    worker = await Worker.start({"t": trunk})
    worker.dial("a", phone.uri, "t")
    first = await phone.expect("INVITE")
    second = await phone.expect("INVITE")
    assert phone.right(second)
    assert second.get("Call-ID") == first.get("Call-ID")
    assert second.cseq[0] > first.cseq[0]
    await worker.expect(LegAnswered, "a")
    phone.nonce = "another by now"
    worker.hang_up("a", HangupCause.PEER_ENDED)
    assert not phone.right(await phone.expect("BYE"))
    assert phone.right(await phone.expect("BYE"))
    phone.close()
    await worker.stop()
    assert worker.stderr == []


@asyncio_test(timeout=60)
async def test_a_reliable_provisional_response_is_acknowledged():
    def script(phone: Phone, sip: Sip) -> None:
        extra = [("Require", "100rel"), ("RSeq", "7")]
        phone.respond(sip, 183, "Session Progress", extra, phone.sdp(sip.get("Call-ID")))

    async with stage(script) as (worker, phone):
        worker.dial("a", phone.uri)
        invite = await phone.expect("INVITE")
        assert "100rel" in invite.get("Supported")
        prack = await phone.expect("PRACK")
        assert prack.get("RAck").split()[0] == "7"
        phone.respond(prack, 200, "OK")
        await worker.expect(LegRinging, "a")
        phone.answer(invite)
        await worker.expect(LegAnswered, "a")


@asyncio_test(timeout=60)
async def test_the_second_of_two_forked_answers_is_ended():
    def script(phone: Phone, sip: Sip) -> None:
        dialog = phone.dialogs[sip.get("Call-ID")]
        dialog.tag = "one"
        phone.answer(sip)
        dialog.tag = "two"
        phone.answer(sip)

    async with stage(script) as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        bye = await phone.expect("BYE")
        assert "tag=two" in bye.get("To")
        acked = [sip.get("To").partition("tag=")[2] for sip in phone.log if sip.method == "ACK"]
        assert sorted(acked) == ["one", "two"]
        assert not worker.got(LegEnded)


@asyncio_test(timeout=60)
async def test_an_invite_without_an_offer_is_answered_with_ours():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_id = call_id_of(phone)
        phone.request(call_id, "INVITE")
        answer = await phone.expect("SIP/2.0 200")
        assert "m=audio" in answer.body
        await asyncio.sleep(0.2)
        assert not worker.got(LegEnded)
        phone.request(call_id, "BYE")
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.NORMAL


@asyncio_test(timeout=60)
async def test_update_with_an_offer_holds_and_keys_come_by_info():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_id = call_id_of(phone)
        phone.request(call_id, "UPDATE", phone.sdp(call_id, "sendonly"))
        assert "m=audio" in (await phone.expect("SIP/2.0 200")).body
        await worker.expect(LegHeld, "a")
        phone.request(call_id, "INFO", "Signal=#\r\nDuration=100\r\n", "application/dtmf-relay")
        assert (await worker.expect(LegDtmf, "a")).digit == "#"
        phone.request(call_id, "UPDATE", phone.sdp(call_id))
        await worker.expect(LegResumed, "a")


@asyncio_test(timeout=60)
async def test_an_offer_that_we_cannot_speak_is_refused_and_the_call_goes_on():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_id = call_id_of(phone)
        phone.request(call_id, "INVITE", phone.sdp(call_id, formats="98"))
        await phone.expect("SIP/2.0 488")
        phone.request(call_id, "INVITE", phone.sdp(call_id))
        await phone.expect("SIP/2.0 200")
        assert not worker.got(LegEnded)


@asyncio_test(timeout=60)
async def test_another_switch_ends_the_dialogs_of_one_that_died():
    """By CANCEL what rings, by BYE what was answered, as the records say that the core keeps."""

    def ring(phone: Phone, sip: Sip) -> None:
        phone.respond(sip, 180, "Ringing")

    answers, rings = await Phone.start(), await Phone.start(ring)
    trunks = {
        "one": Trunk(host=f"127.0.0.1:{answers.port}", username="shop", password="secret"),
        "two": Trunk(host=f"127.0.0.1:{rings.port}"),
    }
    first = await Worker.start(trunks)
    first.dial("a", answers.uri, "one")
    first.dial("b", rings.uri, "two")
    await first.expect(LegAnswered, "a")
    await until(lambda: first.dialogs.get("b"))
    records = dict(first.dialogs)
    await first.die()
    answers.password, answers.challenged = "secret", {"BYE"}
    second = await Worker.start(trunks)
    assert await second.end_dialog(records["a"])
    byes = [sip for sip in answers.log if sip.method == "BYE"]
    assert [answers.authorized(bye) for bye in byes] == [False, True]
    assert byes[0].get("To") == f"{answers.log[0].get('To')};tag={answers.dialogs[call_id_of(answers)].tag}"
    await second.end_dialog(records["b"])
    cancel = await rings.expect("CANCEL")
    assert cancel.get("Via") == rings.log[0].get("Via")
    assert cancel.cseq[0] == rings.log[0].cseq[0]
    for phone in (answers, rings):
        phone.close()
    await second.stop()


@pytest.mark.parametrize("asks", [False, True], ids=["at once", "after a challenge"])
@asyncio_test(timeout=60)
async def test_another_switch_cancels_an_invite_that_nobody_has_answered_yet(asks: bool):
    phone = await Phone.start(lambda phone, sip: None)
    phone.password = "secret" if asks else None
    trunk = {"t": Trunk(host=f"127.0.0.1:{phone.port}", username="shop", password="secret")}
    first = await Worker.start(trunk)
    first.dial("a", phone.uri, "t")
    invites = [await phone.expect("INVITE") for _ in range(2 if asks else 1)]
    await until(lambda: "a" in first.dialogs and load(first.dialogs["a"]).cseq == invites[-1].cseq[0])
    record = first.dialogs["a"]
    await first.die()
    # Its 180 reaches nobody.
    phone.respond(invites[-1], 180, "Ringing")
    second = await Worker.start(trunk)
    await second.end_dialog(record)
    cancel = await phone.expect("CANCEL")
    invite = invites[-1]
    assert cancel.first.split()[1] == invite.first.split()[1]
    for name in ("Via", "From", "To", "Call-ID"):
        assert cancel.get(name) == invite.get(name)
    assert cancel.cseq == (invite.cseq[0], "CANCEL")
    phone.close()
    await second.stop()


@asyncio_test(timeout=60)
async def test_the_first_response_changes_nothing_of_how_a_dialog_is_cancelled():
    async with stage(lambda phone, sip: None) as (worker, phone):
        worker.dial("a", phone.uri)
        invite = await phone.expect("INVITE")
        await until(lambda: worker.dialogs.get("a"))
        record = worker.dialogs["a"]
        phone.respond(invite, 180, "Ringing")
        await worker.expect(LegRinging, "a")
        assert worker.dialogs["a"] == record
        worker.hang_up("a", HangupCause.CANCELLED)
        await worker.expect(LegEnded, "a")
        await until(lambda: worker.dialogs["a"] == "")


@asyncio_test(timeout=60)
async def test_the_core_is_told_once_that_a_dialog_is_over():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        await until(lambda: '"BYE"' in worker.dialogs["a"])
        worker.hang_up("a", HangupCause.PEER_ENDED)
        await worker.expect(LegEnded, "a")
        assert worker.dialogs["a"] == ""


def mutated(message: bytes, dice: random.Random) -> bytes:
    """A message with something wrong: bytes changed, cut, doubled, or a line gone."""
    data = bytearray(message)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(data))
        match dice.randrange(6):
            case 0:
                data[at] = dice.randrange(256)
            case 1:
                del data[at : at + dice.randrange(1, 40)]
            case 2:
                data[at:at] = data[at : at + dice.randrange(1, 200)]
            case 3:
                data[at:at] = bytes(dice.randrange(256) for _ in range(dice.randrange(1, 20)))
            case 4:
                data[at:at] = dice.choice(
                    [b"\r\n", b"\x00", b"%s", b"<", b'"', b";", b"=" * 300, b"-1", b"9" * 30]
                )
            case _:
                lines = bytes(data).split(b"\r\n")
                del lines[dice.randrange(len(lines))]
                data = bytearray(b"\r\n".join(lines))
        if not data:
            return b"x"
    return bytes(data)


@pytest.mark.parametrize("seed", [1, 2])
@asyncio_test(timeout=90)
async def test_no_datagram_ends_the_switch(seed: int):
    """Thousands of broken responses and requests from a trunk's own address, in a call and outside of one."""
    dice = random.Random(seed)

    def script(phone: Phone, sip: Sip) -> None:
        sent: list[bytes] = []
        phone.transport, real = _Tap(sent), phone.transport
        phone.respond(sip, 183, "Session Progress", body=phone.sdp(sip.get("Call-ID")))
        phone.answer(sip)
        phone.transport = real
        for message in sent * 20:
            real.sendto(mutated(message, dice), sip.source)
        real.sendto(sent[1], sip.source)

    async with stage(script) as (worker, phone):
        for number in range(30):
            worker.dial(f"a{number}", phone.uri)
        await asyncio.sleep(3)
        templates: list[bytes] = []
        for call_id, dialog in list(phone.dialogs.items())[:5]:
            phone.transport, real = _Tap(templates), phone.transport
            for method, body in (
                ("INVITE", phone.sdp(call_id)), ("UPDATE", phone.sdp(call_id, "sendonly")), ("OPTIONS", ""),
                ("INFO", "Signal=1\r\n"), ("REFER", ""), ("PRACK", ""), ("NOTIFY", "x"), ("MESSAGE", "x"),
                ("SUBSCRIBE", ""), ("PUBLISH", "x"), ("REGISTER", ""), ("ACK", ""), ("CANCEL", ""),
                ("BYE", ""),
            ):  # fmt: skip
                phone.request(call_id, method, body)
            phone.transport = real
            for count in range(600):
                real.sendto(mutated(dice.choice(templates), dice), dialog.invite.source)
                if count % 50 == 0:
                    await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        assert worker.process.returncode is None, worker.stderr
        phone.script = lambda phone, sip: phone.answer(sip)
        worker.dial("last", phone.uri)
        await worker.expect(LegAnswered, "last")
        for number in range(30):
            worker.hang_up(f"a{number}", HangupCause.PEER_ENDED)
        await until(lambda: len(worker.got(LegEnded)) >= 30, 40)


class _Tap:
    """In place of a phone's transport: keeps what would be sent."""

    def __init__(self, kept: list[bytes]) -> None:
        self._kept = kept

    def sendto(self, data: bytes, address: object) -> None:
        self._kept.append(data)
