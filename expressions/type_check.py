"""The check of a condition's names and types, before it is ever evaluated.

How a condition uses a value of a free map says what it is: compared with a number it is a number, everywhere.
So a value is converted once, and two conditions that disagree are a mistake that is told.
"""

from __future__ import annotations

from collections.abc import Mapping

import cel

from config.problems import suggest
from expressions.syntax import (
    Binary,
    Choice,
    ConditionError,
    Constant,
    Field,
    FunctionCall,
    Item,
    Items,
    Name,
    Node,
    Unary,
    path_of,
    write,
)
from expressions.vocabulary import Path, Type, Vocabulary

_T = Type
_TEXT_METHODS = ("contains", "startsWith", "endsWith", "matches")
_MACROS = ("exists", "all", "exists_one")
_CONVERSIONS = {"int": _T.WHOLE, "double": _T.NUMBER, "string": _T.TEXT}
_FUNCTIONS = ("has", "size", *_CONVERSIONS)
_NUMBERS = (_T.WHOLE, _T.NUMBER)


class TypeCheck:
    """What all conditions use of a vocabulary: the paths, and what each free one is. Grows while checking."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._declared, self._free = vocabulary.declared, vocabulary.free
        #: Declared paths and free ones that some condition uses.
        self.used: dict[Path, Type] = {}
        self._said: dict[Path, str] = {}
        self._where = ""

    @property
    def free(self) -> frozenset[Path]:
        """The free maps of the vocabulary."""
        return self._free

    def check(self, tree: Node, where: str) -> None:
        """Check one condition, called ``where`` in messages; :class:`ConditionError`."""
        self._where = where
        found = self._type(tree, {})
        if found is _T.ANY:
            self._is(tree, _T.TRUTH)
        elif found is not _T.TRUTH:
            raise ConditionError(tree.at, f"this is {found}: a condition must be true or false")

    # --- one node -------------------------------------------------------------------------------------

    def _type(self, node: Node, bound: Mapping[str, Type]) -> Type:
        match node:
            case Constant(value=value):
                return _constant(value)
            case Name(name=name) if name in bound:
                return bound[name]
            case Name() | Field():
                return self._path(node, bound)
            case Item(at=at):
                raise ConditionError(at, 'write the key as a text, such as cart["value"]')
            case Items(items=items):
                for item in items:
                    self._type(item, bound)
                return _T.LIST
            case Unary(at=at, operator=operator, operand=operand):
                return self._unary(at, operator, operand, bound)
            case Choice(test=test, yes=yes, no=no):
                self._wants(test, _T.TRUTH, bound)
                first, second = self._type(yes, bound), self._type(no, bound)
                return second if first is _T.ANY else first
            case FunctionCall():
                return self._call(node, bound)
            case Binary():
                return self._binary(node, bound)

    def _path(self, node: Name | Field, bound: Mapping[str, Type]) -> Type:
        path = path_of(node)
        if path is None or path[0] in bound:
            raise ConditionError(node.at, "this value has no fields")
        root, *fields = path
        if root not in self._declared:
            raise ConditionError(
                _root(node).at, f"no variable {root}: {suggest(root, self._declared, 'variables')}"
            )
        if path in self._free or not fields:
            return _T.MAP
        if path[:-1] in self._free:
            return self.used.setdefault(path, _T.ANY)
        declared = self._declared[root]
        if fields[0] not in declared and (root,) not in self._free:
            tip = suggest(fields[0], declared, f"fields of {root}")
            raise ConditionError(_field_at(node, 1), f"{root} has no field {fields[0]}: {tip}")
        if len(fields) > 1:
            raise ConditionError(node.at, f"{'.'.join(path[:-1])} is a value, and has no fields")
        return self.used.setdefault(path, declared[fields[0]])

    def _unary(self, at: int, operator: str, operand: Node, bound: Mapping[str, Type]) -> Type:
        if operator == "!":
            return self._wants(operand, _T.TRUTH, bound)
        found = self._type(operand, bound)
        if found is _T.ANY:
            found = self._is(operand, _T.NUMBER)
        if found not in _NUMBERS:
            raise ConditionError(at, f"- needs a number: {write(operand)} is {found}")
        return found

    def _call(self, node: FunctionCall, bound: Mapping[str, Type]) -> Type:
        if node.of is None:
            return self._function(node, bound)
        if node.name in _MACROS:
            return self._macro(node, node.of, bound)
        if node.name == "size":
            _count(node, 0)
            return self._size(node.of, bound)
        if node.name not in _TEXT_METHODS:
            tip = suggest(node.name, (*_TEXT_METHODS, *_MACROS, "size"), "methods")
            raise ConditionError(node.at, f"no method {node.name}: {tip}")
        _count(node, 1)
        self._wants(node.of, _T.TEXT, bound)
        self._wants(node.arguments[0], _T.TEXT, bound)
        if node.name == "matches":
            _check_pattern(node.arguments[0])
        return _T.TRUTH

    def _function(self, node: FunctionCall, bound: Mapping[str, Type]) -> Type:
        if node.name not in _FUNCTIONS:
            raise ConditionError(
                node.at, f"no function {node.name}: {suggest(node.name, _FUNCTIONS, 'functions')}"
            )
        _count(node, 1)
        (argument,) = node.arguments
        if node.name == "has":
            if not isinstance(argument, Field):
                raise ConditionError(argument.at, "has() takes a field, such as cart.value")
            self._type(argument, bound)
            return _T.TRUTH
        if node.name == "size":
            return self._size(argument, bound)
        found = self._type(argument, bound)
        if found in (_T.LIST, _T.MAP, _T.NULL):
            raise ConditionError(argument.at, f"{node.name}() cannot take {found}")
        return _CONVERSIONS[node.name]

    def _size(self, node: Node, bound: Mapping[str, Type]) -> Type:
        found = self._type(node, bound)
        if found is _T.ANY:
            found = self._is(node, _T.TEXT)
        if found not in (_T.TEXT, _T.LIST):
            raise ConditionError(node.at, f"only texts and lists have a size: this is {found}")
        return _T.WHOLE

    def _macro(self, node: FunctionCall, of: Node, bound: Mapping[str, Type]) -> Type:
        _count(node, 2)
        variable, test = node.arguments
        if not isinstance(variable, Name):
            raise ConditionError(variable.at, "write a name for the item, such as [1, 2].exists(x, x > 1)")
        if variable.name in self._declared:
            raise ConditionError(variable.at, f"{variable.name} is a variable already: take another name")
        if not isinstance(of, Items):
            raise ConditionError(of.at, f"{node.name} needs a list in [ ]")
        kinds = {self._type(item, bound) for item in of.items}
        item_type = kinds.pop() if len(kinds) == 1 else _T.ANY
        self._wants(test, _T.TRUTH, {**bound, variable.name: item_type})
        return _T.TRUTH

    def _binary(self, node: Binary, bound: Mapping[str, Type]) -> Type:
        match node.operator:
            case "&&" | "||":
                self._wants(node.left, _T.TRUTH, bound)
                return self._wants(node.right, _T.TRUTH, bound)
            case "in":
                return self._membership(node, bound)
        left, right = self._type(node.left, bound), self._type(node.right, bound)
        # What is compared with a number written without a point may still have one.
        if left is _T.ANY and right is not _T.ANY:
            left = self._is(node.left, _T.NUMBER if right in _NUMBERS else right)
        elif right is _T.ANY and left is not _T.ANY:
            right = self._is(node.right, _T.NUMBER if left in _NUMBERS else left)
        if node.operator in ("==", "!=", "<", "<=", ">", ">="):
            return self._comparison(node, left, right)
        return self._arithmetic(node, left, right)

    def _comparison(self, node: Binary, left: Type, right: Type) -> Type:
        alike = left is right or (left in _NUMBERS and right in _NUMBERS) or _T.ANY in (left, right)
        if not alike:
            told = " and ".join(self._told(*side) for side in ((node.left, left), (node.right, right)))
            raise ConditionError(node.at, f"these are never equal: {told}")
        ordered = (*_NUMBERS, _T.TEXT, _T.ANY)
        if node.operator not in ("==", "!=") and not (left in ordered and right in ordered):
            raise ConditionError(node.at, f"{node.operator} compares numbers or texts, not {left}")
        if left is _T.MAP:
            raise ConditionError(node.left.at, f"{write(node.left)} is a map: name one of its fields")
        return _T.TRUTH

    def _arithmetic(self, node: Binary, left: Type, right: Type) -> Type:
        if left is _T.ANY and right is _T.ANY:
            left, right = self._is(node.left, _T.NUMBER), self._is(node.right, _T.NUMBER)
        if node.operator == "+" and left is right is _T.TEXT:
            return _T.TEXT
        for side, found in ((node.left, left), (node.right, right)):
            if found not in _NUMBERS:
                raise ConditionError(
                    side.at, f"{node.operator} needs numbers on both sides: {write(side)} is {found}"
                )
        if left is not right:
            whole = node.left if left is _T.WHOLE else node.right
            written = f"{write(whole)}.0" if isinstance(whole, Constant) else f"double({write(whole)})"
            raise ConditionError(whole.at, f"the other side may have a fraction: write {written}")
        if node.operator == "%" and left is _T.NUMBER:
            raise ConditionError(node.at, "% needs whole numbers: write int(…) around the sides")
        return left

    def _membership(self, node: Binary, bound: Mapping[str, Type]) -> Type:
        right = self._type(node.right, bound)
        if right is _T.MAP:
            path = path_of(node.right)
            if (
                path not in self._free
                or not isinstance(node.left, Constant)
                or not isinstance(node.left.value, str)
            ):
                raise ConditionError(node.at, 'in a map, look for a key as text, such as "value" in cart')
            self.used.setdefault((*path, node.left.value), _T.ANY)
            return _T.TRUTH
        if not isinstance(node.right, Items):
            raise ConditionError(node.right.at, f"in needs a list or a map, and this is {right}")
        left = self._type(node.left, bound)
        for item in node.right.items:
            found = self._type(item, bound)
            if left is _T.ANY and found is not _T.ANY:
                left = self._is(node.left, _T.NUMBER if found in _NUMBERS else found)
            self._comparison(Binary(item.at, "==", node.left, item), left, found)
        return _T.TRUTH

    # --- what free values are -------------------------------------------------------------------------

    def _wants(self, node: Node, wanted: Type, bound: Mapping[str, Type]) -> Type:
        found = self._type(node, bound)
        if found is _T.ANY:
            return self._is(node, wanted)
        if found is not wanted:
            raise ConditionError(node.at, f"{write(node)} is {found}, and must be {wanted}")
        return wanted

    def _told(self, node: Node, found: Type) -> str:
        """What a node is, and for a free value where that was said."""
        path = path_of(node)
        said = self._said.get(path) if path else None
        return f"{write(node)} is {found}" + (f" in {said}" if said and said != self._where else "")

    def _is(self, node: Node, found: Type) -> Type:
        """Note what a free value is; a place where it was something else is a mistake."""
        path = path_of(node)
        if path not in self.used or found in (_T.ANY, _T.NULL, _T.MAP, _T.LIST):
            return found
        if self.used[path] is _T.ANY:
            self.used[path], self._said[path] = found, self._where
        elif self.used[path] is not found:
            said = f"{self.used[path]} in {self._said[path]}"
            raise ConditionError(
                node.at, f"{write(node)} is {found} here, and {said}: use the same type in both"
            )
        return found


def _constant(value: object) -> Type:
    match value:
        case bool():
            return _T.TRUTH
        case int():
            return _T.WHOLE
        case float():
            return _T.NUMBER
        case str():
            return _T.TEXT
    return _T.NULL


def _root(node: Name | Field) -> Node:
    here: Node = node
    while isinstance(here, Field):
        here = here.of
    return here


def _field_at(node: Name | Field, depth: int) -> int:
    """Where the field so deep below the variable is written."""
    fields: list[Field] = []
    here: Node = node
    while isinstance(here, Field):
        fields.append(here)
        here = here.of
    return fields[-depth].at


def _count(node: FunctionCall, count: int) -> None:
    if len(node.arguments) != count:
        raise ConditionError(
            node.at, f"{node.name} takes {count} argument{'s' * (count != 1)} in its brackets"
        )


def _check_pattern(node: Node) -> None:
    if isinstance(node, Constant):
        try:
            cel.compile(f'"".matches({write(node)})').execute({})
        except RuntimeError:
            raise ConditionError(node.at, "no valid regular expression: check its brackets") from None
