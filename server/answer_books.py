"""The answers of all sites, ready to be searched: made again in a thread whenever the settings change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import structlog

from answers.book import AnswerBook
from config.answers_file import load_answers
from config.models import Config
from config.problems import ConfigError

log = structlog.get_logger(__name__)


class AnswerBooks:
    """Each site's book. What cannot be read any more stays as it was: the check at the reload has read it."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config
        self._books = _read(config(), {})
        self._reading: asyncio.Task[None] | None = None

    def book(self, site: str) -> AnswerBook | None:
        """The answers of a site; None for a site without any."""
        return self._books.get(site)

    def settings_changed(self) -> None:
        """Read the files again, while calls go on."""
        self._reading = asyncio.create_task(self._read_again(self._reading), name="answers")

    async def _read_again(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        self._books = await asyncio.to_thread(_read, self._config(), self._books)


def _read(config: Config, former: Mapping[str, AnswerBook]) -> dict[str, AnswerBook]:
    books: dict[str, AnswerBook] = {}
    for name, site in config.sites.items():
        if site.answers is None:
            continue
        try:
            books[name] = AnswerBook(load_answers(site.answers.file).entries, site.page_languages)
        except ConfigError as error:
            log.error(
                "answers_not_read", site=name, problems=[each.line(error.file) for each in error.problems]
            )
            if name in former:
                books[name] = former[name]
    return books
