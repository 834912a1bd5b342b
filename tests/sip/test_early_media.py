"""Early media is what arrives, not what an SDP announces (RFC 3960)."""

from sip.early_media import EarlyMedia


def looks(*packets: int, step: float = 1.0) -> list[bool]:
    early = EarlyMedia()
    arrives = []
    for number, count in enumerate(packets):
        changed = early.hear(count, number * step)
        assert changed == (early.arrives != (arrives[-1] if arrives else False))
        arrives.append(early.arrives)
    return arrives


def test_it_arrives_with_a_stream_of_packets():
    assert looks(0, 0, 1, 2, 3, 20) == [False, False, False, False, True, True]


def test_pauses_between_rings_are_no_end():
    assert looks(0, 50, 100, 100, 100, 100, 100, 150) == [False] + [True] * 7


def test_it_stops_and_begins_again():
    assert looks(0, 50, 50, 50, 50, 50, 50, 50, 50, 51, 60) == [False] + [True] * 6 + [False] * 3 + [True]


def test_a_new_stream_counts_from_the_start():
    assert looks(100, 5, 10) == [True, True, True]
    assert looks(2, 1) == [False, True]
