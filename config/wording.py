"""The models' verdicts in an operator's words: what is wrong and what to write instead.

Values are never quoted: a value in the wrong place may be a secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic_core import ErrorDetails

from config.layout import ROOT, shape_at
from config.problems import ConfigProblem, Loc, suggest, write_loc
from config.shape import Shape, keys_of
from config.source import Scalar, Source

#: What each kind takes, in words that follow "write".
_NOUNS = {
    "model": "a mapping: 'key: value' lines, indented below it",
    "named": "a mapping: a name and a colon for each, indented below it",
    "list": "a list: [a, b], or '- ' before each item on lines of their own",
    "text": "a text",
    "whole": "a whole number",
    "decimal": "a number",
    "truth": "true or false",
    "path": "the path of a file",
    "secret": "a text",
}
#: What operators may write for a setting whose name is unlike it.
_OTHER_NAMES = {
    "soonest": "shortest_delay",
    "latest": "longest_delay",
    "misfit": "mistyped_fields",
    "listed": "list_text",
    "max_wait": "longest_wait",
    "max_waiting": "most_waiting",
}


def explain(
    source: Source, tree: Any, errors: Iterable[ErrorDetails], root: Shape = ROOT
) -> Iterator[ConfigProblem]:
    """Pydantic's errors as problems with their places. ``root`` is what the file takes."""
    for error in errors:
        # It counts the good items of a list alone: where one is bad, that has been told.
        if error["type"] != "too_short" or not _lookup(tree, error["loc"]):
            yield _explain(source, tree, error, root)


def _explain(source: Source, tree: Any, error: ErrorDetails, root: Shape) -> ConfigProblem:
    if error["loc"][-1:] == ("[key]",):
        loc = error["loc"][:-1]
        names = shape_at(loc[:-1], root)
        return ConfigProblem(source.place(loc), write_loc(loc), f"not a valid name: write {_key_form(names)}")
    loc = _known_part(error["loc"], root)
    shape = shape_at(loc, root)
    match error["type"]:
        case "extra_forbidden":
            loc = error["loc"]
            return ConfigProblem(source.place(loc), write_loc(loc), _unknown_key(loc, root))
        case "missing":
            text = f'missing: add "{loc[-1]}", {_noun(shape)}'
            if shape and shape.kind == "secret":
                text = f'missing: add "{loc[-1]}_file", the path of a file, or "{loc[-1]}_env"'
            return ConfigProblem(source.place(loc[:-1]), write_loc(loc), text)
    text = _what_to_write(error, shape, _lookup(tree, loc), source.find(loc))
    return ConfigProblem(source.value_place(loc), write_loc(loc), text)


def _what_to_write(error: ErrorDetails, shape: Shape | None, value: Any, node: Any) -> str:
    if value is None:
        return "empty: give it a value, or remove the line"
    match error["type"]:
        case "too_short":
            return "needs at least one item"
        case "greater_than_equal" if shape:
            return f"too small: the minimum is {shape.least or 0}"
        case "less_than_equal" if shape:
            return f"too large: the maximum is {shape.most}"
        case "literal_error" if shape and isinstance(node, Scalar):
            return f"not a known value: {suggest(node.text, shape.choices, 'values')}"
    return f"write {_noun(shape)}"


def _noun(shape: Shape | None) -> str:
    if shape is None:
        return "nothing here"
    if shape.kind == "choice":
        return f"one of {', '.join(shape.choices)}"
    return shape.form or _NOUNS[shape.kind]


def _key_form(shape: Shape | None) -> str:
    return shape.key_form if shape and shape.key_form else "a plain name"


def _unknown_key(loc: Loc, root: Shape) -> str:
    parent = shape_at(loc[:-1], root)
    known = keys_of(parent.model) if parent and parent.model else ()
    word = str(loc[-1])
    meant = _OTHER_NAMES.get(word)
    return f"no such setting: {suggest(meant if meant in known else word, known, 'settings here')}"


def _known_part(loc: Loc, root: Shape) -> Loc:
    """The loc without the tail that names a branch of a union of types."""
    shape: Shape | None = root
    for index, step in enumerate(loc):
        shape = shape.child(step) if shape else None
        if shape is None:
            return loc[:index]
    return loc


def _lookup(tree: Any, loc: Loc) -> Any:
    for step in loc:
        tree = tree[step]
    return tree
