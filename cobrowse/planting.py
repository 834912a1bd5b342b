"""How nodes come into the mirror: each is judged, masked in place, and known from then on."""

from __future__ import annotations

from collections.abc import Mapping
from sys import intern
from typing import Any

from cobrowse.events import (
    RrCdata,
    RrComment,
    RrDoctype,
    RrDocument,
    RrElement,
    RrNode,
    RrText,
    RrTextChange,
)
from cobrowse.flags import Flags
from cobrowse.flow import joint_of, parts_of_a_card, without_digits
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
#: Sets of attributes that are shared.
_MOST_ALIKE = 1000
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
        #: What elements keep, by itself.
        self._alike: dict[tuple[tuple[str, Any], ...], dict[str, Any]] = {}
        #: Texts of this event that may be parts of a card number.
        self._written: list[tuple[RrText | RrTextChange, ViewNode]] = []

    def begin(self) -> None:
        """A new snapshot begins."""
        self._labels.clear()
        self._alike.clear()
        self._written.clear()

    def plant(self, node: RrNode, parent: ViewNode | None, following: int | None = None) -> ViewNode:
        """Put a node and all below it into the tree, and mask it in place.

        Once all of an event are there, :meth:`hide_parts`.
        """
        planted = self._one(node, parent, following)
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
        kept = {**node.kept} if node.kept else {}
        for name in attributes.keys() & relevant:
            value = attributes[name]
            if value is None or value is False:
                kept.pop(name, None)
            else:
                kept[name] = value[:LONGEST_KEPT] if isinstance(value, str) else str(value)[:LONGEST_KEPT]
        node.kept = self._shared(kept) if kept else None

    def _shared(self, kept: dict[str, Any]) -> dict[str, Any]:
        """The same for elements of a list, which are alike: a page of 20,000 nodes has thousands of them."""
        if "id" in kept or len(self._alike) >= _MOST_ALIKE:
            return kept
        return self._alike.setdefault(tuple(kept.items()), kept)

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

    def write(self, said: RrText | RrTextChange, node: ViewNode, parent: ViewNode | None) -> None:
        """A text as agents see it, by itself."""
        text = said.value if isinstance(said, RrTextChange) else said.text_content
        shown = self.text(text or "", parent, node.flags)
        _put(said, shown)
        seen = not (parent is not None and (parent.tag == "style" or self.is_quiet(parent)))
        node.label = joint_of(shown) if seen and not self._masking.is_quiet(node.flags) else None
        if node.label is not None:
            self._written.append((said, node))

    def hide_parts(self) -> None:
        """Hide the texts of this event that are, together with others, a card number."""
        written, self._written = self._written, []
        hidden = {part.id for _, node in written for part in parts_of_a_card(node)}
        for said, node in written:
            if node.id in hidden:
                text = said.value if isinstance(said, RrTextChange) else said.text_content
                _put(said, without_digits(text or ""))
                node.label = None

    def _one(self, node: RrNode, parent: ViewNode | None, following: int | None = None) -> ViewNode:
        match node:
            case RrElement():
                return self._element(node, parent, following)
            case RrText():
                added = self._leaf(node.id, "#text", parent, following)
                if parent is not None and parent.tag == "style":
                    added.flags |= SHEET
                if not added.flags & INSIDE:
                    self.write(node, added, parent)
                    self._call(node.text_content, parent)
                return added
            case RrCdata() | RrComment():
                node.text_content = ""
                return self._leaf(node.id, "#comment", parent, following)
            case RrDoctype():
                node.name = "html"
                node.public_id = node.public_id if node.public_id in _DOCTYPES else ""
                node.system_id = ""
                return self._leaf(node.id, "#doctype", parent, following)
            case RrDocument():
                node.compat_mode = node.compat_mode if node.compat_mode in _MODES else ""
                return self._leaf(node.id, "#document", parent, following)

    def _leaf(self, node: int, tag: str, parent: ViewNode | None, following: int | None) -> ViewNode:
        flags = parent.flags & HANDED_DOWN if parent is not None else 0
        return self._tree.add(node, tag, flags, parent, following)

    def _element(self, node: RrElement, parent: ViewNode | None, following: int | None) -> ViewNode:
        tag = intern(node.tag_name.lower()) if len(node.tag_name) <= 64 else "span"
        attributes = node.attributes
        own = self._rules.judge(tag, attributes)
        if tag in ("option", "optgroup"):
            own = own & ~VALUE | (parent.flags & VALUE if parent is not None else 0)
        handed = parent.flags & HANDED_DOWN if parent is not None else 0
        added = self._tree.add(node.id, tag, own | handed, parent, following)
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


def _put(said: RrText | RrTextChange, text: str) -> None:
    if isinstance(said, RrTextChange):
        said.value = text
    else:
        said.text_content = text


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
