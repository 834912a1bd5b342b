"""The media service in numbers, for metrics and health."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from media.browser_choices import BrowserWorkerLoad
from media.placement import Placement
from media.supervisor import Supervisor
from media.worker import Worker, WorkerState


@dataclass(frozen=True, slots=True)
class MediaSnapshot:
    """One moment. Counters count from the start; workers are those that carry calls."""

    #: ``starting``, ``idle``, ``busy``, ``draining`` (of old settings, or to be replaced), ``leaving``.
    workers: dict[str, int]
    max_workers: int
    calls: int
    #: Slots of workers that are ready for new calls.
    slots_used: int
    slots_free: int
    forks: int
    forks_failed: int
    #: Workers that died while they worked.
    workers_lost: int
    #: Seconds from asking for a worker until it was ready: of all ``forks``, and of the last.
    fork_seconds: float
    last_fork_seconds: float
    #: Browser workers: ``starting``, ``ready``, ``draining`` (of old settings), ``leaving``.
    browser_workers: dict[str, int]
    #: Legs in browsers; each also takes a slot.
    browser_legs: int
    #: How many more of them, without Opus, the browser workers of today's settings can carry.
    browser_room: int


def take_snapshot(
    supervisor: Supervisor,
    placement: Placement,
    generation: int,
    max_workers: int,
    calls: int,
    loads: Sequence[BrowserWorkerLoad],
    browser_legs: int,
) -> MediaSnapshot:
    """Count everything once."""
    states = Counter(dict.fromkeys(("starting", "idle", "busy", "draining", "leaving"), 0))
    used = free = 0
    browsers = Counter(dict.fromkeys(("starting", "ready", "draining", "leaving"), 0))
    for worker in supervisor.workers.values():
        if worker.role == "browser":
            browsers[_browser_state(worker, generation)] += 1
            continue
        seats = placement.workers.get(worker.worker_id)
        if seats is None or worker.state is WorkerState.LEAVING:
            states["leaving"] += worker.role == "calls"
        elif worker.state is WorkerState.STARTING:
            states["starting"] += 1
        elif seats.condemned or seats.generation != generation:
            states["draining"] += 1
        else:
            states["busy" if seats.shares else "idle"] += 1
            used += seats.used
            free += seats.slots - seats.used
    return MediaSnapshot(
        workers=dict(states),
        max_workers=max_workers,
        calls=calls,
        slots_used=used,
        slots_free=free,
        forks=supervisor.tally.ready,
        forks_failed=supervisor.tally.failed,
        workers_lost=supervisor.tally.lost,
        fork_seconds=supervisor.tally.seconds,
        last_fork_seconds=supervisor.tally.last_seconds,
        browser_workers=dict(browsers),
        browser_legs=browser_legs,
        browser_room=sum(load_of_worker.room for load_of_worker in loads),
    )


def _browser_state(worker: Worker, generation: int) -> str:
    if worker.state in (WorkerState.LEAVING, WorkerState.GONE):
        return "leaving"
    return str(worker.state) if worker.generation == generation else "draining"
