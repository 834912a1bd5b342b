"""What was done between two texts, as edits; and by that, how to take an edit back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from config.editing.apply import apply, read_text_source
from config.editing.chunks import bounds, is_inline
from config.editing.data import at as data_at
from config.editing.edits import Add, Edit, EditError, Move, Remove, Set, Shared, Written
from config.editing.spans import NodeSpan, UnreadableError, column
from config.editing.splices import SpannedText
from config.problems import Loc
from config.source import Source


def difference(before: str, after: str) -> list[Edit]:
    """Edits that make the settings of ``before`` those of ``after``, comments included.

    :class:`config.editing.spans.UnreadableError` where one of them is no YAML.
    """
    return list(between(SpannedText(before), SpannedText(after)))


def between(old: SpannedText, new: SpannedText) -> Iterator[Edit]:
    """:func:`difference` of two pages."""
    yield from _below(_Side(old), _Side(new), (), old.root, new.root)


def inverse(source: Source, edits: Iterable[Edit], *, lines: bool = False) -> list[Edit]:
    """Edits that, applied to ``apply(source, edits)``, give back the very text of ``source``."""
    after = apply(source, edits, lines=lines)
    try:
        back = difference(after, source.text)
        if apply(read_text_source(after, source.file, lines=lines), back, lines=lines) == source.text:
            return back
    except (EditError, UnreadableError):
        pass
    return [Set((), SpannedText(source.text).data, written=Written(source.text, lines=True))]


@dataclass(slots=True)
class _Side:
    page: SpannedText

    def chunk(self, holder: NodeSpan, at: int, *, top: bool) -> Written | None:
        """An entry's lines; of an entry in braces, its own characters."""
        text, slot = self.page.text, holder.slots[at]
        if holder.style == "flow":
            return Written(text[slot.start : slot.end])
        edges = bounds(text, holder, top=top)
        far = column(text, holder.slots[0].start)
        lead = " " * far if at == 0 and is_inline(text, holder) else ""
        return Written(lead + text[edges[at] : edges[at + 1]], lines=True, column=far)

    def own(self, holder: NodeSpan, at: int, *, top: bool) -> tuple[str, str]:
        """An entry's characters before and behind its value."""
        text, slot = self.page.text, holder.slots[at]
        if holder.style == "flow":
            return text[slot.start : slot.value.start], text[slot.value.end : slot.end]
        edges = bounds(text, holder, top=top)
        begin = slot.value.start
        if slot.value.style == "block":
            inner = slot.value
            begin = max(slot.after, bounds(text, inner, top=False)[0])
            end = max(bounds(text, inner, top=False)[-1], begin)
            return text[edges[at] : begin], text[end : edges[at + 1]]
        return text[edges[at] : begin], text[slot.value.end : edges[at + 1]]


def _below(before: _Side, after: _Side, loc: Loc, old: NodeSpan, new: NodeSpan) -> Iterator[Edit]:
    """Edits of what differs within two collections of a kind."""
    if old.kind == "mapping" == new.kind:
        yield from _in_mapping(before, after, loc, old, new)
    elif old.kind == "sequence" == new.kind:
        yield from _in_list(before, after, loc, old, new)
    elif loc == ():
        text = after.page.text
        yield Set((), after.page.data, written=Written(text, lines=True))


def _in_mapping(before: _Side, after: _Side, loc: Loc, old: NodeSpan, new: NodeSpan) -> Iterator[Edit]:
    top = loc == ()
    names = [str(slot.name) for slot in old.slots]
    wanted = [str(slot.name) for slot in new.slots]
    kept = [name for name in names if name in set(wanted)]
    order = [name for name in wanted if name in set(names)]
    if order != kept:
        # From the end on, so that what each stands before is in its place.
        for at in range(len(order) - 1, -1, -1):
            yield Move((*loc, order[at]), order[at + 1] if at + 1 < len(order) else None)
    previous = ""
    for at, name in enumerate(wanted):
        if name not in set(names):
            data = data_at(after.page.data, (*loc, name))
            yield Add(loc, name, data, previous, "all", after.chunk(new, at, top=top))
        else:
            yield from _entry(before, after, (*loc, name), (old, names.index(name)), (new, at))
        previous = name
    # Last, so that there is never nothing.
    for name in names:
        if name not in set(wanted):
            yield Remove((*loc, name), "all")


def _in_list(before: _Side, after: _Side, loc: Loc, old: NodeSpan, new: NodeSpan) -> Iterator[Edit]:
    olds = [before.page.text[slot.start : slot.end] for slot in old.slots]
    news = [after.page.text[slot.start : slot.end] for slot in new.slots]
    shift = 0
    for tag, start, end, other, stop in SequenceMatcher(a=olds, b=news, autojunk=False).get_opcodes():
        common = min(end - start, stop - other)
        for offset in range(common):
            here = (*loc, start + shift + offset)
            yield from _entry(before, after, here, (old, start + offset), (new, other + offset))
        if tag == "equal":
            continue
        for offset in range(common, stop - other):
            value = data_at(after.page.data, (*loc, other + offset))
            written = after.chunk(new, other + offset, top=False)
            yield Add(loc, start + shift + offset, value, None, "all", written)
        for _ in range(common, end - start):
            yield Remove((*loc, start + shift + common), "all")
        shift += (stop - other) - (end - start)


def _entry(
    before: _Side, after: _Side, loc: Loc, old: tuple[NodeSpan, int], new: tuple[NodeSpan, int]
) -> Iterator[Edit]:
    """Edits of an entry that both have; ``loc`` is its place in what the edits before have made."""
    (one, at), (other, spot) = old, new
    first, second = one.slots[at].value, other.slots[spot].value
    top = len(loc) == 1
    was, now = before.own(one, at, top=top), after.own(other, spot, top=top)
    text, wanted = before.page.text[first.start : first.end], after.page.text[second.start : second.end]
    if was == now and text == wanted and first.style != "block":
        return
    value = data_at(after.page.data, loc)
    shared: Shared = "all" if first.anchor == second.anchor else "here"
    if (
        was == now
        and first.kind == second.kind
        and first.anchor == second.anchor
        and first.slots
        and second.slots
    ):
        if first.style == second.style == "block":
            yield from _below(before, after, loc, first, second)
            return
        if first.style == second.style == "flow" and "\n" not in text + wanted:
            yield from _below(before, after, loc, first, second)
            return
    if (
        was == now
        and first.kind == "scalar" == second.kind
        and text
        and wanted
        and second.style not in ("|", ">")
    ) and first.style not in ("|", ">"):
        yield Set(loc, value, shared, Written(after.page.text[second.body : second.end]))
        return
    written = after.chunk(other, spot, top=top)
    if other.style == "flow":
        written = Written(wanted) if not second.anchor else None
    yield Set(loc, value, shared, written)
