"""A part of a condition tried with one value, without the evaluator: what a check asks a thousand times."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from expressions.syntax import Binary, Constant, Field, FunctionCall, Items, Name, Node, Unary, path_of

#: Comparisons, each with what it is when its sides change places.
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_METHODS: dict[str, Callable[[str, str], bool]] = {
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda text, part: part in text,
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
}


class NotTriedError(Exception):
    """The part says more than this can try."""


def try_value(node: Node, path: tuple[str, ...], value: Any) -> bool:
    """Whether the part is true where ``path`` has this value; raises :class:`NotTriedError`."""
    match node:
        case Name() | Field():
            return value is True
        case Constant(value=constant):
            return constant is True
        case Unary(operator="!", operand=operand):
            return not try_value(operand, path, value)
        case Binary(operator="&&", left=left, right=right):
            return try_value(left, path, value) and try_value(right, path, value)
        case Binary(operator="||", left=left, right=right):
            return try_value(left, path, value) or try_value(right, path, value)
        case Binary(operator="in", left=left, right=Items(items=items)):
            return any(_value(left, path, value) == _value(item, path, value) for item in items)
        case Binary(operator=sign, left=left, right=right) if sign in _COMPARE:
            return _compare(sign, _value(left, path, value), _value(right, path, value))
        case FunctionCall(name=name, of=of, arguments=(argument,)) if of is not None and name in _METHODS:
            text, part = _value(of, path, value), _value(argument, path, value)
            if not isinstance(text, str) or not isinstance(part, str):
                return False
            try:
                return _METHODS[name](text, part)
            except re.error:
                raise NotTriedError from None
    raise NotTriedError


def _value(node: Node, path: tuple[str, ...], value: Any) -> Any:
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Unary) and node.operator == "-" and isinstance(node.operand, Constant):
        return -node.operand.value if isinstance(node.operand.value, int | float) else None
    if path_of(node) == path:
        return value
    raise NotTriedError


def _compare(sign: str, left: Any, right: Any) -> bool:
    if isinstance(left, str) != isinstance(right, str) or isinstance(left, bool) != isinstance(right, bool):
        return False
    return _COMPARE[sign](left, right)
