"""What passes unchanged, and what becomes of it else: attributes, style sheets, addresses, fields, rules."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cobrowse import tree
from cobrowse.addresses import ViewAddresses, shown_address
from cobrowse.mirror import MOST_ADDS, MOST_BYTES, Mirror
from cobrowse.outcomes import EventDropped, EventPassed, NeedsSnapshot, PageTooLarge
from cobrowse.rules import EDITOR, HIDDEN, NEVER_CLICK, NEVER_FILL, PAYS, SHOWN, VALUE, Rules
from cobrowse.styles import ViewStyles
from cobrowse.tree import MOST_DEPTH, MOST_NODES
from config.sections.cobrowse import Cobrowse
from config.sections.data_pass import DataField, DataPass
from config.sections.sites import Site
from tests.cobrowse.test_masking_any_event import Ids, element, mutation, page_of, text

SHOP = "https://shop.example"
ADDRESSES = ViewAddresses(f"{SHOP}/a/page.html", {SHOP, "https://cdn.example"})
STYLES = ViewStyles(ADDRESSES)
RULES = Rules(mask=[".private"], show=[".shown"], never_fill=[".locked"], never_click=["#delete"])


def seen(*parts: dict[str, Any], rules: Rules = RULES) -> list[Any]:
    """What agents get of these parts of a page."""
    ids = Ids()
    ids.last = 1000
    outcome = Mirror(rules, f"{SHOP}/p", {SHOP}).apply(page_of(ids, *parts))
    assert isinstance(outcome, EventPassed)
    html = msgspec.json.decode(outcome.data)["data"]["node"]["childNodes"][1]
    found: list[Any] = html["childNodes"][1]["childNodes"]
    return found


PUBLIC = [
    element(Ids(), "div", {"class": "row md:w-1/2 [&>p]:m-0", "id": "cart", "style": "width: 10px"}),
    element(Ids(), "td", {"colspan": "2", "dir": "rtl", "lang": "pt-BR", "role": "cell", "hidden": ""}),
    element(Ids(), "html", {"data-theme": "dark", "aria-expanded": "true", "rr_scrollTop": 120}),
    element(Ids(), "img", {"src": f"{SHOP}/i/bike.png?w=400&q=80", "width": "400", "height": "300"}),
    element(Ids(), "img", {"srcset": f"{SHOP}/a.png 1x, {SHOP}/b.png 2x"}),
    element(Ids(), "input", {"type": "email", "placeholder": "Mail", "data-ringback-hidden": "value"}),
    element(Ids(), "button", {"type": "submit", "disabled": ""}, text(Ids(), "Pay 209.00")),
    element(Ids(), "input", {"type": "submit", "value": "Save"}),
    element(Ids(), "progress", {"value": "0.5", "max": "1"}),
    element(Ids(), "a", {"href": "#top"}, text(Ids(), "Öffnungszeiten: 9 bis 17 Uhr, +49 30 1234567")),
    element(
        Ids(), "svg", {"viewBox": "0 0 24 24", "width": "24"},
        element(Ids(), "path", {"d": "M12 2 L3.5 9z", "fill": "#0a0", "stroke": "currentColor"}, isSVG=True),
        isSVG=True,
    ),
    element(Ids(), "input", {"class": "shown", "value": "90210"}),
    element(Ids(), "my-card", {}, isCustom=True, isShadowHost=True),
]  # fmt: skip


@pytest.mark.parametrize("part", PUBLIC, ids=lambda part: part["tagName"])
def test_what_is_allowed_passes_unchanged(part: dict[str, Any]) -> None:
    wanted = msgspec.json.decode(msgspec.json.encode(part))
    assert seen(part) == [wanted]


@pytest.mark.parametrize(
    "css",
    [
        ".a{color:red}@media (min-width:600px){.b::before{content:'\\f101'}}",
        'body{font-family:"Open Sans",Arial}',
        '@font-face{font-family:X;src:url("https://cdn.example/x.woff2") format("woff2")}',
        ".md\\:flex,.w-1\\/2{display:grid;grid-template-areas:'head head' 'side main'}",
        '[type="submit"],[data-theme="dark"],[class*="col-"]{margin:0}',
        'p{background:url("https://shop.example/i/a.png")}/* rr_split */q{quotes:"«" "»"}',
    ],
)
def test_a_style_sheet_of_the_shop_passes_unchanged(css: str) -> None:
    assert STYLES.sheet(css) == css


@pytest.mark.parametrize(
    ("css", "told"),
    [
        ("/* SECRET */a{}", "a{}"),
        ("/* never ends", ""),
        ('a::after{content:"Ann Smith"}', 'a::after{content:""}'),
        ('a::after{content:"never ends\n}b{}', 'a::after{content:""\n}b{}'),
        ('[title="Ann Smith"]{}', '[title=""]{}'),
        ("[data-user=ann]{}", '[data-user=""]{}'),
        ("p{background:url(//evil.example/x)}", 'p{background:url("")}'),
        ("p{background:url(\"https://evil.example/x')}", 'p{background:url("")'),
        ("p{background:image-set('https://evil.example/x' 1x)}", 'p{background:image-set("" 1x)}'),
        ("@import url(https://evil.example/x.css) screen;a{}", "a{}"),
        ("@import 'https://cdn.example/x.css';", '@import "https://cdn.example/x.css";'),
        ("p{background:u\\72l(x)}", "p{background:u_l(x)}"),
        ("p{background:\\url(x)}", "p{background:_rl(x)}"),
        ("</style><script>", "style><script>"),
    ],
)
def test_a_style_sheet_says_and_loads_nothing(css: str, told: str) -> None:
    assert STYLES.sheet(css) == told


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (f"{SHOP}/a.png?w=200&user=ann&v=3f2a91bc", f"{SHOP}/a.png?w=200&v=3f2a91bc"),
        ("../b.png", f"{SHOP}/b.png"),
        ("/sprite.svg#icon-cart", f"{SHOP}/sprite.svg#icon-cart"),
        ("//cdn.example/a.png", "https://cdn.example/a.png"),
        ("http://shop.example/a.png", None),
        ("https://shop.example.evil.example/a.png", None),
        ("https://shop.example@evil.example/a.png", None),
        (f"{SHOP}/4111111111111111.png", None),
        ("javascript:alert(1)", None),
        ("blob:https://shop.example/1", None),
        ("data:text/html,hi", None),
        ("data:image/png;base64,iVBORw0KGgo=", "data:image/png;base64,iVBORw0KGgo="),
        ("data:image/png;base64," + "A" * 60_000, None),
        ("data:image/svg+xml,%3Csvg viewBox='0 0 8 8'%3E%3Cpath fill='%23fff' d='M1 1h6'/%3E%3C/svg%3E",) * 2,
        ("data:image/svg+xml,<svg><text>Ann</text></svg>", None),
        ("data:image/svg+xml,<svg><image href='https://evil.example'/></svg>", None),
        ("data:image/svg+xml,<svg onload='x()'/>", None),
        ("http://[", None),
    ],
)
def test_agents_browsers_load_from_the_shop_alone(url: str, told: str | None) -> None:
    assert ADDRESSES.asset(url) == told


def test_the_address_of_a_page_is_shown_without_what_follows_its_path() -> None:
    assert shown_address(f"{SHOP}/account?token=x#y") == f"{SHOP}/account"
    assert shown_address("javascript:x") == ""


@pytest.mark.parametrize(
    ("tag", "attributes", "bits"),
    [
        ("p", {}, 0),
        ("p", {"class": "a private b"}, HIDDEN),
        ("p", {"data-ringback-mask": ""}, HIDDEN),
        ("p", {"class": "sentry-mask"}, HIDDEN),
        ("div", {"contenteditable": ""}, EDITOR),
        ("input", {"type": "PASSWORD", "class": "shown"}, HIDDEN | SHOWN),
        ("input", {"autocomplete": "billing cc-csc"}, HIDDEN | PAYS),
        ("input", {"name": "creditCard[number]"}, HIDDEN | PAYS),
        ("input", {"id": "IBAN"}, HIDDEN | PAYS),
        ("input", {"name": "customer_ssn"}, HIDDEN),
        ("input", {"name": "gift-card"}, 0),
        ("input", {"name": "shipping"}, 0),
        ("input", {"name": "discard"}, 0),
        ("input", {"class": "shown"}, SHOWN | VALUE),
        ("button", {"id": "delete"}, NEVER_CLICK),
        ("input", {"class": "locked"}, NEVER_FILL),
        ("iframe", {"name": "__privateStripeFrame1"}, PAYS),
        ("ringback-root", {}, HIDDEN | NEVER_CLICK),
    ],
)
def test_what_an_element_is(tag: str, attributes: dict[str, str], bits: int) -> None:
    assert RULES.judge(tag, attributes) == bits


def test_sensitive_fields_of_passed_data_are_hidden() -> None:
    fields = {
        "customer.*": DataField(sensitive=True),
        "tax": DataField(sensitive=True, element="[data-tax]"),
        "cart": DataField(),
    }
    site = Site.model_construct(data_pass=DataPass(fields=fields), cobrowse=Cobrowse())
    rules = Rules.of(site)
    for name in ("customer.number", "tax"):
        assert rules.judge("input", {"name": name}) & HIDDEN
    assert rules.judge("p", {"data-tax": ""}) & HIDDEN
    assert not rules.judge("input", {"name": "cart"}) & HIDDEN


def test_what_is_hidden_is_a_box_and_fields_are_bullets() -> None:
    ids = Ids()
    area = element(ids, "p", {"class": "private", "id": "a", "title": "x"}, text(ids, "Ann"))
    field = element(ids, "input", {"value": "Ann Smith", "name": "name"})
    frame = element(ids, "iframe", {"src": f"{SHOP}/f", "width": "300", "height": "80"})
    found = seen(area, field, frame)
    assert found[0]["attributes"] == {"class": "private", "data-ringback-hidden": "area"}
    assert found[0]["childNodes"] == []
    assert found[1]["attributes"] == {"value": "••••••••", "data-ringback-hidden": "value"}
    assert found[2]["tagName"] == "div"
    assert found[2]["attributes"] == {
        "width": "300", "height": "80", "rr_width": "300px", "rr_height": "80px",
        "data-ringback-hidden": "frame",
    }  # fmt: skip


def test_a_click_that_pays_is_refused() -> None:
    ids = Ids()
    word = element(ids, "span", {}, text(ids, "Pay"))
    pay, more = element(ids, "button", {}, word), element(ids, "button", {"type": "button"})
    form = element(ids, "form", {}, element(ids, "input", {"autocomplete": "cc-number"}), pay, more)
    mirror = Mirror(RULES, f"{SHOP}/p", {SHOP})
    mirror.apply(page_of(ids, form))
    told = {each["id"]: mirror.flags(each["id"]) for each in (word, pay, more)}
    assert [flags and flags.never_click for flags in told.values()] == [True, True, False]
    assert (pay_flags := told[pay["id"]]) is not None
    assert pay_flags.label == "Pay"


def test_what_is_larger_than_its_bounds_is_refused_for_good() -> None:
    ids = Ids()
    wide = page_of(ids, *(text(ids, "x") for _ in range(MOST_NODES)))
    mirror = Mirror(RULES, f"{SHOP}/p", {SHOP})
    assert mirror.apply(wide) == PageTooLarge("nodes")
    assert mirror.apply(page_of(Ids())) == PageTooLarge("nodes")
    assert mirror.apply(b"not json") == PageTooLarge("nodes")
    assert Mirror(RULES, SHOP, {SHOP}).apply(b" " * (MOST_BYTES + 1)) == PageTooLarge("bytes")
    deep = b'{"type":2,"tagName":"b","attributes":{},"id":1,"childNodes":['
    for depth in (MOST_DEPTH + 10, 100_000 // 4):
        node = deep * depth + b"]}" * depth
        event = b'{"type":2,"timestamp":1,"data":{"initialOffset":{},"node":%b}}' % node
        outcome = Mirror(RULES, SHOP, {SHOP}).apply(event)
        assert outcome == PageTooLarge("depth"), outcome


def test_a_page_of_usual_depth_passes() -> None:
    ids = Ids()
    inner = element(ids, "b", {})
    for _ in range(150):
        inner = element(ids, "div", {}, inner)
    assert seen(inner)


def test_a_lost_event_asks_for_a_snapshot_once() -> None:
    ids = Ids()
    part = element(ids, "p", {}, text(ids, "one"))
    page, mirror = page_of(ids, part), Mirror(RULES, f"{SHOP}/p", {SHOP})
    change = {"parentId": 9999, "nextId": None, "node": text(ids, "two")}
    event = {"type": 3, "timestamp": 2, "data": mutation(adds=[change])}
    assert mirror.apply(event) == NeedsSnapshot("first")
    assert mirror.apply(event) == EventDropped("waiting")
    assert isinstance(mirror.apply(page), EventPassed)
    assert mirror.apply(event) == NeedsSnapshot("unknown_node")
    assert mirror.apply(event) == EventDropped("waiting")
    assert isinstance(mirror.apply(page), EventPassed)
    many = [{**change, "parentId": part["id"]}] * (MOST_ADDS + 1)
    assert mirror.apply({"type": 3, "timestamp": 2, "data": mutation(adds=many)}) == NeedsSnapshot(
        "many_adds"
    )


def test_children_may_come_before_their_parents() -> None:
    ids = Ids()
    part = element(ids, "p", {})
    mirror = Mirror(RULES, f"{SHOP}/p", {SHOP})
    mirror.apply(page_of(ids, part))
    inner, outer = text(ids, "inner"), element(ids, "b", {})
    adds = [
        {"parentId": outer["id"], "nextId": None, "node": inner},
        {"parentId": part["id"], "nextId": None, "node": outer},
    ]
    outcome = mirror.apply({"type": 3, "timestamp": 2, "data": mutation(adds=adds)})
    assert isinstance(outcome, EventPassed)
    told = msgspec.json.decode(outcome.data)["data"]["adds"]
    assert [add["node"]["id"] for add in told] == [outer["id"], inner["id"]]


def test_what_goes_is_forgotten() -> None:
    ids = Ids()
    part = element(ids, "p", {})
    mirror = Mirror(RULES, f"{SHOP}/p", {SHOP})
    mirror.apply(page_of(ids, part))
    before = len(mirror)
    for _ in range(200):
        row = element(ids, "div", {}, element(ids, "b", {}, text(ids, "x")), text(ids, "y"))
        mirror.apply(
            {
                "type": 3,
                "timestamp": 2,
                "data": mutation(adds=[{"parentId": part["id"], "nextId": None, "node": row}]),
            }
        )
        gone = mutation(removes=[{"parentId": part["id"], "id": row["id"]}])
        assert isinstance(mirror.apply({"type": 3, "timestamp": 2, "data": gone}), EventPassed)
        assert len(mirror) == before


def test_it_does_not_remember_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "MOST_REMEMBERED", 2000)
    ids = Ids()
    part = element(ids, "p", {})
    mirror = Mirror(RULES, f"{SHOP}/p", {SHOP})
    mirror.apply(page_of(ids, part))
    for _ in range(3):
        rows = [element(ids, "i", {"class": "private"}) for _ in range(900)]
        adds = [{"parentId": part["id"], "nextId": None, "node": row} for row in rows]
        mirror.apply({"type": 3, "timestamp": 2, "data": mutation(adds=adds)})
        removes = [{"parentId": part["id"], "id": row["id"]} for row in rows]
        outcome = mirror.apply({"type": 3, "timestamp": 2, "data": mutation(removes=removes)})
    assert outcome == PageTooLarge("hidden_nodes")


@pytest.mark.parametrize("piece", ["-", "--a", "a", "a,", "a ", "[", "url(", "font ", "x:(", "1 "])
def test_no_text_makes_it_slow(piece: str) -> None:
    """Time grows with the length of a text alone; with its square, each of these would take minutes."""
    long = piece * (200_000 // len(piece)) + "!"
    for attribute in ("style", "srcset", "d", "transform", "media", "class", "placeholder"):
        seen(element(Ids(), "p", {attribute: long}))
    seen(element(Ids(), "style", {"_cssText": long}), text(Ids(), long))


def test_a_picture_in_several_sizes_keeps_those_of_the_shop() -> None:
    candidates = f"{SHOP}/w_1,h_2/a.png 1x,https://evil.example/b.png 2x, {SHOP}/c.png 300w,{SHOP}/d.png"
    (found,) = seen(element(Ids(), "img", {"srcset": candidates}))
    assert found["attributes"]["srcset"] == f"{SHOP}/w_1,h_2/a.png 1x, {SHOP}/c.png 300w, {SHOP}/d.png"
