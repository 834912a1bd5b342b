"""What needs no SIP: causes, the firewall's programs, URIs and headers, SDP, masking."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.causes import HangupCause
from config.fields import PortRange
from config.sections.destinations import is_owned_header
from config.sections.trunks import Trunk
from routing.plan import SipEndpoint
from sip import firewall
from sip.addresses import HostName, split_host
from sip.causes import CAUSE_OF_CLASS, REASON_OF_CAUSE, Next, cause_of_bye, cause_of_status, refusal_of
from sip.firewall import ACCEPT, DROP, AllowedNetwork, build_program
from sip.requests import RequestTextError, ShownCaller, caller_of, safe_headers, target_of
from sip.sdp import choose_codecs, packet_time


def test_every_final_status_has_a_cause():
    for status in range(300, 700):
        assert isinstance(cause_of_status(status, from_peer=True, answered=False), HangupCause)
        assert cause_of_status(status, from_peer=False, answered=False) is HangupCause.UNREACHABLE
    assert set(CAUSE_OF_CLASS) == {3, 4, 5, 6}
    assert cause_of_status(200, from_peer=True, answered=True) is HangupCause.NORMAL
    assert all("\n" not in reason for reason in REASON_OF_CAUSE.values())


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("", HangupCause.NORMAL),
        ('Reason: Q.850;cause=16;text="Normal call clearing"\r\n', HangupCause.NORMAL),
        ("Reason: Q.850 ;cause=31\r\n", HangupCause.NORMAL),
        ("Reason: Q.850;cause=127\r\n", HangupCause.NORMAL),
        ('Reason: SIP;cause=200;text="Call completed elsewhere"\r\n', HangupCause.NORMAL),
        ("Reason: SIP;cause=600, Q.850;cause=17\r\n", HangupCause.NORMAL),
        ("Reason: nonsense\r\n", HangupCause.NORMAL),
        ("Subject: Reason: Q.850;cause=38\r\n", HangupCause.NORMAL),
        ('Reason: Q.850;cause=38;text="Network out of order", SIP;cause=503\r\n', HangupCause.FAILED),
        ('REASON : q.850;text="a; b";cause=102\r\n', HangupCause.FAILED),
        ("Reason: SIP;cause=503\r\nReason: Q.850;cause=16\r\n", HangupCause.NORMAL),
        ('Reason: SIP;cause=408;text="RTP timeout"\r\n', HangupCause.FAILED),
        ("Reason: SIP;cause=481\r\n", HangupCause.FAILED),
    ],
)
def test_a_bye_says_whether_somebody_hung_up(reason, cause):
    message = f"BYE sip:us@127.0.0.1 SIP/2.0\r\n{reason}Content-Length: 0\r\n\r\nReason: Q.850;cause=38\r\n"
    assert cause_of_bye(message) is cause


REFUSALS = [
    # Our own time-out, a refused connection, and servers that fail: the next address.
    (408, None, False, HangupCause.UNREACHABLE, Next.ADDRESS),
    (503, "", False, HangupCause.CONGESTION, Next.ADDRESS),
    (503, "", True, HangupCause.CONGESTION, Next.ADDRESS),
    (502, "", False, HangupCause.UNREACHABLE, Next.ADDRESS),
    (504, "", False, HangupCause.UNREACHABLE, Next.ADDRESS),
    # The trunk cannot: another one.
    (500, "", False, HangupCause.FAILED, Next.TRUNK),
    (501, "", False, HangupCause.INCOMPATIBLE, Next.TRUNK),
    (401, "", False, HangupCause.UNAUTHORIZED, Next.TRUNK),
    (407, "", False, HangupCause.UNAUTHORIZED, Next.TRUNK),
    (402, "", False, HangupCause.FORBIDDEN, Next.TRUNK),
    (408, "", False, HangupCause.NO_ANSWER, Next.TRUNK),
    (488, "", False, HangupCause.INCOMPATIBLE, Next.TRUNK),
    (404, 'Reason: Q.850;cause=3;text="no route to destination"', False, HangupCause.NOT_FOUND, Next.TRUNK),
    (480, "reason: SIP;cause=480, Q.850 ; cause=34", False, HangupCause.UNREACHABLE, Next.TRUNK),
    (486, "Reason: Q.850;cause=42", False, HangupCause.BUSY, Next.TRUNK),
    # Any callee: the same by any trunk.
    (486, "", False, HangupCause.BUSY, Next.NOTHING),
    (600, "", False, HangupCause.BUSY, Next.NOTHING),
    (600, "Reason: Q.850;cause=34", False, HangupCause.BUSY, Next.NOTHING),
    (603, "", True, HangupCause.DECLINED, Next.NOTHING),
    (403, "", False, HangupCause.FORBIDDEN, Next.NOTHING),
    (404, "", False, HangupCause.NOT_FOUND, Next.NOTHING),
    (404, "Reason: Q.850;cause=1", False, HangupCause.NOT_FOUND, Next.NOTHING),
    (408, "", True, HangupCause.NO_ANSWER, Next.NOTHING),
    (480, "", False, HangupCause.UNREACHABLE, Next.NOTHING),
    (480, 'Reason: Q.850;cause=17;text="User busy"', False, HangupCause.BUSY, Next.NOTHING),
    (480, "Reason: Q.850;cause=19", True, HangupCause.NO_ANSWER, Next.NOTHING),
    (500, "Reason: Q.850;cause=17", False, HangupCause.BUSY, Next.NOTHING),
    (503, "Reason: Q.850;cause=21", False, HangupCause.DECLINED, Next.NOTHING),
    (480, "Reason: Q.850;cause=127", False, HangupCause.UNREACHABLE, Next.NOTHING),
    (302, "Contact: <sip:elsewhere@example.com>", False, HangupCause.UNREACHABLE, Next.NOTHING),
    (606, "", False, HangupCause.INCOMPATIBLE, Next.NOTHING),
]


@pytest.mark.parametrize(("status", "header", "rang", "cause", "following"), REFUSALS)
def test_the_other_trunk_is_for_when_the_trunk_failed(status, header, rang, cause, following):
    head = (
        None
        if header is None
        else f"SIP/2.0 {status} No\r\nCSeq: 1 INVITE\r\n{header}\r\n\r\nReason: Q.850;cause=1"
    )
    refusal = refusal_of(status, head, rang=rang)
    assert (refusal.cause, refusal.next) == (cause, following)


@given(st.integers(300, 699), st.text(max_size=60), st.booleans())
def test_any_refusal_can_be_read(status, header, rang):
    refusal = refusal_of(status, f"SIP/2.0 {status} x\r\nReason:{header}\r\nRetry-After: {header}", rang=rang)
    assert isinstance(refusal.cause, HangupCause)
    assert isinstance(refusal.next, Next)


def test_retry_after_is_read():
    assert refusal_of(503, "SIP/2.0 503 No\nRetry-After: 120 (later)\n\n", rang=False).retry_after == 120.0
    assert refusal_of(503, "SIP/2.0 503 No\r\n\r\nRetry-After: 120", rang=False).retry_after is None


def run(program, source, port=5060) -> int:
    """A BPF machine of the instructions that we use (bpf(2), and the kernel's net/core/filter.c)."""
    address = ip_address(source)
    ip = bytearray(40)
    ip[0] = address.version << 4 | 5
    start = 12 if address.version == 4 else 8
    ip[start : start + len(address.packed)] = address.packed
    udp = port.to_bytes(2, "big") + bytes(6)
    accumulator, at = 0, 0
    while True:
        code, jump_true, jump_false, value = program[at]
        at += 1
        if code in (firewall.LOAD_WORD_ABS, firewall.LOAD_HALF_ABS, firewall.LOAD_BYTE_ABS):
            size = {firewall.LOAD_WORD_ABS: 4, firewall.LOAD_HALF_ABS: 2, firewall.LOAD_BYTE_ABS: 1}[code]
            net = value >= firewall.SKF_NET_OFF
            data, offset = (ip, value - firewall.SKF_NET_OFF) if net else (udp, value)
            accumulator = int.from_bytes(data[offset : offset + size], "big")
        elif code == firewall.AND_CONST:
            accumulator &= value
        elif code == firewall.RETURN_CONST:
            return value
        else:
            passed = {
                firewall.JUMP_EQUAL: accumulator == value,
                firewall.JUMP_GREATER: accumulator > value,
                firewall.JUMP_GREATER_EQUAL: accumulator >= value,
            }[code]
            at += jump_true if passed else jump_false


def test_nothing_is_heard_from_anybody_by_default():
    assert run(build_program(()), "127.0.0.1") == DROP
    assert run(build_program(()), "::1") == DROP


def test_ports_of_a_source_have_both_ends_included():
    program = build_program([AllowedNetwork(ip_network("127.0.0.1"), PortRange(5100, 5399))])
    heard = [port for port in (5099, 5100, 5200, 5399, 5400) if run(program, "127.0.0.1", port) == ACCEPT]
    assert heard == [5100, 5200, 5399]


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.ip_addresses(v=4).flatmap(lambda a: st.integers(0, 32).map(lambda p: (a, p))),
            st.ip_addresses(v=6).flatmap(lambda a: st.integers(0, 128).map(lambda p: (a, p))),
        ).map(lambda pair: ip_network(pair, strict=False)),
        max_size=6,
    ),
    st.ip_addresses(),
    st.data(),
)
def test_programs_agree_with_the_networks_they_are_built_of(networks, address, data):
    program = build_program(AllowedNetwork(network) for network in networks)
    candidates = [address]
    if networks:
        network = data.draw(st.sampled_from(networks))
        candidates.append(network[data.draw(st.integers(0, network.num_addresses - 1))])
    for candidate in candidates:
        inside = any(candidate.version == n.version and candidate in n for n in networks)
        assert run(program, str(candidate)) == (ACCEPT if inside else DROP)


def test_too_many_sources_are_refused():
    with pytest.raises(ValueError, match="too many"):
        build_program(AllowedNetwork(ip_network(n)) for n in range(2000))


def test_request_uris():
    assert target_of("sip:+1617@carrier.example").transport == "udp"
    over_tcp = target_of("sip:+1617@carrier.example:5070;user=phone", "tcp")
    assert over_tcp.uri == "sip:+1617@carrier.example:5070;user=phone;transport=tcp"
    assert (over_tcp.host, over_tcp.port) == ("carrier.example", 5070)
    assert target_of("sips:a@b").transport == "tls"
    assert target_of("sip:a@[2001:db8::1]:5061;transport=TCP", "tls").transport == "tcp"
    for broken in ("sip:a b@c", "sip:a@b\r\nX: y", "http://a", "sip:", "<sip:a@b>", "sip:a@b c", 'sip:"@b'):
        with pytest.raises(RequestTextError):
            target_of(broken)


def test_callers():
    trunk = Trunk(host="carrier.example", caller_id={"number": "+16175550000", "name": "Acme"})

    def caller(trunk, **fields):
        return caller_of(SipEndpoint("d", "l", "sip:x@y", "t", **fields), trunk, "carrier.example")

    assert caller(trunk).from_ == '"Acme" <sip:+16175550000@carrier.example>'
    assert caller(trunk).asserted is None
    shown = caller(trunk, caller_number="+16175550111", caller_name='a"b\\\r\nX: y')
    assert shown.from_ == '"a\\"b\\\\ X: y" <sip:+16175550111@carrier.example>'
    assert shown.asserted == "<sip:+16175550000@carrier.example>"
    assert caller(None).from_ == '"Ringback" <sip:ringback@carrier.example>'


OWN = {"number": "+493023125100", "name": "Acme"}
AT = "carrier.example"


@pytest.mark.parametrize(
    ("trunk", "from_", "asserted", "privacy"),
    [
        ({}, "<sip:+49171000@carrier.example>", None, None),
        ({"asserted_identity": "always"}, "<sip:+49171000@carrier.example>", "+49171000", None),
        ({"caller_id": OWN}, "<sip:+49171000@carrier.example>", "+493023125100", None),
        ({"caller_id": OWN, "asserted_identity": "never"}, "<sip:+49171000@carrier.example>", None, None),
        ({"from_user": "account"}, "<sip:4412345@carrier.example>", "+49171000", None),
        ({"from_user": "account", "asserted_identity": "never"}, "<sip:4412345@carrier.example>", None, None),
        (
            {"from_user": "account", "asserted_identity": "always", "caller_id": OWN},
            "<sip:4412345@carrier.example>",
            "+493023125100",
            None,
        ),
        ({"privacy": "id"}, '"Anonymous" <sip:anonymous@anonymous.invalid>', "+49171000", "id"),
        (
            {"privacy": "id", "asserted_identity": "never"},
            '"Anonymous" <sip:anonymous@anonymous.invalid>',
            None,
            "id",
        ),
        (
            {"caller_format": "national", "country": "DE", "asserted_identity": "always"},
            "<sip:0171000@carrier.example>",
            "0171000",
            None,
        ),
        ({"caller_format": "digits"}, "<sip:49171000@carrier.example>", None, None),
    ],
)
def test_each_trunk_is_told_of_the_caller_in_its_own_way(trunk, from_, asserted, privacy):
    trunk = Trunk.model_validate({"host": AT, "username": "4412345", "password": "x", **trunk}, strict=False)
    caller = caller_of(SipEndpoint("d", "l", "sip:x@y", "t", "+49171000"), trunk, AT)
    assert caller == ShownCaller(from_, asserted and f"<sip:{asserted}@{AT}>", privacy)
    phone = caller_of(
        SipEndpoint("d", "l", "sip:x@y", "t", "+49171000"), trunk.model_copy(update={"user_phone": True}), AT
    )
    numbers = [uri for uri in (phone.from_, phone.asserted or "") if "71000" in uri or "5100" in uri]
    assert all(uri.endswith(";user=phone>") for uri in numbers)
    assert ";user=phone" not in phone.from_ or "71000" in phone.from_


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=40))))
def test_no_header_can_begin_another(headers):
    allowed, refused = safe_headers(tuple(headers))
    assert len(allowed) + len(refused) == len(headers)
    for name, value in allowed:
        assert name.isascii()
        assert not any(ord(char) < 32 or char == ":" for char in name)
        assert not any(ord(char) < 32 or ord(char) == 127 for char in value)


@pytest.mark.parametrize("name", ["Via", "record-route", "Content-Length", "l", "P-Asserted-Identity"])
def test_headers_that_the_stack_writes_are_refused_by_the_loaders_rule(name):
    assert safe_headers(((name, "x"), ("X-Shopper", "y"))) == ([("X-Shopper", "y")], [name])
    assert is_owned_header(name)


SDP = (
    "v=0\r\nm=audio 4000 RTP/AVP 0 8 9 120 121\r\nc=IN IP4 127.0.0.1\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:8 PCMA/8000\r\na=rtpmap:9 G722/8000\r\na=rtpmap:120 telephone-event/8000\r\n"
    "a=fmtp:120 0-16\r\na=rtpmap:121 telephone-event/16000\r\na=fmtp:121 0-16\r\na=sendrecv\r\n"
)


def test_codecs_of_a_trunk():
    chosen = choose_codecs(SDP, ("G722", "PCMU"))
    assert "m=audio 4000 RTP/AVP 9 0 101\r\n" in chosen
    assert "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n" in chosen
    assert ":120 " not in chosen
    assert "PCMA" not in chosen
    assert "/16000" not in chosen
    assert choose_codecs(chosen, ("PCMA",)) == chosen
    assert choose_codecs("v=0\r\n", ("PCMU",)) == "v=0\r\n"


@pytest.mark.parametrize(
    ("ptime", "maxptime", "sent"),
    [
        (None, None, None), (None, 10, 10), (None, 40, 20), (40, 40, 40), (60, 20, 20), (20, 10, 10),
        (30, None, 30), (60, None, 60), (5, None, 10), (25, None, 20), (None, 5, 10),
        (None, 15, 10), (400, None, 100),
    ],
)  # fmt: skip
def test_packets_are_as_long_as_a_far_side_takes_them(ptime, maxptime, sent):
    assert packet_time(ptime, maxptime) == sent


def test_hosts():
    assert split_host("a.example:5070") == HostName("a.example", 5070)
    assert split_host("sip:u@a.example;lr") == HostName("a.example", None)
    assert split_host("[::1]:5060") == HostName("::1", 5060)
    assert split_host("::1") == HostName("::1", None)
