"""Keeps recorded talks: notes each, puts its two sides together, deletes it when its time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter

from bridge.bulletin import Interest, on
from bridge.facts import RecordingBegan, RecordingEnded
from bridge.protocols import Clock
from bridge.talk_recording import sides_of
from config.models import Config
from media.talk_files import delete, merge
from store.errors import StoreError
from store.recordings import KeptRecording, SqlRecordings

log = structlog.get_logger(__name__)

#: Seconds between two looks what is too old, and to what is not complete.
EVERY = 3600.0
#: Recordings that are deleted at once, and seconds for which those of unknown sites are kept.
BATCH, KEEP_OTHERS = 100, 30 * 86400.0
#: Seconds for which a call is over before its recording, not complete, is taken for one that a crash left.
OVER_FOR = 300.0
#: Seconds after which what the store refused is tried again.
AGAIN = 5.0
#: Seconds that the end of the server waits for what is still to be noted and put together.
PATIENCE = 20.0


class RecordingKeeper:
    """A :class:`bridge.bulletin.Subscriber`, which also tidies between ``start`` and ``stop``.

    ``site_of(call_id)`` tells of a live call. ``clock`` is the wall's.
    """

    def __init__(
        self,
        *,
        store: SqlRecordings,
        config: Callable[[], Config],
        site_of: Callable[[str], str],
        clock: Clock,
        registry: CollectorRegistry | None = None,
    ) -> None:
        self._store = store
        self._config = config
        self._site_of = site_of
        self._clock = clock
        #: What is to be done for each recording, one after the other.
        self._last: dict[str, asyncio.Task[None]] = {}
        self._tidying: asyncio.Task[None] | None = None
        self._kept = Counter(
            "ringback_recordings",
            "Recorded talks that are complete, by whether the disk took all of them.",
            ["complete"],
            registry=registry,
        )

    def interests(self) -> Iterable[Interest]:
        """When recordings begin and end."""
        return on(RecordingBegan, self._began), on(RecordingEnded, self._ended)

    async def start(self) -> None:
        """Begin to tidy: complete what a server before left, and delete what is too old."""
        self._tidying = asyncio.create_task(self._keep_tidy(), name="recordings")

    async def stop(self) -> None:
        """Tidy no more; what was begun is done, unless the store refuses it: the next start looks again."""
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.wait({self._tidying})
        if self._last:
            await asyncio.wait(list(self._last.values()), timeout=PATIENCE)
        for left in list(self._last.values()):
            left.cancel()

    # --- one recording -------------------------------------------------------------------------------------

    def _began(self, fact: RecordingBegan) -> None:
        kept = KeptRecording(
            recording_id=fact.recording_id,
            call_id=fact.call_id,
            site=self._site_of(fact.call_id),
            leg_id=fact.leg_id,
            destination=fact.destination,
            path=f"{fact.folder}/{fact.recording_id}.wav",
            began_at=self._clock.time(),
        )
        self._then(fact.recording_id, lambda: self._store.begin(kept))

    def _ended(self, fact: RecordingEnded) -> None:
        self._then(fact.recording_id, lambda: self._complete(fact.recording_id, failed=fact.failed))

    def _then(self, recording_id: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do this after all that was asked before for the same recording."""
        before = self._last.get(recording_id)

        async def run() -> None:
            if before is not None:
                await asyncio.wait({before})
            while True:
                try:
                    await work()
                    return
                except StoreError as error:
                    log.warning("recording_not_noted", recording_id=recording_id, error=str(error))
                    await asyncio.sleep(AGAIN)

        task = asyncio.create_task(run(), name=f"recording {recording_id}")
        self._last[recording_id] = task
        task.add_done_callback(lambda done: self._forget_task(recording_id, done))

    def _forget_task(self, recording_id: str, done: asyncio.Task[None]) -> None:
        if self._last.get(recording_id) is done:
            del self._last[recording_id]
        if not done.cancelled() and (error := done.exception()) is not None:
            log.error("recording_failed", recording_id=recording_id, error=repr(error))

    async def _complete(self, recording_id: str, *, failed: bool) -> None:
        kept = await self._store.recording(recording_id)
        if kept is None:
            return  # erased meanwhile
        path = Path(kept.path)
        left, right = map(Path, sides_of(str(path.parent), recording_id))
        try:
            seconds = await asyncio.to_thread(merge, (left, right), path)
        except OSError as error:
            log.error("recording_not_merged", recording_id=recording_id, error=error.strerror)
            return  # looked at again in an hour: both sides are there still
        if not await self._store.complete(recording_id, seconds, failed=failed):
            await self._unlink(kept)  # erased while it was put together
            return
        self._kept.labels("no" if failed or not seconds else "yes").inc()
        log.info("recording_kept", call_id=kept.call_id, recording_id=recording_id, seconds=round(seconds, 1))

    # --- tidying --------------------------------------------------------------------------------------------

    async def _keep_tidy(self) -> None:
        pause = OVER_FOR + AGAIN  # until calls of a core that died are over for long enough
        while True:
            await asyncio.sleep(pause)
            try:
                await self.tidy()
            except StoreError as error:
                log.warning("recordings_without_store", error=str(error))
            pause = EVERY

    async def tidy(self) -> None:
        """Complete recordings of calls that are over, and delete those whose time is over. StoreError.

        A file goes before its row: what cannot be deleted is seen again in an hour.
        """
        for kept in await self._store.left_open(self._clock.time() - OVER_FOR):
            if kept.recording_id not in self._last:
                self._then(kept.recording_id, partial(self._complete, kept.recording_id, failed=False))
        stuck: set[str] = set()
        while True:
            limit = BATCH + len(stuck)
            expired = await self._store.expired(
                self._clock.time(), keeps_of(self._config()), otherwise=KEEP_OTHERS, limit=limit
            )
            for kept in expired:
                if kept.recording_id not in stuck and not await self._delete(kept):
                    stuck.add(kept.recording_id)
            if len(expired) < limit:
                return

    async def _delete(self, kept: KeptRecording) -> bool:
        if not await self._unlink(kept):
            return False
        await self._store.forget(kept.recording_id)
        log.info("recording_deleted", recording_id=kept.recording_id, call_id=kept.call_id)
        return True

    async def _unlink(self, kept: KeptRecording) -> bool:
        try:
            await asyncio.to_thread(delete, Path(kept.path))
        except OSError as error:
            log.error(
                "recording_not_deleted",
                recording_id=kept.recording_id,
                call_id=kept.call_id,
                path=kept.path,
                error=error.strerror,
            )
            return False
        return True


def keeps_of(config: Config) -> dict[str, float]:
    """For how many seconds each site keeps a recording: never longer than whose call it was."""
    return {
        name: min(
            seconds
            for seconds in (
                site.recording.keep if site.recording else KEEP_OTHERS,
                site.retention.calls,
                site.retention.visitors,
            )
            if seconds is not None
        )
        for name, site in config.sites.items()
    }
