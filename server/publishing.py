"""Notes what was done to the settings files while nobody looked, and applies changes whose time has come."""

from __future__ import annotations

import asyncio

import structlog

from changes.editor import SettingsEditor
from config.problems import ConfigError
from store.errors import StoreError

log = structlog.get_logger(__name__)

#: Seconds between two looks.
EVERY = 5.0


class ChangePublisher:
    """``start`` it when the database is open, and ``stop`` it before it is closed."""

    def __init__(self, editor: SettingsEditor, every: float = EVERY) -> None:
        self.editor = editor
        self._every = every
        self._looking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look."""
        self._looking = asyncio.get_running_loop().create_task(self._keep_looking())

    async def stop(self) -> None:
        """Look no more. A change that is being applied is finished."""
        if self._looking is not None:
            await self.editor.finish()
            self._looking.cancel()
            await asyncio.wait({self._looking})

    async def _keep_looking(self) -> None:
        first = True
        while True:
            try:
                if first:
                    await self.editor.look()
                    first = False
                await self.editor.publish_due()
            except (StoreError, ConfigError) as error:
                log.warning("changes_not_published", error=str(error))
            await asyncio.sleep(self._every)
