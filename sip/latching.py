"""Decides where a leg's media may come from: the SDP's address, or behind NAT the first that latches.

Asterisk's ``strictrtp`` is the model. What the SDP says always has the last word: who sends from there is
taken at once, at any time. Another source is learned from its packets only while nothing came from there:

- one of an address that belongs to the far side (that of the SDP, of the SIP messages, of the trunk's
  ``addresses``) after a few packets in a row, whenever it begins;
- a stranger only where the trunk lists no addresses, only within the learning window after a new SDP or the
  answer, and only after a longer run of packets.

Nobody else is taken, however long the far side is silent. RTP alone cannot tell more (RFC 7362 section 5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Network

from sip.firewall import AllowedNetwork
from sip.rtp import Packet, signed
from sip.rtp_filter import ANYBODY, Endpoint, any_port_of, exactly

#: Seconds after a new SDP, or the answer, in which a stranger may latch. Asterisk's are 5; but media that
#: comes from elsewhere comes at once, and a far side that stays silent for longer is nobody's to replace.
WINDOW = 2.0
#: Packets in a row before a source is taken, and seconds that they take at least.
_RUN_OF_KNOWN, _RUN_OF_STRANGER = 4, 10
_TIME_OF_KNOWN, _TIME_OF_STRANGER = 0.04, 0.15
#: Seconds in which the last packets of where media came from before are not taken for the new source.
_STALE = 2.0
_LARGEST_STEP = 3
#: Strangers' packets that are looked at in one window, and sources that are told apart.
_MOST_PACKETS, _MOST_SOURCES = 2000, 16


class Trust(Enum):
    """What identifies a source."""

    EXACT = "exact"
    KNOWN = "known"
    STRANGER = "stranger"


@dataclass(frozen=True, slots=True)
class MediaPeer:
    """What is known of a leg's far side before it sends media."""

    #: Addresses of its SIP messages.
    addresses: frozenset[IPv4Address] = frozenset()
    #: Networks that the operator lists for the trunk; if there are any, other sources are never learned.
    listed: tuple[IPv4Network, ...] = ()
    #: Whether it is one of our own processes: then nothing is learned.
    own: bool = False


@dataclass(slots=True)
class _Run:
    ssrc: int
    sequence: int
    began_at: float
    packets: int = 1


@dataclass(slots=True)
class Latch:
    """One leg's source of media. Times are seconds of one clock."""

    peer: MediaPeer
    #: Where media comes from by the SDP; None while that is not known.
    expected: Endpoint | None = None
    #: Where it really comes from, if that is elsewhere.
    pinned: Endpoint | None = None
    _former: Endpoint | None = None
    _near: set[IPv4Address] = field(default_factory=set)
    _told_at: float = 0.0
    _window_ends: float = 0.0
    _looked_at: int = 0
    _runs: dict[Endpoint, _Run] = field(default_factory=dict)

    @property
    def heard_from(self) -> Endpoint | None:
        """The only endpoint whose media is accepted, and to which media is sent."""
        return self.pinned or self.expected

    def told(self, expected: Endpoint | None, now: float) -> bool:
        """An SDP says where media comes from; returns whether that is new."""
        if expected is None or expected == self.expected:
            return False
        if self.pinned is not None and self.pinned != self.expected:
            self._near.add(self.pinned.address)  # its NAT is still the same
            self._former = None
        else:
            self._former = self.expected
        self.expected, self.pinned, self._told_at = expected, None, now
        self._near.add(expected.address)
        self.open_window(now)
        return True

    def settle(self) -> None:
        """Media came from the SDP's address."""
        self.pinned = self.expected
        self._runs.clear()

    def open_window(self, now: float) -> None:
        """The leg was answered: start the learning window again."""
        self._window_ends, self._looked_at = now + WINDOW, 0
        self._runs.clear()

    def candidates(self, now: float) -> list[AllowedNetwork]:
        """The sources whose packets are looked at, for the filter of our socket."""
        if self._in_window(now):
            # Where the operator lists addresses, to tell them of a far side that is elsewhere.
            return [ANYBODY]
        sources = [exactly(endpoint) for endpoint in {self.expected, self.pinned} if endpoint is not None]
        if self.pinned is None and self.expected is not None and not self.peer.own:
            sources += [any_port_of(address) for address in self._addresses()]
            sources += [AllowedNetwork(network) for network in self.peer.listed]
        return sources

    def hear(self, source: Endpoint, packet: Packet, now: float) -> bool:
        """A packet came that is not from ``heard_from``; returns whether that changed."""
        if self.expected is None or source == self.pinned:
            return False
        if source == self.expected and self.pinned is None:
            self.settle()
            return False
        trust = self._trust(source)
        if trust is Trust.STRANGER:
            self._looked_at += 1
        if not self._may_take(source, trust, now) or not self._has_run(source, trust, packet, now):
            return False
        self.pinned = source
        self._runs.clear()
        return True

    def refuses(self, source: Endpoint, now: float) -> bool:
        """Whether a source can never be learned; the former one is only about to end."""
        trust = self._trust(source)
        return source not in (self._former, self.pinned) and not self._may_take(source, trust, now)

    def _may_take(self, source: Endpoint, trust: Trust, now: float) -> bool:
        if trust is Trust.EXACT:
            return True
        if self.pinned is not None or self.peer.own:
            return False
        if source == self._former and now - self._told_at < _STALE:
            return False
        return trust is Trust.KNOWN or (self._in_window(now) and not self.peer.listed)

    def _has_run(self, source: Endpoint, trust: Trust, packet: Packet, now: float) -> bool:
        run = self._count(source, packet, now)
        if run is None:
            return False
        if trust is not Trust.STRANGER:
            return run.packets >= _RUN_OF_KNOWN and now - run.began_at >= _TIME_OF_KNOWN
        if any(self._trust(other) is not Trust.STRANGER for other in self._runs):
            return False  # somebody with a better claim has begun to send
        return run.packets >= _RUN_OF_STRANGER and now - run.began_at >= _TIME_OF_STRANGER

    def _trust(self, source: Endpoint) -> Trust:
        if source == self.expected:
            return Trust.EXACT
        if source.address in self._addresses() or _within(source.address, self.peer.listed):
            return Trust.KNOWN
        return Trust.STRANGER

    def _addresses(self) -> set[IPv4Address]:
        return self._near | self.peer.addresses

    def _in_window(self, now: float) -> bool:
        if self.peer.own or self.expected is None or self.pinned is not None:
            return False
        return now < self._window_ends and self._looked_at < _MOST_PACKETS

    def _count(self, source: Endpoint, packet: Packet, now: float) -> _Run | None:
        run = self._runs.get(source)
        if run is not None and run.ssrc == packet.ssrc:
            step = signed(packet.sequence - run.sequence)
            if abs(step) <= _LARGEST_STEP:
                run.packets += step > 0
                run.sequence = packet.sequence if step > 0 else run.sequence
                return run
        elif run is None and len(self._runs) >= _MOST_SOURCES:
            return None
        self._runs[source] = _Run(packet.ssrc, packet.sequence, now)
        return self._runs[source]


def _within(address: IPv4Address, networks: Iterable[IPv4Network]) -> bool:
    return any(address in network for network in networks)
