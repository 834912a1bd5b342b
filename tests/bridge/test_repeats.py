"""Log lines that repeat: how many are written, and that every one of the rest is counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.repeats import MOST_KINDS, MOST_OF_ONE, SECONDS, Repeats


def test_the_first_lines_of_a_minute_are_written_and_the_rest_told_of() -> None:
    repeats = Repeats()
    written = [repeats.admit({"event": "a", "call_id": "c"}, "info", n / 100) for n in range(1000)]
    assert [admitted for admitted, _ in written] == [True] * MOST_OF_ONE + [False] * (1000 - MOST_OF_ONE)
    admitted, due = repeats.admit({"event": "a", "call_id": "c"}, "info", SECONDS)
    assert admitted
    assert due == [
        {
            "event": "lines_held_back",
            "level": "info",
            "line": "a",
            "about": "c",
            "lines": 1000 - MOST_OF_ONE,
            "seconds": SECONDS,
        }
    ]
    assert list(repeats.due(SECONDS * 3)) == []


def test_the_table_is_bounded() -> None:
    repeats = Repeats()
    for n in range(3 * MOST_KINDS):
        repeats.admit({"event": "a", "call_id": str(n)}, "info", 0.0)
    assert len(repeats._seen) == MOST_KINDS


LINES = st.tuples(
    st.sampled_from(["a", "b"]),
    st.sampled_from(["call_id", "agent", "none"]),
    st.integers(0, 3),
    st.floats(0, 9),
)


@given(st.lists(LINES, max_size=500))
def test_every_line_is_written_or_counted(lines: list[tuple[str, str, int, float]]) -> None:
    repeats, now, written, counted = Repeats(), 0.0, 0, 0
    for event, name, about, pause in lines:
        now += pause
        admitted, due = repeats.admit({"event": event, name: about}, "info", now)
        written += admitted
        counted += sum(each["lines"] for each in due)
    counted += sum(each["lines"] for each in repeats.all())
    assert written + counted == len(lines)
