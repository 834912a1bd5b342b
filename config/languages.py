"""Texts of the settings that may be in several languages: one for all shoppers, or one for each language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from config.draft import Draft
from config.problems import Loc

#: A text for all shoppers, or by language.
TextInLanguages = str | Mapping[str, str]


def in_language(text: TextInLanguages, language: str) -> str:
    """The text in this language; in the first one that there is, where there is none."""
    if isinstance(text, str):
        return text
    return text.get(language) or next(iter(text.values()))


def each_text(loc: Loc, text: TextInLanguages | None) -> Iterator[tuple[Loc, str]]:
    """Every text with its place."""
    if isinstance(text, str):
        yield loc, text
    elif text is not None:
        for language, words in text.items():
            yield (*loc, language), words


def check_languages(draft: Draft, loc: Loc, text: TextInLanguages, languages: Iterable[str]) -> None:
    """Problems and warnings of a text that these languages should have."""
    if isinstance(text, str):
        return
    if not text:
        draft.wrong(loc, "write it in one language at least")
        return
    if missing := [language for language in languages if language not in text]:
        draft.doubtful(loc, f"no text in {', '.join(missing)}: these shoppers get {next(iter(text))}")
