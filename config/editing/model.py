"""What edits make of settings as plain data: by this an edited text is judged."""

from __future__ import annotations

from config.editing.data import Data, NoSuchPlaceError, at
from config.editing.edits import Add, Edit, Remove, Rename, Set
from config.problems import Loc


def changed(data: Data, edit: Edit, loc: Loc | None = None) -> Data:
    """The data after an edit, at ``loc`` in place of the edit's own; what was given stays as it was."""
    loc = edit.loc if loc is None else loc
    if isinstance(edit, Add):
        return _put(data, loc, _added(at(data, loc), edit))
    if not loc:
        if isinstance(edit, Set):
            return edit.value
        raise NoSuchPlaceError
    holder, name = at(data, loc[:-1]), loc[-1]
    if isinstance(edit, Set):
        if isinstance(holder, dict) and isinstance(name, str):
            return _put(data, loc[:-1], {**holder, name: edit.value})
        return _put(data, loc, edit.value)
    value = at(data, loc)
    if isinstance(holder, list):
        rest = [*holder[: int(name)], *holder[int(name) + 1 :]]
        if isinstance(edit, Remove):
            return _put(data, loc[:-1], rest)
        if isinstance(edit, Rename):
            raise NoSuchPlaceError
        before = len(holder) if edit.before is None else edit.before
        if not isinstance(before, int) or not 0 <= before <= len(holder):
            raise NoSuchPlaceError
        rest.insert(before - (before > int(name)), value)
        return _put(data, loc[:-1], rest)
    others = {key: entry for key, entry in holder.items() if key != name}
    if isinstance(edit, Remove):
        return _put(data, loc[:-1], others)
    if isinstance(edit, Rename):
        if edit.key in others:
            raise NoSuchPlaceError
        renamed = {(edit.key if key == name else key): entry for key, entry in holder.items()}
        return _put(data, loc[:-1], renamed)
    if edit.before == name:
        return data
    names = list(others)
    if edit.before is not None and edit.before not in others:
        raise NoSuchPlaceError
    spot = len(names) if edit.before is None else names.index(str(edit.before))
    names.insert(spot, str(name))
    return _put(data, loc[:-1], {key: holder[key] for key in names})


def _added(holder: Data, edit: Add) -> Data:
    if holder is None:
        holder = [] if isinstance(edit.key, int) else {}
    if isinstance(holder, list) and isinstance(edit.key, int) and 0 <= edit.key <= len(holder):
        return [*holder[: edit.key], edit.value, *holder[edit.key :]]
    if not isinstance(holder, dict) or not isinstance(edit.key, str) or edit.key in holder:
        raise NoSuchPlaceError
    names = list(holder)
    if edit.after and edit.after not in holder:
        raise NoSuchPlaceError
    spot = len(names) if edit.after is None else names.index(edit.after) + 1 if edit.after else 0
    names.insert(spot, edit.key)
    return {key: edit.value if key == edit.key else holder[key] for key in names}


def _put(data: Data, loc: Loc, value: Data) -> Data:
    if not loc:
        return value
    step, rest = loc[0], loc[1:]
    if isinstance(data, list) and isinstance(step, int):
        return [_put(item, rest, value) if index == step else item for index, item in enumerate(data)]
    return {key: _put(entry, rest, value) if key == step else entry for key, entry in data.items()}
