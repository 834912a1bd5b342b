"""What an operator sees of a SIP message, and what they never see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.tracing import LONGEST, TraceWish, with_masked_numbers, without_secrets


def text(*head: str, body: str = "") -> bytes:
    return "\r\n".join([*head, "", body]).encode()


def shown(message: bytes, *, full_numbers: bool = False) -> str:
    seen = without_secrets(message)
    return seen if full_numbers else with_masked_numbers(seen)


INVITE = text(
    "INVITE sip:+16175550123@carrier.example SIP/2.0",
    "Via: SIP/2.0/UDP 192.0.2.1:5100;branch=z9hG4bK0123456789;rport",
    'From: "+16175550199" <sip:+16175550199@carrier.example>;tag=123456789',
    "To: <sip:16175550123@carrier.example>",
    "Call-ID: 1234567890123456",
    "CSeq: 2 INVITE",
    "Contact: <sip:0123456789abcdef01234567@192.0.2.1:5100>",
    'Proxy-Authorization: Digest username="shop", nonce="abc", uri="sip:x",',
    '\tresponse="5f4dcc3b5aa765d61d8327deb882cf99"',
    "User-to-User: 63617264206e756d626572;encoding=hex",
    "Content-Type: application/sdp",
    body="v=0\r\nm=audio 20000 RTP/SAVP 0\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20\r\n",
)


def test_an_invite_without_secrets_and_numbers() -> None:
    seen = shown(INVITE)
    for secret in ("5f4dcc3b", "username", "636172", "d0Rmdm", "6175550", "0123456789abcdef01234567"):
        assert secret not in seen, seen
    for needed in (
        "branch=z9hG4bK0123456789;rport",
        "tag=123456789",
        "Call-ID: 1234567890123456",
        "Proxy-Authorization: ***\r\nUser-to-User: ***\r\n",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:***|2^20",
        "<sip:***@192.0.2.1:5100>",
        "sip:16175••••23@carrier.example",
    ):
        assert needed in seen, seen


def test_numbers_only_for_who_asks() -> None:
    assert 'From: "+16175550199" <sip:+16175550199@carrier.example>' in shown(INVITE, full_numbers=True)
    assert "5f4dcc3b" not in shown(INVITE, full_numbers=True)


@pytest.mark.parametrize(
    ("kind", "body", "seen"),
    [
        ("application/dtmf-relay", "Signal=7\r\nDuration=160\r\n", "Signal=***\r\nDuration=160"),
        ("application/dtmf-relay", "signal = 7\r\n", "signal = ***"),
        ("application/dtmf", "7", "***"),
        ("application/dtmf; charset=x", "7\r\n", "***"),
        ("text/plain", "7", "7"),
    ],
)
def test_pressed_keys_are_not_shown(kind: str, body: str, seen: str) -> None:
    message = text("INFO sip:a@b SIP/2.0", f"Content-Type: {kind}", body=body)
    assert shown(message).endswith(f"\r\n\r\n{seen}") or seen in shown(message).partition("\r\n\r\n")[2]
    assert ("7" in shown(message).partition("\r\n\r\n")[2]) == (kind == "text/plain")


@given(st.binary(max_size=3 * LONGEST))
def test_any_bytes_can_be_shown(data: bytes) -> None:
    assert len(shown(data)) <= LONGEST + 100


@given(st.text(alphabet="abcDEF019+/=", min_size=8, max_size=60), st.sampled_from(["", "\t", " "]))
def test_no_credentials_however_they_are_folded(secret: str, space: str) -> None:
    folded = f"Authorization: Digest\r\n {space}response={secret}zz"
    assert f"{secret}zz" not in shown(text("REGISTER sip:a SIP/2.0", folded, "CSeq: 1 REGISTER"))


@pytest.mark.parametrize(
    ("wish", "leg_id", "trunk", "wanted"),
    [
        (TraceWish(), "c1-s1", "carrier", False),
        (TraceWish(all=True), "", "", True),
        (TraceWish(leg_ids=("c1",)), "c1-s1", "carrier", True),
        (TraceWish(leg_ids=("c1",)), "c2-s1", "carrier", False),
        (TraceWish(leg_ids=("c1",)), "", "carrier", False),
        (TraceWish(trunks=("carrier",)), "", "carrier", True),
        (TraceWish(trunks=("carrier",)), "c1-s1", "pbx", False),
        (TraceWish(leg_ids=("c1",)) | TraceWish(trunks=("pbx",)), "c2-b1", "pbx", True),
    ],
)
def test_what_is_wanted(wish: TraceWish, leg_id: str, trunk: str, wanted: bool) -> None:
    assert wish.wants(leg_id, trunk) is wanted
