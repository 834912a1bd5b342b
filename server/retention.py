"""Once a day what the settings want to be kept no longer goes, in small pieces: no call waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from bridge.protocols import Clock
from config.models import Config
from store.errors import StoreError
from store.retention import Expired, Kind, Rule, SqlRetention

log = structlog.get_logger(__name__)

#: Seconds from the start to the first look, and between two.
FIRST, EVERY = 900.0, 86400.0
#: Rows of one piece, and the seconds between two pieces: calls write in between.
PIECE, PAUSE = 200, 0.1


def rules_of(config: Config, now: float) -> list[Rule]:
    """What is too old by the settings. Calls that are deleted need not be made nobody's first."""
    rules: list[Rule] = []
    for name, site in config.sites.items():
        keeps: tuple[tuple[Kind, float | None], ...] = (
            ("calls", site.retention.calls),
            ("visitors", site.retention.visitors),
            ("callbacks", site.retention.callbacks),
            ("chats", site.retention.chats),
            ("transcripts", site.chat.transcript.keep if site.chat else None),
            ("leads", site.retention.leads),
            ("questions", site.retention.questions),
            ("page_visitors", site.retention.pages),
            ("offers", site.retention.pages),
            ("orders", site.retention.pages),
        )
        rules += [Rule(kind, name, now - keep) for kind, keep in keeps if keep is not None]
    rules.append(Rule("audit", "", now - config.portal.history))
    rules.append(Rule("changes", "", now - config.portal.history))
    rules.append(Rule("agent_time", "", now - config.portal.agent_time))
    return rules


class RetentionSweep:
    """Sweeps between ``start`` and ``stop``, and tells what a sweep would take."""

    def __init__(self, store: SqlRetention, config: Callable[[], Config], clock: Clock) -> None:
        self._store = store
        self._config = config
        self._clock = clock
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to sweep."""
        self._sweeping = asyncio.create_task(self._keep_sweeping(), name="retention")

    async def stop(self) -> None:
        """Sweep no more."""
        if self._sweeping is not None:
            self._sweeping.cancel()
            await asyncio.wait({self._sweeping})

    async def expired(self) -> list[Expired]:
        """What a sweep would take now. Raises what the store raises."""
        now = self._clock.time()
        found = [
            Expired(rule.site, rule.kind, rule.before, await self._store.count(rule))
            for rule in rules_of(self._config(), now)
        ]
        before = now - self._config().server.keep_deliveries
        found.append(Expired("", "deliveries", before, await self._store.count_deliveries(before)))
        before, files = await self._orphans()
        return [*found, Expired("", "files", before, len(files))]

    async def sweep(self) -> dict[str, int]:
        """Take out what is too old; how many rows and files. Raises what the store raises."""
        gone: dict[str, int] = {}
        for rule in rules_of(self._config(), self._clock.time()):
            after: tuple[float, str] | None = (0.0, "")
            while after is not None:
                after, count = await self._store.sweep(rule, after, PIECE)
                if count:
                    key = f"{rule.site}.{rule.kind}"
                    gone[key] = gone.get(key, 0) + count
                await asyncio.sleep(PAUSE)
        _, files = await self._orphans()
        for file in files:
            try:
                await asyncio.to_thread(file.unlink, missing_ok=True)
            except OSError as error:
                log.error("recording_not_deleted", path=str(file), error=error.strerror)
            else:
                gone["files"] = gone.get("files", 0) + 1
        log.info("retention_swept", **gone)
        return gone

    async def _orphans(self) -> tuple[float, list[Path]]:
        """Recordings that no message is about, older than any message is kept: of calls that a crash cut."""
        config = self._config()
        longest = max((box.keep_messages for box in config.mailboxes.values()), default=30 * 86400.0)
        before = self._clock.time() - longest
        known = await self._store.paths()
        names = frozenset(Path(path).name for path in known)

        def look() -> list[Path]:
            # Files have the wall clock's time, and so have the settings' days.
            limit = time.time() - longest
            try:
                files = [file for file in config.server.recordings.glob("*.wav") if file.is_file()]
                return [file for file in files if file.name not in names and file.stat().st_mtime < limit]
            except OSError as error:
                log.warning("recordings_not_read", error=error.strerror)
                return []

        return before, await asyncio.to_thread(look)

    async def _keep_sweeping(self) -> None:
        await asyncio.sleep(FIRST)
        while True:
            try:
                await self.sweep()
            except StoreError as error:
                log.warning("retention_without_store", error=str(error))
            await asyncio.sleep(EVERY)
