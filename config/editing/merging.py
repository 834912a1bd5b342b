"""Two people's edits of one text joined: setting by setting, not line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from config.editing.data import Data, has, same
from config.editing.data import at as data_at
from config.editing.difference import between
from config.editing.edits import Add, Edit, Move, Remove, Set, Written
from config.editing.splices import SpannedText
from config.problems import Loc

_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A setting that both sides changed, each in another way. What is missing on a side is None there."""

    loc: Loc
    base: Data
    theirs: Data
    mine: Data


class Conflicts(Exception):  # noqa: N818 - it is no fault: somebody must choose
    """Both sides changed the same settings: somebody must choose."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        self.conflicts = conflicts
        super().__init__(f"{len(conflicts)} settings were changed on both sides")


def merge(base: str, theirs: str, mine: str) -> list[Edit]:
    """The edits that bring what changed from ``base`` to ``mine`` into ``theirs``, setting by setting.

    :class:`Conflicts` where both sides changed a setting in different ways;
    :class:`config.editing.spans.UnreadableError` where one of the texts is no YAML.
    """
    if theirs == base:
        whole = SpannedText(mine)
        return [Set((), whole.data, written=Written(mine, lines=True))] if mine != base else []
    old, other, own = SpannedText(base), SpannedText(theirs), SpannedText(mine)
    found: list[Edit] = []
    conflicts: list[Conflict] = []
    for edit in _settled(old, other, own):
        conflict = _conflict(edit, old.data, other.data, own.data)
        if conflict is None:
            if not _made(edit, other.data, own.data):
                found.append(edit)
        elif conflict not in conflicts:
            conflicts.append(conflict)
    if conflicts:
        raise Conflicts(tuple(conflicts))
    return found


def _settled(old: SpannedText, other: SpannedText, own: SpannedText) -> Iterator[Edit]:
    """My edits; one of a whole section or list in small where they changed it too."""
    for edit in between(old, own):
        holder = edit.loc if isinstance(edit, Add) else edit.loc[:-1]
        listed = next(
            (
                loc
                for loc in _lists(old.data, (*holder, ""))
                if _differ(old.data, other.data, loc) and not _by_number(edit, loc, (old, other, own))
            ),
            None,
        )
        if listed is not None:
            # Their items have other numbers now: the list as a whole.
            if has(own.data, listed):
                yield Set(listed, data_at(own.data, listed), shared="all")
        elif isinstance(edit, Set) and edit.written and edit.written.lines:
            if _differ(old.data, other.data, edit.loc) or not same_text(old, other, edit.loc):
                yield from _by_data(edit.loc, data_at(old.data, edit.loc), edit.value)
            else:
                yield edit
        elif isinstance(edit, Set) and not same_text(old, other, edit.loc):
            # They wrote it in another way: that stays.
            yield replace(edit, written=None)
        else:
            yield edit


def _by_number(edit: Edit, loc: Loc, pages: tuple[SpannedText, SpannedText, SpannedText]) -> bool:
    """Whether the items of a list still have the numbers by which an edit knows them."""
    lists = [_value(page.data, loc) for page in pages]
    as_long = all(isinstance(each, list) and len(each) == len(lists[0]) for each in lists)
    within = len(edit.loc) > len(loc) + (not isinstance(edit, Set | Add))
    return as_long and within


def same_text(one: SpannedText, other: SpannedText, loc: Loc) -> bool:
    """Whether a setting is written with the same characters in both."""
    first, second = one.find(loc), other.find(loc)
    return (
        first is not None
        and second is not None
        and one.text[first.start : first.end] == other.text[second.start : second.end]
    )


def _lists(data: Data, loc: Loc) -> Iterator[Loc]:
    """The lists that a place is in, the outermost first."""
    for length in range(len(loc)):
        if has(data, loc[:length]) and isinstance(data_at(data, loc[:length]), list):
            yield loc[:length]


def _value(data: Data, loc: Loc) -> Data:
    return data_at(data, loc) if has(data, loc) else _ABSENT


def _differ(one: Data, other: Data, loc: Loc) -> bool:
    first, second = _value(one, loc), _value(other, loc)
    return first is not second and (_ABSENT in (first, second) or not same(first, second))


def _conflict(edit: Edit, base: Data, theirs: Data, mine: Data) -> Conflict | None:
    loc = (*edit.loc, edit.key) if isinstance(edit, Add) else edit.loc
    if isinstance(edit, Move):
        return None
    if isinstance(edit, Add) and isinstance(_value(base, edit.loc), list):
        return None  # the list itself is as it was
    while not has(theirs, loc[:-1]):
        loc = loc[:-1]
    if not _differ(base, theirs, loc) or not _differ(mine, theirs, loc):
        return None

    def shown(data: Data) -> Data:
        found = _value(data, loc)
        return None if found is _ABSENT else found

    return Conflict(loc, shown(base), shown(theirs), shown(mine))


def _made(edit: Edit, theirs: Data, mine: Data) -> bool:
    """Whether the other side did the same."""
    if isinstance(edit, Move):
        return False
    if isinstance(edit, Add):
        return isinstance(edit.key, str) and has(theirs, (*edit.loc, edit.key))
    if isinstance(edit, Remove):
        return not has(theirs, edit.loc)
    return isinstance(edit, Set) and edit.written is None and not _differ(mine, theirs, edit.loc)


def _by_data(loc: Loc, old: Data, new: Data) -> Iterator[Edit]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in old:
            if key not in new:
                yield Remove((*loc, key))
        for key, value in new.items():
            if key not in old:
                yield Add(loc, key, value)
            else:
                yield from _by_data((*loc, key), old[key], value)
    elif not same(old, new):
        yield Set(loc, new)
