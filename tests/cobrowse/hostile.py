"""Events that no recorder makes: of a shopper's browser that wants something of the agent's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]
#: What each script would do, wherever it ran.
_RUNS = "top.hacked=parent.hacked=window.hacked=1;fetch('EVIL/ran');new Image().src='EVIL/ran'"

#: Tag, attributes and text of an element that loads, runs, sends, or takes the keyboard.
_ELEMENTS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("script", {}, _RUNS),
    ("script", {"src": "EVIL/script.js"}, ""),
    ("script", {"type": "module", "src": "EVIL/script.js"}, ""),
    ("SCRIPT", {}, _RUNS),
    ("iframe", {"src": "EVIL/frame"}, ""),
    ("iframe", {"srcdoc": f"<script>{_RUNS}</script><img src=EVIL/srcdoc>"}, ""),
    ("iframe", {"src": f"javascript:{_RUNS}"}, ""),
    ("iframe", {"src": "data:text/html,<script>top.hacked=1</script>"}, ""),
    ("iframe", {"rr_src": "EVIL/frame"}, ""),
    ("frame", {"src": "EVIL/frame"}, ""),
    ("object", {"data": "EVIL/object"}, ""),
    ("object", {"data": f"javascript:{_RUNS}"}, ""),
    ("embed", {"src": "EVIL/embed"}, ""),
    ("portal", {"src": "EVIL/portal"}, ""),
    ("base", {"href": "EVIL/"}, ""),
    ("meta", {"http-equiv": "refresh", "content": "0;url=EVIL/refresh"}, ""),
    ("meta", {"http-equiv": "Content-Security-Policy", "content": "img-src *"}, ""),
    ("meta", {"http-equiv": "set-cookie", "content": "a=b"}, ""),
    ("link", {"rel": "stylesheet", "href": "EVIL/sheet.css"}, ""),
    ("link", {"rel": "preconnect", "href": "EVIL/"}, ""),
    ("link", {"rel": "dns-prefetch", "href": "EVIL/"}, ""),
    ("link", {"rel": "prefetch", "href": "EVIL/prefetch"}, ""),
    ("link", {"rel": "prerender", "href": "EVIL/prerender"}, ""),
    ("link", {"rel": "preload", "as": "image", "href": "EVIL/preload"}, ""),
    ("link", {"rel": "modulepreload", "href": "EVIL/module.js"}, ""),
    ("link", {"rel": "icon", "href": "EVIL/icon.png"}, ""),
    ("link", {"rel": "manifest", "href": "EVIL/manifest"}, ""),
    ("link", {"rel": "import", "href": "EVIL/import"}, ""),
    ("img", {"src": "EVIL/image.png"}, ""),
    ("img", {"srcset": "EVIL/image.png 1x, EVIL/image2.png 2x"}, ""),
    ("img", {"src": "x", "onerror": _RUNS}, ""),
    ("img", {"src": "data:image/png;base64,AAAA", "onerror": _RUNS, "onload": _RUNS}, ""),
    ("img", {"rr_dataURL": "EVIL/image.png", "src": "x"}, ""),
    ("canvas", {"rr_dataURL": "EVIL/canvas.png"}, ""),
    (
        "img",
        {"src": "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='top.hacked=1'>"},
        "",
    ),
    ("image", {"src": "EVIL/image"}, ""),
    ("picture", {}, ""),
    ("source", {"srcset": "EVIL/source.png", "src": "EVIL/source.mp4"}, ""),
    ("video", {"src": "EVIL/video.mp4", "poster": "EVIL/poster.png", "autoplay": True}, ""),
    ("video", {"rr_mediaState": "played", "src": "EVIL/video.mp4"}, ""),
    ("audio", {"src": "EVIL/audio.mp3", "autoplay": True}, ""),
    ("track", {"src": "EVIL/track.vtt", "default": True}, ""),
    ("input", {"type": "image", "src": "EVIL/input.png"}, ""),
    ("input", {"autofocus": True, "onfocus": _RUNS}, ""),
    ("button", {"accesskey": "g", "autofocus": True, "onclick": _RUNS}, "press"),
    ("form", {"action": "EVIL/form", "method": "post", "target": "_top", "id": "f"}, ""),
    ("a", {"href": "EVIL/link", "ping": "EVIL/ping", "target": "_top"}, "link"),
    ("a", {"href": f"javascript:{_RUNS}"}, "link"),
    ("body", {"background": "EVIL/background.png", "onload": _RUNS}, ""),
    ("div", {"style": "background: url(EVIL/background.png)"}, "styled"),
    ("div", {"style": "list-style: url(EVIL/list.png); cursor: url(EVIL/cursor.cur), auto"}, "styled"),
    ("div", {"onmouseover": _RUNS, "onanimationstart": _RUNS, "ontoggle": _RUNS}, "handlers"),
    ("details", {"open": True, "ontoggle": _RUNS}, "details"),
    ("style", {}, "@import url(EVIL/import.css); body { background: url(EVIL/style.png) }"),
    ("style", {}, "@font-face { font-family: a; src: url(EVIL/font.woff2) } * { font-family: a !important }"),
    ("style", {"_cssText": "@import 'EVIL/csstext.css'; html { background: url(EVIL/csstext.png) }"}, ""),
    ("template", {"shadowrootmode": "open"}, "template"),
    ("marquee", {"onstart": _RUNS}, "marquee"),
    ("table", {"background": "EVIL/table.png"}, ""),
    ("isindex", {"action": "EVIL/isindex"}, ""),
    ("keygen", {"autofocus": True, "onfocus": _RUNS}, ""),
    ("x-script", {"is": "script", "onclick": _RUNS}, ""),
    ("div onload=alert(1)", {}, "a name that is none"),
    ("div", {"a b": "c", "<": ">", "": "", "__proto__": {"hacked": 1}}, "attributes that are none"),
)
_SVG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("script", {}, _RUNS),
    ("script", {"href": "EVIL/script.js"}, ""),
    ("image", {"href": "EVIL/image.png", "xlink:href": "EVIL/image.png"}, ""),
    ("use", {"href": "EVIL/use.svg#a", "xlink:href": "data:image/svg+xml,<svg onload=top.hacked=1>#a"}, ""),
    ("feImage", {"href": "EVIL/filter.png"}, ""),
    ("animate", {"attributeName": "href", "to": f"javascript:{_RUNS}", "onbegin": _RUNS}, ""),
    ("set", {"attributeName": "onmouseover", "to": _RUNS}, ""),
    ("foreignObject", {}, ""),
    ("a", {"xlink:href": f"javascript:{_RUNS}"}, "link"),
    ("handler", {"ev:event": "load"}, _RUNS),
    ("svg", {"onload": _RUNS}, ""),
    ("style", {}, "@import url(EVIL/svg.css);"),
    ("linearGradient", {"href": "EVIL/gradient.svg"}, ""),
)


def page(*inside: Any, n: int = 100) -> list[Event]:
    """The events of a page with these nodes in its body."""
    head = _element(3, "head", {}, [_element(5, "style", {}, [_text(6, "p { color: green }")])])
    body = _element(4, "body", {}, [_element(10, "p", {}, [_text(11, "A page")]), *inside])
    root = _element(2, "html", {}, [head, body])
    document = {"type": 0, "id": 1, "childNodes": [root]}
    return [
        {"type": 4, "data": {"href": "http://shop.test/", "width": 800, "height": 600}, "timestamp": n},
        {"type": 2, "data": {"node": document, "initialOffset": {"left": 0, "top": 0}}, "timestamp": n + 1},
    ]


def _element(number: int, tag: str, attributes: dict[str, Any], children: list[Any], **more: Any) -> Event:
    return {
        "type": 2, "id": number, "tagName": tag, "attributes": attributes, "childNodes": children, **more,
    }  # fmt: skip


def _text(number: int, text: str) -> Event:
    return {"type": 3, "id": number, "textContent": text}


def _change(**data: Any) -> Event:
    return {"type": 3, "data": data, "timestamp": 200}


def _mutation(**changes: Any) -> Event:
    lists: dict[str, Any] = {"adds": [], "removes": [], "texts": [], "attributes": []}
    return _change(source=0, **lists | changes)


def hostile(evil: str) -> Iterator[list[Event]]:
    """The events of each, from a page on; ``evil`` is where requests would go."""
    for events in _hostile():
        yield _filled(events, evil)


def _filled(value: Any, evil: str) -> Any:
    if isinstance(value, str):
        return value.replace("EVIL", evil)
    if isinstance(value, list):
        return [_filled(each, evil) for each in value]
    if isinstance(value, dict):
        return {key: _filled(each, evil) for key, each in value.items()}
    return value


def _hostile() -> Iterator[list[Event]]:
    for is_svg, kinds in ((False, _ELEMENTS), (True, _SVG)):
        for tag, attributes, text in kinds:
            more = {"isSVG": True} if is_svg else {}
            node = _element(20, tag, attributes, [_text(21, text)] if text else [], **more)
            wrapped = _element(19, "svg", {}, [node], isSVG=True) if is_svg else node
            yield page(wrapped)
            added = {"parentId": 4, "nextId": None, "node": wrapped}
            yield [*page(), _mutation(adds=[added])]
            plain = _element(20, "div" if tag in ("script", "base", "meta") else tag, {}, [], **more)
            given = {"id": 20, "attributes": attributes}
            yield [*page(plain), _mutation(attributes=[given])]
    for event in _strange():
        yield [*page(), event]


def _strange() -> Iterator[Any]:
    yield from (None, 1, "event", [], {}, {"type": "2"}, {"type": 2}, {"type": 2, "data": None})
    yield {"type": 2, "data": {"node": {"type": 0, "id": 1}, "initialOffset": {"left": "x", "top": 0}}}
    yield {"type": 2, "data": {"node": _element(1, "html", {}, []), "initialOffset": {"left": 0, "top": 0}}}
    many = [_text(number, "many") for number in range(1000, 31_000)]
    yield _mutation(adds=[{"parentId": 4, "nextId": None, "node": _element(999, "div", {}, many)}])
    yield {"type": 4, "data": {"width": 1e9, "height": -5, "href": f"javascript:{_RUNS}"}}
    yield {"type": 5, "data": {"tag": "x", "payload": {"html": "<script>"}}}
    yield {"type": 6, "data": {"plugin": "rrweb/console", "payload": {}}}
    yield _change(source=9, id=10, type=0, commands=[{"property": "drawImage", "args": ["EVIL/canvas.png"]}])
    yield _change(source=10, family="a", fontSource="url(EVIL/font.woff2)", buffer=False, descriptors={})
    yield _change(source=7, id=10, type=0, currentTime=1)
    yield _change(source=2, id=10, type=2, x=1, y=1)
    yield _change(source=1, positions=[{"id": 10, "x": 1, "y": 1, "timeOffset": -1e12}])
    yield _change(source=1, positions=[])
    yield _change(source=14, ranges=[{"start": 1, "end": 999, "startOffset": -1, "endOffset": 1e9}])
    yield _change(source=5, id=10, text={"toString": 1}, isChecked="yes")
    yield _change(source=3, id=777, x=0, y=0)
    yield _change(source=8, id=5, adds=[{"rule": "@import url(EVIL/rule.css);", "index": 0}])
    yield _change(source=8, id=5, adds=[{"rule": "p { background: url(EVIL/rule.png) }", "index": [0, 0, 9]}])
    yield _change(source=8, id=5, replaceSync="p { background: url(EVIL/replaced.png) }")
    yield _change(source=8, id=5, adds=[{"rule": "}{", "index": -5}], removes=[{"index": 1e6}])
    yield _change(source=13, id=5, index=[0], set={"property": "background", "value": "url(EVIL/set.png)"})
    yield _change(source=15, id=1, styleIds=[1], styles=[{"styleId": 1, "rules": [
        {"rule": "p { background: url(EVIL/adopted.png) }"}]}])  # fmt: skip
    yield _change(source=99)
    yield _change(source="__proto__")
    yield _mutation(removes=[{"parentId": 1, "id": 2}])
    yield _mutation(removes=[{"parentId": 10, "id": 4}])
    yield _mutation(adds=[{"parentId": 10, "nextId": None, "node": _element(4, "body", {}, [])}])
    yield _mutation(adds=[{"parentId": 11, "nextId": None, "node": _text(500, "below a text")}])
    yield _mutation(adds=[{"parentId": 4, "nextId": 444, "node": _text(501, "beside nothing")}])
    yield _mutation(adds=[{"parentId": 1, "nextId": None, "node": _element(2, "html", {}, [])}])
    yield _mutation(adds=[{"parentId": 4, "nextId": None, "node": {"type": 0, "id": 600, "childNodes": []}}])
    yield _mutation(
        texts=[{"id": 6, "value": "@import url(EVIL/text.css); p{background:url(EVIL/text.png)}"}]
    )
    yield _mutation(texts=[{"id": 11, "value": 5}], attributes=[{"id": 10, "attributes": None}])
    yield _mutation(attributes=[{"id": 10, "attributes": {"style": {"background": "url(EVIL/style.png)"}}}])
