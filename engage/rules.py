"""The rules of a site, compiled; and what is wrong with their conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from config.models import Config
from config.problems import Loc, suggest
from config.sections.engage import EngageRule, EngageSettings
from config.sections.page import ContactWay, PageFact
from config.sections.sites import Site
from engage.decision import HeldReason
from engage.vocabulary import (
    CLOCKS,
    IDLE,
    NEEDS_CONSENT,
    OF_THE_BUSINESS,
    at_first,
    built_in,
    engage_names,
    is_of_business,
    may_change,
    may_declare,
    type_of,
)
from expressions.conditions import Condition, Hint, compile_condition, paths_of, try_out
from expressions.facts import Facts
from expressions.prepared import (
    TRUE,
    Always,
    Chances,
    TimedChances,
    chances,
    part_chances,
    parts_of,
    timed_chances,
)
from expressions.reduce import Reducer
from expressions.syntax import ConditionError, Node, conjuncts
from expressions.type_check import TypeCheck
from expressions.vocabulary import Path, Type
from routing.index import BranchIndex, index_branches

#: Takes a problem: the setting, the character of its text where there is one, and what is wrong.
Findings = Callable[[Loc, int | None, str], None]
#: Ways in which the parts of a condition that are known may come out, of which the outlook is kept.
MOST_OUTLOOKS = 64


class StillOpen(NamedTuple):
    """The facts that could still change what a condition comes to."""

    #: Those that the page tells, without clocks.
    of_page: frozenset[Path]
    #: Whether any could, clocks and those of the business included.
    any: bool


class Outlook:
    """Which facts could still change what a condition comes to, while the shopper stays on the page."""

    def __init__(self, condition: Condition) -> None:
        parts = [(part, paths_of(part)) for part in parts_of(condition.tree)]
        self._pending = frozenset(path for _, paths in parts for path in paths if may_change(path))
        self._fixed = [part_chances(part) for part, paths in parts if not self._pending.intersection(paths)]
        self._reducer = Reducer(condition.tree)
        self._known: dict[tuple[int, ...], StillOpen] = {}
        #: The parts that look at how long the shopper has done nothing.
        self.idle_parts = [part_chances(part) for part, paths in parts if IDLE in paths]

    def waits_for(self, facts: Facts) -> StillOpen:
        """The facts that could decide it."""
        fixed = tuple([part(facts) for part in self._fixed])
        found = self._known.get(fixed)
        if found is None:
            if len(self._known) >= MOST_OUTLOOKS:
                self._known.clear()
            waits = self._reducer.reduce(facts, self._pending).waits_for
            of_page = {path for path in waits if path not in CLOCKS and not is_of_business(path)}
            found = self._known[fixed] = StillOpen(frozenset(of_page), bool(waits))
        return found

    def depends_on(self, facts: Facts, paths: frozenset[Path]) -> bool:
        """Whether these facts, whatever they are, decide it."""
        return self._reducer.reduce(facts, paths).truth is None

    def moving_matters(self, facts: Facts) -> bool:
        """Whether a part comes out differently once a shopper who did nothing for a while does something."""
        if IDLE not in facts.values:
            return False
        active = facts.changed({IDLE: 0.0})
        return any(part(facts) != part(active) for part in self.idle_parts)


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """One rule, with its conditions as functions of the facts."""

    name: str
    settings: EngageRule
    when: Condition
    only_if: Condition | None
    #: How ``when`` comes out now.
    now: Chances
    #: How it may come out on this page at all; None where the page rules nothing out.
    ever: Chances | None
    #: How it may come out for any state of the business, and how long that stays so; None where it depends
    #: on neither clocks nor the business.
    in_time: TimedChances | None
    outlook: Outlook
    #: What of ``when`` is about the business.
    business_paths: tuple[Path, ...]
    #: What must be true of the business, part by part, and what is wrong where it is not.
    business: tuple[tuple[HeldReason, Chances], ...]
    #: The first of them are those of ``only_if``.
    only_if_parts: int
    only_if_paths: tuple[Path, ...]
    needs_consent: bool
    #: The way of contact that it shows.
    way: ContactWay | None


@dataclass(frozen=True, slots=True)
class SiteRules:
    """All that decides what a site's shoppers are offered. Immutable; a reload makes another one."""

    site: str
    settings: EngageSettings
    rules: tuple[CompiledRule, ...]
    #: Finds those that the page does not rule out by a text.
    index: BranchIndex
    #: The paths that conditions use, with their types.
    used: Mapping[Path, Type]
    #: Those that the page tells by name.
    page_facts: tuple[tuple[Path, Type, str], ...]
    #: Those that the server knows of the page and the shopper.
    server_facts: tuple[tuple[Path, Type], ...]
    #: Values of those that a page need not tell.
    at_first: Mapping[Path, int | bool]
    #: Those of the business.
    business_facts: tuple[Path, ...]
    #: The variables of these facts, and the maps, which are there even if empty.
    roots: frozenset[str]
    maps: frozenset[Path]
    #: What an invitation says to a shopper whose language it does not have.
    language: str
    #: The ways of contact, in the order of the buttons.
    ways: tuple[ContactWay, ...]
    #: Whether the facts differ by the way of contact.
    by_way: bool
    #: The ways whose buttons rules show.
    ruled_ways: frozenset[ContactWay]

    def rule(self, name: str) -> CompiledRule | None:
        """The rule of this name."""
        return next((rule for rule in self.rules if rule.name == name), None)

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
            compiled[rule_name] = _compiled(rule_name, rule, when, only_if)
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
        index=index_branches([_fixed_hints(rule) for rule in compiled.values()]),
        used=dict(types.used),
        **_sorted(types.used),
        at_first={path: value for path, value in at_first(site.page.facts).items() if path in types.used},
        language=site.page_languages[0],
        ways=site.contact_ways,
        ruled_ways=frozenset(
            rule.show.button
            for rule in site.engage.rules.values()
            if rule.show.button is not None and not rule.draft
        ),
    )


def _fixed_hints(rule: CompiledRule) -> list[Hint]:
    """What must be equal for the rule to hold on a page at all; nothing for one that needs consent."""
    if rule.needs_consent:
        return []
    return [hint for hint in rule.when.hints if not may_change(hint[0])]


def _compiled(name: str, rule: EngageRule, when: Condition, only_if: Condition | None) -> CompiledRule:
    paths = paths_of(when.tree)
    business_paths = tuple(filter(is_of_business, paths))
    in_time = None
    if business_paths or CLOCKS.intersection(paths):
        in_time = timed_chances(when.tree, CLOCKS, is_of_business)
    ever = chances(when.tree, may_change)
    required = list(conjuncts(only_if.tree)) if only_if else []
    of_when = [part for part in conjuncts(when.tree) if all(map(is_of_business, paths_of(part) or [("",)]))]
    return CompiledRule(
        name=name,
        settings=rule,
        when=when,
        only_if=only_if,
        now=chances(when.tree),
        ever=None if isinstance(ever, Always) and ever.may & TRUE else ever,
        in_time=in_time,
        outlook=Outlook(when),
        business_paths=business_paths,
        business=tuple((_reason(part), chances(part)) for part in (*required, *of_when)),
        only_if_parts=len(required),
        only_if_paths=tuple(paths_of(only_if.tree)) if only_if else (),
        needs_consent=bool(NEEDS_CONSENT.intersection(paths)),
        way=rule.show.invitation or rule.show.button,
    )


def _reason(part: Node) -> HeldReason:
    """Why a rule is held of which this part is not true."""
    roots = {path[0] for path in paths_of(part)}
    if roots & {"hours", "now"}:
        return HeldReason.HOURS
    return HeldReason.QUEUE if "queue" in roots else HeldReason.AGENTS


def _sorted(used: Mapping[Path, Type]) -> dict[str, Any]:
    """The facts by where they come from."""
    of_server = ("signed", "geo", "campaign", "device", "visit")
    page, server, business = [], [], []
    for path, kind in used.items():
        if is_of_business(path):
            business.append(path)
        elif path[0] in of_server or (path[0] == "page" and not may_change(path)):
            server.append((path, kind))
        else:
            page.append((path, kind, ".".join(path)))
    return {
        "page_facts": tuple(page),
        "server_facts": tuple(server),
        "business_facts": tuple(business),
        "roots": frozenset(path[0] for path in used),
        "maps": frozenset(path[:length] for path in used for length in range(1, len(path))),
        "by_way": any(path[0] in ("agents", "queue") for path in business),
    }


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
