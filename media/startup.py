"""Waits for the first workers at a start, which fails without them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

from media.engines.description import Role
from media.supervisor import Supervisor
from media.worker import WorkerState

#: The start fails after so many workers failed to start.
START_ATTEMPTS = 8


class MediaStartError(Exception):
    """No media worker starts; the text says why."""


async def wait_for_workers(
    supervisor: Supervisor,
    wanted: Mapping[Role, int],
    seconds: float,
    changed: asyncio.Event,
    progress: Callable[[int, int], None],
) -> None:
    """Wait until so many workers of each role are ready, or the time is over.

    ``changed`` is set when a worker becomes ready or dies. Raises :class:`MediaStartError` with the reason if
    of some role not even one worker is ready.
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
            raise MediaStartError(f"no {kind} worker starts: {supervisor.last_error or 'no reason is known'}")


def _ready(supervisor: Supervisor, role: Role) -> int:
    return sum(worker.state is WorkerState.READY for worker in supervisor.living(role))
