"""``ringback questions``: what shoppers asked before they got in contact."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from server.listing import TextColumn, TextTable, show
from server.operator import OperatorClient
from server.options import AsJson, ConfigFile

DAY = 86400.0


def questions(
    config: ConfigFile,
    site: Annotated[str | None, typer.Option(help="Only this site.")] = None,
    days: Annotated[float, typer.Option(min=1, help="How far back, in days.")] = 30.0,
    unanswered: Annotated[
        bool, typer.Option("--unanswered", help="Only questions for which the search finds nothing now.")
    ] = False,
    answers: Annotated[
        bool, typer.Option("--answers", help="What came of each answer, in place of the questions.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what shoppers asked in the search of answers. At least three visitors have asked each question."""
    report = OperatorClient(config).questions(time.time() - days * DAY)
    period = f"of {days:g} {'day' if days == 1 else 'days'}"
    if answers:
        told = [each for each in report.answers if site in (None, each.site)]
        if as_json:
            for answer in told:
                print(answer.model_dump_json())
            return
        rows = [
            [each.site, each.answer, *map(str, (each.opened, each.helped, each.not_helped, each.contacted))]
            for each in told
        ]
        named = ("Site", "Answer", "Opened", "Helped", "Did not help", "Then contact")
        show(TextTable(f"Answers {period}", [TextColumn(name) for name in named], rows))
        return
    asked = [
        each
        for each in report.questions
        if site in (None, each.site) and not (unanswered and each.finds is not None)
    ]
    if as_json:
        for question in asked:
            print(question.model_dump_json())
        return
    lines = [
        [
            each.site,
            each.language,
            each.question,
            *map(str, (each.asked, each.answered, each.contacted)),
            each.finds or "nothing",
        ]
        for each in asked
    ]
    columns = ("Site", "Language", "Question", "Asked", "Answered", "Then contact", "Search finds now")
    show(TextTable(f"Questions {period}", [TextColumn(name) for name in columns], lines))
