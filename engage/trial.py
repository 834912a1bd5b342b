"""A page that nobody has opened: what an operator tries the rules with. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from config.fields import parse_duration
from config.problems import suggest
from engage.availability import Availability
from engage.vocabulary import CLOCKS, is_of_business
from expressions.facts import Facts
from expressions.vocabulary import Path, Type, Vocabulary
from routing.facts import converted

#: Facts that are seconds: ``40s`` is as good as ``40``.
_SECONDS = frozenset({*CLOCKS, ("queue", "wait")})
#: Facts that the page tells, or that follow from its address and the time.
_OF_ADDRESS = {"page": ("url", "host", "path", "query"), "now": ()}


class TrialError(ValueError):
    """What the operator gave is no fact, or not of its type."""


@dataclass(frozen=True, slots=True)
class TriedFacts:
    """What an operator says of the page, the shopper and the business."""

    #: By name, as pages tell them.
    told: Mapping[str, str] = field(default_factory=dict)
    signed: Mapping[str, str] = field(default_factory=dict)
    #: Those that the server finds out by itself.
    known: Mapping[Path, Any] = field(default_factory=dict)
    business: Mapping[Path, Any] = field(default_factory=dict)

    def added_to(self, facts: Facts) -> Facts:
        """Facts of a page, with those that the server would have found out."""
        return facts.changed(self.known)

    def applied_to(self, there: Availability) -> Availability:
        """A business, with what is said of it."""
        free, wait = self.business.get(("agents", "free")), self.business.get(("queue", "wait"))
        ways = {
            way: replace(
                now,
                free=now.free if free is None else free,
                wait=now.wait if wait is None else wait,
            )
            for way, now in there.ways.items()
        }
        hours = {path[1]: value for path, value in self.business.items() if path[0] == "hours"}
        return replace(there, ways=ways, hours={**there.hours, **hours})


def tried_facts(pairs: Iterable[tuple[str, str]], names: Vocabulary) -> TriedFacts:
    """From names and values as texts; :class:`TrialError` tells what is wrong with one."""
    told, signed = {}, {}
    known: dict[Path, Any] = {}
    business: dict[Path, Any] = {}
    for name, text in pairs:
        path = tuple(name.split("."))
        kind = _type(path, names)
        if path[0] == "signed":
            signed[".".join(path[1:])] = text
            continue
        value = _value(path, text, kind)
        if is_of_business(path):
            business[path] = value
        elif path[0] in ("geo", "campaign", "visit", "device") or path == ("page", "title"):
            known[path] = value
        else:
            told[name] = str(value)
    return TriedFacts(told, signed, known, business)


def _type(path: Path, names: Vocabulary) -> Type:
    root, *fields = path
    if root not in names.declared:
        raise TrialError(f"no fact {'.'.join(path)}: {suggest(root, names.declared, 'facts')}")
    if path[1:2] and path[1] in _OF_ADDRESS.get(root, ()):
        raise TrialError(f"{'.'.join(path)} follows from --page")
    if root == "now":
        raise TrialError(f"{'.'.join(path)} follows from --at")
    if names.is_free(path):
        return Type.TEXT
    known = names.declared[root]
    if len(fields) != 1 or fields[0] not in known:
        raise TrialError(f"{root} has no field {'.'.join(fields)}: {suggest(fields[0], known, 'fields')}")
    return known[fields[0]]


def _value(path: Path, text: str, kind: Type) -> Any:
    if path in _SECONDS:
        try:
            return parse_duration(text)
        except ValueError:
            pass
    value = converted(text, kind)
    if value is None:
        raise TrialError(f"{'.'.join(path)} must be {kind}, and {text} is not")
    return value
