"""The corpus itself: each page has secrets to lose, and says what its manifest says of it."""

from __future__ import annotations

import re

import pytest

from tests.cobrowse.corpus import LINE, PAGES, CorpusPage, manifest

CORPUS = manifest()


def test_there_are_twelve_kinds_of_pages() -> None:
    assert len({page.of for page in CORPUS.pages}) == 12
    of_their_own = {"pay.html"}  # what is in the frame of the checkout
    assert {page.file for page in CORPUS.pages} == {file.name for file in PAGES.glob("*.html")} - of_their_own


@pytest.mark.parametrize("page", CORPUS.pages, ids=lambda page: page.file)
def test_a_page_has_secrets_and_what_is_seen_is_none(page: CorpusPage) -> None:
    text = (PAGES / page.file).read_text(encoding="utf-8")
    for bundle in re.findall(r"built/(\w+)\.js", text):
        text += (PAGES / "src" / f"{bundle}.js").read_text(encoding="utf-8")
    assert LINE in text
    assert "live.js" in text
    # The form with an error gets its secrets from whoever sent it.
    assert "SECRET" in text or page.file == "error.html"
    assert not any(CORPUS.leaks(seen) for seen in (*page.seen, page.filled, page.clicked))


def test_a_leak_is_found() -> None:
    assert CORPUS.leaks('{"value": "SECRET-mail"}') == ["SECRET"]
    assert CORPUS.leaks("Paid with 4111 1111 1111 1111 last time.") == ["4111 1111 1111 1111"]
    assert CORPUS.leaks("Paid with •••• last time.") == []
