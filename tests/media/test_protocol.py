"""What crosses the line between core and worker arrives as it left, and nothing else is taken for it."""

from __future__ import annotations

from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from bridge.causes import HangupCause
from bridge.commands import Dial, Play
from bridge.events import LegEnded, MediaStats
from config.sections.sip import Sip
from config.sections.trunks import Trunk
from media.engines.pjsua2 import WorkerSettings
from media.frames import LONGEST, Codec, FrameError, FrameReader
from media.protocol import (
    PROTOCOL,
    TO_CORE,
    TO_WORKER,
    Leave,
    Perform,
    Ping,
    Ready,
    Reply,
    Report,
    Signal,
    ToCore,
    ToWorker,
)
from routing.plan import BrowserEndpoint, Prompt, Screening, Speech, Tone, TrunkWay
from tests.media.plans import endpoint

FULL = BrowserEndpoint(
    "agent:a", "Ann", "a", "opus", 9.5, Screening(Speech("Press one"), 5, True), Prompt("w", "w.wav")
)


@pytest.mark.parametrize(
    "message",
    [
        Perform(Dial("s1", endpoint("store"))),
        Perform(Dial("s1", endpoint("store").through((TrunkWay("a", "sip:a"), TrunkWay("b", "sip:b"))))),
        Perform(Dial("b1", FULL, keys_stay=True)),
        Perform(Play("s1", Tone("us", ((440, 480, 2000, 4000),)), loop=True)),
        Leave(),
    ],
)
def test_commands_cross_whole(message: ToWorker) -> None:
    assert TO_WORKER.load(TO_WORKER.dump(message)[4:]) == message


def test_events_cross_whole() -> None:
    message = Report(LegEnded("b1", HangupCause.BUSY, 486, "id@host", MediaStats("PCMU", 100, 1, 99, 0.5)))
    assert TO_CORE.load(TO_CORE.dump(message)[4:]) == message


def any_of(union: object) -> st.SearchStrategy:
    return st.sampled_from(get_args(union)).flatmap(st.from_type)


@settings(max_examples=200)
@given(any_of(ToCore), any_of(ToWorker))
def test_every_message_crosses_whole(to_core: ToCore, to_worker: ToWorker) -> None:
    for codec, message in ((TO_CORE, to_core), (TO_WORKER, to_worker)):
        try:
            frame = codec.dump(message)
        except OverflowError:
            reject()  # a number of more than 64 bits
        # As text, because some fields do not count in a comparison.
        assert repr(codec.load(frame[4:])) == repr(message)


@settings(max_examples=200)
@given(any_of(ToCore), st.data())
def test_what_is_no_message_is_an_error_and_nothing_worse(message: ToCore, data: st.DataObject) -> None:
    try:
        whole = TO_CORE.dump(message)[4:]
    except OverflowError:
        reject()
    at = data.draw(st.integers(0, len(whole)))
    broken = data.draw(st.sampled_from([whole[:at], whole[:at] + data.draw(st.binary()) + whole[at + 1 :]]))
    with suppress(FrameError):
        assert isinstance(TO_CORE.load(broken), get_args(ToCore))


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xc1", b"\x00", TO_WORKER.dump(Leave())[4:], b"\x93\xa6Reply\xa1x\xc0", b"\x91" * 5000],
)
def test_what_a_worker_never_says_is_an_error(payload: bytes) -> None:
    with pytest.raises(FrameError):
        TO_CORE.load(payload)


@given(st.lists(st.text(max_size=30), max_size=5), st.lists(st.integers(1, 40)))
def test_messages_are_whole_however_the_stream_is_cut(texts: list[str], cuts: list[int]) -> None:
    stream, reader, found = b"".join(TO_WORKER.dump(Signal("leg", text)) for text in texts), FrameReader(), []
    for length in [*cuts, len(stream)]:
        found += [TO_WORKER.load(payload) for payload in reader.feed(stream[:length])]
        stream = stream[length:]
    assert found == [Signal("leg", text) for text in texts]


def test_a_message_beyond_the_bound_is_neither_read_nor_sent() -> None:
    with pytest.raises(FrameError):
        list(FrameReader().feed((LONGEST + 1).to_bytes(4, "big")))
    with pytest.raises(ValueError, match="Signal"):
        TO_WORKER.dump(Signal("leg", "x" * LONGEST))


def test_another_protocol_has_another_fingerprint() -> None:
    others = (Codec(Ready).fingerprint, Codec(Ready | Ping).fingerprint)
    assert Codec(Ready | Reply).fingerprint not in others
    assert Codec(Reply | Ready).fingerprint == Codec(Ready | Reply).fingerprint
    assert TO_CORE.fingerprint in PROTOCOL
    assert TO_WORKER.fingerprint in PROTOCOL


def test_settings_cross_whole_passwords_included() -> None:
    carrier = Trunk(host="sip.example", username="u", password="secret", registration=True)
    settings = WorkerSettings(
        role="calls", sip=Sip(ports="6000-6009"), trunks={"carrier": carrier}, sip_port=6000, rtp_port=30000
    )
    assert WorkerSettings.model_validate_json(settings.dump()) == settings
    assert b"secret" in settings.dump()


def test_settings_of_thousands_of_trunks_fit() -> None:
    trunks = {f"trunk{n}": Trunk(host=f"sip{n}.example", username="user", password="p") for n in range(3000)}
    settings = WorkerSettings(role="calls", sip=Sip(), trunks=trunks, sip_port=6000, rtp_port=30000)
    assert len(settings.dump()) < LONGEST
