"""What decisions need of a page's tree: each element's parent, tag, and flags that stay once set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cobrowse.outcomes import Bound
from cobrowse.rules import FIELDS, HIDDEN, INSIDE, PAYS, STICKY, VALUE

MOST_NODES, MOST_DEPTH = 20_000, 512
#: So many nodes that are gone are remembered, because they must stay hidden if they come back.
MOST_REMEMBERED = 50_000
#: A field whose value was hidden once; it is not shown later.
DENIED = 256
#: What is below is not passed on.
SHUT = 512
#: It was hidden by what was around it, and has moved away from there: none of its attributes is passed on.
BARE = 1024
#: A text of a style sheet: nobody reads it there, and nobody does where it is moved to.
SHEET = 2048
#: Characters of what an element is called, and of an attribute that rules look at.
LONGEST_LABEL, LONGEST_KEPT = 60, 2000


class BoundPassed(Exception):  # noqa: N818  # it is no error: the page is large
    """The page is larger than a tree may be."""

    def __init__(self, bound: Bound) -> None:
        super().__init__(bound)
        self.bound = bound


class ViewNode:
    """One node; ``tag`` is ``#text`` and the like for what is no element."""

    __slots__ = ("before", "depth", "first", "flags", "id", "kept", "label", "next", "parent", "tag")

    def __init__(self, node: int, tag: str, flags: int, parent: ViewNode | None) -> None:
        self.id = node
        self.tag = tag
        self.flags = flags
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0
        #: The children, the last one first: a chain, because most nodes have none.
        self.first: ViewNode | None = None
        self.next: ViewNode | None = None
        self.before: ViewNode | None = None
        #: Attributes that rules look at.
        self.kept: dict[str, Any] | None = None
        #: What an element is called; of a text, what of it may be a part of a card number.
        self.label: str | None = None

    def says(self, name: str) -> str:
        """An attribute that is kept, in lower case; empty where it is not there."""
        value = self.kept.get(name) if self.kept else None
        return value.lower() if isinstance(value, str) else ""

    def above(self) -> Iterator[ViewNode]:
        """What it is in, from the inside out."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class ViewTree:
    """All nodes by rrweb's ids."""

    def __init__(self) -> None:
        self.nodes: dict[int, ViewNode] = {}
        self._remembered: dict[int, int] = {}

    def clear(self) -> None:
        """Forget the tree, before a full snapshot; what was hidden stays so."""
        for node in self.nodes.values():
            self._remember(node)
            node.parent = node.first = node.next = node.before = None  # no circles for the collector
        self.nodes = {}

    def add(
        self, node: int, tag: str, flags: int, parent: ViewNode | None, following: int | None = None
    ) -> ViewNode:
        """Put a node below another, before the sibling ``following``, else as the last one.

        One with the same id goes first. BoundPassed if the page is too large.
        """
        if node in self.nodes:
            self.remove(node)
        if len(self.nodes) >= MOST_NODES:
            raise BoundPassed("nodes")
        flags |= self._remembered.get(node, 0)
        if flags & DENIED:
            flags &= ~VALUE
        if parent is not None and parent.flags & (HIDDEN | INSIDE | SHUT):
            flags = (flags | HIDDEN | INSIDE) & ~VALUE
        added = ViewNode(node, tag, flags, parent)
        if added.depth > MOST_DEPTH:
            raise BoundPassed("depth")
        if parent is not None:
            after = self.nodes.get(following) if following is not None else None
            if after is not None and after.parent is parent:
                added.before, added.next, after.next = after, after.next, added
            else:
                added.next, parent.first = parent.first, added
            if added.next is not None:
                added.next.before = added
        self.nodes[node] = added
        return added

    def remove(self, node: int) -> None:
        """Take a node away with all below it."""
        gone = self.nodes[node]
        if gone.before is not None:
            gone.before.next = gone.next
        elif gone.parent is not None:
            gone.parent.first = gone.next
        if gone.next is not None:
            gone.next.before = gone.before
        gone.next = None
        stack = [gone]
        while stack:
            each = stack.pop()
            self._remember(each)
            if self.nodes.get(each.id) is each:
                del self.nodes[each.id]
            child = each.first
            while child is not None:
                stack.append(child)
                child = child.next
            each.parent = each.first = each.before = None

    def pays(self, node: ViewNode) -> None:
        """The form that a payment field is in asks for payment from now on."""
        for form in node.above():
            if form.tag == "form":
                form.flags |= PAYS
                return

    def _remember(self, node: ViewNode) -> None:
        flags = node.flags & (STICKY | SHEET)
        if node.tag in FIELDS and not node.flags & VALUE:
            flags |= DENIED
        if flags:
            self._remembered[node.id] = self._remembered.get(node.id, 0) | flags
            if len(self._remembered) > MOST_REMEMBERED:
                raise BoundPassed("hidden_nodes")
