"""Names of items are followed: a new one is written everywhere, and nothing names what is removed."""

from __future__ import annotations

from pathlib import Path

from changes.drafts import RemoveNamed, edited
from config.editing.edits import Rename

TEXT = """\
agents:
  kim: {label: Kim, password_hash: x}
stores:
  shops: {file: shops.csv}
destinations:
  counter: {label: Counter, sip: "sip:1@pbx.example"}
  desk: {label: Desk, sip: "sip:2@pbx.example"}
routes:
  # All of them.
  sales:
    steps:
      - destinations: [counter, "agent:kim", shops/boston, desk]  # first
        delay: {counter: 5s, desk: 10s}
      - destinations: [counter]  # alone
      - {destinations: [desk, counter]}
    message: shop
  late:
    steps:
      - destinations: [counter]
mailboxes:
  shop: {label: Shop}
"""
PATHS = {"shop.yaml": Path("/settings/shop.yaml")}


def after(wish: Rename | RemoveNamed) -> str:
    return edited("shop.yaml", PATHS, {"shop.yaml": TEXT}, [wish])["shop.yaml"]


def test_a_new_name_is_followed_also_as_a_key_and_behind_a_prefix() -> None:
    counter = after(Rename(("destinations", "counter"), "front"))
    # "Counter", the label, stays.
    assert counter == TEXT.replace("counter", "front")
    assert after(Rename(("agents", "kim"), "kit")) == TEXT.replace("  kim:", "  kit:").replace(
        '"agent:kim"', '"agent:kit"'
    )
    assert after(Rename(("stores", "shops"), "branches")) == TEXT.replace("  shops:", "  branches:").replace(
        "shops/boston", "branches/boston"
    )


def test_an_item_is_removed_with_what_names_it_and_what_is_of_no_use_without_it() -> None:
    text = after(RemoveNamed("destinations", "counter"))
    assert "counter" not in text
    assert '- destinations: ["agent:kim", shops/boston, desk]  # first' in text
    assert "delay: {desk: 10s}" in text
    # A step that would ring nobody is gone; what a route needs, its steps, is told by the check.
    assert "alone" not in text
    assert "- {destinations: [desk]}" in text
    assert "  late:" in text
    assert "# All of them." in text
    assert "message" not in after(RemoveNamed("mailboxes", "shop"))
