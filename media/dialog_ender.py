"""Ends the SIP dialogs of dead workers through workers that are alive."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import structlog

from media.dialog_log import DialogLog, KnownDialog
from media.protocol import WorkerRefusedError
from media.supervisor import Supervisor
from media.worker import Worker, WorkerState

log = structlog.get_logger(__name__)

#: Seconds for one worker to end one dialog, between two tries to find a worker, and for one dialog in all.
_ANSWER, _LOOK, _PATIENCE = 5.0, 0.1, 30.0


class DialogEnder:
    """Ends dialogs in place of the worker that had them."""

    def __init__(self, supervisor: Supervisor, dialog_log: DialogLog) -> None:
        self._supervisor, self._dialog_log = supervisor, dialog_log
        self._tasks: set[asyncio.Task[None]] = set()

    def end(self, dialogs: Iterable[KnownDialog]) -> asyncio.Future[list[None]]:
        """Begin to end these dialogs; done when every peer has answered, or no worker could do it in time."""
        tasks = []
        for dialog in dialogs:
            task = asyncio.get_running_loop().create_task(self._end(dialog))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            tasks.append(task)
        if tasks:
            return asyncio.gather(*tasks)
        nothing: asyncio.Future[list[None]] = asyncio.get_running_loop().create_future()
        nothing.set_result([])
        return nothing

    def stop(self) -> None:
        """Stop; the next start ends the rest."""
        for task in list(self._tasks):
            task.cancel()

    async def _end(self, dialog: KnownDialog) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE
        while loop.time() < until:
            worker = self._worker()
            if worker is None:
                await asyncio.sleep(_LOOK)
                continue
            try:
                async with asyncio.timeout(_ANSWER):
                    answered = await worker.end_dialog(dialog.record)
            except TimeoutError:
                answered = False
            except (WorkerRefusedError, ConnectionError):
                await asyncio.sleep(_LOOK)
                continue
            log.info("dialog of a lost worker ended", leg_id=dialog.leg_id, answered=answered)
            self._dialog_log.ended(dialog)
            return
        log.warning("a dialog of a lost worker could not be ended", leg_id=dialog.leg_id)

    def _worker(self) -> Worker | None:
        """A worker that can do it: one for calls, which knows every trunk."""
        ready = [worker for worker in self._supervisor.living("calls") if worker.state is WorkerState.READY]
        return max(ready, key=lambda worker: worker.generation, default=None)
