"""What is counted of calls or chats, in a form that adds up fast.

A tally is three whole numbers. Each is cut into lanes of so many bits, one for each thing that is counted, as
SIMD registers are: one addition adds them all. A report over 90 days adds up ten thousand of them in some
milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from reports.histogram import BINS, bin_of

#: What is counted, each in its lane. The order is that of what is stored: add at the end. Times are in
#: milliseconds.
Count = Literal[
    "offered", "early", "answered", "in_time", "dialled", "reached", "overload", "wait", "talk", "wrap",
    "bridged", "message_taken", "callback_booked", "unanswered", "shopper_unreachable", "refused",
    "cancelled", "failed", "replied", "first_answer", "replies", "reply", "handled",
]  # fmt: skip
COUNTS: tuple[Count, ...] = (
    "offered", "early", "answered", "in_time", "dialled", "reached", "overload", "wait", "talk", "wrap",
    "bridged", "message_taken", "callback_booked", "unanswered", "shopper_unreachable", "refused",
    "cancelled", "failed", "replied", "first_answer", "replies", "reply", "handled",
)  # fmt: skip
_LANES = {name: number * 64 for number, name in enumerate(COUNTS)}
_LANE = (1 << 64) - 1
#: A bin of a histogram: up to four thousand million.
_BIN = 32
_BIN_MASK = (1 << _BIN) - 1


@dataclass(frozen=True, slots=True)
class CountTally:
    """Counts, and two histograms of lengths: until somebody answered, and until a chat's first answer."""

    sums: int = 0
    waits: int = 0
    firsts: int = 0

    @classmethod
    def of(
        cls, counts: Mapping[Count, float], *, wait: float | None = None, first: float | None = None
    ) -> CountTally:
        """One call's or chat's: counts, where times are seconds, and its lengths in seconds."""
        sums = 0
        for name, value in counts.items():
            sums += round(value * 1000 if name in TIMES else value) << _LANES[name]
        return cls(sums, _one(wait), _one(first))

    def __add__(self, other: CountTally) -> CountTally:
        return CountTally(self.sums + other.sums, self.waits + other.waits, self.firsts + other.firsts)

    def __getitem__(self, name: Count) -> int:
        """A count; milliseconds of a time."""
        return self.sums >> _LANES[name] & _LANE

    def seconds(self, name: Count) -> float:
        """A time, in seconds."""
        return self[name] / 1000

    @property
    def wait_bins(self) -> dict[int, int]:
        """The waits, by bin (:mod:`reports.histogram`)."""
        return _bins(self.waits)

    @property
    def first_bins(self) -> dict[int, int]:
        """The first answers, by bin."""
        return _bins(self.firsts)

    def packed(self) -> dict[str, bytes]:
        """As it is stored."""
        return {"sums": _bytes(self.sums), "waits": _bytes(self.waits), "firsts": _bytes(self.firsts)}

    @classmethod
    def unpacked(cls, sums: bytes, waits: bytes, firsts: bytes) -> CountTally:
        """What :meth:`packed` gave."""
        return cls(*(int.from_bytes(each, "little") for each in (sums, waits, firsts)))


#: Which of the counts are times.
TIMES: frozenset[Count] = frozenset({"wait", "talk", "wrap", "first_answer", "reply", "handled"})
NOTHING = CountTally()


def total(tallies: Iterable[CountTally]) -> CountTally:
    """All together."""
    sums = waits = firsts = 0
    for each in tallies:
        sums += each.sums
        waits += each.waits
        firsts += each.firsts
    return CountTally(sums, waits, firsts)


def _one(seconds: float | None) -> int:
    return 0 if seconds is None else 1 << (_BIN * bin_of(seconds))


def _bins(packed: int) -> dict[int, int]:
    found = ((number, packed >> (_BIN * number) & _BIN_MASK) for number in range(BINS))
    return {number: count for number, count in found if count}


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "little")
