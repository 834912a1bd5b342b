"""The rules of a site, compiled; and what is wrong with their conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from config.models import Config
from config.problems import Loc, suggest
from config.sections.engage import EngageRule, EngageSettings
from config.sections.page import PageFact
from config.sections.sites import Site
from engage.vocabulary import OF_THE_BUSINESS, built_in, engage_names, may_declare, type_of
from expressions.conditions import Condition, compile_condition, paths_of, try_out
from expressions.reduce import Reducer
from expressions.syntax import ConditionError
from expressions.type_check import TypeCheck
from expressions.vocabulary import Path, Type

#: Takes a problem: the setting, the character of its text where there is one, and what is wrong.
Findings = Callable[[Loc, int | None, str], None]


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule."""

    name: str
    settings: EngageRule
    when: Condition
    only_if: Condition | None
    reducer: Reducer


@dataclass(frozen=True, slots=True)
class SiteRules:
    """All that decides what a site's shoppers are offered. Immutable; a reload makes another one."""

    site: str
    settings: EngageSettings
    rules: tuple[CompiledRule, ...]
    #: The paths that conditions use, with their types.
    used: Mapping[Path, Type]
    #: The maps whose keys a page, or the retailer's server, chooses.
    free: frozenset[Path]
    #: What an invitation says to a shopper whose language it does not have.
    language: str

    @classmethod
    def of(cls, config: Config, site: str) -> SiteRules:
        """The rules of a site; ValueError tells the first problem of a config that is not right."""

        def refuse(loc: Loc, offset: int | None, text: str) -> None:
            raise ValueError(f"{'.'.join(map(str, loc))}: {text}")

        return compile_rules(site, config.sites[site], config.hours, refuse)


def compile_rules(name: str, site: Site, hours: Iterable[str], wrong: Findings) -> SiteRules:
    """Compile the rules of a site; what is wrong is told and left out."""
    here: Loc = ("sites", name)
    _check_facts((*here, "page", "facts"), site.page.facts, wrong)
    types = TypeCheck(engage_names(hours, site.page.facts))
    compiled = {}
    for rule_name, rule in site.engage.rules.items():
        loc: Loc = (*here, "engage", "rules", rule_name)
        when = _condition(rule.when, types, f"{rule_name}.when", (*loc, "when"), wrong)
        only_if = None
        if rule.only_if is not None:
            only_if = _condition(rule.only_if, types, f"{rule_name}.only_if", (*loc, "only_if"), wrong)
            _check_only_if((*loc, "only_if"), only_if, wrong)
        if when is not None:
            compiled[rule_name] = CompiledRule(rule_name, rule, when, only_if, Reducer(when.tree))
    for loc, condition in _conditions(here, compiled.values()):
        try:
            try_out(condition, types)
        except ConditionError as error:
            wrong(loc, error.offset, error.text)
    _check_signed(here, site, compiled.values(), wrong)
    return SiteRules(
        site=name,
        settings=site.engage,
        rules=tuple(compiled.values()),
        used=dict(types.used),
        free=types.free,
        language=site.page_languages[0],
    )


def _condition(text: str, types: TypeCheck, where: str, loc: Loc, wrong: Findings) -> Condition | None:
    try:
        return compile_condition(text, types, where)
    except ConditionError as error:
        wrong(loc, error.offset, error.text)
    return None


def _conditions(here: Loc, rules: Iterable[CompiledRule]) -> Iterator[tuple[Loc, Condition]]:
    for rule in rules:
        yield (*here, "engage", "rules", rule.name, "when"), rule.when
        if rule.only_if is not None:
            yield (*here, "engage", "rules", rule.name, "only_if"), rule.only_if


def _check_only_if(loc: Loc, condition: Condition | None, wrong: Findings) -> None:
    """What is no matter of the business belongs to ``when``: else nobody could say why a rule was held."""
    for path in paths_of(condition.tree) if condition else ():
        if path[0] not in OF_THE_BUSINESS:
            names = ", ".join(OF_THE_BUSINESS)
            wrong(loc, None, f'{".".join(path)} belongs into "when": this is a condition on {names} alone')


def _check_facts(loc: Loc, facts: Mapping[str, PageFact], wrong: Findings) -> None:
    known = built_in()
    for name, fact in facts.items():
        root, field = name.split(".")
        if (kind := known.get((root, field))) is not None and may_declare(root):
            wanted = Type.NUMBER if kind is Type.WHOLE else kind
            if type_of(fact) is not wanted:
                wrong((*loc, name, "type"), None, f"every page has this fact, and it is {kind}")
        elif not may_declare(root):
            wrong((*loc, name), None, f"{root} is Ringback's own: choose another name, such as shop.{field}")


def _check_signed(here: Loc, site: Site, rules: Iterable[CompiledRule], wrong: Findings) -> None:
    """Signed fields must be among those that the site takes, where it does not take any."""
    passed = site.data_pass
    for loc, condition in _conditions(here, rules):
        for path in paths_of(condition.tree):
            key = ".".join(path[1:])
            if path[0] != "signed":
                continue
            if passed.signing is None:
                wrong(loc, None, f'{".".join(path)} is never known: add "data_pass.signing" to the site')
            elif passed.unknown_fields != "keep" and passed.field_of(key) is None:
                tip = suggest(key, passed.fields, "fields")
                wrong(loc, None, f"{key} is no field of data_pass, and is not kept: {tip}")
