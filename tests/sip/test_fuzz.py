"""Nothing that a trunk's address sends ends a worker, or the healthy call beside it.

Bounded: so many messages in bursts, each burst made by hypothesis from good messages; then one look whether
the worker lives and the healthy call is still heard. The seed is fixed: a failing burst comes again.
"""

import asyncio
import os
import random
import re
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from bridge.causes import HangupCause
from bridge.events import LegAnswered, LegAwaited, LegEnded, LegRinging
from config.sections.trunks import Trunk
from routing.plan import Originate
from tests.aio import asyncio_test
from tests.sip.core import Worker, until
from tests.sip.ears import call_of
from tests.sip.uas import Phone, Sip

BURSTS, IN_A_BURST = 20, 12
ODD_VALUES = [
    "", " ", "*", "<tel:+16175550123>", "<sip:>", "<sip:@>", "<sip:x@[::1]>", "<sip:x@127.0.0.1:99999>",
    "<mailto:a@b>", "<sip:x@nobody.invalid>", "<sip:127.0.0.1;transport=sctp>", "sip:x@127.0.0.1", "0",
    "-1", "4294967296", "9" * 300, ";;;", ",,,", '"', "<", ">",
    "<sip:a@127.0.0.1:9;lr>, <sip:b@127.0.0.1:9>", "\t", "é", "x" * 3000, "100rel", "timer",
    "90;refresher=uas", "1;refresher=", "application/sdp", "multipart/mixed;boundary=x", "1 INVITE",
    "1 2 INVITE",
]  # fmt: skip
ODD_LINES = [
    "c=IN IP6 ::1", "c=IN IP4 nobody.invalid", "c=", "m=audio 0 RTP/AVP 0", "m=audio 4000 RTP/AVP 0",
    "m=video 1 RTP/AVP 31", "m=audio 4000 RTP/SAVP 0", "m=audio 4000 RTP/AVP 0 0 0 127 200",
    "m=audio 4000 RTP/AVP", "m=image 1 udptl t38",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40, "a=crypto:x y z", "a=rtpmap:0 x/0",
    "a=rtpmap:97 opus/48000/2", "a=rtpmap:", "a=fmtp:0 ", "a=ptime:0", "a=rtcp:0", "a=sendonly",
    "a=inactive", "o=x", "t=", "a=" + "y" * 500, "z",
]  # fmt: skip
HEADER_NAMES = [
    "Via", "From", "To", "Call-ID", "CSeq", "Contact", "Record-Route", "Route", "Require", "Supported",
    "Max-Forwards", "Content-Type", "Content-Length", "Session-Expires", "Min-SE", "RSeq", "RAck",
    "Replaces", "Refer-To", "Event", "Allow", "WWW-Authenticate", "Proxy-Authenticate", "Expires",
    "Retry-After", "Content-Encoding", "X-Ringback-Hop",
]  # fmt: skip
METHODS = [
    "INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "INFO", "PRACK", "OPTIONS", "REFER", "NOTIFY", "MESSAGE",
    "SUBSCRIBE", "REGISTER", "PUBLISH", "FLIRT",
]  # fmt: skip
STATUSES = [
    100, 180, 183, 199, 200, 202, 299, 301, 401, 407, 408, 422, 481, 486, 491, 500, 503, 600, 699, 700, 0,
]  # fmt: skip


def changes() -> st.SearchStrategy:
    """One change of a message: what, where, and to what."""
    return st.one_of(
        st.tuples(st.just("header"), st.sampled_from(HEADER_NAMES), st.sampled_from(ODD_VALUES)),
        st.tuples(st.just("drop"), st.sampled_from(HEADER_NAMES), st.just("")),
        st.tuples(st.just("twice"), st.sampled_from(HEADER_NAMES), st.sampled_from(ODD_VALUES)),
        st.tuples(st.just("sdp"), st.sampled_from(["add", "drop", "swap"]), st.sampled_from(ODD_LINES)),
        st.tuples(st.just("bytes"), st.integers(0, 900), st.binary(max_size=6)),
        st.tuples(st.just("cut"), st.integers(0, 900), st.just("")),
        st.tuples(st.just("none"), st.just(""), st.just("")),
    )


def mutated(message: str, made: list[tuple]) -> bytes:
    """A message with these changes made to it."""
    head, _, body = message.partition("\r\n\r\n")
    tail, cut = b"", None
    for what, where, value in made:
        match what:
            case "header":
                head = re.sub(rf"(?im)^{where}:[^\r\n]*", lambda _, w=where, v=value: f"{w}: {v}", head)
                if f"\r\n{where}:" not in head:
                    head += f"\r\n{where}: {value}"
            case "drop":
                head = re.sub(rf"(?im)\r\n{where}:[^\r\n]*", "", head)
            case "twice":
                head += f"\r\n{where}: {value}"
            case "sdp":
                lines = body.splitlines() or [""]
                at = len(value) % len(lines)
                lines[at : at + (where != "add")] = [] if where == "drop" else [value]
                body = "\r\n".join(lines) + "\r\n"
                head = re.sub(r"(?im)^Content-Length:[^\r\n]*", f"Content-Length: {len(body.encode())}", head)
            case "bytes":
                tail = value
                cut = where
            case "cut":
                cut = where
    data = f"{head}\r\n\r\n{body}".encode("utf-8", "replace")
    return data if cut is None else data[:cut] + tail + (data[cut + len(tail) :] if tail else b"")


class Attacker(Phone):
    """Answers its calls with what it is told to, and sends what it is told to in them."""

    def __init__(self) -> None:
        super().__init__(self.odd)
        self.auto = False
        self.plan: list[list[tuple]] = []
        self.statuses = [180, 200]

    def odd(self, phone: Phone, sip: Sip) -> None:
        for number, status in enumerate(self.statuses):
            changes_here = self.plan[number] if number < len(self.plan) else []
            self.transport.sendto(mutated(self.response(sip, status), changes_here), sip.source)

    def response(self, sip: Sip, status: int) -> str:
        kept = [f"{n}: {v}" for n, v in sip.headers if n.lower() in ("via", "from", "call-id", "cseq")]
        body = self.sdp(sip.get("Call-ID")) if sip.method == "INVITE" else ""
        to = sip.get("To") + ("" if "tag=" in sip.get("To") else ";tag=odd")
        lines = [
            f"SIP/2.0 {status} X",
            *kept,
            f"To: {to}",
            f"Contact: <{self.uri}>",
            "RSeq: 1",
            "Require: timer",
        ]
        lines += ["Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        return "\r\n".join(lines) + "\r\n\r\n" + body

    def asking(self, method: str, sip: Sip | None, port: int, cseq: int) -> str:
        """A request: in the dialog of the INVITE ``sip``, or in none."""
        tag = f"{random.randrange(10**9)}"
        if sip is not None:
            to, from_, call_id = sip.get("From"), sip.get("To") + ";tag=odd", sip.get("Call-ID")
            from_ = from_ if sip.get("To").count("tag=") == 0 else sip.get("To")
            target = re.search(r"<(sip:[^>]+)>", sip.get("Contact"))[1]
        else:
            to, from_, call_id = f"<sip:x@127.0.0.1:{port}>", f"<sip:a@{self.host}>;tag={tag}", tag
            target = f"sip:x@127.0.0.1:{port}"
        body = ""
        if method in ("INVITE", "UPDATE", "ACK"):
            body = (
                f"v=0\r\no=- 1 {cseq} IN IP4 {self.host}\r\ns=-\r\nc=IN IP4 {self.host}\r\nt=0 0\r\n"
                "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
            )
        elif method == "INFO":
            body = "Signal=5\r\nDuration=160\r\n"
        kind = "application/sdp" if method != "INFO" else "application/dtmf-relay"
        return (
            f"{method} {target} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{tag};rport\r\nMax-Forwards: 70\r\n"
            f"From: {from_}\r\nTo: {to}\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n"
            f"Contact: <{self.uri}>\r\nSupported: timer, 100rel\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )


def bursts(number: int, made: st.SearchStrategy) -> list:
    """So many examples of a strategy, the same in every run."""
    found: list = []

    @seed(20)
    @settings(max_examples=number, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(made)
    def collect(value) -> None:
        found.append(value)

    collect()
    return found[:number]


async def alive(worker: Worker, healthy: Phone) -> None:
    assert worker.process.returncode is None, f"the worker died: {worker.stderr[-5:]}"
    assert not worker.got(LegEnded, "healthy"), worker.reports[-5:]
    call_of(healthy).rtp.packets.clear()
    await until(lambda: call_of(healthy).rtp.packets, 5)


async def scene() -> tuple[Worker, Phone, Attacker]:
    healthy = await Phone.start()
    attacker = Attacker()
    _, attacker = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: attacker, local_addr=("127.0.9.1", 0)
    )
    trunks = {
        "odd": Trunk(host=f"127.0.9.1:{attacker.port}", username="a", password="b", session_expires="90s")
    }
    worker = await Worker.start(trunks)
    worker.dial("healthy", healthy.uri)
    await worker.expect(LegAnswered, "healthy")
    call_of(healthy).rtp.speak(440)
    return worker, healthy, attacker


async def leave(worker: Worker, *phones: Phone) -> None:
    for phone in phones:
        phone.close()
    assert not [line for line in worker.stderr if "message_failed" in line or "message_unreadable" in line]
    await worker.stop()


@asyncio_test(timeout=120)
async def test_requests_from_outside_of_calls():
    worker, healthy, attacker = await scene()
    port = worker.sip_port
    request = st.tuples(st.sampled_from(METHODS), st.lists(changes(), max_size=4))
    for burst in bursts(BURSTS, st.lists(request, min_size=3, max_size=IN_A_BURST)):
        for method, made in burst:
            data = mutated(attacker.asking(method, None, port, 7), made)
            attacker.transport.sendto(data, ("127.0.0.1", port))
        await asyncio.sleep(0.02)
    await alive(worker, healthy)
    await leave(worker, healthy, attacker)


@asyncio_test(timeout=120)
async def test_answers_to_our_calls():
    """Each burst is a call of ours that is answered oddly; its leg ends, and its slot serves the next one."""
    worker, healthy, attacker = await scene()
    answered = st.tuples(
        st.lists(st.sampled_from(STATUSES), min_size=1, max_size=5),
        st.lists(st.lists(changes(), max_size=3), min_size=1, max_size=5),
    )
    for number, (statuses, plan) in enumerate(bursts(BURSTS, answered)):
        attacker.statuses, attacker.plan = [*statuses, 200], plan
        worker.dial(f"odd{number}", f"sip:x@127.0.9.1:{attacker.port}", "odd")
        await until(lambda n=number: worker.got(LegEnded, f"odd{n}") or attacker.dialogs, 10)
        await asyncio.sleep(0.05)
        attacker.statuses = [486]
        for sip in [
            sip for sip in attacker.log if sip.first.startswith(("INVITE", "BYE", "CANCEL", "UPDATE"))
        ]:
            status = 487 if sip.method == "INVITE" else 200
            attacker.transport.sendto(attacker.response(sip, status).encode(), sip.source)
        if not worker.got(LegEnded, f"odd{number}"):
            worker.hang_up(f"odd{number}", HangupCause.PEER_ENDED)
            await asyncio.sleep(0.1)
            for sip in [sip for sip in attacker.log if sip.first.startswith(("BYE", "CANCEL", "INVITE"))]:
                status = 487 if sip.method == "INVITE" else 200
                attacker.transport.sendto(attacker.response(sip, status).encode(), sip.source)
        attacker.log.clear()
        for dialog in attacker.dialogs.values():
            dialog.rtp.transport.close()
        attacker.dialogs.clear()
        assert worker.process.returncode is None, worker.stderr[-5:]
    await alive(worker, healthy)
    await leave(worker, healthy, attacker)


@pytest.mark.parametrize("answered", [True, False])
@asyncio_test(timeout=120)
async def test_requests_within_a_call(answered):
    """Re-INVITEs, UPDATEs, CANCELs, BYEs and all others, good and odd, in a call that stands or rings."""
    worker, healthy, attacker = await scene()
    request = st.tuples(st.sampled_from(METHODS), st.lists(changes(), max_size=3), st.booleans())
    cseq = 10
    for number, burst in enumerate(bursts(BURSTS, st.lists(request, min_size=3, max_size=IN_A_BURST))):
        attacker.statuses, attacker.plan = [200 if answered else 183], []
        worker.dial(f"odd{number}", f"sip:x@127.0.9.1:{attacker.port}", "odd")
        invite = await attacker.expect("INVITE")
        await worker.expect(LegAnswered if answered else LegRinging, f"odd{number}")
        for method, made, repeated in burst:
            cseq += 1
            data = mutated(attacker.asking(method, invite, worker.sip_port, cseq), made)
            for _ in range(3 if repeated else 1):
                attacker.transport.sendto(data, invite.source)
        await asyncio.sleep(0.05)
        bye = attacker.asking("BYE", invite, 0, cseq + 1000 * (number + 1))
        attacker.transport.sendto(bye.encode(), invite.source)
        await until(
            lambda n=number: worker.got(LegEnded, f"odd{n}") or worker.process.returncode is not None, 10
        )
        assert worker.process.returncode is None, worker.stderr[-5:]
        attacker.dialogs[invite.get("Call-ID")].rtp.transport.close()
        del attacker.dialogs[invite.get("Call-ID")]
    await alive(worker, healthy)
    await leave(worker, healthy, attacker)


@asyncio_test(timeout=60)
async def test_a_flood_of_invites_and_the_leg_that_is_awaited():
    worker, healthy, attacker = await scene()
    port = worker.sip_port
    worker.dial("far", "sip:810@127.0.9.1", "odd", originate=Originate("office", "PJSIP/a", "ringback"))
    user = (await worker.expect(LegAwaited, "far")).uri.removeprefix("sip:").partition("@")[0]
    for number in range(1500):
        first = attacker.asking("INVITE", None, port, 7)
        attacker.transport.sendto(first.encode(), ("127.0.0.1", port))
        if number % 10 == 0:  # the merged ACK that ended every worker
            ack = re.sub("branch=z9hG4bK", "branch=z9hG4bKother", first.replace("INVITE", "ACK"))
            attacker.transport.sendto(ack.encode(), ("127.0.0.1", port))
            await asyncio.sleep(0)
    await asyncio.sleep(2.5)  # the flood is over: what it was not let do, others may
    wanted = attacker.asking("INVITE", None, port, 7).replace("sip:x@", f"sip:{user}@")
    for _ in range(5):
        attacker.transport.sendto(wanted.encode(), ("127.0.0.1", port))
    taken = await attacker.expect("SIP/2.0 200")
    ack = re.sub(r"(?m)^To:[^\r\n]*", f"To: {taken.get('To')}", wanted.replace("INVITE", "ACK"))
    ack = re.sub("branch=z9hG4bK", "branch=z9hG4bKack", ack).partition("\r\n\r\n")[0]
    ack = re.sub(r"Content-Type:.*\r\nContent-Length: \d+", "Content-Length: 0", ack) + "\r\n\r\n"
    for _ in range(5):
        attacker.transport.sendto(ack.encode(), ("127.0.0.1", port))
    await worker.expect(LegAnswered, "far")
    await alive(worker, healthy)
    await leave(worker, healthy, attacker)


def udp_ports_of(pid: int) -> set[int]:
    """The UDP ports of one process."""
    process = Path(f"/proc/{pid}")
    links = {os.readlink(link) for link in (process / "fd").iterdir()}
    rows = [line.split() for line in (process / "net/udp").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if f"socket:[{row[9]}]" in links}


@asyncio_test(timeout=60)
async def test_pjsips_own_socket_hears_the_gate_alone():
    """A local process that sends to it, from an allowed address, is not heard."""
    worker, healthy, attacker = await scene()
    ports = udp_ports_of(worker.process.pid)
    assert len(ports) > 2  # the public one, PJSIP's, the gate's to PJSIP; and those of RTP
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        for port in ports - {worker.sip_port}:
            bad = "INVITE sip:x@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n"
            bad += "From: <sip:a@b>;tag=1\r\nTo: <sip:x@b>\r\nCall-ID: 1\r\nCSeq: 7 INVITE\r\n"
            bad += "Contact: <tel:+1>\r\nContent-Type: application/sdp\r\nContent-Length: 8\r\n\r\nm=audio\r"
            sock.sendto(bad.encode(), ("127.0.0.1", port))
    await asyncio.sleep(0.3)
    await alive(worker, healthy)
    await leave(worker, healthy, attacker)
