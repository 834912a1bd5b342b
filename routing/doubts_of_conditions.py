"""Doubts about conditions: values that never occur, and comparisons that no value meets.

A value whose domain is known is compared with it. What one condition, with those of the routes above it, asks
of one value is then tried with every value that can make a difference; where none will do, no call comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from itertools import permutations
from typing import Any

import phonenumbers

from config.draft import Draft
from config.problems import Loc, suggest
from config.sections.route import Route
from expressions.syntax import Binary, Constant, FunctionCall, Items, Node, children, conjuncts, path_of
from routing.facts import WEEKDAYS
from routing.parts import Parts
from routing.trial import MIRRORED, NotTriedError, try_value

Path = tuple[str, ...]
#: What people write for a country.
_SLIPS = {"UK": "GB", "EN": "GB", "USA": "US", "UNITED STATES": "US", "GERMANY": "DE", "DEUTSCHLAND": "DE"}
#: Texts of which every order is tried.
_MOST_TEXTS = 5
#: So many values are told one by one.
FEW = 10


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that a path can have."""

    #: What to write, in words that follow "write".
    form: str
    #: All of them; empty where ``fits`` says which.
    values: tuple[Any, ...] = ()
    fits: Callable[[Any], bool] = lambda value: True
    #: Whether an order of texts means something: "09:00" < "10:00".
    ordered: bool = False

    def has(self, value: Any) -> bool:
        """Whether a comparison with this constant can tell values of the domain apart."""
        return value in self.values if self.values else self.fits(value)


def doubt_conditions(draft: Draft, parts: Parts) -> None:
    """Warnings for conditions that can never be true, or always are."""
    domains = route_domains(draft)
    above = {branch: name for name, route in draft.items(Route).items() for branch in route.branches}
    for name, condition in parts.conditions.items():
        loc: Loc = ("routes", name, "when")
        if isinstance(condition.tree, Constant):
            holds = (
                "always true: remove the line"
                if condition.tree.value
                else "never true: no call takes this route"
            )
            draft.doubtful(loc, holds)
            continue
        doubt_condition(draft, loc, condition.tree, list(_inherited(name, above, parts)), domains)


def doubt_condition(
    draft: Draft, loc: Loc, tree: Node, inherited: list[Node], domains: Mapping[Path, Domain]
) -> None:
    """Warnings for one condition, at ``loc``; ``inherited`` is what must be true besides."""
    told = list(_strange(tree, domains))
    for at, text in told:
        draft.doubtful_within(loc, at, text)
    if not told:
        _contradictions(draft, loc, tree, inherited, domains)


def _inherited(name: str, above: Mapping[str, str], parts: Parts) -> Iterator[Node]:
    """What the routes above a branch ask for."""
    seen = {name}
    while (name := above.get(name, "")) and name not in seen:
        seen.add(name)
        if condition := parts.conditions.get(name):
            yield from conjuncts(condition.tree)


# --- constants against domains -----------------------------------------------------------------------------


def _strange(node: Node, domains: Mapping[Path, Domain]) -> Iterator[tuple[int, str]]:
    """Constants that the value beside them never is: where, and what to write."""
    for path, constant, operator in _compared(node):
        domain = domains.get(path)
        if domain is None or constant.value is None or isinstance(constant.value, bool):
            continue
        if operator in ("==", "!=", "in") or (domain.ordered and operator in MIRRORED):
            if not domain.has(constant.value):
                yield constant.at, _never(path, constant.value, domain, operator)
        elif operator in ("startsWith", "endsWith", "contains") and domain.values:
            tests = {"startsWith": str.startswith, "endsWith": str.endswith, "contains": str.__contains__}
            if not any(tests[operator](str(value), str(constant.value)) for value in domain.values):
                yield constant.at, _never(path, constant.value, domain, operator)
    for child in children(node):
        yield from _strange(child, domains)


def _compared(node: Node) -> Iterator[tuple[Path, Constant, str]]:
    """The constants that a node compares a path with."""
    match node:
        case Binary(operator="in", left=left, right=Items(items=items)) if path := path_of(left):
            for item in items:
                if isinstance(item, Constant):
                    yield path, item, "in"
        case Binary(operator=operator, left=left, right=Constant() as constant) if path := path_of(left):
            yield path, constant, operator
        case Binary(operator=operator, left=Constant() as constant, right=right) if path := path_of(right):
            yield path, constant, MIRRORED.get(operator, operator)
        case FunctionCall(name=name, of=of, arguments=(Constant() as constant,)) if of and (
            path := path_of(of)
        ):
            yield path, constant, name


def _never(path: Path, value: Any, domain: Domain, operator: str) -> str:
    name = ".".join(path)
    shown = f'"{value}"' if isinstance(value, str) else value
    outcome = "so this is always true" if operator == "!=" else "so this is never true"
    if operator in MIRRORED and operator not in ("==", "!="):
        outcome = "so the comparison goes wrong"
    return f"{name} is never {shown}, {outcome}: {_tip(value, domain)}"


def _tip(value: Any, domain: Domain) -> str:
    known = [str(known) for known in domain.values if known]
    if not isinstance(value, str) or not known or domain.ordered:
        return domain.form
    if meant := _SLIPS.get(value.upper()) or next(
        (each for each in known if value and each.startswith(value.casefold())), None
    ):
        return f'did you mean "{meant}"?'
    tip = suggest(value, known, "values")
    return domain.form if tip.startswith("the values") and len(known) > FEW else tip


# --- what several comparisons ask of one value ----------------------------------------------------------


def _contradictions(
    draft: Draft, loc: Loc, tree: Node, inherited: list[Node], domains: Mapping[Path, Domain]
) -> None:
    own = list(conjuncts(tree))
    asked: dict[Path, list[Node]] = {}
    for part in (*inherited, *own):
        paths = set(_paths(part))
        if len(paths) == 1:
            asked.setdefault(paths.pop(), []).append(part)
    for path, nodes in asked.items():
        if any(
            isinstance(each, FunctionCall) and each.name == "matches" for node in nodes for each in _all(node)
        ):
            continue  # what a pattern takes is not found by trying
        mine = [node for node in nodes if node in own]
        if not mine:
            continue
        domain = domains.get(path)
        try:
            values = _values(nodes, domain)
            answers = [[try_value(node, path, value) for node in nodes] for value in values]
        except NotTriedError:
            continue
        name = ".".join(path)
        if not any(all(answer) for answer in answers):
            above = " together with the routes above" if len(mine) < len(nodes) else ""
            many = "these contradict each other for" if len(nodes) > 1 else "no value fits"
            draft.doubtful_within(loc, mine[-1].at, f"never true{above}: {many} {name}")
        elif domain and len(domain.values) > 1 and all(all(answer) for answer in answers):
            draft.doubtful_within(loc, mine[-1].at, f"always true, whatever {name} is: remove it")


def _values(nodes: list[Node], domain: Domain | None) -> tuple[Any, ...]:
    """Values of a path that can make a difference to these nodes."""
    if domain is None or not domain.values:
        return tuple(_telling(nodes, domain))
    signs = {operator for node in nodes for each in _all(node) for _, _, operator in _compared(each)}
    if signs <= {"==", "!=", "in"}:
        # Of those that are not named any stands for all.
        named = {constant.value for node in nodes for constant in _constants(node)}
        others = [value for value in domain.values if value not in named][:1]
        return (*(value for value in domain.values if value in named), *others)
    return domain.values


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _all(child)


def _paths(node: Node) -> Iterator[Path]:
    path = path_of(node)
    if path is not None:
        yield path
        return
    for child in children(node):
        yield from _paths(child)


def _telling(nodes: Iterable[Node], domain: Domain | None) -> Iterator[Any]:
    """Values between which and around which the constants of these nodes can tell."""
    constants = {constant.value for node in nodes for constant in _constants(node)}
    yield from (True, False)
    texts = [constant for constant in constants if isinstance(constant, str)]
    if len(texts) > _MOST_TEXTS:
        raise NotTriedError
    if not (domain and domain.ordered):
        # One may begin the text, another end it.
        for length in range(2, len(texts) + 1):
            yield from ("".join(order) for order in permutations(texts, length))
    for constant in constants:
        match constant:
            case bool() | None:
                pass
            case int() | float():
                yield from (
                    value for value in (constant - 0.5, constant, constant + 0.5) if _may_be(value, domain)
                )
            case str():
                near = [constant, "", f"{constant}~", constant[:-1], f"~{constant}", f"~{constant}~"]
                if domain and domain.ordered and domain.has(constant):
                    day = date.fromisoformat(constant)
                    near = [(day + timedelta(days)).isoformat() for days in (-1, 0, 1)]
                    near = [day for day in near if day >= _yesterday()] + [_yesterday(), "9999-01-01"]
                yield from (value for value in near if _may_be(value, domain))


def _yesterday() -> str:
    """The earliest day that it may be anywhere."""
    return (datetime.now(UTC) - timedelta(days=1)).date().isoformat()


def _may_be(value: Any, domain: Domain | None) -> bool:
    return domain is None or isinstance(value, str) or domain.fits(value)


def _constants(node: Node) -> Iterator[Constant]:
    if isinstance(node, Constant):
        yield node
    for child in children(node):
        yield from _constants(child)


# --- the domains -------------------------------------------------------------------------------------------


def route_domains(draft: Draft) -> dict[Path, Domain]:
    """The values that the facts of routes can have."""
    today = datetime.now(UTC).date()
    countries = Domain("write two capital letters, such as US", ("", *sorted(phonenumbers.SUPPORTED_REGIONS)))
    whole = {
        "month": range(1, 13), "day": range(1, 32), "hour": range(24), "minute": range(60),
        "year": range(today.year - (today.timetuple().tm_yday == 1), today.year + 21),
    }  # fmt: skip
    domains: dict[Path, Domain] = {
        ("now", name): Domain(f"it is from {values[0]} to {values[-1]}", tuple(values))
        for name, values in whole.items()
    }
    clock = tuple(f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60))
    more: dict[Path, Domain] = {
        ("now", "weekday"): Domain("write a day", WEEKDAYS),
        ("now", "time"): Domain("write a time such as 09:00", clock, ordered=True),
        ("now", "date"): Domain("write a date such as 2026-12-24", fits=_is_day, ordered=True),
        ("call", "site"): Domain("name a site", tuple(draft.named("sites"))),
        ("call", "country"): countries,
        ("geo", "country"): countries,
        ("geo", "source"): Domain("name a source", ("context", "postal", "number", "ip", "")),
        ("geo", "region"): Domain("write the region's code, such as MA", fits=_like(r"([A-Z0-9]{1,3})?")),
        ("geo", "postal_code"): Domain(
            "write it in capitals without spaces (British codes keep theirs: SW1A 1AA)",
            fits=_like(r"[A-Z0-9 ]*"),
        ),
        ("geo", "latitude"): Domain("it is from -90 to 90", fits=lambda value: -90 <= value <= 90),
        ("geo", "longitude"): Domain("it is from -180 to 180", fits=lambda value: -180 <= value <= 180),
        ("geo", "radius_km"): Domain("it is 0 or more", fits=lambda value: value >= 0),
        ("call", "claimed_number"): Domain("write it as +16175550100", fits=_like(r"(\+[1-9]\d{6,14})?")),
        ("call", "number"): Domain("write it as +16175550100", fits=_like(r"(\+[1-9]\d{6,14})?")),
        ("call", "ip"): Domain("write an address", fits=_address),
        ("page", "url"): Domain("it begins with https://", fits=_like(r"(https?://.*)?")),
        ("page", "host"): Domain(
            "write the host alone in lower case, such as shop.example", fits=_like(r"[^A-Z/:?#\s]*")
        ),
        ("page", "path"): Domain(
            'it begins with / and has no "?": see page.query', fits=_like(r"(/[^?#]*)?")
        ),
    }
    return domains | more


def _like(form: str) -> Callable[[Any], bool]:
    pattern = re.compile(form, re.ASCII)
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def _is_day(value: Any) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == str(value)
    except (TypeError, ValueError):
        return False


def _address(value: Any) -> bool:
    try:
        ip_address(value)
    except ValueError:
        return not value
    return True
