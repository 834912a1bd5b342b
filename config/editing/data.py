"""Settings as plain data."""

from __future__ import annotations

from typing import Any

from config.problems import Loc
from config.resolve import plain
from config.source import Mapping, Node, Scalar

#: JSON-like: None, truth values, numbers, texts, lists, and mappings with texts as keys.
Data = Any


class NoSuchPlaceError(LookupError):
    """There is nothing, or something else, where an edit is to be made."""


def data_of(node: Node) -> Data:
    """What a node says, aliases written out."""
    if isinstance(node, Scalar):
        return node.text if node.quoted else plain(node.text)
    if isinstance(node, Mapping):
        return {key: data_of(entry) for key, entry in node.entries.items()}
    return [data_of(item) for item in node.items]


def same(one: Data, other: Data) -> bool:
    """Whether two pieces of data are equal with their types and the order of their keys."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def at(data: Data, loc: Loc) -> Data:
    """The data at ``loc``; :class:`NoSuchPlaceError`."""
    for step in loc:
        known = range(len(data)) if isinstance(data, list) else data if isinstance(data, dict) else ()
        if step not in known or isinstance(step, bool):
            raise NoSuchPlaceError
        data = data[step]
    return data


def has(data: Data, loc: Loc) -> bool:
    """Whether there is something at ``loc``."""
    try:
        at(data, loc)
    except NoSuchPlaceError:
        return False
    return True
