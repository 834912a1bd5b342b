"""The figures of one run, from what was noted and from the wire."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from bench.audio_wire import AudioFlow, CallAudio
from bench.load import Run, Span
from bench.sip_wire import WireCall

Figures = dict[str, Any]

#: Figures of which less is better, as they are compared between two servers.
COMPARED = (
    "cpu_percent_per_call",
    "setup_cpu_ms_per_call",
    "cpu_ms_per_call",
    "rss_kb_per_call",
    "gap_ms_p50",
    "gap_ms_p99",
    "join_ms_p50",
    "join_ms_p99",
    "added_delay_ms_p50",
)


@dataclasses.dataclass(frozen=True)
class Followed:
    """One call that was asked for: what the wire showed of it."""

    wire: WireCall | None
    audio: CallAudio

    @property
    def gap(self) -> float | None:
        """Seconds from the shopper's 200 OK to the first INVITE to the business."""
        if self.wire is None or self.wire.business is None or self.wire.shopper.answered is None:
            return None
        return self.wire.business.invited - self.wire.shopper.answered

    @property
    def join(self) -> float | None:
        """Seconds from the business's 200 OK to the first packet with the shopper's voice."""
        if self.audio.joined is None or self.wire is None or self.wire.business is None:
            return None
        return self.audio.joined - (self.wire.business.answered or self.audio.joined)


def figures(run: Run, calls: Sequence[Followed]) -> Figures:
    """Everything that is printed of one server."""
    bridged = [call for call in calls if call.audio.bridged]
    said = [flow for call in bridged for flow in call.audio.said]
    heard = [flow for call in bridged for flow in call.audio.heard]
    skipped, short = _sum(heard, "skipped"), _sum(heard, "short")
    delays = [call.audio.delays for call in bridged]
    media = run.media if run.media and _all_bridged(run.media, calls) else None
    placed = len(calls) + run.beside
    marginal = _per_call_second(run, media, placed)
    return {
        "calls": len(calls),
        "bridged": len(bridged),
        "failed": len(calls) - len(bridged),
        "rtp_lost": run.kernel_drops + skipped + short,
        "cpu_percent_per_call": _rounded(100 * media.cpu / media.seconds / placed, 3) if media else None,
        "cpu_percent_per_call_by": {
            kind: _rounded(100 * cpu / media.seconds / placed, 3) for kind, cpu in sorted(media.kinds.items())
        }
        if media
        else None,
        "setup_cpu_ms_per_call": _setup_cpu(run, calls, marginal),
        "setup_cpu_ms_per_call_by": _setup_cpu_by(run, calls, media),
        "cpu_ms_per_call": _rounded(1000 * _above_idle(run, run.whole) / placed, 1),
        "rss_kb_per_call": _memory(run, media, placed),
        **percentiles("gap_ms", (call.gap for call in calls)),
        **percentiles("join_ms", (call.join for call in calls)),
        **percentiles("added_delay_ms", np.concatenate([np.empty(0), *delays]).tolist()),
        "drift_ms_max": max(
            (_rounded(1000 * abs(drift), 1) for call in bridged for drift in call.audio.drifts), default=None
        ),
        **percentiles("request_ms", run.request_seconds),
        "clicks_lost": sum(call.audio.clicks_lost for call in bridged),
        "rtp": {
            "expected": _sum(heard, "expected"),
            "kernel_drops": run.kernel_drops,
            "skipped": skipped,
            "short": short,
            "lost_by_its_own_count": run.told.lost,
            "holes": _sum(heard, "holes"),
            "phones_short": _sum(said, "short"),
            **percentiles("strayed_ms", _strayed(heard)),
            **percentiles("phones_strayed_ms", _strayed(said)),
            **percentiles("beyond_ms", _beyond(heard)),
            "beyond_ms_max": max((_rounded(1000 * value, 1) for value in _beyond(heard)), default=None),
            **percentiles("phones_beyond_ms", _beyond(said)),
        },
        "endings": run.told.endings,
        "refused": run.refused,
        "idle_cpu_percent": _rounded(100 * run.idle.cpu / run.idle.seconds, 2),
        "idle_rss_kb": run.idle_memory_kb,
        "processes": run.processes,
        "seconds": _rounded(run.whole.seconds, 1),
        "media_seconds": _rounded(media.seconds, 1) if media else None,
        "bench": {
            **{
                f"{name}_cpu_percent": _rounded(percent, 1) for name, percent in run.bench_cpu_percent.items()
            },
            "capture_missed": run.capture_missed,
        },
        "machine": {
            "busy_percent": _rounded(run.machine_busy_percent, 1),
            "stolen_percent": _rounded(run.machine_stolen_percent, 1),
            # Of whatever else ran meanwhile; the kernel's own threads are among it.
            "others_percent": _rounded(run.machine_busy_percent - _accounted(run), 1),
        },
    }


def ratios(ours: Figures, theirs: Figures) -> Figures:
    """Ours divided by theirs, where both have a figure."""
    return {
        name: _rounded(ours[name] / theirs[name], 2)
        for name in COMPARED
        if ours[name] is not None and theirs[name]
    }


def _all_bridged(span: Span, calls: Sequence[Followed]) -> bool:
    return all(
        call.wire is not None
        and call.audio.joined is not None
        and call.audio.joined <= span.since
        and call.wire.ended >= span.until
        for call in calls
    )


def _above_idle(run: Run, span: Span) -> float:
    return span.cpu - run.idle.cpu / run.idle.seconds * span.seconds


def _per_call_second(run: Run, media: Span | None, calls: int) -> float | None:
    return _above_idle(run, media) / media.seconds / calls if media else None


def _setup_cpu(run: Run, calls: Sequence[Followed], marginal: float | None) -> float | None:
    """CPU of the set-up phase in ms a call, without what idling and the calls already bridged cost."""
    if marginal is None:
        return None
    bridged = sum(run.setup.until - (call.audio.joined or run.setup.until) for call in calls)
    bridged += run.beside * (run.setup.until - run.setup.since)
    return _rounded(1000 * (_above_idle(run, run.setup) - marginal * bridged) / (len(calls) + run.beside), 2)


def _setup_cpu_by(run: Run, calls: Sequence[Followed], media: Span | None) -> dict[str, float | None] | None:
    """The same by kind of process."""
    if media is None:
        return None

    def only(span: Span, kind: str) -> Span:
        return dataclasses.replace(span, cpu=span.kinds.get(kind, 0.0))

    found = {}
    for kind in sorted(run.setup.kinds):
        ours = dataclasses.replace(run, idle=only(run.idle, kind), setup=only(run.setup, kind))
        marginal = _per_call_second(ours, only(media, kind), len(calls) + run.beside)
        found[kind] = _setup_cpu(ours, calls, marginal)
    return found


def _memory(run: Run, media: Span | None, calls: int) -> int | None:
    if media is None or run.memory_kb is None:
        return None
    return round((run.memory_kb - run.idle_memory_kb) / calls)


def _accounted(run: Run) -> float:
    server = 100 * run.whole.cpu / run.whole.seconds
    return server + sum(run.bench_cpu_percent.values())


def _sum(flows: Iterable[AudioFlow], field: str) -> int:
    return sum(getattr(flow, field) for flow in flows)


def _strayed(flows: Sequence[AudioFlow]) -> list[float]:
    parts = [flow.strayed for flow in flows]
    return list(np.concatenate(parts).tolist()) if parts else []


def _beyond(flows: Sequence[AudioFlow]) -> list[float]:
    parts = [np.maximum(flow.beyond, 0.0) for flow in flows]
    return list(np.concatenate(parts).tolist()) if parts else []


def percentiles(name: str, seconds: Iterable[float | None]) -> Figures:
    """Median and 99th percentile of what is known, in ms."""
    known = [1000 * value for value in seconds if value is not None]
    if not known:
        return {f"{name}_p50": None, f"{name}_p99": None}
    return {f"{name}_p{part}": _rounded(float(np.percentile(known, part)), 2) for part in (50, 99)}


def _rounded(value: float, places: int) -> float:
    return round(value, places)
