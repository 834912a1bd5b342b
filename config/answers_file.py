"""A file of answers: what shoppers ask, and what the shop answers by itself, without anybody to talk to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from config.base import Language, Model, Name
from config.marks import Form
from config.problems import START, ConfigError, ConfigProblem, Loc, write_loc
from config.resolve import resolve
from config.shape import Shape
from config.source import Source, read_source
from config.wording import explain

MOST_ANSWERS = 2000
#: A link in a text: ``[words](address)``, or an address by itself.
LINK = re.compile(
    r"\[([^\[\]\n]{1,200})\]\(([^()\s]{1,500})\)|(https?://[^\s<>\"()]{1,500}[^\s<>\"().,:;!?])"
)
#: What a link may lead to: another page of the shop, or one with https.
SAFE_TARGET = re.compile(r"https://[^\s/?#]+.*|/(?!/).*")

QuestionText = Annotated[str, Field(min_length=1, max_length=200), Form("a text of at most 200 characters")]
AnswerText = Annotated[str, Field(min_length=1, max_length=2000), Form("a text of at most 2000 characters")]
PagePattern = Annotated[
    str,
    Field(pattern=r"^/[^\s?#]{0,199}$"),
    Form("a path, such as /returns, /orders/* or /help/**"),
]


class AnswerEntry(Model):
    """One answer."""

    question: dict[Language, QuestionText]
    """What people ask, by language: `{en: How do I send something back?}`."""
    answer: dict[Language, AnswerText]
    """What they are told, by language: plain text, with links as `[our form](/returns)` or
    `https://shop.example/returns`. An empty line begins a new paragraph."""
    also: dict[Language, tuple[QuestionText, ...]] = {}
    """Other words by which it is found, by language: `{en: [refund, money back]}`."""
    pages: Annotated[tuple[PagePattern, ...], Field(max_length=50)] = ()
    """The pages on which it is suggested before anything was typed, by their paths. `*` stands for one part
    of a path, `**` for any number of parts: `/orders/*`, `/help/**`. The search finds it on every page."""


class AnswersFile(Model):
    """The file."""

    answers: Annotated[dict[Name, AnswerEntry], Field(max_length=MOST_ANSWERS)]
    """The answers, by name, in the order in which they are suggested."""


@dataclass(frozen=True, slots=True)
class LoadedAnswers:
    """What a file of answers says, and what is doubtful about it."""

    entries: dict[str, AnswerEntry]
    warnings: tuple[ConfigProblem, ...]


_ROOT = Shape("model", model=AnswersFile)


def load_answers(file: Path, languages: Iterable[str] = ()) -> LoadedAnswers:
    """Read a file of answers; :class:`ConfigError` with every problem and its place.

    An answer that lacks one of ``languages`` is doubtful.
    """
    source = read_source(file, lines=True)
    tree, problems = resolve(source, {}, _ROOT)
    problems = [*source.problems, *problems]
    answers: dict[str, AnswerEntry] = {}
    try:
        answers = AnswersFile.model_validate_json(json.dumps(tree)).answers
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
        problems += explain(source, tree, errors, _ROOT)
    problems += _wrong(source, answers)
    if problems:
        raise ConfigError(file, problems)
    return LoadedAnswers(answers, tuple(_doubtful(source, answers, tuple(languages))))


def _wrong(source: Source, answers: dict[str, AnswerEntry]) -> Iterator[ConfigProblem]:
    for name, entry in answers.items():
        loc: Loc = ("answers", name)
        for key, other in (("question", "answer"), ("answer", "question")):
            for language in getattr(entry, key).keys() - getattr(entry, other).keys():
                yield _problem(
                    source, (*loc, key, language), f'there is no "{other}" in this language: add it'
                )
        if not entry.question and not entry.answer:
            yield _problem(source, (*loc, "question"), "write it in one language at least")
        for language in entry.also.keys() - entry.question.keys():
            yield _problem(
                source, (*loc, "also", language), 'there is no "question" in this language: add it'
            )
        for language, text in entry.answer.items():
            here = (*loc, "answer", language)
            for link in LINK.finditer(text):
                if not SAFE_TARGET.fullmatch(link[2] or link[3]):
                    yield _problem(source, here, "a link must begin with https:// or with /: correct it")


def _doubtful(
    source: Source, answers: dict[str, AnswerEntry], languages: tuple[str, ...]
) -> Iterator[ConfigProblem]:
    for name, entry in answers.items():
        for index, pattern in enumerate(entry.pages):
            if pattern in entry.pages[:index]:
                yield _problem(source, ("answers", name, "pages", index), "is here twice: remove one")
        missing = [language for language in languages if language not in entry.question]
        if missing:
            text = f"not in every language of the pages: add {', '.join(missing)}"
            yield _problem(source, ("answers", name, "question"), text)
    if not answers:
        yield ConfigProblem(START, "answers", "there are no answers: write some")


def _problem(source: Source, loc: Loc, text: str) -> ConfigProblem:
    return ConfigProblem(source.value_place(loc), write_loc(loc), text)
