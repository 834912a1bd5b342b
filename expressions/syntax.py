"""Conditions as trees: the part of CEL's grammar that conditions use, each node with its place in the text.

The Rust library evaluates; this reading of the same text is what lets us check names and types before any
call, name the part that was false, and find routes without evaluating all of them. Grammar: the Common
Expression Language specification, "Syntax".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal, NoReturn


class ConditionError(Exception):
    """A condition that cannot be used: what is wrong, and at which character of it, counted from 0."""

    def __init__(self, offset: int, text: str) -> None:
        self.offset = offset
        self.text = text
        super().__init__(f"column {offset + 1}: {text}")


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, number, truth value or null."""

    at: int
    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """``of.name``; ``cart["value"]`` reads as ``cart.value``."""

    at: int
    of: Node
    name: str


@dataclass(frozen=True, slots=True)
class Item:
    """``of[index]`` where the index is no text written out."""

    at: int
    of: Node
    index: Node


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function, ``size(x)``, or a method of ``of``, ``x.size()``; macros too."""

    at: int
    name: str
    of: Node | None
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Unary:
    """``!`` or ``-``."""

    at: int
    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two; ``at`` is the operator's place."""

    at: int
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Choice:
    """``test ? yes : no``."""

    at: int
    test: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Items:
    """``[a, b]``."""

    at: int
    items: tuple[Node, ...]


Node = Constant | Name | Field | Item | FunctionCall | Unary | Binary | Choice | Items

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|0x[0-9a-fA-F]+|\d+))
    |(?P<text>[rR]?(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<operator>&&|\|\||[=!<>]=|[-+*/%!<>?:.,()\[\]{}=&|])
    )""",
    re.VERBOSE | re.ASCII,
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)")
_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "v": "\v", "n": "\n", "t": "\t", "r": "\r",
    "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?",
}  # fmt: skip
_BINDING = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
_WORDS = {"true": True, "false": False, "null": None}
_TIGHTEST = len(_BINDING) + 1
_PLAIN = re.compile("[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
#: Parentheses within parentheses.
DEEPEST = 40
#: Operators within operators, one after another included.
DEEPEST_TREE = 100
_SLIPS = {"=": "write == to compare", "&": "write && for and", "|": "write || for or"}
_WORD_SLIPS = {"and": "write && for and", "or": "write || for or", "not": "write ! for not"}

Kind = Literal["number", "text", "name", "operator", "end"]


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Kind
    text: str
    at: int


def parse(text: str) -> Node:
    """The tree of a condition; :class:`ConditionError`."""
    parser = _Parser(text)
    node = parser.expression(0)
    parser.end()
    _refuse_depth(node)
    return node


def _refuse_depth(root: Node) -> None:
    """A long chain of operators is as deep as one of brackets; code that walks the tree recurses."""
    level: list[Node] = [root]
    for _ in range(DEEPEST_TREE):
        level = [child for node in level for child in children(node)]
        if not level:
            return
    raise ConditionError(level[0].at, "too many operators: split it over several routes, or use in [ ]")


def conjuncts(node: Node) -> tuple[Node, ...]:
    """The parts that must all be true, from left to right."""
    if isinstance(node, Binary) and node.operator == "&&":
        return (*conjuncts(node.left), *conjuncts(node.right))
    return (node,)


def path_of(node: Node) -> tuple[str, ...] | None:
    """``("cart", "value")`` for ``cart.value``; None for what is no plain path from a variable."""
    if isinstance(node, Name):
        return (node.name,)
    if isinstance(node, Field) and (inner := path_of(node.of)):
        return (*inner, node.name)
    return None


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside."""
    match node:
        case Field(of=of):
            return (of,)
        case Item(of=of, index=index):
            return (of, index)
        case FunctionCall(of=of, arguments=arguments):
            return (of, *arguments) if of is not None else arguments
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Choice(test=test, yes=yes, no=no):
            return (test, yes, no)
        case Items(items=items):
            return items
    return ()


def write(node: Node) -> str:
    """The node as text again; reading that gives an equal tree."""
    return _write(node, 0)


def _write(node: Node, level: int) -> str:
    """``level`` as in :data:`_BINDING`: what binds less tightly gets brackets."""
    match node:
        case Constant(value=value):
            return json.dumps(value, ensure_ascii=False)
        case Name(name=name):
            return name
        case Field(of=of, name=name):
            inner = _write(of, _TIGHTEST)
            return f"{inner}.{name}" if _PLAIN.fullmatch(name) else f"{inner}[{json.dumps(name)}]"
        case Item(of=of, index=index):
            return f"{_write(of, _TIGHTEST)}[{_write(index, 0)}]"
        case FunctionCall(of=of, name=name, arguments=arguments):
            listed = ", ".join(_write(argument, 0) for argument in arguments)
            return f"{name}({listed})" if of is None else f"{_write(of, _TIGHTEST)}.{name}({listed})"
        case Unary(operator=operator, operand=operand):
            text, own = operator + _write(operand, _TIGHTEST), _TIGHTEST - 1
        case Binary(operator=operator, left=left, right=right):
            own = next(index for index, operators in enumerate(_BINDING) if operator in operators)
            # On the left of || nothing else tells where a choice ends.
            first = f"({_write(left, 0)})" if isinstance(left, Choice) else _write(left, own)
            text = f"{first} {operator} {_write(right, own + 1)}"
        case Choice(test=test, yes=yes, no=no):
            text, own = f"{_write(test, 1)} ? {_write(yes, 1)} : {_write(no, 0)}", 0
            level = level and _TIGHTEST
        case Items(items=items):
            return f"[{', '.join(_write(item, 0) for item in items)}]"
    return f"({text})" if own < level else text


class _Parser:
    """Precedence climbing over the tokens."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += 1
        return token

    def _is(self, *operators: str) -> bool:
        return self._token.kind == "operator" and self._token.text in operators

    def _expect(self, operator: str, opened: int | None = None) -> _Token:
        """Take this operator; ``opened`` is where the bracket stands that it closes."""
        if not self._is(operator):
            if opened is not None and self._token.kind == "end":
                raise ConditionError(opened, f"this {self._text[opened]} is never closed")
            self._unexpected(f"{operator} expected")
        return self._take()

    def _unexpected(self, what: str) -> NoReturn:
        token = self._token
        if tip := _SLIPS.get(token.text) or _WORD_SLIPS.get(token.text):
            raise ConditionError(token.at, tip)
        found = "the end" if token.kind == "end" else token.text
        raise ConditionError(token.at, f"{what}, not {found}")

    def end(self) -> None:
        """Nothing may follow the expression."""
        if self._token.kind != "end":
            self._unexpected("an operator such as && expected")

    def expression(self, level: int) -> Node:
        """An expression whose operators bind at least as tightly as ``level``."""
        self._depth += 1
        if self._depth > DEEPEST * len(_BINDING):
            raise ConditionError(self._token.at, "nested too deeply: simplify it")
        node = self._levels(level)
        if level == 0 and self._is("?"):
            at = self._take().at
            yes = self.expression(1)
            self._expect(":")
            node = Choice(at, node, yes, self.expression(0))
        self._depth -= 1
        return node

    def _levels(self, level: int) -> Node:
        if level == len(_BINDING):
            return self._unary()
        node = self.expression(level + 1)
        while self._token.kind in ("operator", "name") and self._token.text in _BINDING[level]:
            operator = self._take()
            node = Binary(operator.at, operator.text, node, self.expression(level + 1))
        return node

    def _unary(self) -> Node:
        signs = []
        while self._is("!", "-"):
            signs.append(self._take())
        node = self._member()
        for sign in reversed(signs):
            node = Unary(sign.at, sign.text, node)
        return node

    def _member(self) -> Node:
        node = self._primary()
        while True:
            if self._is("."):
                self._take()
                if self._token.kind != "name":
                    self._unexpected("a name expected")
                name = self._take()
                if self._is("("):
                    node = FunctionCall(name.at, name.text, node, self._arguments(")"))
                else:
                    node = Field(name.at, node, name.text)
            elif self._is("["):
                at = self._take().at
                index = self.expression(0)
                self._expect("]", at)
                if isinstance(index, Constant) and isinstance(index.value, str):
                    node = Field(index.at, node, index.value)
                else:
                    node = Item(at, node, index)
            else:
                return node

    def _primary(self) -> Node:
        token = self._token
        match token.kind:
            case "number":
                self._take()
                return Constant(token.at, _number(token.text))
            case "text":
                self._take()
                return Constant(token.at, _unquoted(token))
            case "name" if token.text in _WORDS:
                self._take()
                return Constant(token.at, _WORDS[token.text])
            case "name" if token.text != "in":
                self._take()
                if self._is("("):
                    return FunctionCall(token.at, token.text, None, self._arguments(")"))
                return Name(token.at, token.text)
        if self._is("("):
            self._take()
            node = self.expression(0)
            self._expect(")", token.at)
            return node
        if self._is("["):
            return Items(token.at, self._arguments("]"))
        self._unexpected("a value expected")

    def _arguments(self, close: str) -> tuple[Node, ...]:
        opened = self._take().at
        found: list[Node] = []
        while not self._is(close):
            if self._token.kind == "end":
                self._expect(close, opened)
            found.append(self.expression(0))
            if not self._is(close):
                self._expect(",", opened)
        self._take()
        return tuple(found)


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            what = "a quote is never closed" if text[at] in "\"'" else "unexpected character"
            raise ConditionError(at, what)
        kind: Kind = found.lastgroup  # type: ignore[assignment]
        tokens.append(_Token(kind, found[kind], found.start(kind)))
        at = found.end()
    tokens.append(_Token("end", "", len(text)))
    return tokens


def _number(text: str) -> int | float:
    if text.startswith("0x"):
        return int(text, 16)
    return int(text) if text.isdigit() else float(text)


def _unquoted(token: _Token) -> str:
    if token.text[0] in "rR":
        return token.text[2:-1]

    def plain(found: re.Match[str]) -> str:
        escape = found[1]
        if escape[0] in "ux" and len(escape) > 1:
            return chr(int(escape[1:], 16))
        if escape not in _ESCAPES:
            raise ConditionError(token.at + 1 + found.start(), "no such escape: write \\\\ for a backslash")
        return _ESCAPES[escape]

    return _ESCAPE.sub(plain, token.text[1:-1])
