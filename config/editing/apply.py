"""Edits put into a text, which is read again: it says what was meant, or the edit is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from pathlib import Path

from config.editing.anchors import decided
from config.editing.data import Data, NoSuchPlaceError, at, data_of, has, same
from config.editing.edits import Add, Edit, EditError, Remove, Set
from config.editing.model import changed
from config.editing.spans import UnreadableError
from config.editing.splices import SpannedText, Splice
from config.problems import START, ConfigError, ConfigProblem, Loc, Position
from config.source import Source, read_source

_AS_TEXT = "edit it as text"


def read_text_source(text: str, file: Path, *, lines: bool = False) -> Source:
    """A text as the source that a file with it would be; :class:`config.problems.ConfigError`."""
    return read_source(file, drafts={file.resolve(): text}, lines=lines)


def apply(source: Source, edits: Iterable[Edit], *, lines: bool = False) -> str:
    """The text with the edits made, one after the other; :class:`EditError` where one cannot be made.

    Every character outside what the edits touch stays. ``lines`` as in :func:`config.source.read_source`.
    """
    if source.problems:
        problem = source.problems[0]
        raise EditError(problem.place, (), f"the file has a mistake ({problem.text}): {_AS_TEXT}")
    page = _page(source.text, ())
    for edit in edits:
        try:
            page = _edited(page, edit)
        except EditError:
            if not isinstance(edit, Set | Add) or not edit.written:
                raise
            # Its characters do not fit here: what they say, in others.
            page = _edited(page, replace(edit, written=None))
    if page.text != source.text:
        _read_back(page, source, lines=lines)
    return page.text


def _edited(page: SpannedText, edit: Edit) -> SpannedText:
    if isinstance(edit, Set) and not edit.loc and edit.written:
        return _checked(edit.written.text, edit.value, edit, START)
    place = START
    try:
        for smaller in list(_in_small(page.data, edit)):
            place = _place(page, smaller.loc)
            for step in decided(page, smaller, place):
                expected = page.data
                for loc in step.places:
                    expected = changed(expected, step.edit or smaller, loc)
                splices = step.splices
                if splices is None:
                    splices = page.splices(step.edit or smaller)
                page = _checked(_spliced(page.text, splices), expected, edit, place)
    except NoSuchPlaceError:
        raise EditError(place, edit.loc, "the file has no such setting") from None
    except UnreadableError as error:
        raise EditError(place, edit.loc, f"{error}: {_AS_TEXT}") from None
    return page


def _page(text: str, loc: Loc) -> SpannedText:
    try:
        return SpannedText(text)
    except UnreadableError as error:
        raise EditError(START, loc, f"{error}: {_AS_TEXT}") from None


def _checked(text: str, expected: Data, edit: Edit, place: Position) -> SpannedText:
    """The page of an edited text; :class:`EditError` where it does not say what was meant."""
    try:
        page = SpannedText(text)
    except UnreadableError:
        page = None
    if page is None or not same(page.data, expected):
        raise EditError(place, edit.loc, f"the file would not say what was meant: {_AS_TEXT}")
    return page


def _read_back(page: SpannedText, source: Source, *, lines: bool) -> None:
    """Read the text as the server will; :class:`EditError` where that says something else."""
    try:
        read = read_text_source(page.text, source.file, lines=lines)
    except ConfigError as error:
        problem = error.problems[0]
    else:
        if not read.problems and same(data_of(read.root), page.data):
            return
        problem = (
            read.problems[0] if read.problems else ConfigProblem(START, "", "it would be read otherwise")
        )
    raise EditError(problem.place, (), f"the file would have a mistake ({problem.text}): {_AS_TEXT}")


def _spliced(text: str, splices: list[Splice]) -> str:
    for start, end, new in sorted(splices, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _place(page: SpannedText, loc: Loc) -> Position:
    """Where a setting is written, or the nearest thing around it."""
    span, start = page.root, page.root.start
    for step in loc:
        slot = span.slot(step)
        if slot is None:
            break
        span, start = slot.value, slot.start
    before = page.text[:start]
    lines = before.splitlines(keepends=True)
    if not lines or lines[-1].endswith(("\n", "\r")):
        return Position(len(lines) + 1, 1)
    return Position(len(lines), len(lines[-1]) + 1)


def _in_small(data: Data, edit: Edit) -> Iterator[Edit]:
    """The edit; a new value for a whole section as edits of what differs in it, so that comments stay."""
    if not isinstance(edit, Set) or edit.written:
        yield edit
        return
    loc, value = edit.loc, edit.value
    if loc and not has(data, loc):
        # What is missing around it, too.
        known = loc
        while known and not has(data, known):
            known = known[:-1]
        for step in reversed(loc[len(known) + 1 :]):
            value = {step: value}
        yield Add(known, loc[len(known)], value, shared=edit.shared)
        return
    yield from _in_small_below(at(data, loc), value, edit)


def _of_mapping(old: Data, new: Data, edit: Set) -> Iterator[Edit]:
    loc = edit.loc
    if not new or [key for key in new if key in old] != [key for key in old if key in new]:
        # Another order: written new.
        yield edit
        return
    for key in old:
        if key not in new:
            yield Remove((*loc, key), edit.shared)
    previous = ""
    for key, value in new.items():
        if key not in old:
            yield Add(loc, key, value, previous, edit.shared)
        else:
            yield from _in_small_below(old[key], value, replace(edit, loc=(*loc, key), value=value))
        previous = key


def _of_list(old: Data, new: Data, edit: Set) -> Iterator[Edit]:
    loc = edit.loc
    if not new:
        yield edit
        return
    matcher = SequenceMatcher(a=[repr(item) for item in old], b=[repr(item) for item in new], autojunk=False)
    shift = 0
    for tag, start, end, other, stop in matcher.get_opcodes():
        if tag == "equal":
            continue
        common = min(end - start, stop - other)
        for offset in range(common):
            here = replace(edit, loc=(*loc, start + shift + offset), value=new[other + offset])
            yield from _in_small_below(old[start + offset], new[other + offset], here)
        for offset in range(common, stop - other):
            yield Add(loc, start + shift + offset, new[other + offset], shared=edit.shared)
        for _ in range(common, end - start):
            yield Remove((*loc, start + shift + stop - other), edit.shared)
        shift += (stop - other) - (end - start)


def _in_small_below(old: Data, value: Data, edit: Set) -> Iterator[Edit]:
    if isinstance(old, dict) and isinstance(value, dict) and old:
        yield from _of_mapping(old, value, edit)
    elif isinstance(old, list) and isinstance(value, list) and old:
        yield from _of_list(old, value, edit)
    elif not same(old, value):
        yield edit
