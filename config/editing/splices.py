"""From one edit to the characters to replace: the rest of the file stays as it is."""

from __future__ import annotations

from config.editing.chunks import bounds, cut, is_inline, joined, shifted, trimmed
from config.editing.data import Data
from config.editing.edits import Add, Edit, Move, Remove, Rename, Set, Written
from config.editing.spans import (
    NodeSlot,
    NodeSpan,
    UnreadableError,
    column,
    line_end,
    line_start,
    read_spans,
    said,
    walk,
)
from config.editing.writing import (
    WIDEST,
    FileManner,
    block_text,
    entry_lines,
    flow_text,
    item_lines,
    key,
    list_lines,
    mapping_lines,
    scalar,
)
from config.problems import Loc

#: Start, end, and what comes in between.
Splice = tuple[int, int, str]


class SpannedText:
    """A text with its spans; :class:`UnreadableError` where it has none."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root = read_spans(text)
        self.data = said(self.root)
        self.manner = _manner_of(text, self.root)

    def find(self, loc: Loc) -> NodeSpan | None:
        """The node at ``loc``; aliases are not followed."""
        span = self.root
        for step in loc:
            slot = span.slot(step)
            if slot is None:
                return None
            span = slot.value
        return span

    def slot(self, loc: Loc) -> NodeSlot:
        """The entry at ``loc``; :class:`UnreadableError`."""
        holder = self.find(loc[:-1])
        slot = holder.slot(loc[-1]) if holder else None
        if slot is None:
            raise UnreadableError("there is nothing here")
        return slot

    def splices(self, edit: Edit) -> list[Splice]:
        """What to replace; :class:`UnreadableError` where this edit has no splice."""
        match edit:
            case Set():
                return self._set(edit.loc, edit.value, edit.written)
            case Add():
                return [self._add(edit)]
            case Remove():
                return [self._remove(edit.loc)]
            case Rename():
                slot = self.slot(edit.loc)
                in_flow = self._collection(edit.loc[:-1]).style == "flow"
                return [(slot.start, slot.key_end, key(edit.key, flow=in_flow))]
            case Move():
                return [self._move(edit)] if edit.before != edit.loc[-1] else []

    # -- setting a value

    def _set(self, loc: Loc, value: Data, written: Written | None) -> list[Splice]:
        if not loc:
            raise UnreadableError("the whole file")
        holder, slot = self._collection(loc[:-1]), self.slot(loc)
        old = slot.value
        flow = holder.style == "flow"
        if written and written.lines and not flow:
            chunks = cut(self.text, holder, top=len(loc) == 1)
            place = holder.slots.index(slot)
            chunks[place] = self._fitted(written, holder)
            return [joined(self.text, holder, chunks, top=len(loc) == 1)]
        if written and not written.lines and _on_a_line(old) and old.end > old.body:
            return [(old.body, old.end, written.text)]
        if not isinstance(value, dict | list) or not value or flow:
            if isinstance(value, dict | list):
                return self._value(slot, flow_text(value))
            if flow or old.style not in ("|", ">") or not isinstance(value, str):
                return self._value(slot, scalar(value, old.style, flow=flow))
            return self._block_text(slot, value, holder)
        return self._lines(loc, value, holder, slot)

    def _value(self, slot: NodeSlot, new: str) -> list[Splice]:
        """Put a value that stands on one line."""
        old, text = slot.value, self.text
        if _on_a_line(old):
            gap = "" if text[old.body - 1 : old.body] in (" ", "\t", "\n", "[", "{", ",") else " "
            return [(old.body, old.end, (gap if slot.open else ": ") + new)]
        if old.style in ("|", ">"):
            head = text[old.body : line_end_of(text, old.body)]
            comment = f"  {head[head.find('#') :]}" if "#" in head else ""
            return [(old.body, old.end, new + comment)]
        if column(text, old.body) > column(text, slot.start) and line_start(text, old.body) == line_start(
            text, slot.start
        ):
            return [(old.body, old.end, new)]
        # A block below its key: the key's line keeps its comment.
        behind = old.start + len(old.anchor) + 1 if old.anchor else slot.after
        line = line_end(text, behind)
        return [(behind, behind, f" {new}"), (line, line_end(text, slot.end), "")]

    def _block_text(self, slot: NodeSlot, value: str, holder: NodeSpan) -> list[Splice]:
        old, text = slot.value, self.text
        head, *rest = text[old.body : old.end].splitlines()
        far = column(text, holder.slots[0].start) + self.manner.step
        if lines := [line for line in rest if line.strip()]:
            far = len(lines[0]) - len(lines[0].lstrip())
        written = block_text(value, head, far, self.manner.newline)
        if value.strip() and _reads_as(f"k: {_alone(written)}\n", value):
            return [trimmed(text, old.body, old.end, written)]
        return self._value(slot, scalar(value, '"'))

    def _lines(self, loc: Loc, value: Data, holder: NodeSpan, slot: NodeSlot) -> list[Splice]:
        """Put a collection that needs lines of its own in the place of something else."""
        text, manner = self.text, self.manner
        far = column(text, slot.start)
        short = self._prefers_flow(holder)
        if isinstance(slot.name, int):
            lines = item_lines(value, far, manner, flow=short)
        else:
            lines = entry_lines(slot.name, value, far, manner, flow=short)
        if len(lines) == 1:
            return self._value(slot, flow_text(value))
        old = slot.value
        if isinstance(slot.name, int):
            if old.anchor or not _on_a_line(old):
                raise UnreadableError("an item that has lines of its own")
            end = line_end_of(text, old.end)
            return [(slot.after, end, manner.newline.join(lines)[far + 1 :] + text[old.end : end])]
        behind = old.start + len(old.anchor) + 1 if old.anchor else slot.after
        below = manner.newline.join(lines[1:])
        if _on_a_line(old):
            stop = line_end(text, old.end)
            kept = text[old.end : stop].rstrip("\r\n")
            end_of_it = text[old.end + len(kept) : stop]
            return [(behind, stop, kept + manner.newline + below + end_of_it)]
        if old.style in ("|", ">"):
            head = text[old.body : line_end_of(text, old.body)]
            comment = f"  {head[head.find('#') :]}" if "#" in head else ""
            return [(behind, old.end, comment + manner.newline + below)]
        line = line_end(text, behind)
        stop = line_end(text, slot.end)
        after = manner.newline if text[:stop].endswith(("\n", "\r")) else ""
        return [(line, stop, below + after)]

    # -- entries

    def _add(self, edit: Add) -> Splice:
        loc = edit.loc
        holder = self.find(loc)
        if holder is None:
            raise UnreadableError("there is no such section")
        if not holder.slots:
            return self._first(edit, holder)
        place = self._spot(edit, holder)
        if holder.style == "flow":
            return self._add_in_flow(edit, holder, place)
        top = not loc
        chunks = cut(self.text, holder, top=top)
        if edit.written and edit.written.lines:
            new = self._fitted(edit.written, holder)
        else:
            far = column(self.text, holder.slots[0].start)
            short = self._prefers_flow(holder)
            if isinstance(edit.key, int):
                lines = item_lines(edit.value, far, self.manner, flow=short)
            else:
                lines = entry_lines(edit.key, edit.value, far, self.manner, flow=short)
            new = self.manner.newline.join([*lines, ""])
            apart = sum(chunk.startswith(("\n", "\r\n")) for chunk in chunks[1:])
            if place and apart * 2 > len(chunks) - 1:
                new = self.manner.newline + new
        chunks.insert(place, new)
        return joined(self.text, holder, chunks, top=top)

    def _spot(self, edit: Add, holder: NodeSpan) -> int:
        if isinstance(edit.key, int):
            return edit.key
        if edit.after is None:
            return len(holder.slots)
        return next((at + 1 for at, slot in enumerate(holder.slots) if slot.name == edit.after), 0)

    def _first(self, edit: Add, holder: NodeSpan) -> Splice:
        """Add to a section that says nothing, ``{}`` or ``[]``."""
        if not edit.loc:
            raise UnreadableError("an empty file")
        around, slot = self._collection(edit.loc[:-1]), self.slot(edit.loc)
        value: Data = [edit.value] if isinstance(edit.key, int) else {edit.key: edit.value}
        written = edit.written if edit.written and edit.written.lines else None
        if around.style == "flow" or isinstance(slot.name, int):
            splices = self._set(edit.loc, value, None)
        elif written:
            line = line_end(self.text, holder.end)
            begin = holder.start if holder.start > slot.after else slot.after
            if begin > slot.after and not self.text[slot.after : begin].strip():
                begin = slot.after
            kept = self.text[holder.end : line]
            kept = kept if kept.endswith(("\n", "\r")) else kept + self.manner.newline
            return begin, line, kept + written.text
        else:
            short = self._prefers_flow(around)
            far = column(self.text, slot.start)
            manner = self.manner
            text = flow_text(value)
            if short and far + len(key(str(slot.name), flow=False)) + 2 + len(text) <= WIDEST:
                splices = self._value(slot, text)
            else:
                make = mapping_lines if isinstance(value, dict) else list_lines
                deeper = far + (manner.step if isinstance(value, dict) else manner.dashes)
                lines = manner.newline.join(make(value, deeper, manner))
                line = line_end(self.text, holder.end)
                kept = self.text[holder.end : line]
                ending = kept[len(kept.rstrip("\r\n")) :]
                begin = slot.after if not holder.anchor else holder.start + len(holder.anchor) + 1
                return begin, line, kept.rstrip("\r\n") + manner.newline + lines + ending
        (splice,) = splices
        return splice

    def _add_in_flow(self, edit: Add, holder: NodeSpan, place: int) -> Splice:
        text, slots = self.text, holder.slots
        if text[holder.body : holder.body + 1] not in ("{", "["):
            raise UnreadableError("a pair without braces")
        name = "" if isinstance(edit.key, int) else f"{key(edit.key, flow=True)}: "
        new = edit.written.text if edit.written and not edit.written.lines else name + flow_text(edit.value)
        gap = ", "
        if len(slots) > 1:
            between = text[slots[0].end : slots[1].start]
            gap = between if between.strip() == "," else gap
        if "\n" not in gap:
            line = line_start(text, slots[min(place, len(slots) - 1)].start)
            wide = len(text[line : line_end_of(text, holder.end)]) + len(new) + 2
            if wide > WIDEST:
                gap = f",{self.manner.newline}{' ' * column(text, slots[0].start)}"
        if place:
            return slots[place - 1].end, slots[place - 1].end, gap + new
        return slots[0].start, slots[0].start, new + gap

    def _remove(self, loc: Loc) -> Splice:
        if not loc:
            raise UnreadableError("the whole file")
        holder, slot = self._collection(loc[:-1]), self.slot(loc)
        place = holder.slots.index(slot)
        if holder.style == "flow":
            return self._remove_in_flow(holder, place)
        top = len(loc) == 1
        chunks = cut(self.text, holder, top=top)
        if len(chunks) > 1:
            del chunks[place]
            return joined(self.text, holder, chunks, top=top)
        if top:
            raise UnreadableError("the last section of the file")
        above = self.slot(loc[:-1])
        nothing = "{}" if holder.kind == "mapping" else "[]"
        if is_inline(self.text, holder):
            return holder.body, holder.end, nothing
        edges = bounds(self.text, holder, top=False)
        behind = holder.start + len(holder.anchor) + 1 if holder.anchor else above.after
        return behind, edges[-1], f" {nothing}{self.text[behind : edges[0]]}"

    def _remove_in_flow(self, holder: NodeSpan, place: int) -> Splice:
        text, slots = self.text, holder.slots
        if text[holder.body : holder.body + 1] not in ("{", "["):
            raise UnreadableError("a pair without braces")
        slot = slots[place]
        if place + 1 < len(slots):
            return slot.start, slots[place + 1].start, ""
        comma = text.find(",", slot.end, holder.end)
        clear = comma >= 0 and not text[slot.end : comma].strip()
        if place == 0:
            return slot.start, comma + 1 if clear else slot.end, ""
        if "#" not in text[slots[place - 1].end : slot.start]:
            return slots[place - 1].end, slot.end, ""
        return slot.start, comma + 1 if clear else slot.end, ""

    def _move(self, edit: Move) -> Splice:
        loc = edit.loc
        holder, slot = self._collection(loc[:-1]), self.slot(loc)
        place = holder.slots.index(slot)
        names = [each.name for each in holder.slots]
        spot = len(names) if edit.before is None else _index(names, edit.before)
        order = [at for at in range(len(names)) if at != place]
        order.insert(spot - (spot > place), place)
        if holder.style == "flow":
            start, end = holder.slots[0].start, holder.slots[-1].end
            texts = [self.text[each.start : each.end] for each in holder.slots]
            gaps = [
                self.text[one.end : other.start]
                for one, other in zip(holder.slots, holder.slots[1:], strict=False)
            ]
            new = "".join(texts[at] + gap for at, gap in zip(order, [*gaps, ""], strict=True))
            return trimmed(self.text, start, end, new)
        chunks = cut(self.text, holder, top=len(loc) == 1)
        return joined(self.text, holder, [chunks[at] for at in order], top=len(loc) == 1)

    # -- what is around

    def _collection(self, loc: Loc) -> NodeSpan:
        span = self.find(loc)
        if span is None or span.kind not in ("mapping", "sequence"):
            raise UnreadableError("there is no such section")
        return span

    def _fitted(self, written: Written, holder: NodeSpan) -> str:
        """The lines of an entry, as far in as its new neighbours."""
        far = column(self.text, holder.slots[0].start)
        newline = self.manner.newline
        lines = "".join(
            line.rstrip("\r\n") + newline if line.endswith(("\r", "\n")) else line
            for line in written.text.splitlines(keepends=True)
        )
        return shifted(lines, far - written.column) if far != written.column else lines

    def _prefers_flow(self, holder: NodeSpan) -> bool:
        """Whether the neighbours are on one line each."""
        values = [slot.value for slot in holder.slots if slot.value.kind == "mapping"]
        return bool(values) and all(value.style == "flow" for value in values)


def line_end_of(text: str, at: int) -> int:
    """The end of the character's line, without its line break."""
    ends = [found for found in (text.find("\n", at), text.find("\r", at)) if found >= 0]
    return min(ends, default=len(text))


def _on_a_line(span: NodeSpan) -> bool:
    """Whether a value is no block: nothing, a text in one of three styles, an alias, or a flow collection."""
    return span.style not in ("|", ">", "block")


def _index(names: list[str | int], name: str | int) -> int:
    if name not in names:
        raise UnreadableError("there is no such entry")
    return names.index(name)


def _reads_as(text: str, value: str) -> bool:
    try:
        root = read_spans(text)
    except UnreadableError:
        return False
    return len(root.slots) == 1 and root.slots[0].value.text == value


def _alone(written: str) -> str:
    """A block text by itself, its lines one column in."""
    head, *lines = written.splitlines()
    far = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join([head, *(" " + line[far:] if line.strip() else "" for line in lines)])


def _manner_of(text: str, root: NodeSpan) -> FileManner:
    """How the file is written: by its first section with keys, and its first with dashes."""
    step = dashes = 0
    for _, span in walk(root):
        if span.kind != "mapping" or span.style != "block":
            continue
        for slot in span.slots:
            below = slot.value
            if below.style == "block" and not is_inline(text, below):
                deeper = column(text, below.slots[0].start) - column(text, slot.start)
                step = step or (deeper if below.kind == "mapping" else 0)
                if below.kind == "sequence" and not dashes:
                    dashes = deeper + 1
        if step and dashes:
            break
    newline = "\r\n" if "\r\n" in text else "\n"
    return FileManner(step or 2, dashes - 1 if dashes else (step or 2), newline)
