"""From the settings of a flow to the flow: tables read, conditions compiled, own words filled in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

from chat.flow import EMAIL, MESSAGE, NUMBER, GuidedFlow, GuidedQuestion, PreparedEnding
from chat.flow_words import words
from config.choices import ChoiceTable, read_choices
from config.draft import Draft
from config.languages import TextInLanguages, in_language
from config.problems import Loc
from config.sections.flows import FlowQuestion, FlowSettings, FlowWay, languages_of
from config.sections.sites import Site
from expressions.conditions import Condition, compile_condition, try_out
from expressions.syntax import ConditionError
from expressions.type_check import TypeCheck
from expressions.vocabulary import Type, Vocabulary
from routing.facts import Wanted
from routing.vocabulary import ROUTE_NAMES

_T = Type
_NEAREST = Vocabulary({"nearest": {"open": _T.TRUTH, "label": _T.TEXT, "miles": _T.NUMBER, "km": _T.NUMBER}})

#: Notes a problem with the condition of an ending: its number, how many characters in, and the text.
Wrong = Callable[[int, int, str], None]


def compile_flow(
    name: str, settings: FlowSettings, site: Site, tables: ChoiceTables | None = None, wanted: str = ""
) -> GuidedFlow:
    """The flow as shoppers of this site are asked it who speak ``wanted``; ``settings`` have been checked.

    Blocks where its tables have not been read: :class:`~config.problems.ConfigError` where one is gone.
    """
    language = language_for(settings, site, wanted)
    known = tables or ChoiceTables()
    types = TypeCheck(vocabulary_of(settings))
    conditions = compile_conditions(settings, types, _refuse)
    questions = tuple(_question(each, site, known, language) for each in settings.questions)
    return GuidedFlow(
        name=name,
        version=_version(settings, language, questions),
        language=language,
        say=in_language(settings.say or "", language),
        questions=questions,
        endings=tuple(
            PreparedEnding(conditions.get(index), in_language(ending.say, language), ending.offer)
            for index, ending in enumerate(settings.then)
        ),
        further=_further(settings, language, site),
        wanted=Wanted.of(types.used),
    )


def language_for(settings: FlowSettings, site: Site, wanted: str) -> str:
    """The language for a shopper who speaks ``wanted``, such as ``de-AT``; empty: nobody knows."""
    spoken, own = languages_of(settings), settings.language or site.tongue
    meant = wanted.partition("-")[0].lower()
    if meant in spoken:
        return meant
    return own if own in spoken or not spoken else spoken[0]


class ChoiceTables:
    """The tables of choices of one config: each is read once."""

    def __init__(self) -> None:
        self._read: dict[Path, ChoiceTable] = {}

    def of(self, file: Path) -> ChoiceTable:
        """The table in a file; blocks when it is asked for first."""
        if file not in self._read:
            self._read[file] = read_choices(file)
        return self._read[file]


def check_flow_conditions(draft: Draft) -> None:
    """A check of the loader's (``further``): problems of conditions, with line and column."""
    for name, settings in draft.items(FlowSettings).items():

        def wrong(index: int, offset: int, text: str, flow: str = name) -> None:
            loc: Loc = ("flows", flow, "then", index, "when")
            draft.wrong_within(loc, offset, text)

        compile_conditions(settings, TypeCheck(vocabulary_of(settings)), wrong)


def vocabulary_of(settings: FlowSettings) -> Vocabulary:
    """What a flow's conditions may name: what those of routes may, ``nearest``, and the answers."""
    declared: dict[str, dict[str, Type]] = {"answers": {}}
    for question in settings.questions:
        root, dot, key = question.as_.partition(".")
        kind = _T.WHOLE if question.kind == "year" else _T.TEXT
        if not dot:
            declared["answers"][root] = kind
        elif (root,) not in ROUTE_NAMES.free:
            declared.setdefault(root, {})[key] = kind
    return ROUTE_NAMES | _NEAREST | Vocabulary(declared)


def compile_conditions(settings: FlowSettings, types: TypeCheck, wrong: Wrong) -> dict[int, Condition]:
    """The conditions of the endings by their numbers."""
    compiled: dict[int, Condition] = {}
    for index, ending in enumerate(settings.then):
        if ending.when is None:
            continue
        try:
            compiled[index] = compile_condition(ending.when, types, f"then[{index}]")
            try_out(compiled[index], types)
        except ConditionError as error:
            wrong(index, error.offset, error.text)
    return compiled


def _refuse(index: int, offset: int, text: str) -> None:
    raise ValueError(f"then[{index}].when, column {offset + 1}: {text}")


def _question(settings: FlowQuestion, site: Site, tables: ChoiceTables, language: str) -> GuidedQuestion:
    label = in_language(settings.label, language) if settings.label else ""
    if not label:
        field = site.data_pass.field_of(settings.as_)
        label = field.label if field and field.label else settings.as_.rpartition(".")[2].replace("_", " ")
    first, last = settings.between or (0, None)
    return GuidedQuestion(
        key=settings.as_,
        ask=in_language(settings.ask, language),
        label=label,
        kind=settings.kind,
        optional=settings.optional,
        skip_if_known=settings.skip_if_known,
        between=(first, last),
        depends_on=tuple(settings.where.values()),
        choices=_choices(settings, tables),
        takes_others=settings.others == "text",
        words={
            _value(each): in_language(each, language)
            for each in settings.choices
            if not isinstance(each, str)
        },
    )


def _choices(settings: FlowQuestion, tables: ChoiceTables) -> Mapping[tuple[str, ...], tuple[str, ...]]:
    if settings.table is None or settings.column is None:
        return {(): tuple(_value(each) for each in settings.choices)}
    found: dict[tuple[str, ...], dict[str, None]] = {}
    for row in tables.of(settings.table).rows:
        if choice := row.get(settings.column):
            key = tuple(row.get(column, "").casefold() for column in settings.where)
            found.setdefault(key, {})[choice] = None
    return {key: tuple(choices) for key, choices in found.items()}


def _value(choice: TextInLanguages) -> str:
    """What routes, agents and records know a choice by: its first language."""
    return choice if isinstance(choice, str) else next(iter(choice.values()))


def _further(
    settings: FlowSettings, language: str, site: Site
) -> Mapping[FlowWay, tuple[GuidedQuestion, ...]]:
    said = settings.number
    number = GuidedQuestion(
        key=NUMBER,
        ask=_filled(in_language(said.ask or words(language, "number"), language), site),
        label=words(language, "label_number"),
        kind="phone",
        skip_if_known=False,
        consent=_filled(in_language(said.consent or words(language, "consent"), language), site),
    )
    message = GuidedQuestion(
        MESSAGE, words(language, "message"), words(language, "label_message"), "text", skip_if_known=False
    )
    email = GuidedQuestion(
        EMAIL, words(language, "email"), words(language, "label_email"), "email", skip_if_known=False
    )
    return {"call": (number,), "callback": (number,), "message": (message, email)}


def _filled(text: str, site: Site) -> str:
    return text.replace("{site}", site.label)


def _version(settings: FlowSettings, language: str, questions: tuple[GuidedQuestion, ...]) -> str:
    """Of the settings and of what there is to choose from: a changed table is another version too."""
    told = settings.model_dump_json() + language
    choices = json.dumps([sorted(each.choices.items()) for each in questions])
    return sha256((told + choices).encode()).hexdigest()[:16]
