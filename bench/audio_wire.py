"""What became of the audio of each call between its two phones, from a capture."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from bench.packets import CapturedPackets
from bench.sip_wire import DialogTimes, WireCall
from bench.sound import BUSINESS_HZ, SHOPPER_HZ, Samples, Times, carries, clicks, decode, delays, loud

#: Seconds at each end of a call that are left out where packets are counted.
_MARGIN = 0.25
_PACKETS_A_SECOND = 50
#: Packets that a count over a stretch may be short of, as its ends fall anywhere between two packets.
_EDGE = 2
_LARGEST_GAP = 3000


@dataclasses.dataclass(frozen=True)
class Track:
    """One way of one leg: each packet's time, number and sender, and its samples as a row of ``frames``."""

    time: Times
    sequence: npt.NDArray[np.int64]
    sender: npt.NDArray[np.int64]
    frames: Samples

    @classmethod
    def of(cls, packets: CapturedPackets) -> Track:
        """Of a phone's RTP, as :meth:`CapturedPackets.audio` gives it."""
        return cls(packets.time, packets.sequence, packets.sender, decode(packets.codes()))

    def chosen(self, which: npt.NDArray[np.bool_]) -> Track:
        """Some of the packets."""
        return Track(self.time[which], self.sequence[which], self.sender[which], self.frames[which])


@dataclasses.dataclass(frozen=True)
class LegAudio:
    """What a leg's phone, or browser, said and heard."""

    said: Track
    heard: Track


@dataclasses.dataclass(frozen=True)
class AudioFlow:
    """RTP packets over one stretch of time: as many as there should be, and what is wrong with them."""

    expected: int
    #: Gaps in the sequence numbers.
    skipped: int
    #: Fewer packets than the time asks for, though their numbers have no gap.
    short: int
    #: Packets with nothing of the other side's voice in them.
    holes: int
    #: Seconds by which the time between two packets was longer than 20 ms (negative: shorter).
    beyond: Times

    @property
    def strayed(self) -> Times:
        """Seconds by which packets strayed from their 20 ms."""
        return np.abs(self.beyond)


@dataclasses.dataclass(frozen=True)
class CallAudio:
    """A call's audio. ``joined`` is None where the shopper's voice never reached the business."""

    joined: float | None
    #: When the business's voice first reached the shopper.
    answered_back: float | None
    #: What the phones sent while bridged, and what the server sent them.
    said: tuple[AudioFlow, ...] = ()
    heard: tuple[AudioFlow, ...] = ()
    #: Seconds that each click took through the server, both ways, and clicks that never arrived.
    delays: Times = dataclasses.field(default_factory=lambda: np.empty(0))
    clicks_lost: int = 0
    #: By how many seconds clicks came later at the end than at the beginning, each way of a call of minutes.
    drifts: tuple[float, ...] = ()

    @property
    def bridged(self) -> bool:
        """Whether each heard the other."""
        return self.joined is not None and self.answered_back is not None


class Streams:
    """All RTP of a capture, by where it came from and went to.

    SIPp's phones of one side share one port: the server's ports tell the calls apart, and, as these come
    back in later calls, the time.
    """

    def __init__(self, packets: CapturedPackets) -> None:
        self._audio = packets.audio()
        self._rows = _by_ports(self._audio.source << 16 | self._audio.target)
        #: When the capture's last packet came: a call that never ended is followed until then.
        self.until = float(self._audio.time.max(initial=0.0))

    def leg(self, dialog: DialogTimes) -> LegAudio:
        """What the phone of this leg said, and what was sent to it."""
        return LegAudio(
            Track.of(self._between(dialog.phone_rtp, dialog.server_rtp, dialog)),
            Track.of(self._between(dialog.server_rtp, dialog.phone_rtp, dialog)),
        )

    def _between(self, source: int | None, target: int | None, leg: DialogTimes) -> CapturedPackets:
        if source is None or target is None:
            return self._audio.chosen(_NONE)
        rows = self._rows.get(source << 16 | target, _NONE)
        until = np.inf if leg.ended is None else leg.ended
        times = self._audio.time[rows]
        return self._audio.chosen(rows[(times >= leg.invited) & (times <= until)])


_NONE = np.empty(0, np.int64)
#: Of a quarter of a call, of which the median says something.
_FEWEST_CLICKS = 15


def _by_ports(ports: npt.NDArray[np.int64]) -> dict[int, npt.NDArray[np.int64]]:
    order = np.argsort(ports, kind="stable")
    values, starts = np.unique(ports[order], return_index=True)
    return dict(zip(values.tolist(), np.split(order, starts[1:]), strict=True)) if len(values) else {}


def call_audio(streams: Streams, call: WireCall) -> CallAudio:
    """Follow the audio of a call between two phones."""
    business = call.business
    if business is None or business.answered is None:
        return CallAudio(None, None)
    ended = min(call.ended, streams.until)
    return follow(streams.leg(call.shopper), streams.leg(business), business.answered, ended)


def follow(shopper: LegAudio, business: LegAudio, answered: float, ended: float) -> CallAudio:
    """Follow a call's audio both ways, from the business's answer on."""
    joined = _first(business.heard, SHOPPER_HZ, answered)
    answered_back = _first(shopper.heard, BUSINESS_HZ, answered)
    if joined is None or answered_back is None:
        return CallAudio(joined, answered_back)
    since, until = max(joined, answered_back) + _MARGIN, ended - _MARGIN
    there, lost_there = _journey(shopper.said, business.heard, since, until)
    back, lost_back = _journey(business.said, shopper.heard, since, until)
    return CallAudio(
        joined,
        answered_back,
        (flow(shopper.said, SHOPPER_HZ, since, until), flow(business.said, BUSINESS_HZ, since, until)),
        (flow(business.heard, SHOPPER_HZ, since, until), flow(shopper.heard, BUSINESS_HZ, since, until)),
        np.concatenate([there, back]),
        lost_there + lost_back,
        tuple(drift for way in (there, back) if (drift := drift_of(way)) is not None),
    )


def drift_of(delays: Times) -> float | None:
    """Seconds by which the last quarter of the clicks took longer than the first; None for a short call."""
    quarter = len(delays) // 4
    if quarter < _FEWEST_CLICKS:
        return None
    return float(np.median(delays[-quarter:]) - np.median(delays[:quarter]))


def _first(track: Track, hz: int, since: float) -> float | None:
    found = np.flatnonzero((track.time >= since) & carries(track.frames, hz))
    return float(track.time[found[0]]) if len(found) else None


def _journey(said: Track, heard: Track, since: float, until: float) -> tuple[Times, int]:
    spoken = clicks(said.time, said.frames)
    # A click near the end may not have arrived when the call ends.
    wanted = spoken[(spoken >= since) & (spoken <= until - _MARGIN)]
    # What was heard before the two were joined may be as loud.
    joined = heard.chosen(heard.time >= since)
    return delays(wanted, clicks(joined.time, joined.frames))


def flow(track: Track, hz: int, since: float, until: float) -> AudioFlow:
    """Count a stream's packets between two moments; everything is 0 where there is no such stretch."""
    if until <= since:
        return AudioFlow(0, 0, 0, 0, np.empty(0))
    part = track.chosen((track.time >= since) & (track.time < until))
    expected = round((until - since) * _PACKETS_A_SECOND)
    if not len(part.time):
        return AudioFlow(expected, 0, expected, 0, np.empty(0))
    steps = np.diff(part.sequence) & 0xFFFF
    same = (np.diff(part.sender) == 0) & (steps > 0) & (steps < _LARGEST_GAP)
    skipped = int((steps[same] - 1).sum())
    missing = expected - len(part.time) - skipped
    holes = int((~carries(part.frames, hz) & ~loud(part.frames)).sum())
    beyond = np.diff(part.time) - 1 / _PACKETS_A_SECOND
    return AudioFlow(expected, skipped, missing if missing > _EDGE else 0, holes, beyond)
