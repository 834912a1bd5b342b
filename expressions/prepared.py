"""Conditions prepared as functions of the facts, for decisions that look at hundreds of them at once.

They say the same as :mod:`expressions.reduce`, for facts of which it is known in advance whether they are
pending. Comparisons of a value with a constant, the commonest parts, do without the evaluator. How a part may
come out is a set, written as the sum of :data:`TRUE`, :data:`FALSE` and :data:`ERROR`. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import inf

import cel

from expressions.conditions import comparison_of, for_rust, outcome_of, paths_of
from expressions.facts import Facts
from expressions.reduce import asks_presence, seconds_until_change
from expressions.syntax import Binary, Choice, Constant, FunctionCall, Node, Unary, conjuncts, path_of
from expressions.vocabulary import Path

#: How a part may come out: true, false, or an error such as a key that nobody passed.
TRUE, FALSE, ERROR = 1, 2, 4
_ANY = TRUE | FALSE | ERROR

#: How a condition may come out with these facts.
Chances = Callable[[Facts], int]
#: The same, and for how many seconds that stays so if the clocks go on and nothing else changes.
TimedChances = Callable[[Facts], tuple[int, float]]
IsPending = Callable[[Path], bool]

_TEXT_TESTS = {"startsWith": str.startswith, "endsWith": str.endswith, "contains": str.__contains__}


def never_pending(path: Path) -> bool:
    """For facts that are all known."""
    return False


class Always:
    """Chances that no fact changes."""

    def __init__(self, may: int) -> None:
        self.may = may

    def __call__(self, facts: Facts) -> int:
        """The same for all facts."""
        return self.may


def chances(tree: Node, is_pending: IsPending = never_pending) -> Chances:
    """Prepare a condition; facts that ``is_pending`` may still have any value.

    It is an :class:`Always` where no fact makes a difference.
    """
    match tree:
        case Binary(operator="&&"):
            return _all_of([chances(part, is_pending) for part in conjuncts(tree)])
        case Binary(operator="||", left=left, right=right):
            return _either(chances(left, is_pending), chances(right, is_pending))
        case Unary(operator="!", operand=operand):
            return _not(chances(operand, is_pending))
        case Choice(test=test, yes=yes, no=no):
            return _choice(chances(test, is_pending), chances(yes, is_pending), chances(no, is_pending))
    return part_chances(tree, is_pending)


def parts_of(tree: Node) -> Iterable[Node]:
    """The parts without ``&&``, ``||``, ``!`` and ``? :``, each of which is evaluated as a whole."""
    match tree:
        case Binary(operator="&&" | "||", left=left, right=right):
            inner: tuple[Node, ...] = (left, right)
        case Unary(operator="!", operand=operand):
            inner = (operand,)
        case Choice(test=test, yes=yes, no=no):
            inner = (test, yes, no)
        case _:
            yield tree
            return
    for part in inner:
        yield from parts_of(part)


def part_chances(part: Node, is_pending: IsPending = never_pending) -> Chances:
    """Prepare one of :func:`parts_of`."""
    if any(map(is_pending, paths_of(part))):
        return Always(TRUE | FALSE if asks_presence(part) else _ANY)
    return _known(part)


def _known(part: Node) -> Chances:
    if (comparison := comparison_of(part)) is not None:
        path, compare, wanted = comparison

        def compared(facts: Facts) -> int:
            value = facts.values.get(path)
            return ERROR if value is None else TRUE if compare(value, wanted) else FALSE

        return compared
    if asks_presence(part) and len(paths := paths_of(part)) == 1:
        (asked,) = paths
        return lambda facts: TRUE if asked in facts.values else FALSE
    match part:
        case Constant(value=bool(value)):
            return Always(TRUE if value else FALSE)
        case FunctionCall(name=name, of=of, arguments=(Constant(value=str(text)),)) if (
            of and name in _TEXT_TESTS and (text_path := path_of(of)) and len(text_path) > 1
        ):
            return _text_test(text_path, _TEXT_TESTS[name], text)
    program = cel.compile(for_rust(part))

    def evaluated(facts: Facts) -> int:
        outcome = outcome_of(program, facts)
        return ERROR if outcome is None else TRUE if outcome else FALSE

    return evaluated


def _text_test(path: Path, test: Callable[[str, str], bool], text: str) -> Chances:
    def tested(facts: Facts) -> int:
        value = facts.values.get(path)
        return ERROR if not isinstance(value, str) else TRUE if test(value, text) else FALSE

    return tested


# --- && || ! ? : -------------------------------------------------------------------------------------------


def _and(one: int, other: int) -> int:
    """A false side decides, whatever is wrong with the other; then an error does."""
    both = one & other & TRUE
    false = (one | other) & FALSE
    error = ERROR if (one & ERROR and other & ~FALSE) or (other & ERROR and one & ~FALSE) else 0
    return both | false | error


def _negated(one: int) -> int:
    return (one & TRUE) << 1 | (one & FALSE) >> 1 | one & ERROR


_AND = [[_and(one, other) for other in range(8)] for one in range(8)]
_NOT = [_negated(one) for one in range(8)]
_OR = [[_NOT[_AND[_NOT[one]][_NOT[other]]] for other in range(8)] for one in range(8)]


def _all_of(parts: list[Chances]) -> Chances:
    settled = TRUE
    for part in parts:
        if isinstance(part, Always):
            settled = _AND[settled][part.may]
    parts = [part for part in parts if not isinstance(part, Always)]
    if not parts or settled == FALSE:
        return Always(settled)

    def together(facts: Facts) -> int:
        found = settled
        for part in parts:
            one = part(facts)
            if one == FALSE:
                return FALSE
            found = _AND[found][one]
        return found

    return together


def _either(left: Chances, right: Chances) -> Chances:
    if isinstance(left, Always) and isinstance(right, Always):
        return Always(_OR[left.may][right.may])

    def together(facts: Facts) -> int:
        one = left(facts)
        return TRUE if one == TRUE else _OR[one][right(facts)]

    return together


def _not(operand: Chances) -> Chances:
    if isinstance(operand, Always):
        return Always(_NOT[operand.may])
    return lambda facts: _NOT[operand(facts)]


def _choice(test: Chances, yes: Chances, no: Chances) -> Chances:
    def chosen(facts: Facts) -> int:
        asked = test(facts)
        found = asked & ERROR
        if asked & TRUE:
            found |= yes(facts)
        if asked & FALSE:
            found |= no(facts)
        return found

    return chosen


# --- with time ---------------------------------------------------------------------------------------------


def timed_chances(tree: Node, clocks: frozenset[Path], is_pending: IsPending = never_pending) -> TimedChances:
    """As :func:`chances`, with ``clocks``, which grow by one a second."""

    def prepared(part: Node) -> TimedChances:
        return timed_chances(part, clocks, is_pending)

    match tree:
        case Binary(operator="&&"):
            return _timed_all_of(conjuncts(tree), clocks, is_pending)
        case Binary(operator="||", left=left, right=right):
            return _timed_either(prepared(left), prepared(right))
        case Unary(operator="!", operand=operand):
            inner = prepared(operand)

            def negated(facts: Facts) -> tuple[int, float]:
                found, seconds = inner(facts)
                return _NOT[found], seconds

            return negated
        case Choice(test=test, yes=yes, no=no):
            return _timed_choice(prepared(test), prepared(yes), prepared(no))
    return _timed_part(tree, clocks, is_pending)


def _timed_part(part: Node, clocks: frozenset[Path], is_pending: IsPending) -> TimedChances:
    of_part = part_chances(part, is_pending)
    paths = paths_of(part)
    if asks_presence(part) or not clocks.intersection(paths) or any(map(is_pending, paths)):
        return lambda facts: (of_part(facts), inf)
    until = seconds_until_change(part)

    def timed(facts: Facts) -> tuple[int, float]:
        known = any(path in facts.values for path in paths if path in clocks)
        return of_part(facts), until(facts) if known else inf

    return timed


def _timed_all_of(parts: tuple[Node, ...], clocks: frozenset[Path], is_pending: IsPending) -> TimedChances:
    lasting = [part for part in parts if not clocks.intersection(paths_of(part))]
    passing = [timed_chances(part, clocks, is_pending) for part in parts if part not in lasting]
    of_lasting = _all_of([chances(part, is_pending) for part in lasting])

    def together(facts: Facts) -> tuple[int, float]:
        found, seconds, decided = of_lasting(facts), inf, 0.0
        if found == FALSE:
            return FALSE, inf
        for part in passing:
            one, while_one = part(facts)
            if one == FALSE:
                # It stays so while any of them stays.
                decided = max(decided, while_one)
            found = _AND[found][one]
            seconds = min(seconds, while_one)
        return found, decided or seconds

    return together


def _timed_either(left: TimedChances, right: TimedChances) -> TimedChances:
    def together(facts: Facts) -> tuple[int, float]:
        one, while_one = left(facts)
        other, while_other = right(facts)
        if one == TRUE:
            return TRUE, max(while_one, while_other) if other == TRUE else while_one
        if other == TRUE:
            return TRUE, while_other
        return _OR[one][other], min(while_one, while_other)

    return together


def _timed_choice(test: TimedChances, yes: TimedChances, no: TimedChances) -> TimedChances:
    def chosen(facts: Facts) -> tuple[int, float]:
        asked, seconds = test(facts)
        found = asked & ERROR
        for outcome, side in ((TRUE, yes), (FALSE, no)):
            if asked & outcome:
                of_side, while_side = side(facts)
                found |= of_side
                seconds = min(seconds, while_side)
        return found, seconds

    return chosen
