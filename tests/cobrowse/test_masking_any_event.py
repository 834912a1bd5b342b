"""Any page and any events, with secrets wherever a page can hold one: none passes, and nothing raises.

What is planted in a place that agents may see is called PUBLIC, and must pass.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from cobrowse.mirror import Mirror
from cobrowse.outcomes import EventPassed, NeedsSnapshot
from cobrowse.rules import Rules

SHOP = "https://shop.example"
RULES = Rules(mask=[".private", "#account"], show=[".shown"], never_fill=[".locked"], never_click=["#delete"])
PRIVATE = Rules(mask=[".private"], show=[".shown"], private_by_default=True)
CARD = "4111 1111 1111 1111"

#: Attributes of any element, each with a secret.
_plain_attributes = st.dictionaries(
    st.sampled_from(
        [
            "title",
            "alt",
            "aria-label",
            "aria-description",
            "data-x",
            "data-user",
            "data-ringback-hidden",
            "name",
            "value",
            "content",
            "onclick",
            "onload",
            "srcdoc",
            "src",
            "href",
            "xlink:href",
            "action",
            "formaction",
            "poster",
            "data",
            "srcset",
            "cite",
            "longdesc",
            "rr_src",
            "rr_dataURL",
            "ping",
            "nonce",
            "integrity",
            "pattern",
            "autocomplete",
            "lang",
            "dir",
            "role",
            "type",
            "width",
            "height",
            "d",
            "points",
            "fill",
            "stroke",
            "transform",
            "media",
            "rel",
            "checked",
            "selected",
            "hidden",
            "open",
            "contextmenu",
            "accesskey",
            "summary",
            "abbr",
            "headers",
            "itemprop",
            "itemid",
            "manifest",
            "target",
            "download",
            "values",
            "to",
            "from",
            "tabindex",
        ]
    ),
    st.sampled_from(
        [
            "SECRET",
            "https://shop.example/?q=SECRET",
            "https://shop.example/a#SECRET value",
            "https://evil.example/SECRET.png",
            "javascript:'SECRET'",
            "data:text/html,SECRET",
            "data:image/svg+xml,<svg><text>SECRET</text></svg>",
            "data:image/svg+xml;base64,PHN2Zz48dGl0bGU+U0VDUkVUPC90aXRsZT48L3N2Zz4=",
            "https://shop.example/a.png?user=SECRET 2x, https://shop.example/b.png 1x",
            f"paid with {CARD}",
            True,
            7,
            {"x": "SECRET"},
            ["SECRET"],
            None,
        ]
    ),
    max_size=6,
)
_styles = st.sampled_from(
    [
        "SECRET",
        "color:red;content:'SECRET of hers'",
        "background:url(https://evil.example/SECRET);color:red",
        "--x:'SECRET';color:red",
        "--x:SECRET;--y: SECRET",
        {"--x": "SECRET", "content": "'SECRET of hers'", "SECRET x": "1", "top": ["1px", "SECRET"]},
    ]
)
#: Names in style sheets pass: those of classes, fonts and the like are the shop's code.
_sheets = st.sampled_from(
    [
        "/* SECRET */ a{}",
        'a[data-x="SECRET"]{color:red}',
        "@import 'https://evil.example/SECRET.css';",
        "p{content:'SECRET of hers'}",
    ]
)
_style_attributes = st.fixed_dictionaries({}, optional={"style": _styles, "_cssText": _sheets})
secret_attributes = st.builds(lambda plain, style: {**plain, **style}, _plain_attributes, _style_attributes)
#: Elements whose content nobody sees, whatever it is.
closed = st.sampled_from(
    ["script", "noscript", "template", "iframe", "object", "embed", "canvas", "video", "audio", "title",
     "textarea", "datalist", "select"]
)  # fmt: skip
fields = st.sampled_from(
    [
        ("input", {"value": "SECRET"}),
        ("input", {"type": "hidden", "value": "SECRET", "class": "shown"}),
        ("input", {"type": "password", "value": "SECRET", "class": "shown"}),
        ("input", {"autocomplete": "shipping cc-number", "value": "SECRET", "class": "shown"}),
        ("input", {"autocomplete": "one-time-code", "value": "SECRET", "class": "shown"}),
        ("input", {"name": "cardNumber", "value": "SECRET", "class": "shown"}),
        ("input", {"id": "user_iban", "value": "SECRET", "class": "shown"}),
        ("input", {"type": "radio", "value": "SECRET", "checked": True}),
        ("textarea", {"value": "SECRET"}),
        ("input", {"type": "file", "value": "C:\\fakepath\\SECRET.pdf", "class": "shown"}),
        ("option", {"value": "SECRET", "label": "SECRET", "selected": True}),
        ("li", {"value": "SECRET"}),
        ("button", {"value": "SECRET"}),
    ]
)


sheets = st.sampled_from(
    [
        "/* SECRET */",
        'a::after{content:"SECRET of hers"}',
        'p{--x:"SECRET"}',
        'a[href="SECRET"]{}',
        '@import url("//evil.example/SECRET");',
        "p{background:url( 'https://shop.example/x?t=SECRET' )}",
    ]
)


class Ids:
    """Numbers for nodes, each once."""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self) -> int:
        self.last += 1
        return self.last


def text(ids: Ids, words: str) -> dict[str, Any]:
    return {"type": 3, "textContent": words, "id": ids()}


def element(ids: Ids, tag: str, attributes: dict[str, Any], *children: Any, **more: Any) -> dict[str, Any]:
    return {
        "type": 2,
        "tagName": tag,
        "attributes": attributes,
        "childNodes": [*children],
        "id": ids(),
        **more,
    }


@st.composite
def secret_trees(draw: st.DrawFn, ids: Ids, depth: int = 0) -> dict[str, Any]:
    """A part of a page that must not tell its secrets."""
    match draw(
        st.sampled_from(["area", "closed", "field", "clear", "editor", "style", "comment", "card", "svg"])
    ):
        case "area":
            # Below a hidden area anything may stand in any place, names too.
            attributes = {**draw(secret_attributes), "class": "private", "id": "SECRET"}
            inner = element(ids, "p", {"class": "SECRET", "id": "SECRET"}, text(ids, "SECRET"))
            return element(ids, draw(st.sampled_from(["div", "p", "svg", "select"])), attributes, inner)
        case "closed":
            tag = draw(closed)
            child = element(ids, "option" if tag == "select" else "b", {}, text(ids, "SECRET"))
            return element(
                ids, tag, draw(secret_attributes), child, text(ids, "SECRET" if tag != "select" else " ")
            )
        case "field":
            tag, attributes = draw(fields)
            return element(ids, tag, {**attributes, **_harmless(draw(secret_attributes), attributes)})
        case "editor":
            inner = element(ids, "i", draw(secret_attributes), text(ids, "SECRET"))
            return element(ids, "div", {"contenteditable": "true"}, text(ids, "SECRET"), inner)
        case "style":
            css = draw(sheets)
            return element(ids, "style", {"_cssText": css}, {**text(ids, css), "isStyle": True})
        case "comment":
            return {"type": 5, "textContent": "SECRET", "id": ids()}
        case "card":
            return element(ids, "p", {}, text(ids, f"with {CARD} SECRET".replace("SECRET", "PUBLIC")))
        case "svg":
            title = element(ids, "title", {}, text(ids, "SECRET"), isSVG=True)
            link = element(ids, "a", {"xlink:href": "/x?SECRET"}, isSVG=True)
            return element(ids, "svg", draw(secret_attributes), title, link, isSVG=True)
        case _:
            children = (
                []
                if depth > 3
                else [draw(secret_trees(ids, depth + 1)) for _ in range(draw(st.integers(0, 3)))]
            )
            words = text(ids, "PUBLIC")
            return element(
                ids, draw(st.sampled_from(["div", "p", "a", "td"])), draw(secret_attributes), words, *children
            )


def _harmless(attributes: dict[str, Any], but: dict[str, Any]) -> dict[str, Any]:
    """Attributes that do not take the place of those that make a field what it is."""
    return {name: value for name, value in attributes.items() if name not in {*but, "type"}}


def page_of(ids: Ids, *children: Any) -> dict[str, Any]:
    body = element(ids, "body", {}, *children)
    html = element(ids, "html", {"lang": "en"}, element(ids, "head", {}), body)
    doctype = {"type": 1, "name": "html", "publicId": "SECRET", "systemId": "SECRET", "id": ids()}
    root = {"type": 0, "childNodes": [doctype, html], "id": ids(), "compatMode": "SECRET"}
    return {"type": 2, "timestamp": 1, "data": {"node": root, "initialOffset": {"top": 0, "left": 0}}}


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("childNodes", []):
        yield from nodes_of(child)


def passes(mirror: Mirror, event: Any, encode: bool = True) -> str:
    outcome = mirror.apply(json.dumps(event).encode() if encode else deepcopy(event))
    return outcome.data.decode() if isinstance(outcome, EventPassed) else ""


def check(told: str) -> None:
    assert "SECRET" not in told
    assert CARD not in told
    assert "evil.example" not in told


@given(data=st.data(), private=st.booleans(), encode=st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_secret_of_any_page_passes(data: st.DataObject, private: bool, encode: bool) -> None:
    ids = Ids()
    parts = [data.draw(secret_trees(ids)) for _ in range(data.draw(st.integers(1, 4)))]
    told = passes(Mirror(PRIVATE if private else RULES, f"{SHOP}/p", {SHOP}), page_of(ids, *parts), encode)
    assert told
    check(told)
    if private:
        assert "PUBLIC" not in told


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_secret_of_any_change_passes(data: st.DataObject) -> None:
    """Changes of what is hidden, by every kind of event, in any order."""
    ids = Ids()
    parts = [data.draw(secret_trees(ids)) for _ in range(data.draw(st.integers(1, 3)))]
    page = page_of(ids, *parts)
    mirror = Mirror(RULES, f"{SHOP}/p", {SHOP})
    assert passes(mirror, page)
    known = list(nodes_of(page["data"]["node"]))
    hidden = {node["id"] for part in parts for node in _hidden_nodes(part)}
    some_id = st.sampled_from([node["id"] for node in known])
    some_hidden = st.sampled_from(sorted(hidden)) if hidden else some_id
    for _ in range(data.draw(st.integers(1, 6))):
        match data.draw(
            st.sampled_from(
                ["add", "attribute", "unmask", "text", "input", "sheet", "adopt", "other", "move"]
            )
        ):
            case "add":
                node = data.draw(secret_trees(ids))
                change = mutation(adds=[{"parentId": data.draw(some_id), "nextId": None, "node": node}])
            case "attribute":
                attributes = _harmless(data.draw(secret_attributes), {"class": 1, "id": 1})
                change = mutation(attributes=[{"id": data.draw(some_id), "attributes": attributes}])
            case "unmask":
                attributes = {
                    "class": "shown",
                    "id": None,
                    "contenteditable": "false",
                    "type": "text",
                    "name": None,
                }
                change = mutation(attributes=[{"id": data.draw(some_hidden), "attributes": attributes}])
            case "text":
                change = mutation(
                    texts=[{"id": data.draw(some_hidden), "value": '"SECRET of hers"'}] if hidden else []
                )
            case "move":
                moved = data.draw(
                    st.sampled_from([node for node in known if node["id"] in hidden] or known[-1:])
                )
                change = mutation(
                    removes=[{"parentId": 1, "id": moved["id"]}],
                    adds=[{"parentId": data.draw(some_id), "nextId": None, "node": deepcopy(moved)}],
                )
            case "input":
                change = {"source": 5, "id": data.draw(some_id), "text": "SECRET", "isChecked": True}
            case "sheet":
                rule = {"rule": 'a{content:"SECRET of hers"}/*SECRET*/', "index": 0}
                change = {"source": 8, "id": data.draw(some_id), "adds": [rule], "replace": "/*SECRET*/"}
            case "adopt":
                rules = [{"rule": 'p[title="SECRET"]{background:url(https://evil.example)}'}]
                change = {
                    "source": 15,
                    "id": data.draw(some_id),
                    "styleIds": [1],
                    "styles": [{"styleId": 1, "rules": rules}],
                }
            case _:
                check(passes(mirror, data.draw(others(data.draw(some_id)))))
                continue
        check(passes(mirror, {"type": 3, "timestamp": 2, "data": change}))


def mutation(**parts: Any) -> dict[str, Any]:
    return {"source": 0, "texts": [], "attributes": [], "removes": [], "adds": [], **parts}


def _hidden_nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Texts and elements that hold a secret now; what is changed in them must not pass."""
    for each in nodes_of(node):
        if each["type"] == 3 and "SECRET" in each["textContent"]:
            yield each
        elif each["type"] == 2 and "private" in each["attributes"].get("class", ""):
            yield from nodes_of(each)


def others(node: int) -> st.SearchStrategy[dict[str, Any]]:
    """Events that say something in their own way, or are nothing that rrweb sends."""
    told = "SECRET"
    changes = [
        {"source": 9, "id": node, "type": 0, "property": "fillText", "args": [told]},
        {"source": 10, "family": told, "fontSource": told, "buffer": False},
        {"source": 11, "level": "log", "payload": [told]},
        {
            "source": 13,
            "id": node,
            "index": [0],
            "set": {"property": "content", "value": f"'{told} of hers'"},
        },
        {"source": 13, "id": node, "index": [0], "set": {"property": f"{told} x", "value": "1"}},
        {"source": 16, "define": {"name": told}},
        {"source": 3, "id": node, "x": 1, "y": 2, "note": told},
        {"source": 1, "positions": [{"x": 1, "y": 1, "id": node, "timeOffset": 0, "debugData": told}]},
        {
            "source": 14,
            "ranges": [{"start": node, "startOffset": 0, "end": node, "endOffset": 6, "text": told}],
        },
        {"source": 99, "text": told},
    ]
    events = [
        {"type": 5, "data": {"tag": told, "payload": told}},
        {"type": 6, "data": {"plugin": "rrweb/console@1", "payload": {"payload": [told]}}},
        {"type": 7, "data": {"url": told, "payload": {"rr_type": "CssText", "cssTexts": [told]}}},
        {"type": 8, "data": {"type": "caption", "text": told}},
        {"type": 4, "data": {"href": f"{SHOP}/p?q={told}#{told}", "width": 1, "height": 1}},
        {"type": 4, "data": {"href": f"data:text/html,{told}", "width": 1, "height": 1}},
        {"type": 0, "data": {"x": told}},
        {"type": told},
        {told: told},
        [told],
    ]
    every = [{"type": 3, "timestamp": 3, "data": change} for change in changes]
    return st.sampled_from(
        every + [each if isinstance(each, list) else {**each, "timestamp": 3} for each in events]
    )  # type: ignore[arg-type]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@given(value=json_values, kind=st.integers(-1, 9), source=st.integers(-1, 17), data=st.data())
@settings(max_examples=200, deadline=None)
def test_nothing_raises_for_any_json(value: Any, kind: int, source: int, data: st.DataObject) -> None:
    mirror = Mirror(RULES, data.draw(st.text(max_size=30)), {SHOP})
    mirror.apply(json.dumps(page_of(Ids())).encode())
    for event in (
        value,
        {"type": kind, "timestamp": 1, "data": value},
        {
            "type": 3,
            "timestamp": 1,
            "data": {"source": source, "id": 3, **(value if isinstance(value, dict) else {})},
        },
    ):
        mirror.apply(json.dumps(event).encode())
        if isinstance(event, dict):
            mirror.apply(event)
    mirror.flags(3)


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_nothing_raises_for_any_bytes(event: bytes | str) -> None:
    mirror = Mirror(RULES, f"{SHOP}/", {SHOP})
    mirror.apply(event)
    mirror.apply(json.dumps(page_of(Ids())).encode())
    mirror.apply(event)


def test_a_class_that_comes_hides_what_agents_have_seen() -> None:
    ids = Ids()
    inner = text(ids, "PUBLIC")
    part = element(ids, "div", {}, inner)
    page, mirror = page_of(ids, part), Mirror(RULES, f"{SHOP}/p", {SHOP})
    assert "PUBLIC" in passes(mirror, page)
    change = mutation(attributes=[{"id": part["id"], "attributes": {"class": "private"}}])
    outcome = mirror.apply({"type": 3, "timestamp": 2, "data": change})
    assert outcome == NeedsSnapshot("hidden_now")
    assert mirror.flags(part["id"]) is None
    # The class has gone again when the snapshot is taken: it stays hidden.
    assert "PUBLIC" not in passes(mirror, page)
    flags = mirror.flags(part["id"])
    assert flags is not None
    assert flags.masked
