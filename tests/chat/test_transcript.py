"""Transcripts: complete, with the time zone, and nothing in them but text."""

from __future__ import annotations

from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.entries import EVENT_WORDS, ChatEntry, EntryKind, Speaker
from chat.transcript import TranscriptHead, transcript

#: 25 October 2026, 02:59:58 in Berlin, still summer time.
LAST_OF_SUMMER = 1792889998.0
HEAD = TranscriptHead("chat1", "The Shop", ZoneInfo("Europe/Berlin"), "en", {"alice": "Alice"})


def entry(
    seq: int, by: Speaker, text: str, at: float = 0.0, kind: EntryKind = "text", agent: str | None = None
) -> ChatEntry:
    return ChatEntry(seq, LAST_OF_SUMMER + at, by, kind, text, agent)


ENTRIES = (
    entry(1, "shopper", "Hello\nis anybody there?"),
    entry(2, "system", "joined", 1, "event", "alice"),
    entry(-1, "agent", "seems upset", 1.5, "note", "alice"),
    entry(3, "agent", "Yes <b>here</b> & now", 2, agent="alice"),
    entry(4, "system", "One moment.", 3, "holding"),
    entry(5, "flow", "Year?", 4),
    entry(6, "agent", "https://shop.example/sale", 5, "card", "alice"),
)


def test_plain_text_is_complete_and_tells_when_the_clock_changed() -> None:
    assert transcript(HEAD, ENTRIES).text == (
        "Chat with The Shop\n"
        "Chat chat1\n"
        "Times are those of Europe/Berlin.\n"
        "You asked for this transcript. Nobody answers to this address.\n"
        "\n"
        "\n2026-10-25 (UTC+02:00)\n"
        "[02:59:58] You: Hello\n"
        "    is anybody there?\n"
        "[02:59:59] * Alice joined.\n"
        "\n2026-10-25 (UTC+01:00)\n"
        "[02:00:00] Alice: Yes <b>here</b> & now\n"
        "[02:00:01] The Shop: One moment.\n"
        "[02:00:02] The Shop: Year?\n"
        "[02:00:03] Alice (page): https://shop.example/sale\n"
    )


def test_the_agents_own_has_notes_and_what_is_known_of_the_shopper() -> None:
    head = TranscriptHead(
        "chat1", "The Shop", ZoneInfo("UTC"), "de", {"alice": "Alice"}, for_shopper=False,
        context=[("Fahrzeug", "Ford <i>\nFocus")],
    )  # fmt: skip
    told = transcript(head, ENTRIES)
    assert "Fahrzeug: Ford <i> Focus\n" in told.text
    assert "Alice (Notiz): seems upset\n" in told.text
    assert "] Kunde: Hello\n" in told.text
    assert "<dd><bdi>Ford &lt;i&gt; Focus</bdi></dd>" in told.html


def test_notes_are_for_agents_alone() -> None:
    told = transcript(HEAD, ENTRIES)
    assert "upset" not in told.text + told.html


@pytest.mark.parametrize(
    ("language", "subject"), [("fr", "Votre conversation avec The Shop"), ("pt", "Your chat with The Shop")]
)
def test_the_subject_is_in_the_shoppers_language(language: str, subject: str) -> None:
    assert transcript(TranscriptHead("c", "The Shop", ZoneInfo("UTC"), language), ()).subject == subject


def test_a_label_cannot_leave_the_subject() -> None:
    label = "Shop\r\nBcc: all@shop.example\u2028\u202e" + "x" * 500
    told = transcript(TranscriptHead("c", label, ZoneInfo("UTC")), ())
    assert told.subject.isprintable()
    assert len(told.subject) <= 80


def test_every_event_has_words() -> None:
    for event in EVENT_WORDS:
        told = transcript(HEAD, [entry(1, "system", event, kind="event", agent="alice")])
        assert "_" not in told.text
        assert "{" not in told.text


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


MARKUP = st.sampled_from(
    ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</bdi></p>", "<!--", "&lt;b&gt;", "<a>"]
)  # fmt: skip
TEXTS = st.one_of(MARKUP, st.text(max_size=60), st.builds("{}{}".format, MARKUP, st.text(max_size=20)))


@given(st.lists(st.tuples(st.sampled_from(["shopper", "agent", "flow"]), TEXTS), max_size=8), TEXTS)
def test_nothing_that_is_written_becomes_markup_or_another_speaker(
    said: list[tuple[Speaker, str]], label: str
) -> None:
    entries = [entry(seq, by, text, seq, agent="alice") for seq, (by, text) in enumerate(said, 1)]
    head = TranscriptHead("chat1", label, ZoneInfo("UTC"), "en", {"alice": label})
    told = transcript(head, entries)
    page = _Tags()
    page.feed(told.html)
    allowed = {"html", "head", "meta", "title", "body", "h1", "h2", "p", "small", "b", "bdi"}
    assert set(page.tags) <= allowed
    assert page.attributes <= {"lang", "charset", "name", "content", "style"}
    # One paragraph and one beginning of a line an entry, and no more.
    assert page.tags.count("p") == len(entries) + 3
    begins = [line for line in told.text.split("\n") if line.startswith("[")]
    assert len(begins) == len(entries)
