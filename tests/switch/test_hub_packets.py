"""What a placeholder says to its leg."""

from __future__ import annotations

import pytest

from switch.hub_packets import silence_of


@pytest.mark.parametrize("milliseconds", [10, 20, 60])
@pytest.mark.parametrize(("codec", "kind", "sample"), [("PCMU", 0, 0xFF), ("PCMA", 8, 0xD5)])
def test_a_little_silence_is_one_stream(codec: str, kind: int, sample: int, milliseconds: int) -> None:
    packets, samples = silence_of(codec, milliseconds), 8 * milliseconds
    heads = [(each[1] & 0x7F, bool(each[1] & 0x80), each[8:12], set(each[12:])) for each in packets]
    source = packets[0][8:12]
    assert heads == [(kind, turn == 0, source, {sample}) for turn in range(len(packets))]
    assert all(len(each) == 12 + samples and each[0] == 0x80 for each in packets)
    numbers = [int.from_bytes(each[2:4], "big") for each in packets]
    stamps = [int.from_bytes(each[4:8], "big") for each in packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(packets)))
    assert stamps == list(range(stamps[0], stamps[0] + samples * len(packets), samples))


def test_other_codecs_have_no_silence_that_one_can_write_down() -> None:
    assert silence_of("G722", 20) == silence_of("opus", 20) == []
