"""Waits for the first workers at a start, which fails without them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from media.engines.description import Role
from media.supervisor import Supervisor
from media.worker import WorkerState

#: Workers that fail to start before a start is given up.
START_ATTEMPTS = 8


class MediaStartError(Exception):
    """No media worker can be started."""


async def wait_for_workers(
    supervisor: Supervisor,
    wanted: Mapping[Role, int],
    seconds: float,
    changed: asyncio.Event,
    progress: Callable[[int, int], None],
) -> None:
    """Wait until so many workers of each role are ready, or the time is over.

    ``changed`` is set when a worker got ready or died. :class:`MediaStartError`, with the reason, where of
    a role not even one is ready.
    """
    total = sum(wanted.values())
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (
                sum(_ready(supervisor, role) for role in wanted) < total
                and supervisor.tally.failed < START_ATTEMPTS
            ):
                progress(sum(_ready(supervisor, role) for role in wanted), total)
                changed.clear()
                await changed.wait()
    progress(sum(_ready(supervisor, role) for role in wanted), total)
    for role, needed in wanted.items():
        if needed and not _ready(supervisor, role):
            kind = "browser" if role == "browser" else "media"
            raise MediaStartError(f"no {kind} worker starts: {supervisor.last_error or 'none says why'}")


def _ready(supervisor: Supervisor, role: Role) -> int:
    return sum(worker.state is WorkerState.READY for worker in supervisor.living(role))
