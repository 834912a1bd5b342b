"""Adds up the RTP statistics of one leg's streams."""

from __future__ import annotations

import pjsua2 as pj

from bridge.events import MediaStats


class StreamTotals:
    """The totals of one leg, in which a re-INVITE may begin another stream."""

    def __init__(self) -> None:
        self.codec = ""
        self._received = self._lost = self._sent = 0
        self._jitter_ms = 0.0

    def add(self, rtcp: pj.RtcpStat) -> None:
        """Add a stream that ends."""
        self._received += rtcp.rxStat.pkt
        self._lost += rtcp.rxStat.loss
        self._sent += rtcp.txStat.pkt
        self._jitter_ms = rtcp.rxStat.jitterUsec.mean / 1000

    def stats(self) -> MediaStats | None:
        """The totals; None if there was never a stream."""
        if not self.codec:
            return None
        return MediaStats(self.codec, self._received, self._lost, self._sent, round(self._jitter_ms, 2))
