"""What is read in far sides' SDPs, what ours say, and what rtpengine's counters and keys come to."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.dump import records, without_body
from switch.keys import read as read_key
from switch.media import IncompatibleError
from switch.sdp import OurAudio, agree, offered, read, write
from switch.silence import age_of, falters_after
from switch.stats import stats_of
from tests.switch.stage import describe


def test_an_offer_of_ours_is_what_we_read_in_it():
    told = read(write(offered("192.0.2.1", 4000, ("PCMA", "opus", "G722")), 7, 1))
    assert (told.address, told.port, told.profile) == ("192.0.2.1", 4000, "RTP/AVP")
    assert list(told.codecs.items()) == [("PCMA", 8), ("opus", 111), ("G722", 9)]
    assert (told.events, told.direction) == (101, "sendrecv")


def test_the_codec_of_an_answer_is_the_first_that_both_speak():
    far = read(describe(4000, "G722", "PCMA"))
    assert agree(far, ("PCMU", "PCMA"), "off").codec == "PCMA"
    assert agree(far, ("PCMA", "G722"), "off").codec == "G722"
    assert agree(far, ("PCMA",), "off").events
    assert not agree(read(describe(4000, "PCMU", events=False)), ("PCMU",), "off").events


@pytest.mark.parametrize(
    ("sdp", "held", "answer"),
    [
        (describe(4000, "PCMU", direction="sendonly"), True, "recvonly"),
        (describe(4000, "PCMU", direction="inactive"), True, "inactive"),
        (describe(4000, "PCMU", direction="recvonly"), False, "sendonly"),
        (describe(4000, "PCMU", host="0.0.0.0"), True, "sendrecv"),
        (
            describe(4000, "PCMU")
            .replace("t=0 0\r\n", "t=0 0\r\na=sendonly\r\n")
            .replace("a=sendrecv\r\n", ""),
            True,
            "recvonly",
        ),
    ],
)
def test_a_hold_is_seen_and_answered(sdp, held, answer):
    far = read(sdp)
    assert (far.on_hold, far.answer_direction) == (held, answer)


CRYPTO = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj\r\n"


def test_srtp_is_agreed_where_it_must_be():
    plain, secret = describe(4000, "PCMU"), describe(4000, "PCMU").replace("RTP/AVP", "RTP/SAVP") + CRYPTO
    assert agree(read(secret), ("PCMU",), "required").codec == "PCMU"
    assert agree(read(plain), ("PCMU",), "optional").codec == "PCMU"
    for sdp, srtp in ((plain, "required"), (secret, "off"), (secret.replace(CRYPTO, ""), "required")):
        with pytest.raises(IncompatibleError):
            agree(read(sdp), ("PCMU",), srtp)


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "v=0\r\n",
        describe(0, "PCMU"),
        describe(4000, "PCMU").replace("c=IN IP4 127.0.0.1\r\n", ""),
        "m=audio 99999 RTP/AVP 0\r\n",
        "x" * 20_000,
    ],
)
def test_an_sdp_without_audio_is_incompatible(sdp):
    with pytest.raises(IncompatibleError):
        read(sdp)


@given(
    st.text(max_size=300)
    | st.lists(st.sampled_from(describe(4000, "PCMU").split("\r\n")), max_size=20).map("\r\n".join)
)
def test_odd_sdps_are_read_or_refused_and_nothing_else_happens(sdp):
    with contextlib.suppress(IncompatibleError):
        agree(read(sdp), ("PCMU",), "optional")


def test_the_version_is_part_of_what_is_written():
    ours = OurAudio("192.0.2.1", 4000, "RTP/AVP", {"PCMU": 0}, None, "recvonly")
    assert "o=ringback 7 3 IN IP4 192.0.2.1" in write(ours, 7, 3)
    assert "telephone-event" not in write(ours, 7, 3)
    assert "IN IP6 2001:db8::1" in write(offered("2001:db8::1", 4000, ("PCMU",)), 7, 1)


def query(**streams) -> dict:
    return {"tags": {tag: {"medias": [{"streams": [told]}]} for tag, told in streams.items()}}


def test_counters_become_statistics():
    answer = query(a={"stats": {"packets": 90}, "SSRC": 5}, b={"stats": {"packets": 70}})
    answer["SSRC"] = {"5": {"average": {"packet loss": 10, "jitter": 7}}}
    told = stats_of(answer, "a", "PCMU", "b")
    assert (told.received, told.lost, told.sent, told.jitter_ms) == (90, 10, 70, 7.0)
    assert stats_of(answer, "a", "PCMU", None).sent == 0
    assert (
        stats_of(query(a={"stats": {"packets": 1}, "stats_out": {"packets": 9}}), "a", "PCMU", None).sent == 9
    )
    assert stats_of({}, "a", "PCMU", None) is None
    assert stats_of(query(a={}), "a", "PCMU", None).received == 0


def test_silence_is_as_old_as_the_last_packet():
    assert age_of(query(a={"last packet": 90}), "a", 100.0) == 10
    assert age_of(query(a={"last packet": 0}), "a", 100.0) is None
    assert age_of({}, "a", 100.0) is None
    assert (falters_after(20.0), falters_after(3.0)) == (8.0, pytest.approx(1.8))


def test_keys_are_read_and_nothing_else():
    assert read_key(json.dumps({"source_tag": "c-a", "event": 11}).encode()) == ("c-a", "#")
    for odd in (
        b"",
        b"[]",
        b"{}",
        b'{"source_tag": 1, "event": 1}',
        b'{"source_tag": "a", "event": 99}',
        b"\xff",
    ):
        assert read_key(odd) is None


def test_a_message_that_sofia_wrote_down_without_its_sdp_hides_none_that_follows():
    head = b"at 21:45:30.749429:\n"
    invite = b"INVITE sip:a@192.0.2.1 SIP/2.0\r\nContent-Type: application/sdp\r\nContent-Length: 155\r\n\r\n"
    written = b"sent 246 bytes to udp/[192.0.2.1]:5060 " + head + invite + b"\v\n"
    answer = b"SIP/2.0 100 Trying\r\nContent-Length: 0\r\n\r\n"
    written += b"recv %d bytes from udp/[192.0.2.1]:5060 " % len(answer) + head + answer + b"\v\n"
    assert [(one.sent, one.data) for one in records(written)] == [(True, invite), (False, answer)]
    assert without_body(invite) == b"INVITE sip:a@192.0.2.1 SIP/2.0\r\n\r\n"
