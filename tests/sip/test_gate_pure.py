"""The gate's pure half: whatever arrives, there is a verdict, and nothing is raised."""

import contextlib
import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sip.gate.description import DescriptionError, clean
from sip.gate.digest import Credentials, answer, challenges_in
from sip.gate.inner import understood
from sip.gate.judge import (
    RequestRefusal,
    elsewhere,
    judge_body,
    judge_request,
    judge_response,
    key_in,
    number_in,
)
from sip.gate.limits import Bucket, Buckets
from sip.gate.message import MalformedError, Message, parse, split_list, with_tag
from sip.gate.session import margin, wait_after
from sip.gate.streams import Framer, FramingError
from sip.gate.uris import UriError, address_of, parse_uri
from sip.gate.vias import parse_via

HEADERS = {
    "Via": "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport",
    "From": '"A, \\"B\\" <x>" <sip:a@192.0.2.1>;tag=f1',
    "To": "<sip:b@192.0.2.2>;tag=t1",
    "Call-ID": "one@192.0.2.1",
    "CSeq": "7 INVITE",
    "Max-Forwards": "70",
    "Contact": "<sip:a@192.0.2.1:5070>",
    "Content-Type": "application/sdp",
}
SDP = (
    "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=sendrecv\r\n"
)


def text(first: str = "INVITE sip:b@192.0.2.2 SIP/2.0", body: str = SDP, **changed: str | None) -> bytes:
    headers = {**HEADERS, **{name.replace("_", "-"): value for name, value in changed.items()}}
    lines = [first, *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
    return "\r\n".join([*lines, f"Content-Length: {len(body.encode())}", "", body]).encode()


def verdict(data: bytes) -> None:
    """All that the gate asks of a message."""
    try:
        message = parse(data)
    except MalformedError:
        return
    for ask in (judge_request, judge_body, elsewhere, key_in, judge_response, understood):
        ask(message)
    for name in ("Contact", "Record-Route", "Route"):
        for value in message.all(name):
            try:
                _ = address_of(value).transport
            except UriError:
                continue
    for name, value in message.headers:
        parse_via(value)
        with_tag(value, "t")
        number_in(message, name, 10)
    challenges_in([("WWW-Authenticate", value) for _, value in message.headers])
    assert parse(message.dump()).dump() == message.dump()


@given(st.binary(max_size=600))
def test_any_bytes(data):
    verdict(data)
    with contextlib.suppress(FramingError):
        Framer().feed(data)
    for is_answer in (True, False):
        try:
            made = clean(data, is_answer=is_answer)
        except DescriptionError:
            continue
        assert clean(made, is_answer=is_answer) == made


ODD = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", " ", "\r\n ", "*", "<tel:+1>", "<sip:>", "sip:@", "<sip:[::1]>", "0", "-1", "9" * 40,
                     ";", ",", '"', "<", "\x00", "é", "SIP/2.0/UDP x;branch=", "4294967296 INVITE",
                     "<sip:a@b;lr>,,"]),
)  # fmt: skip


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_a_good_message(data):
    name = data.draw(
        st.sampled_from([*HEADERS, "Require", "Record-Route", "WWW-Authenticate", "Session-Expires"])
    )
    first = data.draw(
        st.sampled_from(["INVITE sip:b@192.0.2.2 SIP/2.0", "SIP/2.0 200 OK", "BYE sip:x SIP/2.0"])
    )
    good = text(first, **{name.replace("-", "_"): data.draw(ODD)})
    at = data.draw(st.integers(0, len(good)))
    cut = data.draw(st.integers(0, 20))
    verdict(good)
    verdict(good[:at] + data.draw(st.binary(max_size=8)) + good[at + cut :])


@settings(max_examples=300)
@given(st.data())
def test_any_change_of_a_good_sdp_is_refused_or_becomes_a_good_one(data):
    lines = SDP.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "twice", "odd", "value"])):
            case "drop" if len(lines) > 1:
                del lines[at]
            case "twice":
                lines.insert(at, lines[at])
            case "odd":
                lines.insert(at, data.draw(ODD))
            case _:
                lines[at] = lines[at][:2] + data.draw(ODD)
    for is_answer in (True, False):
        try:
            made = clean("\r\n".join(lines).encode("utf-8", "replace"), is_answer=is_answer).decode()
        except DescriptionError:
            continue
        assert re.search(r"^m=audio [1-9]\d* RTP/S?AVPF? \d", made, re.M)
        assert re.search(r"^c=IN IP4 \d", made, re.M)
        assert made.isprintable() or set(made) <= set(map(chr, range(0x20, 0x7F))) | {"\r", "\n"}


@pytest.mark.parametrize(
    ("sdp", "why"),
    [
        (SDP.replace("c=IN IP4 192.0.2.1\r\n", ""), "c="),
        (SDP.replace("4000", "0"), "no audio"),
        (SDP.replace("4000", "70000"), "m="),
        (SDP.replace("RTP/AVP", "udptl"), "no audio"),
        (SDP.replace("0 101", "x"), "payload"),
        (SDP.replace("IN IP4 192.0.2.1\r\nt", "IN IP6 ::1\r\nt"), "IPv4"),
        (SDP.replace("IP4 192.0.2.1\r\nt", "IP4 224.0.0.1\r\nt"), "no phone"),
        (SDP.replace("RTP/AVP", "RTP/SAVP"), "crypto"),
        ("v=0\r\n" + "a=x\r\n" * 600, "lines"),
        ("", "v=0"),
    ],
)
def test_why_an_sdp_is_refused(sdp, why):
    with pytest.raises(DescriptionError, match=why):
        clean(sdp.encode(), is_answer=True)


def test_of_many_keys_and_media_pjsip_sees_few():
    key = "a=crypto:{} AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40 + "\r\n"
    sdp = SDP.replace("RTP/AVP", "RTP/SAVP") + "".join(key.format(n) for n in range(50))
    made = clean(sdp.encode(), is_answer=False).decode()
    assert made.count("a=crypto") == 4
    two = clean(
        (SDP + "m=video 5000 RTP/AVP 31\r\nm=image 6000 udptl t38\r\n").encode(), is_answer=False
    ).decode()
    assert two.count("m=") == 3
    assert "m=video 0" in two
    assert "m=image 0" in two
    assert clean((SDP + "m=video 5000 RTP/AVP 31\r\n").encode(), is_answer=True).decode().count("m=") == 1


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({}, None),
        ({"Max_Forwards": "0"}, 483),
        ({"Max_Forwards": "x"}, 400),
        ({"Require": "timer, foo"}, 420),
        ({"From": "<sip:a@b>"}, 400),
        ({"Via": "SIP/2.0/UDP"}, 400),
        ({"first": "INVITE tel:+1617 SIP/2.0"}, 416),
        ({"first": "INVITE nobody SIP/2.0"}, 400),
        ({"first": "FLIRT sip:b@c SIP/2.0", "CSeq": "7 FLIRT"}, 405),
        ({"first": "SUBSCRIBE sip:b@c SIP/2.0", "CSeq": "7 SUBSCRIBE"}, 489),
        ({"first": "REFER sip:b@c SIP/2.0", "CSeq": "7 REFER"}, 603),
        ({"Content_Type": "text/plain"}, 415),
        ({"body": "v=0\r\n"}, 488),
    ],
)
def test_requests_are_refused_as_the_standard_says(changed, status):
    message = parse(text(**changed))
    refusal = judge_request(message) or elsewhere(message) or judge_body(message)
    assert (refusal.status if refusal else None) == status


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (text(CSeq="7 BYE"), 400),
        (text(CSeq="36893488147419103232 INVITE"), 400),
        (text(first="INVITE sip:b@c SIP/7.0"), 505),
        (text(first="INVITE <sip:b@c> x SIP/2.0"), 400),
        (text(To=None), 400),
        (text().replace(b"Content-Length: ", b"Content-Length: 9"), 400),
        (text(X="y" * 9000), 513),
    ],
)
def test_malformed_messages_have_their_status(data, status):
    with pytest.raises(MalformedError) as caught:
        parse(data)
    assert caught.value.status == status


def test_lines_that_are_no_headers_and_folded_ones():
    message = parse(text(first="SIP/2.0 200 OK").replace(b"Max-F", b"This line is no header\r\nMax-F"))
    assert message.junk_lines == 1
    assert judge_response(message) == ""
    folded = parse(text().replace(b"Max-Forwards: 70", b"Subject: a\r\n\t b\r\nm: <sip:z@192.0.2.9>"))
    assert folded.get("Subject") == "a b"
    assert folded.all("Contact") == ["<sip:z@192.0.2.9>", "<sip:a@192.0.2.1:5070>"]


def test_lists_are_told_apart_outside_of_quotes_and_brackets():
    assert split_list('"a, b" <sip:x,y@z>, <sip:q@r>;w="1,2"') == ['"a, b" <sip:x,y@z>', '<sip:q@r>;w="1,2"']


@pytest.mark.parametrize(
    "uri", ["tel:+1617", "sip:", "sip:@", "sip:a@b:0", "sip:a@b:70000", "sip:a@[::g]", "http://x"]
)
def test_uris_that_are_none(uri):
    with pytest.raises(UriError):
        parse_uri(uri)


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", "Signal= *\r\n", "*"),
        ("application/dtmf", "9\r\n", "9"),
        ("application/dtmf", "d", "D"),
        ("application/dtmf-relay", "Signal=!", None),
        ("application/dtmf-relay", "Signal=hf", None),
        ("application/dtmf-relay", "", None),
        ("application/dtmf", "Signal=11", "#"),
    ],
)
def test_keys_in_info(kind, body, key):
    message = parse(text(first="INFO sip:b@c SIP/2.0", CSeq="7 INFO", Content_Type=kind, body=body))
    assert key_in(message) == key


def test_info_of_other_kinds_is_refused():
    odd = parse(text(first="INFO sip:b@c SIP/2.0", CSeq="7 INFO", Content_Type="text/plain", body="x"))
    assert isinstance(key_in(odd), RequestRefusal)


WHO = Credentials("alice", "secret")


@pytest.mark.parametrize(
    ("lines", "algorithms"),
    [
        (['Basic realm="x"', 'Digest realm="r", nonce="n"'], [""]),
        (['Basic realm="x", Digest realm="r", nonce="n", qop="auth,auth-int", NTLM abc='], [""]),
        (['NTLM realm="x", targetname="y", Digest realm="r, \\"q\\"", nonce="n", algorithm=MD5'], ["MD5"]),
        (
            ['Digest realm="r", nonce="1", algorithm=MD5', 'Digest realm="r", nonce="2", algorithm=SHA-256'],
            ["SHA-256"],
        ),
        (['Digest realm="r", nonce="1", algorithm=WHO-KNOWS'], []),
        (['Digest realm="r"', "Digest", "", "Bearer"], []),
        (
            ['Digest realm="a", nonce="1"', 'Digest realm="b", nonce="2", algorithm="MD5-sess"'],
            ["", "MD5-sess"],
        ),
    ],
)
def test_the_challenge_that_can_be_answered(lines, algorithms):
    found = challenges_in([("WWW-Authenticate", line) for line in lines])
    assert [challenge.algorithm for challenge in found] == algorithms


def test_the_answer_of_rfc_7616():
    """Section 3.9.1."""
    said = (
        'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", '
        'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
    )
    (challenge,) = challenges_in([("WWW-Authenticate", said)])
    who = Credentials("Mufasa", "Circle of Life")
    made = answer(
        challenge, who, "GET", "/dir/index.html", b"", 1, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    )
    assert 'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"' in made


@given(st.text(max_size=40), st.text(max_size=40))
def test_an_answer_never_breaks_out(realm, nonce):
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in (realm, nonce)]
    for challenge in challenges_in(
        [("WWW-Authenticate", f'Digest realm="{quoted[0]}", nonce="{quoted[1]}"')]
    ):
        made = answer(challenge, WHO, "INVITE", "sip:b@c", b"")
        assert "\r" not in made
        assert "\n" not in made
        assert hashlib.md5(b"").digest_size * 2 == len(re.search(r'response="(\w+)"', made)[1])


def test_buckets_let_bursts_through_and_then_the_rate():
    bucket = Bucket(10, 5)
    assert [bucket.take(0.0) for _ in range(7)] == [True] * 5 + [False] * 2
    assert [bucket.take(0.21) for _ in range(3)] == [True, True, False]
    buckets = Buckets(1, 1, most=3)
    assert all(buckets.take(str(n), 0.0) for n in range(100))
    assert not buckets.take("99", 0.0)


def test_a_stream_is_cut_into_messages_however_it_arrives():
    whole = text() + b"\r\n\r\n" + text(CSeq="8 INVITE")
    for size in (1, 7, 100, len(whole)):
        framer, found = Framer(), []
        for at in range(0, len(whole), size):
            found += [one for one in framer.feed(whole[at : at + size]) if one.strip()]
        assert [parse(one).cseq for one in found] == [7, 8]
    with pytest.raises(FramingError):
        Framer().feed(b"x" * 40000)


def test_when_a_refused_refresh_is_tried_again():
    for _ in range(50):
        assert 2.1 <= wait_after(491, None, 40.0, owner=True) <= 4.0
    assert wait_after(500, 7, 40.0, owner=True) == 7.0
    assert wait_after(500, 70, 40.0, owner=True) is None
    assert wait_after(488, None, 40.0, owner=True) == 20.0
    assert wait_after(488, None, 1.5, owner=True) is None
    assert margin(90) == 30.0
    assert margin(1800) == 32.0


def test_a_message_says_how_long_its_body_is():
    assert (
        Message("INVITE", "sip:x", headers=[("Content-Length", "7")], body=b"ab")
        .dump()
        .endswith(b"Length: 2\r\n\r\nab")
    )
