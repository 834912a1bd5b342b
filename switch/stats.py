"""What a leg's audio was like, from rtpengine's counters and the reports (RTCP) that far sides sent. Pure."""

from __future__ import annotations

from typing import Any

from bridge.events import MediaStats
from switch.ng import Answer
from switch.silence import streams_of


def stats_of(answer: Answer, tag: str, codec: str, partner: str | None) -> MediaStats | None:
    """The statistics of a leg by an answer to ``query``; None for one that has no media.

    Loss and jitter are as reported by those who heard the leg; 0 where nobody reports. rtpengine
    counts what it sends from version 11 on; before, what came from the ``partner`` stands for it.
    """
    streams = streams_of(answer, tag)
    if not streams:
        return None
    rtp = streams[0]
    came = received(rtp.get("stats"))
    relayed = streams_of(answer, partner) if partner else []
    sent = received(rtp.get("stats_out") or (relayed[0].get("stats") if relayed else None))
    reports: Any = answer.get("SSRC")
    told: Any = reports.get(str(rtp.get("SSRC"))) if isinstance(reports, dict) else None
    average = told.get("average", {}) if isinstance(told, dict) else {}
    loss, jitter = _number(average, "packet loss"), _number(average, "jitter")
    lost = round(came * loss / max(1.0, 100.0 - loss))
    return MediaStats(codec, came, lost, sent, jitter)


def received(counters: Any) -> int:
    """Packets, by the counters of a stream."""
    found = counters.get("packets") if isinstance(counters, dict) else None
    return found if isinstance(found, int) else 0


def _number(average: Any, name: str) -> float:
    found = average.get(name) if isinstance(average, dict) else None
    return float(found) if isinstance(found, int) else 0.0
