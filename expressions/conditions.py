"""Conditions, compiled once: evaluated by the Rust library, found by what they need to be equal."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import cel

from expressions.facts import SIZE, Facts
from expressions.syntax import (
    Binary,
    ConditionError,
    Constant,
    FunctionCall,
    Items,
    Node,
    children,
    conjuncts,
    parse,
    path_of,
    write,
)
from expressions.type_check import TypeCheck
from expressions.vocabulary import Path, Type

_RUST_PLACE = re.compile(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]*)")
#: What a value of each type may look like, to try a condition before any call.
_SAMPLES: dict[Type, Any] = {
    Type.TRUTH: True, Type.WHOLE: 1, Type.NUMBER: 1.5, Type.TEXT: "1", Type.ANY: "1",
}  # fmt: skip

#: A path, how its value is compared, and with what.
Comparison = tuple[Path, Callable[[Any, Any], bool], Any]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
#: A path, and the texts of which its value must be one for the condition to be true.
Hint = tuple[Path, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. ``hints`` are necessary and not sufficient: without one of the texts it is false."""

    text: str
    tree: Node
    program: cel.Program
    hints: tuple[Hint, ...]
    #: The whole condition as comparisons that must all be true; None where it says more than that.
    comparisons: tuple[Comparison, ...] | None
    #: The maps whose keys somebody else chooses.
    free: frozenset[Path]

    def holds(self, facts: Facts) -> bool:
        """Whether it is true; what needs a value that nobody passed is false."""
        if self.comparisons is None:
            return outcome_of(self.program, facts) is True
        # Of values whose types were checked, these say the same as the evaluator, without its variables.
        values = facts.values
        for path, compare, wanted in self.comparisons:
            value = values.get(path)
            if value is None or not compare(value, wanted):
                return False
        return True

    def why_not(self, facts: Facts) -> str:
        """The first part that is false, with the values that made it so."""
        for part in conjuncts(self.tree):
            if not outcome_of(cel.compile(for_rust(part)), facts):
                said = "; ".join(_told(path, facts, self.free) for path in paths_of(part))
                return f"{write(part)} is false" + (f": {said}" if said else "")
        return f"{self.text} is false"


def compile_condition(text: str, types: TypeCheck, where: str) -> Condition:
    """Read, check and compile; :class:`ConditionError`. ``where`` is the condition's name in messages."""
    tree = parse(text)
    types.check(tree, where)
    try:
        cel.compile(text)  # for the place of what the library alone finds wrong
    except ValueError as error:
        found = _RUST_PLACE.search(str(error))
        raise ConditionError(int(found[2]) - 1 if found else 0, found[3] if found else str(error)) from None
    program = cel.compile(for_rust(tree))
    return Condition(text, tree, program, tuple(_hints(tree)), _comparisons(tree), types.free)


def try_out(condition: Condition, types: TypeCheck) -> None:
    """Evaluate once with sample values; :class:`ConditionError` for what the checks did not foresee."""
    values = {path: _SAMPLES[types.used[path]] for path in paths_of(condition.tree) if path in types.used}
    try:
        result = condition.program.execute(Facts(values, {}, types.free).context)
    except (KeyError, ValueError, ArithmeticError):
        return  # a sample need not be what a conversion or a division takes
    except (TypeError, RuntimeError) as error:
        raise ConditionError(0, str(error).partition("\n")[0]) from None
    if not isinstance(result, bool):
        raise ConditionError(0, "a condition must be true or false")


def for_rust(tree: Node) -> str:
    """The condition for the library, whose own ``size`` counts bytes of UTF-8 where CEL says code points."""
    return write(_renamed(tree))


def _renamed(node: Node) -> Node:
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, Node):
            changed[each.name] = _renamed(value)
        elif isinstance(value, tuple):
            changed[each.name] = tuple(_renamed(inner) for inner in value)
    if isinstance(node, FunctionCall) and node.name == "size":
        of = changed.get("of")
        changed |= {"name": SIZE, "of": None, "arguments": changed["arguments"] if of is None else (of,)}
    return replace(node, **changed)


def outcome_of(program: cel.Program, facts: Facts) -> bool | None:
    """Whether it is true; None where it cannot be evaluated."""
    try:
        return program.execute(facts.context) is True
    except (KeyError, TypeError, ValueError, RuntimeError, ArithmeticError):
        # A key that nobody passed, a text that is no number, a division by nothing.
        return None


def _told(path: Path, facts: Facts, free: frozenset[Path]) -> str:
    name = ".".join(path)
    if path in facts.values:
        return f"{name} is {write(Constant(0, facts.values[path]))}"
    return f"{name} {facts.flaws.get(path, 'was not passed' if path[:-1] in free else 'is not known')}"


def paths_of(node: Node) -> list[Path]:
    """The values that a condition looks at, each once."""
    found: dict[Path, None] = {}
    waiting = [node]
    while waiting:
        here = waiting.pop()
        path = path_of(here)
        if path is not None and len(path) > 1:
            found[path] = None
        elif (
            isinstance(here, Binary)
            and here.operator == "in"
            and isinstance(here.left, Constant)
            and (inner := path_of(here.right))
        ):
            found[(*inner, str(here.left.value))] = None
        else:
            waiting += reversed(children(here))
    return list(found)


def _comparisons(tree: Node) -> tuple[Comparison, ...] | None:
    found = [comparison_of(part) for part in conjuncts(tree)]
    return None if None in found else tuple(each for each in found if each is not None)


def comparison_of(part: Node) -> Comparison | None:
    """``path operator constant``, ``path in [constants]``, or a path that is true by itself."""
    if (path := path_of(part)) and len(path) > 1:
        return path, operator.is_, True
    if not isinstance(part, Binary) or not (path := path_of(part.left)) or len(path) == 1:
        return None
    match part.right:
        case Constant(value=value) if value is not None and part.operator in _COMPARE:
            return path, _COMPARE[part.operator], value
        case Items(items=items) if part.operator == "in":
            constants = tuple(item.value for item in items if isinstance(item, Constant))
            if len(constants) == len(items) and None not in constants:
                return path, _is_in, constants
    return None


def _is_in(value: object, wanted: tuple[object, ...]) -> bool:
    return value in wanted


def _hints(tree: Node) -> list[Hint]:
    found: list[Hint] = []
    for part in conjuncts(tree):
        match part:
            case Binary(operator="==", left=left, right=Constant(value=str(text))) if path := path_of(left):
                found.append((path, frozenset({text})))
            case Binary(operator="==", left=Constant(value=str(text)), right=right) if path := path_of(right):
                found.append((path, frozenset({text})))
            case Binary(operator="in", left=left, right=Items(items=items)) if path := path_of(left):
                texts = {item.value for item in items if isinstance(item, Constant)}
                if len(texts) == len(items) and all(isinstance(text, str) for text in texts):
                    found.append((path, frozenset(text for text in texts if isinstance(text, str))))
    return found
