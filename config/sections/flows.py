"""The section ``flows``: guided chats, which ask a few questions and then offer a call.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from config.base import Condition, Language, Model
from config.checks.templates import check_brackets, check_template
from config.choices import ChoiceTable, read_choices
from config.draft import Draft
from config.languages import TextInLanguages, check_languages, each_text
from config.marks import Form
from config.problems import ConfigError, Loc, suggest
from config.section import Section
from config.sections.sites import Site
from config.sections.speech import Words

QuestionKind = Literal["year", "choice", "text", "postal_code", "phone", "email"]
FlowWay = Literal["call", "pc", "chat", "callback", "message", "later"]
AnswerKey = Annotated[
    str,
    Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,31}(\.[A-Za-z_][A-Za-z0-9_]{0,31})?$"),
    Form("the key that the answer gets, such as vehicle.year"),
]
ColumnName = Annotated[
    str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"), Form("the name of a column, such as model")
]
ChoiceText = Annotated[
    str, Field(min_length=1, max_length=80), Form("a text of at most 80 characters that shoppers may choose")
]
QuestionText = Annotated[
    str, Field(min_length=1, max_length=300), Form("a question of at most 300 characters: Which year?")
]
QuestionTexts = Annotated[
    QuestionText | dict[Language, QuestionText],
    Form("a question of at most 300 characters, or one for each language: {en: Which year?, es: ¿Qué año?}"),
]
SaidTexts = Annotated[
    Words | dict[Language, Words],
    Form("a text of at most 600 characters, or one for each language: {en: Hello, es: Hola}"),
]
LabelText = Annotated[str, Field(min_length=1, max_length=60)]
LabelTexts = Annotated[
    LabelText | dict[Language, LabelText],
    Form("a text of at most 60 characters, or one for each language: {en: Year, es: Año}"),
]
ChoiceTexts = Annotated[
    ChoiceText | dict[Language, ChoiceText],
    Form("a text of at most 80 characters that shoppers may choose, or one for each language"),
]
#: Years between which a car, a house or a person may be, where the settings say nothing.
FIRST_YEAR = 1900
#: What the words that offer the ways may name, besides {context.KEY} and {signed.KEY}.
FLOW_PLACEHOLDERS = ("site", "nearest.label", "nearest.miles", "nearest.km")
MOST_QUESTIONS = 30
#: What the keys of answers cannot begin with: conditions know other things by these names.
TAKEN_ROOTS = ("answers", "call", "contact", "geo", "nearest", "now", "page", "signed")


class FlowQuestion(Model):
    """One question of a flow."""

    ask: QuestionTexts
    """What the shopper is asked: "Which year?"; as all texts of a flow, it may be a mapping by language."""
    as_: AnswerKey = Field(alias="as")
    """The key that the answer gets. Routes, whispers, screen pops, headers and records know it as though the
    page had passed it: `{context.vehicle.year}`."""
    label: LabelTexts | None = None
    """What stands before the answer in the shopper's list of answers: "Year". Without it, the site's label of
    this field, else the key."""
    kind: QuestionKind = "text"
    """What is asked for: a `year`, a `choice`, a `text`, a `postal_code`, a `phone` number, an `email`
    address."""
    between: tuple[Annotated[int, Field(ge=1000, le=9999)], ...] = ()
    """Of a `year`: the first and the last that there is, such as [1960, 2027]; without it, from 1900 to next
    year."""
    choices: Annotated[tuple[ChoiceTexts, ...], Field(max_length=500)] = ()
    """Of a `choice`: what there is to choose from. Or take it from a `table`. Of a choice in several
    languages the first one is the answer that routes, agents and records know."""
    table: Path | None = None
    """Of a `choice`: a CSV file whose first line names its columns; at most 50,000 rows."""
    column: ColumnName | None = None
    """The column of the `table` that holds the choices; each is offered once, in the table's order."""
    where: dict[ColumnName, AnswerKey] = {}
    """Which rows of the `table` count: those whose column has the answer to an earlier question, such as
    `{make: vehicle.make}`. When that answer changes, this question is asked again."""
    others: Literal["refuse", "text"] = "refuse"
    """What becomes of an answer that is none of the choices: it is asked for again (`refuse`), or kept as it
    was typed (`text`)."""
    optional: bool = False
    """Whether the shopper may skip the question at once. Any question may be skipped after three answers that
    were not understood."""
    skip_if_known: bool = True
    """Whether the question is left out where the page has passed a usable value of this key, or passes it
    meanwhile. The shopper sees it in the list of answers, and may change it there."""


class FlowEnding(Model):
    """What a flow says and offers once its questions are answered."""

    when: Condition | None = None
    """Whether this is the one: the first whose condition is true counts. Conditions are those of routes; they
    also know the answers (`vehicle.year < 1990`; a key without a dot is `answers.KEY`), and `nearest.open`,
    `nearest.label`, `nearest.miles` and `nearest.km`: the destination that a call would ring first in a
    `nearest` step. The last ending has no condition."""
    say: SaidTexts
    """What the shopper reads. {nearest.label}, {nearest.miles}, {nearest.km}, {site}, {context.KEY} and
    {signed.KEY} are filled in. A part in [brackets] is left out where one of its placeholders is empty."""
    offer: Annotated[tuple[FlowWay, ...], Field(min_length=1)]
    """What the shopper may choose: `call` (their phone rings, then the business), `pc` (a call in the
    browser), `chat` (a person writes), `callback`, `message`, or `later` (nothing now). What cannot be had
    just then is left out."""


class FlowNumber(Model):
    """How a flow asks for the number to call, last of all and only where it is needed."""

    ask: QuestionTexts | None = None
    """The question; without it, Ringback's own in the flow's language."""
    consent: SaidTexts | None = None
    """What the shopper agrees to by giving the number. These words, the time and the IP address are kept with
    the call. Without it, Ringback's own in the flow's language."""


class FlowSettings(Model):
    """A guided chat: questions, and what is offered then. The shopper may ask for a person at any time."""

    language: Language | None = None
    """The language of what Ringback adds by itself: en, de, es or fr; without it, the site's. Where texts of
    the flow are in several languages, shoppers get theirs, and those who speak none of them get this one."""
    say: SaidTexts | None = None
    """What the shopper reads first. {site}, {context.KEY} and {signed.KEY} are filled in."""
    questions: Annotated[tuple[FlowQuestion, ...], Field(min_length=1, max_length=MOST_QUESTIONS)]
    """What is asked, in this order."""
    then: Annotated[tuple[FlowEnding, ...], Field(min_length=1, max_length=20)]
    """What is said and offered then; the first whose condition is true counts."""
    number: FlowNumber = FlowNumber()
    """How the number to call is asked for."""


def check_flows(draft: Draft) -> None:
    """Problems and warnings of flows; conditions are checked where they are compiled."""
    tables: dict[Path, ChoiceTable | None] = {}
    for name, flow in draft.items(FlowSettings).items():
        loc: Loc = ("flows", name)
        _said(draft, (*loc, "say"), flow.say, ("site",))
        earlier: dict[str, FlowQuestion] = {}
        for index, question in enumerate(flow.questions):
            here: Loc = (*loc, "questions", index)
            if question.as_ in earlier:
                draft.wrong((*here, "as"), "an earlier question has the same key: choose another")
            root = question.as_.partition(".")[0]
            if "." in question.as_ and root in TAKEN_ROOTS:
                draft.wrong(
                    (*here, "as"), f'"{root}" means something else in conditions: choose another name'
                )
            _question(draft, here, question, earlier, tables)
            earlier.setdefault(question.as_, question)
        _endings(draft, (*loc, "then"), flow)
        _languages(draft, loc, name, flow)
        _number(draft, (*loc, "number"), flow)


def _question(
    draft: Draft,
    loc: Loc,
    question: FlowQuestion,
    earlier: dict[str, FlowQuestion],
    tables: dict[Path, ChoiceTable | None],
) -> None:
    if question.between:
        if question.kind != "year":
            draft.doubtful((*loc, "between"), f"has no effect: this question asks for a {question.kind}")
        elif len(question.between) != 2 or question.between[0] > question.between[1]:
            draft.wrong((*loc, "between"), "write the first year and the last one, such as [1960, 2027]")
    if question.kind != "choice":
        for key in ("choices", "table", "column", "where", "others"):
            if draft.source.find((*loc, key)):
                draft.wrong((*loc, key), 'only a choice has this: set kind to "choice", or remove it')
        return
    if bool(question.choices) == (question.table is not None):
        here = (*loc, "choices") if question.choices else loc
        draft.wrong(here, 'give either "choices", or a "table" with a "column"')
    for index, choice in enumerate(question.choices):
        if choice in question.choices[:index]:
            draft.wrong((*loc, "choices", index), "is here twice: remove one")
    if question.table is None:
        for key in ("column", "where"):
            if draft.source.find((*loc, key)):
                draft.wrong((*loc, key), 'has no effect without a "table"')
        return
    if question.column is None:
        draft.wrong((*loc, "table"), 'add the "column" that holds the choices')
    for column, key in question.where.items():
        if key not in earlier:
            tip = suggest(key, earlier, "answers so far")
            draft.wrong((*loc, "where", column), f'no earlier question has the key "{key}": {tip}')
    _table(draft, loc, question, tables)


def _table(draft: Draft, loc: Loc, question: FlowQuestion, tables: dict[Path, ChoiceTable | None]) -> None:
    assert question.table is not None  # noqa: S101 - the caller has looked
    if question.table not in tables:
        tables[question.table] = None
        if not question.table.is_file():
            draft.wrong((*loc, "table"), f"no such file: {question.table}")
        else:
            try:
                tables[question.table] = read_choices(question.table)
            except ConfigError as error:
                draft.wrong_elsewhere(error, (*loc, "table"))
    table = tables[question.table]
    if table is None:
        return
    if question.column is not None:
        if problem := table.column_problem(question.column):
            draft.wrong((*loc, "column"), problem)
        elif not any(row.get(question.column) for row in table.rows):
            draft.wrong((*loc, "column"), "this column of the table is empty: there is nothing to choose")
    for column in question.where:
        if problem := table.column_problem(column):
            draft.wrong((*loc, "where", column), problem)


def _endings(draft: Draft, loc: Loc, flow: FlowSettings) -> None:
    for index, ending in enumerate(flow.then):
        here: Loc = (*loc, index)
        _said(draft, (*here, "say"), ending.say, FLOW_PLACEHOLDERS)
        last = index == len(flow.then) - 1
        if last and ending.when is not None:
            draft.wrong(
                (*here, "when"),
                "where this is false the shopper would be left with nothing: remove it, or add an ending "
                "without a condition behind it",
            )
        if not last and ending.when is None:
            draft.wrong(
                (*here, "say"), 'always counts, so that no ending behind it does: add "when", or make it last'
            )
        for position, way in enumerate(ending.offer):
            if way in ending.offer[:position]:
                draft.wrong((*here, "offer", position), "is here twice: remove one")


def _languages(draft: Draft, loc: Loc, name: str, flow: FlowSettings) -> None:
    """What the flow's own languages, and those of the pages that it is on, lack."""
    sites = [site for site in draft.items(Site).values() if site.chat is not None and site.chat.flow == name]
    pages = [language for site in sites for language in site.page_languages]
    spoken = languages_of(flow)
    if not spoken:
        return
    for place, text in texts_of(flow):
        here: Loc = (*loc, *place)
        check_languages(draft, here, text, dict.fromkeys((*spoken, *pages)))
        if isinstance(text, str) and place[-1] in ("say", "ask", "consent"):
            others = ", ".join(spoken)
            draft.doubtful(here, f"one text for all languages, and others of this flow are in {others}")


def _number(draft: Draft, loc: Loc, flow: FlowSettings) -> None:
    for key in ("ask", "consent"):
        if (text := getattr(flow.number, key)) is not None:
            _said(draft, (*loc, key), text, ("site",))
    needed = any(way in ("call", "callback", "message") for ending in flow.then for way in ending.offer)
    if draft.source.find(loc) and not needed:
        draft.doubtful(loc, "has no effect: no ending offers a call, a callback or a message")


def _said(draft: Draft, loc: Loc, said: TextInLanguages | None, names: tuple[str, ...]) -> None:
    for here, text in each_text(loc, said):
        check_template(draft, here, text, names)
        check_brackets(draft, here, text)


def texts_of(flow: FlowSettings) -> Iterator[tuple[Loc, TextInLanguages]]:
    """Every text of a flow with its place in it."""
    yield from _given(("say",), flow.say)
    for index, question in enumerate(flow.questions):
        here: Loc = ("questions", index)
        yield (*here, "ask"), question.ask
        yield from _given((*here, "label"), question.label)
        for place, choice in enumerate(question.choices):
            yield (*here, "choices", place), choice
    for index, ending in enumerate(flow.then):
        yield ("then", index, "say"), ending.say
    yield from _given(("number", "ask"), flow.number.ask)
    yield from _given(("number", "consent"), flow.number.consent)


def _given(loc: Loc, text: TextInLanguages | None) -> Iterator[tuple[Loc, TextInLanguages]]:
    if text is not None:
        yield loc, text


def languages_of(flow: FlowSettings) -> tuple[str, ...]:
    """The languages that any text of it has, in their order; none where each has one text for all."""
    found = (language for _, text in texts_of(flow) if not isinstance(text, str) for language in text)
    return tuple(dict.fromkeys(found))


FLOWS = Section(checks=(check_flows,))
