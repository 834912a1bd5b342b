"""Doubts about rules: conditions that can never be true, and values that a fact never has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from config.draft import Draft
from config.problems import Loc
from engage.rules import SiteRules
from expressions.syntax import Constant, conjuncts
from expressions.vocabulary import Path, Type
from routing.doubts_of_conditions import Domain, doubt_condition, route_domains

_DEVICES = ("phone", "tablet", "desktop")
#: Numbers that may be below 0.
_SIGNED_ROOTS = ("customer", "signed", "geo", "now")


def doubt_rules(draft: Draft, loc: Loc, rules: SiteRules) -> None:
    """Warnings for the conditions of a site's rules; ``loc`` is that of the rules."""
    domains = _domains(draft, rules.used)
    for rule in rules.rules:
        here: Loc = (*loc, rule.name)
        if isinstance(rule.when.tree, Constant):
            if not rule.when.tree.value:
                draft.doubtful((*here, "when"), "never true: remove the rule, or set draft: true")
        else:
            doubt_condition(draft, (*here, "when"), rule.when.tree, [], domains)
        if rule.only_if is not None:
            when = list(conjuncts(rule.when.tree))
            doubt_condition(draft, (*here, "only_if"), rule.only_if.tree, when, domains)


def _domains(draft: Draft, used: Mapping[Path, Type]) -> dict[Path, Domain]:
    known = {path: domain for path, domain in route_domains(draft).items() if path[0] != "call"}
    not_negative = Domain("it is 0 or more", fits=_from(0))
    for path, kind in used.items():
        if kind in (Type.NUMBER, Type.WHOLE) and path[0] not in _SIGNED_ROOTS:
            known[path] = not_negative
    known |= {
        ("device", "kind"): Domain("write a device", _DEVICES),
        ("visit", "number"): Domain("it is 1 or more", fits=_from(1)),
        ("visit", "pages"): Domain("it is 1 or more", fits=_from(1)),
        ("scroll", "depth"): Domain("it is from 0 to 100", fits=lambda value: 0 <= value <= 100),
    }
    return known


def _from(least: int) -> Callable[[Any], bool]:
    return lambda value: not isinstance(value, str) and value >= least
