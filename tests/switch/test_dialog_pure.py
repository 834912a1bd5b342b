"""What is read of messages and decided of dialogs, without Sofia."""

import pytest

from sip.gate.digest import Challenge, Credentials
from sip.gate.message import Message, parse
from switch.dialog_rules import (
    by_sofia,
    hop_within,
    key_in,
    refresh_wait,
    sdp_of,
    sofia_credentials,
    unusable,
)
from switch.invite_plan import InvitePlan
from switch.registrations import granted_in

HEAD = (
    "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
    "Call-ID: x\r\nCSeq: 1 INFO\r\n"
)


def info(kind: str, body: str) -> Message:
    return parse(f"INFO sip:a@b SIP/2.0\r\n{HEAD}Content-Type: {kind}\r\n\r\n{body}".encode())


def answer(*headers: str) -> Message:
    lines = "".join(f"{header}\r\n" for header in headers)
    return parse(f"SIP/2.0 200 OK\r\n{HEAD.replace('INFO', 'INVITE')}{lines}\r\n".encode())


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"),
        ("application/dtmf-relay", "Signal= #\r\nDuration= 160\r\n", "#"),
        ("application/dtmf-relay;charset=utf-8", "Duration=160\r\nSignal=d", "D"),
        ("application/dtmf-relay", "Signal=10\n", "*"),
        ("application/dtmf-relay", "Signal=12\r\n", None),
        ("application/dtmf-relay", "Signal=55\r\n", None),
        ("application/dtmf-relay", "", None),
        ("application/dtmf", "7", "7"),
        ("application/dtmf", "11\r\n", "#"),
        ("application/dtmf", "Signal=5\r\n", None),
        ("text/plain", "Signal=5\r\n", None),
    ],
)
def test_a_key_by_info(kind: str, body: str, key: str | None) -> None:
    assert key_in(info(kind, body)) == key


def test_an_sdp_in_a_body_of_several_parts() -> None:
    body = (
        "--b\r\nContent-Type: application/isup\r\n\r\nx\r\n"
        "--b\r\nContent-Type: Application/SDP\r\n\r\nv=0\r\nm=audio 1 RTP/AVP 0\r\n--b--\r\n"
    )
    assert sdp_of(info('multipart/mixed;boundary="b"', body)) == "v=0\r\nm=audio 1 RTP/AVP 0\r\n"
    assert sdp_of(info("multipart/mixed", body)) is None
    assert sdp_of(info("application/sdp ; x=y", "v=0\r\n")) == "v=0\r\n"
    assert sdp_of(info("application/isup", "v=0\r\n")) is None
    assert sdp_of(None) is None


def challenge(algorithm: str = "", qop: str = "auth", realm: str = "here") -> Challenge:
    return Challenge("Authorization", realm, "n", algorithm, None, qop, False)


def test_which_challenges_sofia_answers_by_itself() -> None:
    assert by_sofia(challenge())
    assert by_sofia(challenge("md5"))
    assert not by_sofia(challenge("SHA-256"))
    assert not by_sofia(challenge("MD5", "auth-int"))
    assert sofia_credentials(challenge(realm='a "b"'), Credentials("u", "p:w")) == r'Digest:"a \"b\"":u:p:w'


def way(**fields) -> InvitePlan:
    return InvitePlan(None, "sip:192.0.2.9:5060;transport=tcp", "sip:a@b", "", "", "", **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("headers", "hop"),
    [
        (("Contact: <sip:x@192.0.2.7:5070>",), "sip:192.0.2.7:5070;transport=tcp"),
        (("Contact: <sip:x@192.0.2.7>",), "sip:192.0.2.7:5060;transport=tcp"),
        (("Contact: <sip:x@[2001:db8::7]:5070;ob>",), "sip:[2001:db8::7]:5070;transport=tcp"),
        (("Contact: <sip:x@192.0.2.7;transport=TCP>",), None),
        (("Contact: <sip:x@pbx.example>",), "sip:192.0.2.9:5060;transport=tcp"),
        (
            (
                "Contact: <sip:x@192.0.2.7;transport=tcp>",
                "Record-Route: <sip:192.0.2.8;lr>, <sip:192.0.2.6;lr>",
            ),
            "sip:192.0.2.6:5060;transport=tcp",
        ),
        ((), "sip:192.0.2.9:5060;transport=tcp"),
    ],
)
def test_a_contact_without_transport_is_reached_by_that_of_the_dialog(headers, hop) -> None:
    assert hop_within(way(transport="tcp"), answer(*headers)) == hop


def test_udp_is_left_to_sofia_unless_the_peer_is_behind_nat() -> None:
    told = answer("Contact: <sip:x@10.0.0.7:5070>")
    assert hop_within(way(), told) is None
    assert hop_within(way(nat=True), told) == "sip:192.0.2.9:5060;transport=tcp"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (("Expires: 60",), 60),
        (("Contact: <sip:x@a>;expires=30", "Expires: 60"), 30),
        (("Contact: <sip:x@a>",), 300),
        (("Expires: never",), 300),
        (("Contact: <sip:x@a>;expires=0",), 0),
        (("Expires: 999999999",), 86400),
    ],
)
def test_how_long_a_registration_holds(headers, seconds) -> None:
    assert granted_in(answer(*headers), 300) == seconds


@pytest.mark.parametrize(
    ("headers", "odd"),
    [
        ((), ""),
        (("Contact: <sip:p@192.0.2.9:5070>",), ""),
        (("Contact: sip:p@pbx.example;expires=60",), ""),
        (('Contact: "A, B" <sips:p@pbx.example;transport=tcp>', "Record-Route: <sip:192.0.2.1;lr>"), ""),
        (("Contact: <sip:p@192.0.2.9>, <tel:+1>",), ""),  # the first one counts
        (("Contact: <tel:+16175550123>",), "tel:"),
        (("Contact: *",), "*"),
        (("Contact: <sip:>",), "sip:"),
        (("Contact: <sip:x@192.0.2.9;transport=sctp>",), "sctp"),
        (("Contact: <sip:x@[2001:db8::1]>",), "IPv6"),
        (("Contact: <sip:p@192.0.2.9>", "Record-Route: <sip:192.0.2.1;lr>, <tel:+1617>"), "tel:+1617"),
    ],
)
def test_what_of_an_answer_leads_nowhere(headers: tuple[str, ...], odd: str) -> None:
    found = unusable(answer(*headers), ipv6=False)
    assert odd in found
    assert bool(odd) == bool(found)


def test_an_ipv6_contact_is_reached_from_an_ipv6_address() -> None:
    assert unusable(answer("Contact: <sip:x@[2001:db8::1]>"), ipv6=True) == ""


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("", 3.05), ("5", 5.0), ("0", 1.0), (" 7 (busy)", 7.0), ("9999", 20.0), ("soon", 3.05)],
)
def test_a_refused_refresh_is_tried_again_when_the_peer_says(said: str, seconds: float) -> None:
    assert refresh_wait(said, 0.5) == pytest.approx(seconds)
