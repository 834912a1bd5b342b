"""Edits where an anchor is: for all that use it, or for one place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from config.editing.data import NoSuchPlaceError, at
from config.editing.edits import Add, Edit, Move, Remove, Rename, Set, SharedError
from config.editing.model import changed
from config.editing.spans import NodeSpan, walk
from config.editing.splices import SpannedText, Splice
from config.editing.writing import flow_text
from config.problems import Loc, Position


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the text: splices, or an edit that has some; and where the settings then differ."""

    splices: list[Splice] | None
    edit: Edit | None
    places: tuple[Loc, ...]


def decided(page: SpannedText, edit: Edit, place: Position) -> list[Step]:
    """The changes of the text that make this edit, by its ``shared``; :class:`SharedError` if it asks."""
    anchors = {span.anchor: loc for loc, span in walk(page.root) if span.anchor}
    if not anchors:
        return [Step(None, edit, (edit.loc,))]
    orphans = _orphans(page, edit.loc, anchors) if isinstance(edit, Remove | Set) else []
    target = page.find(edit.loc)
    if orphans and (isinstance(edit, Remove) or (target is not None and not target.anchor)):
        return [Step([*page.splices(edit), *orphans], edit, (edit.loc,))]
    written, through = _walked(page.root, edit.loc, anchors, whole=isinstance(edit, Add))
    if not through:
        return [Step(None, edit, (edit.loc,))]
    name, inner = through
    aliases = tuple(loc for loc, span in walk(page.root) if span.kind == "alias" and span.text == name)
    home = anchors[name]
    if not aliases:
        return [Step(None, edit, (edit.loc,))]
    alone = isinstance(edit, Remove | Move | Rename) and inner == ()
    if edit.shared == "ask" and not alone:
        raise SharedError(place, edit.loc, (home, *aliases))
    if edit.shared == "all" and not alone:
        users = tuple((*user, *inner) for user in _users(page.root, name, anchors))
        return [Step(None, replace(edit, loc=written), users)]
    return _here(page, edit, (name, home, inner), aliases)


def _orphans(page: SpannedText, loc: Loc, anchors: dict[str, Loc]) -> list[Splice]:
    """Where an anchor goes away with the node that it is in: its first alias elsewhere becomes the anchor."""
    found: list[Splice] = []
    for name, home in anchors.items():
        if home[: len(loc)] != loc:
            continue
        left = [
            (other, span)
            for other, span in walk(page.root)
            if span.kind == "alias" and span.text == name and other[: len(loc)] != loc
        ]
        if left:
            where, alias = left[0]
            found.append((alias.start, alias.end, f"&{name} {flow_text(at(page.data, where))}"))
    return found


def _walked(
    root: NodeSpan, loc: Loc, anchors: dict[str, Loc], *, whole: bool
) -> tuple[Loc, tuple[str, Loc] | None]:
    """Where ``loc`` is written, and the innermost anchor that it is in, with the way from there."""
    span, written = root, ()  # type: NodeSpan, Loc
    through: tuple[str, Loc] | None = None
    spans = dict(walk(root))
    for number, step in enumerate(loc):
        slot = span.slot(step)
        if slot is None:
            return (*written, *loc[number:]), through
        span, written = slot.value, (*written, step)
        last = number == len(loc) - 1
        if span.kind == "alias" and (not last or whole):
            written = anchors[span.text]
            through = (span.text, loc[number + 1 :])
            span = spans[written]
        elif span.anchor:
            through = (span.anchor, loc[number + 1 :])
    return written, through


def _users(root: NodeSpan, name: str, anchors: dict[str, Loc]) -> list[Loc]:
    """Every place of the settings, aliases written out, that the anchor's node is seen at."""
    spans = dict(walk(root))
    found: list[Loc] = []
    waiting: list[tuple[Loc, NodeSpan]] = [((), root)]
    while waiting:
        loc, span = waiting.pop()
        if span.kind == "alias":
            span = spans[anchors[span.text]]
        if span.anchor == name:
            found.append(loc)
            continue
        waiting += [((*loc, slot.name), slot.value) for slot in span.slots]
    return sorted(found, key=str)


def _here(
    page: SpannedText, edit: Edit, through: tuple[str, Loc, Loc], aliases: tuple[Loc, ...]
) -> list[Step]:
    name, home, inner = through
    outer = edit.loc[: len(edit.loc) - len(inner)]
    if outer != home:
        # By an alias: written out with the edit made in it.
        value = at(changed(page.data, edit), outer)
        return [Step(None, Set(outer, value), (outer,))]
    # The anchor's own place: the first alias becomes the anchor.
    kept, alias = page.find(home), page.find(aliases[0])
    if kept is None or alias is None:
        raise NoSuchPlaceError
    text = page.text[kept.body : kept.end]
    if kept.style in ("|", ">", "block") or "\n" in text:
        text = flow_text(at(page.data, home))
    end = kept.body
    start = kept.start - 1 if page.text[end : end + 1] in ("\n", "\r", "") else kept.start
    moved: list[Splice] = [(start, end, ""), (alias.start, alias.end, f"&{name} {text}")]
    return [Step(moved, None, ()), Step(None, edit, (edit.loc,))]
