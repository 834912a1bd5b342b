"""A mirror of a shopper's page: masks every event before an agent sees it, and knows each element.

It is given rrweb's events as the page sent them, and believes none of them. What has not been judged is
dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from cobrowse.addresses import ViewAddresses, shown_address
from cobrowse.events import (
    RrAdd,
    RrAdoptedSheets,
    RrAttributeChange,
    RrCustomElement,
    RrDeclaration,
    RrDrag,
    RrEvent,
    RrFull,
    RrIncremental,
    RrInput,
    RrInteraction,
    RrMeta,
    RrMouseMove,
    RrMutation,
    RrRule,
    RrScroll,
    RrSelection,
    RrSheet,
    RrTouchMove,
)
from cobrowse.flags import Flags
from cobrowse.flow import neighbours, parts_of_a_card
from cobrowse.masking import Masking
from cobrowse.outcomes import (
    EventDropped,
    EventPassed,
    MirrorOutcome,
    NeedsSnapshot,
    PageTooLarge,
    SnapshotNeed,
)
from cobrowse.planting import Planting, flags_of
from cobrowse.rules import EDITOR, HANDED_DOWN, HIDDEN, INSIDE, PAYS, SHOWN, STICKY, VALUE, Rules
from cobrowse.tree import BARE, BoundPassed, ViewNode, ViewTree

#: Bytes of one event; a full snapshot is the largest.
MOST_BYTES = 2 * 1024 * 1024
#: More nodes than that at once are not worked off one by one: a snapshot is, on a thread.
MOST_ADDS = 1000
_MOST_POSITIONS, _MOST_RANGES = 100, 10
_DECODER = msgspec.json.Decoder(RrEvent)
_ENCODER = msgspec.json.Encoder()
_CUSTOM_NAME = re.compile(r"[a-z][a-z0-9._]*-[a-z0-9._-]*")
#: Of these the shopper is the cause.
_BY_HAND = (RrMouseMove, RrTouchMove, RrDrag, RrInteraction, RrScroll, RrInput)


class Mirror:
    """One document of a shopper's tab. Not for two threads at once."""

    def __init__(self, rules: Rules, page_url: str, origins: Iterable[str]) -> None:
        """``origins`` are those that agents' browsers may load from: the site's, and its ``assets``."""
        self._rules = rules
        self._tree = ViewTree()
        self._masking = Masking(ViewAddresses(page_url, origins), rules.private)
        self._planting = Planting(self._tree, rules, self._masking)
        #: Why nothing but a snapshot is of use now.
        self._waits: SnapshotNeed | None = "first"
        self._told = False
        self._large: PageTooLarge | None = None

    def apply(self, event: bytes | str | dict[str, Any]) -> MirrorOutcome:
        """What becomes of one event. Raises nothing, whatever it is given."""
        if self._large is not None:
            return self._large
        try:
            return self._apply(event)
        except BoundPassed as passed:
            self._large = PageTooLarge(passed.bound)
            self._tree = ViewTree()
            return self._large

    def judge_by(self, rules: Rules, page_url: str, origins: Iterable[str]) -> None:
        """Go by other rules from the next snapshot on, and drop all before it. What was hidden stays so."""
        self._tree.clear()
        self._rules = rules
        self._masking = Masking(ViewAddresses(page_url, origins), rules.private)
        self._planting = Planting(self._tree, rules, self._masking)
        self._waits, self._told = "new_rules", True

    def flags(self, node: int) -> Flags | None:
        """What is known of an element; None for what is not on the page, or not known for sure now."""
        found = self._tree.nodes.get(node)
        if found is None or found.tag.startswith("#") or self._waits or self._large:
            return None
        return flags_of(found, self._planting)

    def __len__(self) -> int:
        """How many nodes it holds."""
        return len(self._tree.nodes)

    def _apply(self, event: bytes | str | dict[str, Any]) -> MirrorOutcome:
        try:
            if isinstance(event, dict):
                read = msgspec.convert(event, RrEvent)
            elif len(event) > MOST_BYTES:
                raise BoundPassed("bytes")
            else:
                read = _DECODER.decode(event)
        except msgspec.ValidationError:
            return EventDropped("unknown")
        except (msgspec.DecodeError, ValueError):
            return EventDropped("not_json")
        except RecursionError:
            raise BoundPassed("depth") from None
        return self._judged(read)

    def _judged(self, event: RrEvent) -> MirrorOutcome:
        match event:
            case RrFull(data=data):
                self._tree.clear()
                self._planting.begin()
                self._planting.plant(data.node, None)
                self._planting.hide_parts()
                self._waits = None
                return EventPassed(_ENCODER.encode(event), snapshot=True)
            case RrMeta(data=meta):
                meta.href = shown_address(meta.href)
            case RrIncremental(data=change):
                if self._waits is not None:
                    return self._waiting()
                outcome = _CHANGES[type(change)](self, change)
                if isinstance(outcome, NeedsSnapshot):
                    self._waits, self._told = outcome.why, True
                if outcome is not None:
                    return outcome
                return EventPassed(_ENCODER.encode(event), active=isinstance(change, _BY_HAND))
            case _:
                pass
        return EventPassed(_ENCODER.encode(event))

    def _waiting(self) -> MirrorOutcome:
        """The first event without a snapshot before it asks for one."""
        if self._waits == "first" and not self._told:
            self._told = True
            return NeedsSnapshot("first")
        return EventDropped("waiting")

    # --- the tree -------------------------------------------------------------------------------------------

    def _mutation(self, change: RrMutation) -> MirrorOutcome | None:
        if len(change.adds) > MOST_ADDS:
            return NeedsSnapshot("many_adds")
        nodes = self._tree.nodes
        kept, beside = [], []
        for remove in change.removes:
            if (node := nodes.get(remove.id)) is None:
                continue
            beside += neighbours(node)
            if not node.flags & INSIDE and node.parent is not None and not node.parent.flags & INSIDE:
                kept.append(remove)
            self._tree.remove(remove.id)
        change.removes = kept
        added = self._adds(change.adds)
        if added is None:
            return NeedsSnapshot("unknown_node")
        change.adds = added
        change.texts = [each for each in change.texts if self._seen(each.id)]
        for text in change.texts:
            self._planting.write(text, nodes[text.id], nodes[text.id].parent)
        self._planting.hide_parts()
        if any(nodes.get(each.id) is each and parts_of_a_card(each) for each in beside):
            return NeedsSnapshot("hidden_now")  # what was between two halves of a card number is gone
        outcome = self._attributes(change)
        if outcome is not None:
            return outcome
        empty = not (change.adds or change.removes or change.texts or change.attributes)
        return EventDropped("empty") if empty else None

    def _adds(self, adds: list[RrAdd]) -> list[RrAdd] | None:
        """Plant what came, parents before children; None where a parent or a sibling is not known."""
        nodes, kept = self._tree.nodes, []
        left = adds
        while left:
            later = []
            for add in left:
                parent = nodes.get(add.parent_id)
                if parent is None:
                    later.append(add)
                elif not self._planting.plant(add.node, parent, add.next_id).flags & INSIDE:
                    kept.append(add)
            if len(later) == len(left):
                return None
            left = later
        if any(add.next_id is not None and add.next_id >= 0 and add.next_id not in nodes for add in kept):
            return None
        return kept

    def _attributes(self, change: RrMutation) -> MirrorOutcome | None:
        kept: list[RrAttributeChange] = []
        for each in change.attributes:
            node = self._tree.nodes.get(each.id)
            if node is None or node.flags & (INSIDE | BARE) or node.tag.startswith("#"):
                continue
            if self._changes_what_is_seen(node, each.attributes):
                return NeedsSnapshot("hidden_now")
            each.attributes = self._masking.attributes(each.attributes, self._planting.place(node))
            if each.attributes:
                kept.append(each)
        change.attributes = kept
        return None

    def _changes_what_is_seen(self, node: ViewNode, attributes: dict[str, Any]) -> bool:
        """Judge an element again by what changed; whether something is private now that agents have seen."""
        relevant = self._rules.relevant(node.tag)
        if not any(name in relevant for name in attributes):
            return False
        self._planting.keep(node, attributes)
        bits = self._rules.judge(node.tag, node.kept or {})
        new = bits & STICKY & ~node.flags
        above = node.parent.flags & HANDED_DOWN if node.parent is not None else 0
        lost = node.flags & (SHOWN | VALUE) & ~(bits | above)
        node.flags = (node.flags | new) & ~lost
        if new & PAYS:
            self._tree.pays(node)
        return bool(new & (HIDDEN | EDITOR | HANDED_DOWN) or lost)

    def _seen(self, node: int) -> bool:
        found = self._tree.nodes.get(node)
        return found is not None and not found.flags & INSIDE

    # --- everything else ------------------------------------------------------------------------------------

    def _positions(self, change: RrMouseMove | RrTouchMove | RrDrag) -> MirrorOutcome | None:
        change.positions = [each for each in change.positions[-_MOST_POSITIONS:] if self._seen(each.id)]
        return None if change.positions else EventDropped("hidden")

    def _of_one(self, change: RrInteraction | RrScroll) -> MirrorOutcome | None:
        return None if self._seen(change.id) else EventDropped("hidden")

    def _input(self, change: RrInput) -> MirrorOutcome | None:
        if not self._seen(change.id):
            return EventDropped("hidden")
        place = self._planting.place(self._tree.nodes[change.id])
        change.text = self._masking.value(change.text, place)
        change.is_checked = change.is_checked and bool(place.flags & VALUE)
        return None

    def _sheet(self, change: RrSheet) -> MirrorOutcome | None:
        if change.id is not None and not self._seen(change.id):
            return EventDropped("hidden")
        styles = self._masking.styles
        self._rules_of(change.adds or [])
        change.replace = None if change.replace is None else styles.sheet(change.replace)
        change.replace_sync = None if change.replace_sync is None else styles.sheet(change.replace_sync)
        return None

    def _declaration(self, change: RrDeclaration) -> MirrorOutcome | None:
        if change.id is not None and not self._seen(change.id):
            return EventDropped("hidden")
        if change.set is not None:
            value = self._masking.styles.value(change.set.property, change.set.value or "")
            if value is None:
                return EventDropped("unknown")
            change.set.value = value
            change.set.priority = "important" if change.set.priority == "important" else ""
        if change.remove is not None and self._masking.styles.value(change.remove.property, "") is None:
            return EventDropped("unknown")
        return None

    def _adopted(self, change: RrAdoptedSheets) -> MirrorOutcome | None:
        if not self._seen(change.id):
            return EventDropped("hidden")
        for sheet in change.styles or []:
            self._rules_of(sheet.rules)
        return None

    def _rules_of(self, rules: list[RrRule]) -> None:
        for rule in rules:
            rule.rule = self._masking.styles.sheet(rule.rule)

    def _selection(self, change: RrSelection) -> MirrorOutcome | None:
        told = []
        for each in change.ranges[:_MOST_RANGES]:
            ends = [self._tree.nodes.get(end) for end in (each.start, each.end)]
            # How many characters are selected tells how long a hidden text is.
            if all(end is not None and not self._planting.is_quiet(end) for end in ends):
                told.append(each)
        change.ranges = told
        return None

    def _custom(self, change: RrCustomElement) -> MirrorOutcome | None:
        known = len(change.define.name) <= 64 and _CUSTOM_NAME.fullmatch(change.define.name)
        return None if known else EventDropped("unknown")


Change = Callable[[Mirror, Any], MirrorOutcome | None]
#: What is done with each kind of change. Resizes say nothing of the page.
_CHANGES: dict[type[Any], Change] = {
    RrMutation: Mirror._mutation,
    RrMouseMove: Mirror._positions,
    RrTouchMove: Mirror._positions,
    RrDrag: Mirror._positions,
    RrInteraction: Mirror._of_one,
    RrScroll: Mirror._of_one,
    RrInput: Mirror._input,
    RrSheet: Mirror._sheet,
    RrDeclaration: Mirror._declaration,
    RrSelection: Mirror._selection,
    RrAdoptedSheets: Mirror._adopted,
    RrCustomElement: Mirror._custom,
}
