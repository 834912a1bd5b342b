"""Answers are found as people ask, and suggested where they fit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answers.book import AnswerBook
from answers.pages import path_of, rank
from answers.parts import AnswerPart, paragraphs
from config.answers_file import AnswerEntry

ENTRIES = {
    "returns": AnswerEntry(
        question={"en": "How do I send something back?", "de": "Wie schicke ich etwas zurück?"},
        answer={
            "en": "Print a label on [our form](/returns). Returns are free within 30 days.",
            "de": "Mit einem Rücksendeschein. Rücksendungen sind 30 Tage lang kostenlos.",
        },
        also={"en": ("refund", "money back"), "de": ("Rückgabe", "Umtausch")},
        pages=("/orders/**", "/returns"),
    ),
    "delivery": AnswerEntry(
        question={"en": "When does my parcel arrive?", "de": "Wann kommt mein Paket?"},
        answer={"en": "Deliveries take two or three days.", "de": "Lieferungen dauern zwei bis drei Tage."},
        also={"en": ("shipping", "delivery time"), "de": ("Lieferzeit", "Straße")},
        pages=("/orders/*", "/**"),
    ),
    "sizes": AnswerEntry(
        question={"en": "Which frame size fits me?"},
        answer={"en": "Measure your inseam. Then see https://shop.example/sizes."},
        pages=("/bikes/*/size",),
    ),
    "codes": AnswerEntry(
        question={"en": "Why is my promotion code refused?"},
        answer={"en": "Codes expire at the end of their month."},
        also={"en": ("coupon", "voucher", "discount")},
        pages=("/checkout",),
    ),
}
BOOK = AnswerBook(ENTRIES, ["en", "de"])


def found(question: str, language: str = "en") -> list[str]:
    return [answer.name for answer in BOOK.search(question, language, 3)]


@pytest.mark.parametrize(
    ("question", "language", "name"),
    [
        ("How do I send something back?", "en", "returns"),
        ("sending it back", "en", "returns"),
        ("can i return this", "en", "returns"),
        ("REFUNDS!!", "en", "returns"),
        ("refnd", "en", "returns"),  # a slip
        ("retu", "en", "returns"),  # still typing
        ("where is my parcel", "en", "delivery"),
        ("parcels", "en", "delivery"),
        ("deliverys", "en", "delivery"),
        ("when will it be delivered", "en", "delivery"),
        ("my cupon does not work", "en", "codes"),
        ("promotion codes", "en", "codes"),
        ("frame sizes", "en", "sizes"),
        ("zurueck", "de", "returns"),
        ("zurück", "de", "returns"),
        ("ZURUCK", "de", "returns"),
        ("Rücksendung", "de", "returns"),
        ("Pakete", "de", "delivery"),
        ("Strasse", "de", "delivery"),
        ("straße", "de", "delivery"),
    ],
)
def test_it_is_found(question: str, language: str, name: str) -> None:
    assert found(question, language)[:1] == [name]


@pytest.mark.parametrize(
    "question", ["", "?!", "do you sell helicopters", "how do i", "x" * 5000, "'\"*()^:-+"]
)
def test_nothing_is_better_than_anything(question: str) -> None:
    assert found(question) == []


def test_it_is_searched_by_many_threads_at_once() -> None:
    with ThreadPoolExecutor(8) as threads:
        asked = ["refunds", "parcels", "my cupon", "frame sizes"] * 50
        names = [
            [answer.name for answer in each] for each in threads.map(lambda q: BOOK.search(q, "en", 1), asked)
        ]
    assert names == [["returns"], ["delivery"], ["codes"], ["sizes"]] * 50


def test_what_has_more_of_the_words_comes_first() -> None:
    assert found("delivery of a refund voucher code")[0] == "codes"


@given(st.text(max_size=300), st.sampled_from(["en", "de", "fr", ""]), st.integers(0, 5))
def test_whatever_is_typed_is_no_mistake(question: str, language: str, most: int) -> None:
    assert len(BOOK.search(question, language, most)) <= most


@pytest.mark.parametrize(
    ("wanted", "language"),
    [("de-AT", "de"), ("DE", "de"), ("en", "en"), ("fr", "en"), ("", "en"), ("-", "en")],
)
def test_the_language_of_a_page(wanted: str, language: str) -> None:
    assert BOOK.language(wanted) == language


def test_an_answer_is_shown_in_the_languages_that_it_has() -> None:
    assert found("frame", "de") == []
    assert [each.question for each in BOOK.suggest("/returns", "de", 3)] == [
        "Wie schicke ich etwas zurück?",
        "Wann kommt mein Paket?",
    ]


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("https://shop.example/returns/?from=mail#top", ["returns", "delivery"]),
        ("https://shop.example/orders/17", ["returns", "delivery"]),
        ("https://shop.example/orders", ["returns", "delivery"]),
        ("https://shop.example/orders/17/parts", ["returns", "delivery"]),
        ("https://shop.example/bikes/gravel/size", ["sizes", "delivery"]),
        ("https://shop.example/bikes/gravel/fork/size", ["delivery"]),
        ("https://shop.example", ["delivery"]),
        ("http://[broken", ["delivery"]),
        ("", ["delivery"]),
    ],
)
def test_suggestions_of_a_page_the_closest_first(page: str, names: list[str]) -> None:
    assert [answer.name for answer in BOOK.suggest(page, "en", 3)] == names


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/a", "/a", True), ("/a", "/a/b", False), ("/a/", "/a", True), ("/a/*", "/a/b", True),
        ("/a/*", "/a", False), ("/a/*", "/a/b/c", False), ("/a/**", "/a", True), ("/a/**", "/a/b/c", True),
        ("/a/**", "/ab", False),
        ("/a*", "/ab", True), ("/a*", "/ab/c", False), ("/**/c", "/a/b/c", True), ("/**/c", "/c", True),
        ("/a.b", "/axb", False), ("/", "/", True), ("/**", "/", True), ("/größe", "/größe", True),
    ],
)  # fmt: skip
def test_patterns(pattern: str, path: str, fits: bool) -> None:
    assert (rank((pattern,), path) is not None) is fits


def test_paths() -> None:
    assert path_of("https://shop.example/gr%C3%B6%C3%9Fe/") == "/größe"


def test_paragraphs_of_words_and_links() -> None:
    told = paragraphs(
        "See [our form](/returns) or\nhttps://shop.example/a?b=1. Bye\n\n  \n[x](https://y.example)"
    )
    assert told == (
        (
            AnswerPart("See "),
            AnswerPart("our form", "/returns"),
            AnswerPart(" or "),
            AnswerPart("https://shop.example/a?b=1", "https://shop.example/a?b=1"),
            AnswerPart(". Bye"),
        ),
        (AnswerPart("x", "https://y.example"),),
    )


def test_a_book_without_answers() -> None:
    book = AnswerBook({}, ["en"])
    assert (len(book), book.language("en"), book.search("x", "en", 3), book.suggest("/", "en", 3)) == (
        0,
        "",
        (),
        (),
    )
