"""Signalling: what is read, what is refused, and its bounds."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from pydantic import ValidationError

from webrtc import signalling


def test_each_message_for_a_worker_is_read() -> None:
    for text, kind in (
        ('{"type": "offer", "session": 1, "sdp": "v=0"}', signalling.SdpOffer),
        ('{"type": "offer", "session": 1, "sdp": "v=0", "audio": "opus"}', signalling.SdpOffer),
        (
            '{"type": "candidate", "session": 1, "candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host",'
            '"sdpMid": "0", "sdpMLineIndex": 0, "usernameFragment": "abcd"}',
            signalling.IceCandidate,
        ),
        ('{"type": "end_of_candidates", "session": 1}', signalling.EndOfCandidates),
        ('{"type": "hang_up", "reason": "no_microphone"}', signalling.BrowserHangUp),
    ):
        assert isinstance(signalling.read_to_worker(text), kind)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "offer", "session": 1},
        {"type": "offer", "session": -1, "sdp": "v=0"},
        {"type": "offer", "session": 2**53, "sdp": "v=0"},
        {"type": "offer", "session": 1, "sdp": "v" * (signalling.LONGEST_SDP + 1)},
        {"type": "offer", "session": 1, "sdp": "v=0", "audio": "mp3"},
        {"type": "candidate", "session": 1, "candidate": "c" * 513},
        {"type": "hang_up", "reason": "bored"},
        {"type": "answer", "session": 1, "sdp": "v=0", "audio": "opus"},
        {"type": "bye", "cause": "ended"},
        {},
        [],
        None,
    ],
)
def test_what_a_worker_is_not_told_is_refused(message: object) -> None:
    with pytest.raises(ValidationError):
        signalling.read_to_worker(json.dumps(message))


def test_a_worker_never_sees_what_the_core_takes() -> None:
    with pytest.raises(ValidationError):
        signalling.read_to_worker('{"type": "dtmf", "digit": "1"}')


def test_the_largest_messages_fit_into_one_amp_value() -> None:
    largest = signalling.SdpOffer(session=1, sdp="\n" * signalling.LONGEST_SDP)
    assert len(signalling.write(largest)) < signalling.LONGEST_MESSAGE < 0xFFFF


@settings(deadline=None)
@given(some.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        signalling.read_to_worker(data)


@settings(deadline=None)
@given(session=some.integers(0, 2**53 - 1), sdp=some.text(min_size=1, max_size=500))
def test_what_is_written_is_read_again(session: int, sdp: str) -> None:
    answer = signalling.SdpAnswer(session=session, sdp=sdp, audio="opus")
    try:
        text = signalling.write(answer)
    except ValueError:
        return  # lone surrogates have no UTF-8
    assert signalling.read_to_browser(text) == answer
