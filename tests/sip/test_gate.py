"""What the gate answers by itself, where it sends what, and what an odd peer costs: its own leg alone."""

import asyncio
import re
import socket

import pytest

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegEnded, LegRinging
from config.sections.trunks import Trunk
from tests.aio import asyncio_test
from tests.sip.core import Worker, refuse, stage, until
from tests.sip.ears import call_of, hears
from tests.sip.uas import Phone, Sip


def ringing(phone: Phone, sip: Sip) -> None:
    phone.respond(sip, 180, "Ringing")


def methods(phone: Phone) -> list[str]:
    return [sip.method for sip in phone.log if not sip.first.startswith("SIP/2.0")]


def said(phone: Phone) -> list[int]:
    """The statuses of what our requests in the call were answered with."""
    return [int(sip.first.split()[1]) for sip in call_of(phone).answers]


@asyncio_test(timeout=60)
async def test_a_peer_that_says_bye_while_it_rings():
    """Its INVITE is cancelled, and its slot of PJSIP's serves the next legs, whatever the peer never says."""
    async with stage(ringing, None) as (worker, rude, phone):
        rude.auto = False
        for number in range(6):  # more than PJSIP has slots
            worker.dial(f"rude{number}", rude.uri)
            await worker.expect(LegRinging, f"rude{number}")
            call_id = list(rude.dialogs)[-1]
            rude.request(call_id, "BYE")
            assert (await worker.expect(LegEnded, f"rude{number}")).cause is HangupCause.NO_ANSWER
            await rude.expect("CANCEL")
            assert "SIP/2.0 200" in [sip.first[:11] for sip in rude.dialogs[call_id].answers]
        # What comes late is acknowledged, a 200 ended as well.
        rude.respond(rude.dialogs[call_id].invite, 487, "Request Terminated")
        await rude.expect("ACK")
        first = next(iter(rude.dialogs))
        rude.answer(rude.dialogs[first].invite)
        await rude.expect("ACK")
        assert (await rude.expect("BYE")).get("Call-ID") == first
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_of(phone).rtp.speak(0)
        await hears(phone)


def answering(contact: str | None = None, route: str | None = None, body: str | None = None):
    def script(phone: Phone, sip: Sip) -> None:
        lines = [f"SIP/2.0 200 OK\r\nTo: {sip.get('To')};tag=odd"]
        lines += [f"{n}: {v}" for n, v in sip.headers if n in ("Via", "From", "Call-ID", "CSeq")]
        lines += [f"Contact: {contact}"] if contact is not None else []
        lines += [f"Record-Route: {route}"] if route else []
        sdp = phone.sdp(sip.get("Call-ID")) if body is None else body
        lines += ["Content-Type: application/sdp", f"Content-Length: {len(sdp)}", "", sdp]
        phone.transport.sendto("\r\n".join(lines).encode(), sip.source)

    return script


GOOD = "<sip:p@127.0.0.1:9>"
NO_AUDIO = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 0 RTP/AVP 0\r\n"


@pytest.mark.pjsua2
@pytest.mark.parametrize(
    ("script", "cause", "reached"),
    [
        (answering("<tel:+16175550123>"), HangupCause.FAILED, True),
        (answering("*"), HangupCause.FAILED, True),
        (answering("<sip:>"), HangupCause.FAILED, True),
        (answering("<sip:x@127.0.0.1;transport=sctp>"), HangupCause.FAILED, True),
        (answering("<sip:x@[::1]>"), HangupCause.FAILED, True),
        (answering(GOOD, "<tel:+1617>"), HangupCause.FAILED, True),
        (answering(GOOD, '<sip:127.0.0.1:9;lr>, "x'), HangupCause.FAILED, True),
        (answering(GOOD, body=""), HangupCause.INCOMPATIBLE, False),
        (answering(GOOD, body=NO_AUDIO), HangupCause.INCOMPATIBLE, False),
        (
            answering(GOOD, body=NO_AUDIO.replace("c=IN IP4 127.0.0.1\r\n", "")),
            HangupCause.INCOMPATIBLE,
            False,
        ),
        (answering(GOOD, body="rubbish"), HangupCause.INCOMPATIBLE, False),
    ],
)
@asyncio_test(timeout=60)
async def test_an_answer_of_no_use_costs_its_own_leg_alone(script, cause, reached):
    """The peer is told that there is no call; the operator reads why; the healthy call is heard on."""
    async with stage(None, script) as (worker, phone, odd):
        worker.dial("healthy", phone.uri)
        await worker.expect(LegAnswered, "healthy")
        call_of(phone).rtp.speak(0)
        worker.dial("odd", odd.uri)
        assert (await worker.expect(LegEnded, "odd")).cause is cause
        if reached:
            assert (await odd.expect("ACK")).get("To").endswith("tag=odd")
            assert (await odd.expect("BYE")).get("To").endswith("tag=odd")
        await hears(phone)
        assert not worker.got(LegEnded, "healthy")
        await until(
            lambda: any('"leg_failed"' in line and "cannot be used" in line for line in worker.stderr)
        )


def black_hole() -> socket.socket:
    """Somebody who hears and never answers: no ICMP tells of it."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.77.7", 0))
    return sock


class Repeating(Phone):
    """Says 200 again until it hears an ACK (RFC 3261 section 13.3.1.4)."""

    async def repeat(self, sip: Sip) -> None:
        wait = 0.1
        while not any(one.method == "ACK" for one in self.log) and wait < 5:
            await asyncio.sleep(wait)
            self.answer(sip)
            wait *= 2

    def begin(self, sip: Sip) -> None:
        self.answer(sip)
        self.repeating = asyncio.ensure_future(self.repeat(sip))


@pytest.mark.pjsua2
@pytest.mark.parametrize("nat", [False, True])
@asyncio_test(timeout=60)
async def test_a_pbx_behind_nat(nat):
    """Its Contact leads nowhere. With nat: true all goes to where it is seen; else the leg fails in words."""
    pbx = await Repeating.start(lambda phone, sip: phone.begin(sip))
    nowhere = black_hole()
    pbx.tell_contact = f"sip:pbx@127.0.77.7:{nowhere.getsockname()[1]}"
    worker = await Worker.start({"pbx": Trunk(host=f"127.0.0.1:{pbx.port}", nat=nat)})
    worker.dial("a", pbx.uri, "pbx")
    await worker.expect(LegAnswered, "a")
    if nat:
        assert (await pbx.expect("ACK")).first == f"ACK {pbx.tell_contact} SIP/2.0"
        worker.hang_up("a", HangupCause.PEER_ENDED)
        assert (await pbx.expect("BYE")).first == f"BYE {pbx.tell_contact} SIP/2.0"
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.PEER_ENDED
    else:
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.UNREACHABLE
        await pbx.expect("BYE")
        told = next(line for line in worker.stderr if "leg_failed" in line)
        assert "127.0.77.7" in told
        assert "nat: true" in told
    nowhere.close()
    pbx.repeating.cancel()
    pbx.close()
    await worker.stop()


@pytest.mark.parametrize("contacts", [0, 2])
@asyncio_test(timeout=60)
async def test_an_answer_without_a_contact_or_with_two(contacts):
    """The peer is talked to at where the INVITE went, or at the first of the two."""

    def script(phone: Phone, sip: Sip) -> None:
        first = phone.uri.replace("sip:", "sip:first-")
        answering(f"<{first}>, <sip:second@127.0.0.1:9>" if contacts else None)(phone, sip)

    async with stage(script) as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        worker.hang_up("a", HangupCause.PEER_ENDED)
        target = phone.uri.replace("sip:", "sip:first-") if contacts else phone.uri
        assert (await phone.expect("BYE")).first == f"BYE {target} SIP/2.0"
        await worker.expect(LegEnded, "a")


@pytest.mark.pjsua2
@asyncio_test(timeout=60)
async def test_a_bye_that_its_contact_leaves_unanswered_goes_to_where_the_peer_was_seen():
    """A PBX that names an address of nobody's, and never tells that it lacks our ACK."""
    async with stage() as (worker, phone):
        nowhere = black_hole()
        phone.tell_contact = f"sip:pbx@127.0.77.7:{nowhere.getsockname()[1]}"
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        worker.hang_up("a", HangupCause.PEER_ENDED)
        assert (await phone.expect("BYE")).first == f"BYE {phone.tell_contact} SIP/2.0"
        await worker.expect(LegEnded, "a")
        await until(lambda: any("contact_unreachable" in line for line in worker.stderr))
        nowhere.close()


@pytest.mark.pjsua2
@pytest.mark.parametrize(
    "contact", ["sip:x@127.0.0.1:9", "sip:x@127.0.0.1:9;transport=tcp", "sip:x@nobody.invalid"]
)
@asyncio_test(timeout=60)
async def test_a_contact_where_nobody_is_fails_its_leg_at_once(contact):
    async with stage(None, None) as (worker, healthy, phone):
        worker.dial("healthy", healthy.uri)
        await worker.expect(LegAnswered, "healthy")
        phone.tell_contact = contact
        worker.dial("a", phone.uri)
        ended = await worker.expect(LegEnded, "a")
        assert ended.cause is HangupCause.UNREACHABLE
        await phone.expect("BYE")
        assert any("leg_failed" in line and "Contact" in line for line in worker.stderr)
        call_of(healthy).rtp.speak(0)
        await hears(healthy)
        assert not worker.got(LegEnded, "healthy")


@asyncio_test(timeout=60)
async def test_a_host_where_nobody_listens_is_unreachable_at_once():
    """ICMP says so; legs beside it go on, and so does the socket that the news came by."""
    async with stage() as (worker, phone):
        worker.dial("healthy", phone.uri)
        await worker.expect(LegAnswered, "healthy")
        for number in range(5):
            worker.dial(f"a{number}", "sip:x@127.0.0.1:9")
            assert (await worker.expect(LegEnded, f"a{number}", 3)).cause is HangupCause.UNREACHABLE
        asked(phone, "OPTIONS")
        await phone.expect("SIP/2.0 200")


def asked(phone: Phone, method: str, headers=None, body: str = "", kind: str = "application/sdp") -> None:
    phone.request(next(iter(phone.dialogs)), method, body, kind, headers)


@pytest.mark.pjsua2
@asyncio_test(timeout=60)
async def test_requests_within_a_call_get_the_answers_that_the_standard_names():
    async with stage() as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_id = next(iter(phone.dialogs))
        good = phone.sdp(call_id)
        for method, headers, body, kind, status in [
            ("OPTIONS", [], "", "", 200),
            ("FLIRT", [], "", "", 405),
            ("MESSAGE", [], "hi", "text/plain", 405),
            ("SUBSCRIBE", [("Event", "x")], "", "", 489),
            ("NOTIFY", [("Event", "x")], "", "", 489),
            ("REFER", [("Refer-To", "<sip:x@y>")], "", "", 603),
            ("INFO", [], "x", "text/plain", 400),
            ("INFO", [], "Signal=!\r\n", "application/dtmf-relay", 200),
            ("INFO", [], "", "", 200),
            ("UPDATE", [("Require", "foo")], "", "", 420),
            ("INVITE", [("Require", "foo")], good, "application/sdp", 420),
            ("INVITE", [], good.replace("RTP/AVP", "udptl"), "application/sdp", 488),
            ("INVITE", [], good.replace("c=IN IP4 127.0.0.1\r\n", ""), "application/sdp", 488),
            ("UPDATE", [], "rubbish", "application/sdp", 488),
            ("INVITE", [], "<xml/>", "application/xml", 415),
            ("UPDATE", [("Session-Expires", "60")], "", "", 422),
            ("PRACK", [("RAck", "1 1 INVITE")], "", "", 481),
            ("INVITE", [], good, "application/sdp", 200),
        ]:
            phone.request(call_id, method, body, kind, headers)
            answer = await phone.expect("SIP/2.0 ")
            while answer.first.startswith("SIP/2.0 1"):
                answer = await phone.expect("SIP/2.0 ")
            if method == "UPDATE" and status == 422:
                status = 200  # a bare URI has no session timer, and grants none
            assert (method, answer.first.split()[1]) == (method, str(status))
            if status == 405:
                assert "INVITE" in answer.get("Allow")
            if status == 420:
                assert answer.get("Unsupported") == "foo"
        # Two re-INVITEs at once: the second has to wait.
        phone.request(call_id, "INVITE", good)
        phone.request(call_id, "INVITE", good)
        await until(lambda: {200, 500} <= set(said(phone)[-4:]))
        late = next(sip for sip in call_of(phone).answers if sip.first.startswith("SIP/2.0 500"))
        assert 0 <= int(late.get("Retry-After")) <= 10  # drawn by lot: RFC 3261 section 14.2
        # A BYE that belongs to another dialog, an old CSeq, and the healthy end of all this.
        call_of(phone).cseq = 50
        phone.request(call_id, "OPTIONS")
        await phone.expect("SIP/2.0 500")
        call_of(phone).cseq = 900
        assert not worker.got(LegEnded)
        phone.request(call_id, "BYE")
        assert (await worker.expect(LegEnded, "a")).cause is HangupCause.NORMAL


@asyncio_test(timeout=60)
async def test_large_answers_and_lines_that_are_no_headers():
    """More than PJSIP's 4000 bytes, and a line without a colon."""

    def large(phone: Phone, sip: Sip) -> None:
        extra = "".join(f"a=x-{number}:{'y' * 60}\r\n" for number in range(60))
        headers = [("X-Long", "z" * 3000), ("X-Line", "a\r\nThis line is no header")]
        phone.respond(sip, 200, "OK", headers, phone.sdp(sip.get("Call-ID"), extra=extra))

    async with stage(large) as (worker, phone):
        worker.dial("a", phone.uri)
        await worker.expect(LegAnswered, "a")
        call_of(phone).rtp.speak(0)
        await hears(phone)


@pytest.mark.pjsua2
@asyncio_test(timeout=60)
async def test_the_challenge_that_we_can_answer_is_found_among_others():
    async with stage(
        trunks=lambda phones: {
            "t": Trunk(host=f"127.0.0.1:{phones[0].port}", username="shop", password="secret")
        }
    ) as (worker, phone):
        phone.password = "secret"
        respond = phone.respond

        def mixed(sip, status, reason="X", headers=None, body=""):
            lines = []
            for name, value in headers or []:
                if name == "WWW-Authenticate":
                    value = (
                        f'Basic realm="x", NTLM abc=, {value}, Digest realm="here", nonce="z", algorithm=WHO'
                    )
                lines.append((name, value))
            respond(sip, status, reason, lines, body)

        phone.respond = mixed
        worker.dial("a", phone.uri, "t")
        await worker.expect(LegAnswered, "a")
        given = next(sip for sip in phone.log if sip.get("Authorization"))
        assert f'uri="{given.first.split()[1]}"' in given.get("Authorization")


class Timed(Phone):
    """Grants a short session that we are to refresh, and answers refreshes as it is told to."""

    def __init__(self, script=None) -> None:
        super().__init__(script)
        self.refusals: list[tuple[int, list[tuple[str, str]]]] = []

    def respond(self, sip: Sip, status, reason="X", headers=None, body="") -> None:
        refresh = sip.method == "UPDATE" or (sip.method == "INVITE" and "tag=" in sip.get("To"))
        headers = list(headers or [])
        if refresh and self.refusals:
            status, headers = self.refusals.pop(0)
            body = ""
        elif status == 200 and sip.method in ("INVITE", "UPDATE"):
            headers += [
                ("Session-Expires", "9;refresher=uac"),
                ("Require", "timer"),
                ("Allow", "INVITE, UPDATE"),
            ]
        super().respond(sip, status, reason, headers, body)


@pytest.mark.pjsua2
@asyncio_test(timeout=60)
async def test_a_refresh_that_is_refused_ends_no_call_until_nobody_knows_it():
    phone = await Timed.start()
    trunk = Trunk(host=f"127.0.0.1:{phone.port}", session_expires="90s")
    worker = await Worker.start({"t": trunk})
    phone.refusals = [(500, [("Retry-After", "1")])]
    worker.dial("a", phone.uri, "t")
    await worker.expect(LegAnswered, "a")
    await until(lambda: methods(phone).count("UPDATE") == 2, 9)  # refused, and tried again
    first, second = (sip for sip in phone.log if sip.method == "UPDATE")
    assert 0.9 < second.at - first.at < 4
    assert not worker.got(LegEnded)
    phone.refusals = [(481, []), (481, [])]
    ended = await worker.expect(LegEnded, "a")
    assert ended.cause is HangupCause.SESSION_EXPIRED
    phone.close()
    await worker.stop()


@asyncio_test(timeout=60)
async def test_a_session_that_is_too_short_is_asked_for_once_more_as_often_as_it_takes():
    wanted = [("Min-SE", "300"), ("Min-SE", "600")]

    class Choosy(Phone):
        async def _handle(self, sip: Sip) -> None:
            if sip.method == "INVITE" and (more := wanted[len(self.asked()) - 1 :][:1]):
                self.respond(sip, 422, "Session Interval Too Small", more)
                return
            await super()._handle(sip)

        def asked(self) -> list[str]:
            return [one.get("Session-Expires") for one in self.log if one.method == "INVITE"]

    phone = await Choosy.start()
    worker = await Worker.start({"t": Trunk(host=f"127.0.0.1:{phone.port}", session_expires="90s")})
    worker.dial("a", phone.uri, "t")
    await worker.expect(LegAnswered, "a")
    assert phone.asked() == ["90", "300", "600"]
    assert [sip.get("Min-SE") for sip in phone.log if sip.method == "INVITE"][1:] == ["300", "600"]
    phone.close()
    await worker.stop()


@pytest.mark.pjsua2
@asyncio_test(timeout=60)
async def test_a_peer_that_never_answers_our_invite_with_more_than_a_refusal_of_another_call():
    """Responses that belong to no request of ours, or to another, change nothing."""
    async with stage(ringing, refuse(486)) as (worker, phone, _):
        worker.dial("a", phone.uri)
        await worker.expect(LegRinging, "a")
        invite = call_of(phone).invite
        for name, value in [("CSeq", "1 INVITE"), ("Call-ID", "other"), ("From", "<sip:x@y>;tag=other")]:
            forged = Sip(
                invite.first,
                [(n, value if n == name else v) for n, v in invite.headers],
                "",
                invite.source,
                0,
            )
            phone.respond(forged, 486, "Busy")
        doubled = Sip(invite.first, [("Via", invite.get("Via")), *invite.headers], "", invite.source, 0)
        phone.respond(doubled, 486, "Busy")
        strange = Sip(
            invite.first,
            [(n, re.sub("branch=[^;]*", "branch=z9hG4bKx", v)) for n, v in invite.headers],
            "",
            invite.source,
            0,
        )
        phone.respond(strange, 486, "Busy")
        await asyncio.sleep(0.3)
        assert not worker.got(LegEnded)
        phone.answer(invite)
        await worker.expect(LegAnswered, "a")


@pytest.mark.pjsua2
@asyncio_test(timeout=60)
async def test_who_answers_a_worker_that_died_is_told_so_by_the_next_at_its_port():
    phone = await Phone.start(ringing)
    trunks = {"t": Trunk(host=f"127.0.0.1:{phone.port}")}
    first = await Worker.start(trunks)
    first.dial("a", phone.uri, "t")
    await first.expect(LegRinging, "a")
    first.process.kill()
    await first.process.wait()
    second = await Worker.start(trunks, sip_port=first.sip_port)
    await asyncio.sleep(0.2)  # its firewall learns the trunk's address
    phone.answer(call_of(phone).invite)
    await phone.expect("ACK")
    bye = await phone.expect("BYE")
    assert bye.cseq[0] > call_of(phone).invite.cseq[0]
    phone.close()
    await second.stop()
    with pytest.raises(AssertionError):
        await first.stop()  # which minds that it was killed
