"""Settings of shared views: which selectors are refused, with their place, and which can match nothing."""

# Lines that operators read stand here whole.
# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path

import pytest

from config.selectors import SelectorError, parse_selectors
from tests.config.files import changed, complaints, load_text, warnings


def site_with(line: str) -> str:
    return changed(("    greeting: welcome\n", f"    greeting: welcome\n    {line}\n"))


def told(folder: Path, line: str) -> str:
    (complaint,) = complaints(folder, site_with(line))
    return complaint.split(": ", 1)[1]


@pytest.mark.parametrize(
    ("text", "tag", "ids", "classes", "attributes"),
    [
        (".account-number", "", (), ("account-number",), ()),
        ("INPUT[autocomplete^=cc-]", "input", (), (), (("autocomplete", "^=", "cc-"),)),
        ("#iban.wide", "", ("iban",), ("wide",), ()),
        ("[data-private]", "", (), (), (("data-private", "", ""),)),
        ("*[ name = 'tax id' i ]", "", (), (), (("name", "=", "tax id"),)),
        (r".md\:hidden", "", (), ("md:hidden",), ()),
    ],
)
def test_a_compound_selector_is_read(
    text: str,
    tag: str,
    ids: tuple[str, ...],
    classes: tuple[str, ...],
    attributes: tuple[tuple[str, str, str], ...],
) -> None:
    (found,) = parse_selectors(text)
    assert (found.tag, found.ids, found.classes) == (tag, ids, classes)
    assert tuple((need.name, need.test, need.value) for need in found.attributes) == attributes


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("form .card", 5),
        ("a > b", 2),
        ("li:first-child", 2),
        ("a,,b", 2),
        ("", 0),
        ("a,", 2),
        ("[x", 0),
        (".9", 0),
        ("a::before", 1),
        ("a" * 301, 300),
    ],
)
def test_more_than_one_element_can_tell_is_refused_at_its_character(text: str, offset: int) -> None:
    with pytest.raises(SelectorError) as caught:
        parse_selectors(text)
    assert caught.value.offset == offset


@pytest.mark.parametrize(
    ("need", "value", "holds"),
    [
        ("[x]", "", True),
        ("[x=a]", "a", True),
        ("[x=a]", "A", False),
        ("[x=a i]", "A", True),
        ("[type=TEXT]", "text", True),
        ("[x~=b]", "a b", True),
        ("[x~=b]", "ab", False),
        ("[x|=en]", "en-GB", True),
        ("[x|=en]", "english", False),
        ("[x^=a]", "ab", True),
        ("[x$=b]", "ab", True),
        ("[x*=b]", "abc", True),
        ("[x*='']", "abc", False),
    ],
)
def test_an_attribute_is_compared_as_css_does(need: str, value: str, holds: bool) -> None:
    (compound,) = parse_selectors(need)
    assert compound.attributes[0].holds(value) is holds


def test_a_site_without_the_section_has_no_shared_views(tmp_path: Path) -> None:
    site = load_text(tmp_path, changed()).config.sites["shop"]
    assert site.cobrowse is None


def test_what_holds_without_a_line(tmp_path: Path) -> None:
    settings = load_text(tmp_path, site_with("cobrowse: {}")).config.sites["shop"].cobrowse
    assert settings is not None
    assert (settings.allow, settings.longest, settings.idle) == (("see", "point", "fill"), 1800.0, 600.0)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            'cobrowse: {mask: ["form .card"]}',
            "one selector describes one element: name the element itself, without what is around it; a comma begins another selector",
        ),
        (
            'cobrowse: {never_click: ["a:hover"]}',
            "pseudo-classes are not supported: name the element by its tag, id, class or attributes",
        ),
        (
            "cobrowse: {allow: [point]}",
            'agents cannot point or fill without seeing the page: add "see"',
        ),
        (
            'data_pass: {fields: {tax: {sensitive: true, element: "input >"}}}',
            "one selector describes one element: name the element itself, without what is around it; a comma begins another selector",
        ),
    ],
)
def test_bad_lines(tmp_path: Path, line: str, reason: str) -> None:
    assert told(tmp_path, line).endswith(reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('cobrowse: {mask: ["pasword"]}', 'matches nothing: HTML has no element "pasword"'),
        ('cobrowse: {mask: ["#a#b"]}', "matches nothing: no element has two ids"),
        ("cobrowse: {mask: [\"[x*='']\"]}", "matches nothing: no value passes *= with an empty text"),
        ('cobrowse: {allow: [see], never_fill: ["#a"]}', 'has no effect: "allow" has no "fill"'),
        (
            "cobrowse: {private_by_default: true}",
            'agents see no text at all: name areas in "show"',
        ),
        ("cobrowse: {assets: [https://shop.example]}", "an origin of the site: remove it"),
        ("cobrowse: {longest: 5m}", 'has no effect: "longest" is shorter'),
        (
            'data_pass: {fields: {tax: {element: "#tax"}}}',
            "has no effect: the field is not sensitive",
        ),
    ],
)
def test_doubtful_lines(tmp_path: Path, line: str, reason: str) -> None:
    assert any(each.endswith(reason) for each in warnings(tmp_path, site_with(line))), warnings(
        tmp_path, site_with(line)
    )
