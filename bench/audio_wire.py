"""What became of the audio of each call between its two phones, from a capture."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from bench.packets import Packets
from bench.sip_wire import Dialog, WireCall
from bench.sound import BUSINESS_HZ, SHOPPER_HZ, Samples, Times, carries, clicks, decode, delays

#: Seconds at each end of a call that are left out where packets are counted.
_MARGIN = 0.25
_PACKETS_A_SECOND = 50
#: Packets that a count over a stretch may be short of, as its ends fall anywhere between two packets.
_EDGE = 2
_LARGEST_GAP = 3000


@dataclasses.dataclass(frozen=True)
class Flow:
    """RTP packets over one stretch of time: as many as there should be, and what is wrong with them."""

    expected: int
    #: Gaps in the sequence numbers.
    skipped: int
    #: Fewer packets than the time asks for, though their numbers have no gap.
    short: int
    #: Seconds by which packets strayed from their 20 ms.
    strayed: Times


@dataclasses.dataclass(frozen=True)
class CallAudio:
    """A call's audio. ``joined`` is None where the shopper's voice never reached the business."""

    joined: float | None
    #: When the business's voice first reached the shopper.
    answered_back: float | None
    #: What the phones sent while bridged, and what the server sent them.
    said: tuple[Flow, ...] = ()
    heard: tuple[Flow, ...] = ()
    #: Seconds that each click took through the server, both ways, and clicks that never arrived.
    delays: Times = dataclasses.field(default_factory=lambda: np.empty(0))
    clicks_lost: int = 0

    @property
    def bridged(self) -> bool:
        """Whether each heard the other."""
        return self.joined is not None and self.answered_back is not None


class Streams:
    """All RTP of a capture, by where it came from and went to.

    SIPp's phones of one side share one port: the server's ports tell the calls apart, and, as these come
    back in later calls, the time.
    """

    def __init__(self, packets: Packets) -> None:
        self._audio = packets.audio()
        self._rows = _by_ports(self._audio.source << 16 | self._audio.target)

    def spoken(self, leg: Dialog) -> Packets:
        """What the leg's phone sent."""
        return self._between(leg.phone_rtp, leg.server_rtp, leg)

    def heard(self, leg: Dialog) -> Packets:
        """What was sent to the leg's phone."""
        return self._between(leg.server_rtp, leg.phone_rtp, leg)

    def _between(self, source: int | None, target: int | None, leg: Dialog) -> Packets:
        if source is None or target is None:
            return self._audio.chosen(_NONE)
        rows = self._rows.get(source << 16 | target, _NONE)
        until = np.inf if leg.ended is None else leg.ended
        times = self._audio.time[rows]
        return self._audio.chosen(rows[(times >= leg.invited) & (times <= until)])


_NONE = np.empty(0, np.int64)


def _by_ports(ports: npt.NDArray[np.int64]) -> dict[int, npt.NDArray[np.int64]]:
    order = np.argsort(ports, kind="stable")
    values, starts = np.unique(ports[order], return_index=True)
    return dict(zip(values.tolist(), np.split(order, starts[1:]), strict=True)) if len(values) else {}


def call_audio(streams: Streams, call: WireCall) -> CallAudio:
    """Follow one call's audio both ways."""
    business = call.business
    if business is None or business.answered is None:
        return CallAudio(None, None)
    answered = business.answered
    to_business, to_shopper = streams.heard(business), streams.heard(call.shopper)
    at_business, at_shopper = decode(to_business.codes()), decode(to_shopper.codes())
    joined = _first(to_business, at_business, SHOPPER_HZ, answered)
    answered_back = _first(to_shopper, at_shopper, BUSINESS_HZ, answered)
    if joined is None or answered_back is None:
        return CallAudio(joined, answered_back)
    since, until = max(joined, answered_back) + _MARGIN, call.ended - _MARGIN
    by_shopper, by_business = streams.spoken(call.shopper), streams.spoken(business)
    there, lost_there = _journey(by_shopper, to_business, at_business, since, until)
    back, lost_back = _journey(by_business, to_shopper, at_shopper, since, until)
    return CallAudio(
        joined,
        answered_back,
        tuple(flow(packets, since, until) for packets in (by_shopper, by_business)),
        tuple(flow(packets, since, until) for packets in (to_business, to_shopper)),
        np.concatenate([there, back]),
        lost_there + lost_back,
    )


def _first(packets: Packets, frames: Samples, hz: int, since: float) -> float | None:
    found = np.flatnonzero((packets.time >= since) & carries(frames, hz))
    return float(packets.time[found[0]]) if len(found) else None


def _journey(said: Packets, heard: Packets, frames: Samples, since: float, until: float) -> tuple[Times, int]:
    spoken = clicks(said.time, decode(said.codes()))
    # A click near the end may not have arrived when the call ends.
    wanted = spoken[(spoken >= since) & (spoken <= until - _MARGIN)]
    # What was heard before the two were joined may be as loud.
    joined = heard.time >= since
    return delays(wanted, clicks(heard.time[joined], frames[joined]))


def flow(packets: Packets, since: float, until: float) -> Flow:
    """Count a stream's packets between two moments; everything is 0 where there is no such stretch."""
    if until <= since:
        return Flow(0, 0, 0, np.empty(0))
    part = packets.chosen((packets.time >= since) & (packets.time < until))
    expected = round((until - since) * _PACKETS_A_SECOND)
    if not len(part):
        return Flow(expected, 0, expected, np.empty(0))
    steps = np.diff(part.sequence) & 0xFFFF
    same = (np.diff(part.sender) == 0) & (steps > 0) & (steps < _LARGEST_GAP)
    skipped = int((steps[same] - 1).sum())
    missing = expected - len(part) - skipped
    strayed = np.abs(np.diff(part.time) - 1 / _PACKETS_A_SECOND)
    return Flow(expected, skipped, missing if missing > _EDGE else 0, strayed)
