"""What a site's panel answers by itself, with what is in force and with an operator's draft."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from answers.book import AnswerBook
from api.portal.settings import refused, usable_trial
from api.portal.settings_models import AnswersTrialView, AnswerTried, WishedQuestion
from api.portal_door import Asks
from api.problems import FieldError, Problem, RequestError
from api.routes import BODY_PROBLEMS, Audience, UrlRow
from changes.editor import SettingsEditor
from config.answers_file import load_answers
from config.models import Config
from config.problems import ConfigError
from config.text_file import unsaved
from routing.router import Router


class AnswerTrialEndpoints:
    """Asks both versions of a site's answers."""

    def __init__(self, router: Callable[[], Router], editor: SettingsEditor) -> None:
        self._router = router
        self._editor = editor

    def routes(self) -> tuple[UrlRow, ...]:
        """The one address."""
        problems = (*BODY_PROBLEMS, Problem.CONFIG_INVALID, Problem.DRAFT_CONFLICT, Problem.STORE_UNAVAILABLE)
        return (
            UrlRow("POST", "/v1/portal/settings/try/answers", self.answers, "portal_try_answers",
                   Audience.PORTAL, problems, right="look"),
        )  # fmt: skip

    async def answers(self, wished: WishedQuestion, user: Asks) -> AnswersTrialView:
        """What is found for a question, the best first; without one, what is suggested on the page."""
        standing, loaded = await usable_trial(self._editor, user.name)
        typed = standing.draft.mine if standing.draft else {}
        texts = {standing.paths[name]: text for name, text in typed.items()}
        now, draft = self._router().config, loaded.config
        if wished.site not in now.sites and wished.site not in draft.sites:
            told = FieldError(path="body.site", message="there is no such site")
            raise RequestError(Problem.VALIDATION_FAILED, errors=[told])
        try:
            return AnswersTrialView(
                now=await asyncio.to_thread(_found, wished, now, {}),
                draft=await asyncio.to_thread(_found, wished, draft, texts),
            )
        except ConfigError as error:
            raise refused(error) from None


def _found(wished: WishedQuestion, config: Config, texts: Mapping[Path, str]) -> list[AnswerTried] | None:
    """None where the site has no answers."""
    site = config.sites.get(wished.site)
    if site is None or site.answers is None:
        return None
    with unsaved(texts):
        entries = load_answers(site.answers.file).entries
    book = AnswerBook(entries, site.page_languages)
    language, most = book.language(wished.language), site.answers.at_most
    found = (
        book.search(wished.question, language, most)
        if wished.question
        else book.suggest(wished.page, language, most)
    )
    return [
        AnswerTried(
            name=each.name,
            question=each.question,
            answer="\n\n".join("".join(part.text for part in parts) for parts in each.paragraphs),
        )
        for each in found
    ]
