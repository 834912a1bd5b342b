"""Where settings name an item of a section: to give it another name everywhere, or to remove it with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.base import AGENT
from config.editing.data import Data
from config.editing.edits import Edit, Remove, Rename, Set
from config.layout import ROOT
from config.problems import Loc
from config.shape import Shape, fields_of, texts


@dataclass(frozen=True, slots=True)
class Mention:
    """A setting that names an item. A ``key`` does so by its own name, such as one of a step's ``delay``."""

    loc: Loc
    text: str
    key: bool = False


def references(data: Data, section: str, name: str) -> list[Mention]:
    """The settings that name this item of the section: of a tree as the models take it."""
    return [each for each, shape in _names(data) if _means(each.text, shape, section, name)]


def rename_everywhere(section: str, name: str, key: str, where: list[Mention]) -> list[Edit]:
    """Edits that give an item another name, and those settings with it."""
    found: list[Edit] = []
    for each in where:
        # What stands around the name stays: "agent:kim", "shops/boston".
        text = key + each.text.removeprefix(name)
        if each.text.startswith(AGENT) and section == "agents":
            text = AGENT + key
        found.append(Rename(each.loc, text, "all") if each.key else Set(each.loc, text, "all"))
    return [*found, Rename((section, name), key, "all")]


def remove_everywhere(data: Data, section: str, name: str) -> list[Edit]:
    """Edits that remove an item and what names it: also lists that become empty, and entries of a list that
    cannot do without it. What an item of a section needs is told by the check afterwards."""
    gone = {each.loc for each in references(data, section, name)} | {(section, name)}
    while more := {holder for loc in gone if (holder := _useless(data, loc, gone))} - gone:
        gone |= more
    outermost = [loc for loc in gone if not any(loc[:length] in gone for length in range(len(loc)))]
    # The last of a list first, so that the others keep their places.
    return [Remove(loc, "all") for loc in sorted(outermost, key=_order, reverse=True)]


def _names(data: Data) -> Iterator[tuple[Mention, tuple[str, ...]]]:
    for loc, text, shape in texts(data, ROOT):
        yield Mention(loc, text), shape.names
    yield from _keys(data, ROOT, ())


def _keys(tree: Any, shape: Shape | None, loc: Loc) -> Iterator[tuple[Mention, tuple[str, ...]]]:
    if shape is None:
        return
    if isinstance(tree, dict):
        for key, branch in tree.items():
            if shape.key_names:
                yield Mention((*loc, key), key, key=True), shape.key_names
            yield from _keys(branch, shape.child(key), (*loc, key))
    elif isinstance(tree, list):
        for index, branch in enumerate(tree):
            yield from _keys(branch, shape.child(index), (*loc, index))


def _means(text: str, names: tuple[str, ...], section: str, name: str) -> bool:
    if section not in names:
        return False
    if len(names) > 1 and section == "agents":
        return text == f"{AGENT}{name}"
    if section == "stores":
        return text == name or text.startswith(f"{name}/")
    return text == name


def _useless(data: Data, loc: Loc, gone: set[Loc]) -> Loc | None:
    """What is of no use any more without this setting, below the items of sections."""
    holder = loc[:-1]
    if len(holder) < 3:
        return None
    shape: Shape | None = ROOT
    for step in holder:
        data = data[step]
        shape = shape.child(step) if shape else None
    if isinstance(data, list) and all((*holder, index) in gone for index in range(len(data))):
        return holder
    needed = shape and shape.model and fields_of(shape.model)[str(loc[-1])].is_required()
    return holder if needed else None


def _order(loc: Loc) -> tuple[tuple[bool, int, str], ...]:
    return tuple((isinstance(step, int), step if isinstance(step, int) else 0, str(step)) for step in loc)
