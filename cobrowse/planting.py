"""How nodes come into the mirror: each is judged, masked in place, and known from then on."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any

from cobrowse.events import RrCdata, RrComment, RrDoctype, RrDocument, RrElement, RrNode, RrText
from cobrowse.flags import Flags
from cobrowse.masking import CLOSED, MaskedPlace, Masking
from cobrowse.rules import (
    EDITOR,
    FIELDS,
    HANDED_DOWN,
    HIDDEN,
    INSIDE,
    NEVER_CLICK,
    NEVER_FILL,
    PAYS,
    VALUE,
    Rules,
)
from cobrowse.tree import BARE, LONGEST_KEPT, LONGEST_LABEL, SHEET, SHUT, ViewNode, ViewTree
from cobrowse.words import clear_text

#: Doctypes of old pages; they say how browsers lay out the page.
_DOCTYPES = frozenset(
    f"-//W3C//DTD {name}//EN"
    for name in (
        "XHTML 1.0 Strict",
        "XHTML 1.0 Transitional",
        "XHTML 1.1",
        "HTML 4.01",
        "HTML 4.01 Transitional",
    )
)
_MODES = frozenset({"BackCompat", "CSS1Compat"})
#: What their text calls.
_CALLED = frozenset({"button", "a", "label", "summary", "option", "legend"})
_SUBMITS = frozenset({"", "submit", "image"})
#: Inputs that take no value from anybody but the shopper.
_NOT_FILLED = frozenset({"file", "hidden", "submit", "reset", "button", "image"})


class Planting:
    """Puts nodes into the tree of one page."""

    def __init__(self, tree: ViewTree, rules: Rules, masking: Masking) -> None:
        self._tree = tree
        self._rules = rules
        self._masking = masking
        #: Labels by the id of the field that they are for.
        self._labels: dict[str, ViewNode] = {}

    def begin(self) -> None:
        """A new snapshot begins."""
        self._labels.clear()

    def plant(self, node: RrNode, parent: ViewNode | None) -> ViewNode:
        """Put a node and all below it into the tree, and mask it in place."""
        planted = self._one(node, parent)
        stack = [(node, planted)]
        while stack:
            each, known = stack.pop()
            if isinstance(each, (RrElement, RrDocument)):
                below = [(child, self._one(child, known)) for child in each.child_nodes]
                stack += reversed(below)
                if known.flags & (HIDDEN | INSIDE | SHUT):
                    each.child_nodes = []
        return planted

    def place(self, node: ViewNode) -> MaskedPlace:
        """An element as the masking asks for it."""
        return MaskedPlace(node.tag, node.says("type"), node.flags, self._masking.is_quiet(node.flags))

    def is_quiet(self, node: ViewNode) -> bool:
        """Whether texts there are hidden."""
        return self._masking.is_quiet(node.flags) or _is_hidden_option(node)

    def text(self, text: str, parent: ViewNode | None, flags: int) -> str:
        """A text below this element."""
        if parent is not None and parent.tag == "style":
            return "" if flags & (HIDDEN | EDITOR) else self._masking.styles.sheet(text)
        quiet = self._masking.is_quiet(flags) or bool(flags & SHEET)
        return self._masking.text(text, quiet or (parent is not None and self.is_quiet(parent)))

    def keep(self, node: ViewNode, attributes: Mapping[str, Any]) -> None:
        """Remember attributes that rules look at."""
        relevant = self._rules.relevant(node.tag)
        kept = node.kept or {}
        for name in attributes.keys() & relevant:
            value = attributes[name]
            if value is None or value is False:
                kept.pop(name, None)
            else:
                kept[name] = value[:LONGEST_KEPT] if isinstance(value, str) else str(value)[:LONGEST_KEPT]
        node.kept = kept or None

    def label(self, node: ViewNode) -> str:
        """What an element is called on the page; empty where agents do not see it."""
        if self._masking.is_quiet(node.flags):
            return ""
        if node.label:
            return node.label
        if node.tag in FIELDS:
            named = self._labels.get(str(node.kept["id"])) if node.kept and "id" in node.kept else None
            if named is not None and self._tree.nodes.get(named.id) is named and named.label:
                return named.label
        return next((each.label for each in node.above() if each.tag in _CALLED and each.label), "")

    def _one(self, node: RrNode, parent: ViewNode | None) -> ViewNode:
        match node:
            case RrElement():
                return self._element(node, parent)
            case RrText():
                added = self._leaf(node.id, "#text", parent)
                if parent is not None and parent.tag == "style":
                    added.flags |= SHEET
                if not added.flags & INSIDE:
                    node.text_content = self.text(node.text_content, parent, added.flags)
                    self._call(node.text_content, parent)
                return added
            case RrCdata() | RrComment():
                node.text_content = ""
                return self._leaf(node.id, "#comment", parent)
            case RrDoctype():
                node.name = "html"
                node.public_id = node.public_id if node.public_id in _DOCTYPES else ""
                node.system_id = ""
                return self._leaf(node.id, "#doctype", parent)
            case RrDocument():
                node.compat_mode = node.compat_mode if node.compat_mode in _MODES else ""
                return self._leaf(node.id, "#document", parent)

    def _leaf(self, node: int, tag: str, parent: ViewNode | None) -> ViewNode:
        return self._tree.add(node, tag, parent.flags & HANDED_DOWN if parent is not None else 0, parent)

    def _element(self, node: RrElement, parent: ViewNode | None) -> ViewNode:
        tag = intern(node.tag_name.lower()) if len(node.tag_name) <= 64 else "span"
        attributes = node.attributes
        own = self._rules.judge(tag, attributes)
        if tag in ("option", "optgroup"):
            own = own & ~VALUE | (parent.flags & VALUE if parent is not None else 0)
        handed = parent.flags & HANDED_DOWN if parent is not None else 0
        added = self._tree.add(node.id, tag, own | handed, parent)
        self.keep(added, attributes)
        if own & PAYS:
            self._tree.pays(added)
        if tag == "label" and isinstance(named := attributes.get("for"), str):
            self._labels[named] = added
        place = self.place(added)
        if tag in CLOSED or (tag == "svg" and place.quiet):
            added.flags |= SHUT
        if added.flags & INSIDE:
            return added
        if tag in FIELDS and not place.quiet:
            says = attributes.get("aria-label") or attributes.get("placeholder")
            added.label = clear_text(says)[:LONGEST_LABEL] if isinstance(says, str) else None
        if added.flags & HIDDEN and not own & HIDDEN and tag not in FIELDS:
            added.flags |= BARE
            attributes = {}
        node.tag_name = self._masking.tag(node.tag_name)
        node.attributes = {
            **self._masking.attributes(attributes, place),
            **self._masking.marks(attributes, place),
        }
        return added

    def _call(self, text: str, parent: ViewNode | None) -> None:
        """A text in a button, or in something in it, is what the button is called."""
        for each in (parent, parent.parent if parent is not None else None):
            if each is not None and each.tag in _CALLED:
                if each.label is None and text.strip() and not self.is_quiet(each):
                    each.label = " ".join(text.split())[:LONGEST_LABEL]
                return


def flags_of(node: ViewNode, planting: Planting) -> Flags:
    """What may be done with an element."""
    kind, flags = node.says("type"), node.flags
    is_field = node.tag in FIELDS
    reachable = not flags & INSIDE
    blocked = node.kept is not None and ("readonly" in node.kept or "disabled" in node.kept)
    return Flags(
        tag=node.tag,
        masked=bool(flags & HIDDEN),
        never_fill=bool(flags & NEVER_FILL),
        never_click=bool(flags & NEVER_CLICK) or _pays(node),
        fillable=is_field and reachable and not blocked and (node.tag != "input" or kind not in _NOT_FILLED),
        clickable=reachable and not (node.tag == "input" and kind in ("hidden", "file")),
        label=planting.label(node),
    )


def _pays(node: ViewNode) -> bool:
    """Whether a click there submits a form with payment fields: on a button, or on something in it."""
    for button in (node, *node.above()):
        if button.tag == "form":
            return False
        kind = button.says("type")
        if (button.tag == "button" and kind in _SUBMITS) or (
            button.tag == "input" and kind in ("submit", "image")
        ):
            return any(form.tag == "form" and form.flags & PAYS for form in button.above())
    return False


def _is_hidden_option(node: ViewNode) -> bool:
    return node.tag in ("option", "optgroup") and not node.flags & VALUE
