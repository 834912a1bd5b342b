"""The events of rrweb 2 (``@rrweb/types``) that can be passed on, typed.

What has no place in these types is gone once an event has been decoded: keys, types and sources that
nobody here has judged. ``type`` and ``source`` are rrweb's numbers, given as tags.
"""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

#: rrweb counts nodes from 1, and writes -1 for none.
NodeId = Annotated[int, Meta(ge=-1, le=2**53)]
Number = int | float
Text = Annotated[str, Meta(max_length=2 * 1024 * 1024)]
#: Values are judged one by one: anything but texts, numbers and truths is dropped.
Attributes = dict[str, Any]


class RrDocument(Struct, tag_field="type", tag=0, rename="camel", omit_defaults=True, gc=False):
    """A document, with its doctype and root element."""

    id: NodeId
    child_nodes: list[RrNode]
    compat_mode: str = ""
    root_id: NodeId | None = None


class RrDoctype(Struct, tag_field="type", tag=1, rename="camel", gc=False):
    """A doctype."""

    id: NodeId
    name: str = "html"
    public_id: str = ""
    system_id: str = ""
    root_id: NodeId | None = None


class RrElement(Struct, tag_field="type", tag=2, rename="camel", omit_defaults=True, gc=False):
    """An element with its attributes and children; those with ``is_shadow`` are of its shadow tree."""

    id: NodeId
    tag_name: str
    attributes: Attributes = field(name="attributes")
    child_nodes: list[RrNode]
    is_svg: bool = field(name="isSVG", default=False)
    need_block: bool = False
    is_custom: bool = False
    is_shadow_host: bool = False
    is_shadow: bool = False
    root_id: NodeId | None = None


class RrText(Struct, tag_field="type", tag=3, rename="camel", omit_defaults=True, gc=False):
    """A text."""

    id: NodeId
    text_content: Text
    is_style: bool = False
    is_shadow: bool = False
    root_id: NodeId | None = None


class RrCdata(Struct, tag_field="type", tag=4, rename="camel", omit_defaults=True, gc=False):
    """A CDATA section; rrweb sends it without its text."""

    id: NodeId
    text_content: Text
    is_shadow: bool = False
    root_id: NodeId | None = None


class RrComment(Struct, tag_field="type", tag=5, rename="camel", omit_defaults=True, gc=False):
    """A comment."""

    id: NodeId
    text_content: Text
    is_shadow: bool = False
    root_id: NodeId | None = None


RrNode = RrDocument | RrDoctype | RrElement | RrText | RrCdata | RrComment


class RrAdd(Struct, rename="camel"):
    """A node that came into the page, before the sibling ``next_id``."""

    parent_id: NodeId
    next_id: NodeId | None
    node: RrNode


class RrRemove(Struct, rename="camel", omit_defaults=True):
    """A node that went, with all below it."""

    parent_id: NodeId
    id: NodeId
    is_shadow: bool = False


class RrTextChange(Struct):
    """A text that is another now."""

    id: NodeId
    value: Text | None


class RrAttributeChange(Struct):
    """Attributes that changed; None for one that is gone, an object for single properties of a style."""

    id: NodeId
    attributes: Attributes


class RrMutation(Struct, tag_field="source", tag=0, rename="camel", omit_defaults=True):
    """What changed in the tree since the last one."""

    texts: list[RrTextChange] = field(name="texts")
    attributes: list[RrAttributeChange] = field(name="attributes")
    removes: list[RrRemove] = field(name="removes")
    adds: list[RrAdd] = field(name="adds")


class RrPosition(Struct, rename="camel"):
    """Where the pointer was, how long before the event."""

    x: Number
    y: Number
    id: NodeId
    time_offset: Number


class RrMouseMove(Struct, tag_field="source", tag=1):
    """The way of a mouse."""

    positions: list[RrPosition]


class RrTouchMove(Struct, tag_field="source", tag=6):
    """The way of a finger."""

    positions: list[RrPosition]


class RrDrag(Struct, tag_field="source", tag=12):
    """The way of something that is dragged."""

    positions: list[RrPosition]


class RrInteraction(Struct, tag_field="source", tag=2, rename="camel", omit_defaults=True):
    """A click, a focus, a touch; ``kind`` is one of rrweb's ``MouseInteractions``."""

    kind: Annotated[int, Meta(ge=0, le=20)] = field(name="type")
    id: NodeId
    x: Number | None = None
    y: Number | None = None
    pointer_type: Annotated[int, Meta(ge=0, le=2)] | None = None


class RrScroll(Struct, tag_field="source", tag=3):
    """How far an element or a document is scrolled."""

    id: NodeId
    x: Number
    y: Number


class RrResize(Struct, tag_field="source", tag=4):
    """How large the window is."""

    width: Number
    height: Number


class RrInput(Struct, tag_field="source", tag=5, rename="camel", omit_defaults=True):
    """What is in a field now."""

    id: NodeId
    text: Text = field(name="text")
    is_checked: bool = field(name="isChecked")
    user_triggered: bool = False


class RrRule(Struct, omit_defaults=True):
    """A rule that came into a style sheet."""

    rule: Text
    index: int | list[int] | None = None


class RrRuleGone(Struct):
    """A rule that went."""

    index: int | list[int]


class RrSheet(Struct, tag_field="source", tag=8, rename="camel", omit_defaults=True):
    """A style sheet that changed: that of an element, or an adopted one."""

    id: NodeId | None = None
    style_id: int | None = None
    removes: list[RrRuleGone] | None = None
    adds: list[RrRule] | None = None
    replace: Text | None = None
    replace_sync: Text | None = None


class RrSet(Struct, omit_defaults=True):
    """A property that is set."""

    property: str
    value: Text | None = field(name="value")
    priority: str | None = None


class RrUnset(Struct):
    """A property that is gone."""

    property: str


class RrDeclaration(Struct, tag_field="source", tag=13, rename="camel", omit_defaults=True):
    """One declaration of a rule that changed."""

    index: list[int] = field(name="index")
    id: NodeId | None = None
    style_id: int | None = None
    set: RrSet | None = None
    remove: RrUnset | None = None


class RrRange(Struct, rename="camel"):
    """A part of the page that is selected."""

    start: NodeId
    start_offset: int
    end: NodeId
    end_offset: int


class RrSelection(Struct, tag_field="source", tag=14):
    """What is selected."""

    ranges: list[RrRange]


class RrAdopted(Struct, rename="camel"):
    """A style sheet that a script made."""

    style_id: int
    rules: list[RrRule]


class RrAdoptedSheets(Struct, tag_field="source", tag=15, rename="camel", omit_defaults=True):
    """The style sheets that a document or a shadow tree adopts."""

    id: NodeId
    style_ids: list[int] = field(name="styleIds")
    styles: list[RrAdopted] | None = None


class RrDefined(Struct):
    """The name of a custom element."""

    name: str


class RrCustomElement(Struct, tag_field="source", tag=16):
    """A custom element is defined."""

    define: RrDefined


RrChange = (
    RrMutation
    | RrMouseMove
    | RrTouchMove
    | RrDrag
    | RrInteraction
    | RrScroll
    | RrResize
    | RrInput
    | RrSheet
    | RrDeclaration
    | RrSelection
    | RrAdoptedSheets
    | RrCustomElement
)


class RrNothing(Struct):
    """Data that says nothing."""


class RrOffset(Struct):
    """How far the page is scrolled."""

    top: Number = 0
    left: Number = 0


class RrFullData(Struct, rename="camel"):
    """The whole page."""

    node: RrNode
    initial_offset: RrOffset


class RrMetaData(Struct):
    """Where the page is, and how large the window."""

    href: str
    width: Number
    height: Number


class RrReady(Struct, tag_field="type", tag=0):
    """The page's tree is complete."""

    timestamp: Number
    data: RrNothing = field(default_factory=RrNothing)


class RrLoaded(Struct, tag_field="type", tag=1):
    """The page is loaded."""

    timestamp: Number
    data: RrNothing = field(default_factory=RrNothing)


class RrFull(Struct, tag_field="type", tag=2):
    """A full snapshot."""

    timestamp: Number
    data: RrFullData


class RrIncremental(Struct, tag_field="type", tag=3):
    """A change."""

    timestamp: Number
    data: RrChange


class RrMeta(Struct, tag_field="type", tag=4):
    """What comes before a full snapshot."""

    timestamp: Number
    data: RrMetaData


RrEvent = RrReady | RrLoaded | RrFull | RrIncremental | RrMeta
