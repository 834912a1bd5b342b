"""What Chromium and rrweb really send of pages with secrets: no secret passes, and what is allowed does.

``record_again.py`` makes the recordings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cobrowse.mirror import Mirror
from cobrowse.outcomes import EventDropped, EventPassed
from cobrowse.rules import Rules
from tests.cobrowse.corpus import manifest

HERE = Path(__file__).parent / "recordings"
RECORDINGS = sorted(path.stem for path in HERE.glob("*.json"))
SHOP = "https://shop.example"
CORPUS = manifest()
RULES = Rules(**CORPUS.rules)  # type: ignore[arg-type]


def recording(name: str) -> list[bytes]:
    return [json.dumps(event).encode() for event in json.loads((HERE / f"{name}.json").read_text())]


def played(events: list[bytes], rules: Rules = RULES) -> tuple[Mirror, list[Any]]:
    """What passes of a recording; where the mirror asks for a snapshot, the next one is in the recording."""
    mirror = Mirror(rules, f"{SHOP}/page.html", {SHOP})
    passed = [outcome.data for each in events if isinstance(outcome := mirror.apply(each), EventPassed)]
    return mirror, [json.loads(each) for each in passed]


def texts(node: dict[str, Any]) -> Iterator[str]:
    if "textContent" in node:
        yield node["textContent"]
    for child in node.get("childNodes", []):
        yield from texts(child)


@pytest.mark.parametrize("name", RECORDINGS)
@pytest.mark.parametrize("private", [False, True])
def test_no_secret_passes(name: str, private: bool) -> None:
    events = recording(name)
    assert b"SECRET" in b"".join(events)
    rules = Rules(**{**CORPUS.rules, "private_by_default": private})  # type: ignore[arg-type]
    _, passed = played(events, rules)
    told = json.dumps(passed)
    assert CORPUS.leaks(told) == []
    assert sum(event["type"] == 2 for event in passed) >= 1


@pytest.mark.parametrize("name", RECORDINGS)
def test_no_secret_passes_after_any_event_alone(name: str) -> None:
    """Whatever of the events before was lost: each one by itself tells nothing, either."""
    events = recording(name)
    snapshot = next(each for each in events if json.loads(each)["type"] == 2)
    for event in events:
        mirror = Mirror(RULES, f"{SHOP}/page.html", {SHOP})
        mirror.apply(snapshot)
        outcome = mirror.apply(event)
        if isinstance(outcome, EventPassed):
            assert CORPUS.leaks(outcome.data.decode()) == []


@pytest.mark.parametrize("page", [each for each in CORPUS.pages if Path(each.file).stem in RECORDINGS])
def test_agents_see_what_the_page_says(page: Any) -> None:
    _, passed = played(recording(Path(page.file).stem))
    whole = "\n".join(text for event in passed if event["type"] == 2 for text in texts(event["data"]["node"]))
    assert [seen for seen in page.seen if seen not in whole] == []


def test_what_is_public_passes_unchanged() -> None:
    _, passed = played(recording("leaks"))
    told = json.dumps(passed)
    for public in ("paragraph", "submit", "placeholder", "show", "account", "shadow"):
        assert f"PUBLIC-{public}" in told


def test_private_by_default_says_nothing_at_all() -> None:
    _, passed = played(recording("leaks"), Rules(private_by_default=True))
    assert "PUBLIC" not in json.dumps(passed)


@pytest.mark.parametrize("page", [each for each in CORPUS.pages if Path(each.file).stem in RECORDINGS])
def test_the_mirror_knows_what_nobody_may_fill_or_click(page: Any) -> None:
    events = recording(Path(page.file).stem)
    mirror, _ = played(events)
    ids = {}
    for each in map(json.loads, events):
        if each["type"] == 2:
            ids |= {
                f"#{node['attributes']['id']}": node["id"]
                for node in _elements(each["data"]["node"])
                if "id" in node["attributes"]
            }
    for selector in page.refused:
        if selector in ids:
            flags = mirror.flags(ids[selector])
            assert flags is not None, selector
            assert flags.masked or flags.never_fill or not flags.fillable, selector
    for selector in page.never_click:
        flags = mirror.flags(ids[selector])
        assert flags is not None, selector
        assert flags.never_click, selector
    more, field = mirror.flags(ids["#more"]), mirror.flags(ids["#zip"])
    assert more is not None
    assert field is not None
    assert (more.clickable, more.never_click, field.fillable, field.masked) == (True, False, True, False)
    assert more.label or more.tag == "div"


def test_nearly_everything_passes() -> None:
    """The mirror is no wall: of a page without secrets in it only what is unknown is dropped."""
    mirror = Mirror(RULES, f"{SHOP}/page.html", {SHOP})
    outcomes = [mirror.apply(each) for each in recording("dialogs")]
    dropped = [each for each in outcomes if isinstance(each, EventDropped)]
    assert len(dropped) <= len(outcomes) // 4, outcomes


def _elements(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node["type"] == 2:
        yield node
    for child in node.get("childNodes", []):
        yield from _elements(child)
