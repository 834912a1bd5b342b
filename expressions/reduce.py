"""What is already certain of a condition while some facts are still to come: true, false, or not yet known.

Kleene's three values, and a fourth for what cannot be evaluated, such as a key that nobody passed: CEL's
``&&`` and ``||`` let either side decide, whatever is wrong with the other. Pure: no clock is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Set
from dataclasses import dataclass
from math import inf

import cel

from expressions.conditions import comparison_of, for_rust, outcome_of, paths_of
from expressions.facts import Facts
from expressions.syntax import Binary, Choice, FunctionCall, Node, Unary, path_of
from expressions.vocabulary import Path

#: How much later than a moment is "after" it, in seconds.
MOMENT = 0.001
#: Seconds until the next look where time goes into more than a comparison with a number.
LOOK_AGAIN = 1.0

#: True, false, or None for an error.
Outcome = bool | None
_ANY: frozenset[Outcome] = frozenset({True, False, None})


@dataclass(frozen=True, slots=True)
class Reduced:
    """What is certain of a condition now, and what may change that."""

    #: Whether it holds; None while that depends on facts that are still to come.
    truth: bool | None
    #: Facts still to come that may decide; empty where it is decided.
    waits_for: frozenset[Path]
    #: Seconds until the next look; None where time changes nothing. Nothing changes sooner by time alone,
    #: except what is worked out from a clock, such as ``time.on_page * 2.0``: that is looked at each second.
    changes_in: float | None


@dataclass(frozen=True, slots=True)
class _View:
    """A part of a condition: how it may come out, and until when that stays so."""

    may: frozenset[Outcome]
    waits: frozenset[Path] = frozenset()
    seconds: float = inf


@dataclass(frozen=True, slots=True)
class _Atom:
    """A part without ``&&``, ``||``, ``!`` and ``? :``, which is evaluated as a whole."""

    program: cel.Program
    paths: frozenset[Path]
    until: Callable[[Facts], float]
    #: Whether it only asks if a value is there, and so cannot fail.
    presence: bool


class Reducer:
    """One condition, prepared to be reduced again and again."""

    def __init__(self, tree: Node) -> None:
        self._tree = tree
        self._atoms: dict[int, _Atom] = {}
        self._prepare(tree)

    def reduce(
        self, facts: Facts, pending: Set[Path] = frozenset(), clocks: Collection[Path] = ()
    ) -> Reduced:
        """What follows from ``facts``, which lack what nobody will ever pass and what is ``pending``.

        ``clocks`` are numbers among the facts that grow by one a second, such as ``time.on_page``.
        """
        view = self._view(self._tree, facts, pending, frozenset(clocks))
        changes_in = None if view.seconds == inf else view.seconds
        if True not in view.may:
            return Reduced(False, frozenset(), changes_in)
        if view.may == {True}:
            return Reduced(True, frozenset(), changes_in)
        return Reduced(None, view.waits, changes_in)

    def _prepare(self, node: Node) -> None:
        match node:
            case Binary(operator="&&" | "||", left=left, right=right):
                parts: tuple[Node, ...] = (left, right)
            case Unary(operator="!", operand=operand):
                parts = (operand,)
            case Choice(test=test, yes=yes, no=no):
                parts = (test, yes, no)
            case _:
                self._atoms[id(node)] = _Atom(
                    cel.compile(for_rust(node)),
                    frozenset(paths_of(node)),
                    seconds_until_change(node),
                    asks_presence(node),
                )
                return
        for part in parts:
            self._prepare(part)

    def _view(self, node: Node, facts: Facts, pending: Set[Path], clocks: frozenset[Path]) -> _View:
        def of(part: Node) -> _View:
            return self._view(part, facts, pending, clocks)

        match node:
            case Binary(operator="&&" | "||" as operator, left=left, right=right):
                return _joined(of(left), of(right), decides=operator == "||")
            case Unary(operator="!", operand=operand):
                inner = of(operand)
                return _View(frozenset(map(_negated, inner.may)), inner.waits, inner.seconds)
            case Choice(test=test, yes=yes, no=no):
                return _chosen(of(test), of(yes), of(no))
        return _seen(self._atoms[id(node)], facts, pending, clocks)


def asks_presence(node: Node) -> bool:
    """Whether a part only asks if a value is there, and so cannot fail."""
    if isinstance(node, FunctionCall):
        return node.name == "has"
    return isinstance(node, Binary) and node.operator == "in" and path_of(node.right) is not None


def _negated(outcome: Outcome) -> Outcome:
    return None if outcome is None else not outcome


def _seen(atom: _Atom, facts: Facts, pending: Set[Path], clocks: frozenset[Path]) -> _View:
    if waits := atom.paths & pending:
        return _View(frozenset({True, False}) if atom.presence else _ANY, waits)
    may = frozenset({outcome_of(atom.program, facts)})
    timed = atom.paths & clocks & facts.values.keys()
    return _View(may, seconds=atom.until(facts) if timed and not atom.presence else inf)


def seconds_until_change(part: Node) -> Callable[[Facts], float]:
    """A function that tells how long a part with a clock that is known stays as it is."""
    comparison = comparison_of(part)
    if comparison is None:
        return lambda facts: LOOK_AGAIN
    path, _, wanted = comparison
    marks = wanted if isinstance(wanted, tuple) else (wanted,)
    if not all(isinstance(mark, int | float) for mark in marks):
        return lambda facts: inf

    def until(facts: Facts) -> float:
        now = facts.values[path]
        # At the mark itself >= and < change, right after it > and <=; == does both.
        return min((mark - now if mark > now else MOMENT for mark in marks if mark >= now), default=inf)

    return until


def _joined(one: _View, other: _View, *, decides: bool) -> _View:
    """``||`` where ``decides`` is True, else ``&&``: that outcome of one side decides the whole."""
    deciding = [side for side in (one, other) if side.may == {decides}]
    if deciding:
        # It stays so while any of them stays.
        return _View(frozenset({decides}), seconds=max(side.seconds for side in deciding))
    may = frozenset(
        decides if decides in (left, right) else None if None in (left, right) else not decides
        for left in one.may
        for right in other.may
    )
    return _View(may, one.waits | other.waits, min(one.seconds, other.seconds))


def _chosen(test: _View, yes: _View, no: _View) -> _View:
    sides = [side for outcome, side in ((True, yes), (False, no)) if outcome in test.may]
    may = frozenset[Outcome]().union(*(side.may for side in sides)) | (test.may & {None})
    waits = test.waits.union(*(side.waits for side in sides))
    return _View(may, waits, min(test.seconds, *(side.seconds for side in sides), inf))
