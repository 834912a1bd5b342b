"""What this machine cannot do just now that calls may need: probed at the start, at a reload, and ever again.

A call that ends in a message is planned otherwise while nothing can be recorded, and everybody who asks is
told: ``check``, ``/readyz``, the metrics and the log.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from config.draft import Draft
from config.models import Config
from config.sections.mailboxes import Mailbox
from config.sections.server import Server
from config.sections.sites import Site
from media.espeak import DEFAULT_VOICE, PROGRAM
from media.probes import Usable, folder_problem, look, speech_problem, unknown_voices

log = structlog.get_logger(__name__)

#: Seconds between two looks.
EVERY = 10.0


class Fitness(Collector):
    """Looks again and again, on a thread, and remembers what it saw. A collector of Prometheus's, too."""

    def __init__(self, config: Callable[[], Config], program: str = PROGRAM) -> None:
        self._config = config
        self._program = program
        self._usable = Usable()
        self._looking: asyncio.Task[None] | None = None
        self._again = asyncio.Event()

    def usable(self) -> Usable:
        """What was seen at the last look."""
        return self._usable

    async def start(self) -> None:
        """Look once, and then from time to time."""
        await self._look()
        self._looking = asyncio.create_task(self._keep_looking(), name="fitness")

    async def stop(self) -> None:
        """Look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait({self._looking})

    def look_again(self) -> None:
        """Something has changed, such as the settings: do not wait."""
        self._again.set()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """``ringback_usable{part}``."""
        family = GaugeMetricFamily(
            "ringback_usable",
            "1 while messages can be recorded, texts be spoken, and the database grow.",
            labels=["part"],
        )
        family.add_metric(["recordings"], 0 if self._usable.recordings else 1)
        family.add_metric(["speech"], 0 if self._usable.speech else 1)
        family.add_metric(["database"], 0 if self._usable.database else 1)
        yield family

    async def _keep_looking(self) -> None:
        while True:
            try:
                async with asyncio.timeout(EVERY):
                    await self._again.wait()
            except TimeoutError:
                pass
            self._again.clear()
            await self._look()

    async def _look(self) -> None:
        before, self._usable = self._usable, await asyncio.to_thread(look, self._config(), self._program)
        _tell("recordings_unusable", "recordings_usable", before.recordings, self._usable.recordings)
        _tell("disk_full", "disk_has_room", before.database, self._usable.database)
        _tell("speech_unusable", "speech_usable", before.speech, self._usable.speech)


def _tell(bad: str, good: str, before: str, now: str) -> None:
    if now and now != before:
        log.error(bad, reason=now)
    elif before and not now:
        log.info(good)


def check_host(draft: Draft) -> None:
    """Warnings for ``ringback check``, at the start and at a reload: what calls may need and cannot have."""
    server = draft.section(Server)
    if server and draft.items(Mailbox):
        here = draft.written(("server", "recordings"), ("server",), ("mailboxes",))
        longest = max(box.longest_message for box in draft.items(Mailbox).values())
        if problem := _folder(server.recordings, round(longest * 16_000)):
            draft.doubtful(
                here, f"no message can be recorded: {problem}; shoppers are called back, or told so, instead"
            )
    if problem := speech_problem(DEFAULT_VOICE):
        draft.doubtful(("sites",), f"no text can be spoken: {problem}; shipped recordings take their place")
        return
    unknown = unknown_voices(site.spoken_by for site in draft.items(Site).values())
    for name, site in draft.items(Site).items():
        if site.spoken_by in unknown:
            draft.doubtful(
                draft.written(("sites", name, "voice"), ("sites", name, "language"), ("sites", name)),
                f"{unknown[site.spoken_by]}: another of its language, or English, speaks",
            )


def _folder(folder: Path, size: int) -> str:
    """As a recording would find it, but no folder is made."""
    try:
        there = next(each for each in (folder, *folder.parents) if each.is_dir())
    except OSError as error:
        return f"cannot look at {folder}: {error.strerror}"
    return folder_problem(there, size)
