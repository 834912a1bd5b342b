"""The answers of a site, searched and suggested: one book for each node, made when the settings are read.

The search is SQLite's FTS5 in memory, with its bm25. Whatever the store is: every node has the same answers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from answers.pages import path_of, rank
from answers.parts import AnswerPart, paragraphs
from answers.words import plain, stem, words_of
from config.answers_file import AnswerEntry

#: Weights of a match in the question, in the other words for it, and in the answer.
_WEIGHTS = "0, 10, 8, 2"
#: A slip in a word is forgiven where another one is as much like it.
_ALIKE = 0.75
_SHORTEST_SLIP = 4
#: Words of one question that are looked up for slips: each costs the server some milliseconds.
_MOST_SLIPS = 3
#: Of the words that say something, the share that an answer must have.
_ENOUGH = 0.5


class ShownAnswer(NamedTuple):
    """An answer in one language."""

    name: str
    question: str
    paragraphs: tuple[tuple[AnswerPart, ...], ...]


@dataclass(slots=True)
class _Language:
    """The answers of one language by name, their index, and the words in it."""

    shown: dict[str, ShownAnswer] = field(default_factory=dict)
    index: sqlite3.Connection = field(
        default_factory=lambda: sqlite3.connect(":memory:", check_same_thread=False)
    )
    words: dict[str, list[str]] = field(default_factory=dict)


class AnswerBook:
    """Searches one site's answers, from any thread. It never changes: new settings make a new one.

    ``languages`` are those of the site's pages; the first one is for whoever speaks none of them.
    """

    def __init__(self, entries: Mapping[str, AnswerEntry], languages: Sequence[str]) -> None:
        self._entries = entries
        known = {language for entry in entries.values() for language in entry.question}
        self._order = [*(each for each in languages if each in known), *sorted(known - set(languages))]
        self._in = {language: self._read(language) for language in self._order}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def language(self, wanted: str) -> str:
        """The language in which a page with this ``lang`` gets its answers; empty where there are none."""
        short = wanted.lower().partition("-")[0]
        if short in self._in:
            return short
        return self._order[0] if self._order else ""

    def suggest(self, page: str, language: str, most: int) -> tuple[ShownAnswer, ...]:
        """What is suggested on a page before anything was typed: the closest patterns first."""
        shown = self._in[language].shown if language in self._in else {}
        path = path_of(page)
        ranked = [(rank(self._entries[name].pages, path), answer) for name, answer in shown.items()]
        fitting = [(closeness, answer) for closeness, answer in ranked if closeness is not None]
        return tuple(answer for _, answer in sorted(fitting, key=lambda each: -each[0])[:most])

    def search(self, question: str, language: str, most: int) -> tuple[ShownAnswer, ...]:
        """What answers a question, the best first; nothing where no answer has enough of its words."""
        if language not in self._in:
            return ()
        of = self._in[language]
        words = words_of(question, language)
        if not words:
            return ()
        looked_for = self._terms(of, words, language)
        enough = max(1, round(len(words) * _ENOUGH))
        found = self._match(of, " OR ".join(looked_for))
        matches = dict.fromkeys(found, 0)
        for term in looked_for:
            for name in self._match(of, term):
                if name in matches:
                    matches[name] += 1
        good = [name for name in found if matches[name] >= enough]
        return tuple(of.shown[name] for name in sorted(good, key=lambda name: -matches[name])[:most])

    def _read(self, language: str) -> _Language:
        of = _Language()
        tokens = ("porter " if language == "en" else "") + "unicode61 remove_diacritics 2"
        of.index.execute(
            f"CREATE VIRTUAL TABLE found USING fts5(name UNINDEXED, q, also, a, tokenize='{tokens}')"
        )
        of.index.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(found, 'row')")
        for name, entry in self._entries.items():
            if language not in entry.question:
                continue
            told = paragraphs(entry.answer[language])
            of.shown[name] = ShownAnswer(name, entry.question[language], told)
            text = " ".join(part.text for paragraph in told for part in paragraph)
            also = " . ".join(entry.also.get(language, ()))
            row = (name, plain(entry.question[language]), plain(also), plain(text))
            of.index.execute("INSERT INTO found VALUES (?, ?, ?, ?)", row)
        for (term,) in of.index.execute("SELECT term FROM terms"):
            of.words.setdefault(term[:1], []).append(term)
        return of

    def _terms(self, of: _Language, words: Sequence[str], language: str) -> list[str]:
        """What is looked for in place of each word: all that begins with it, or what it was meant to be."""
        terms: list[str] = []
        slips = 0
        for word in words:
            term = f'"{stem(word, language)}"*'
            if len(word) >= _SHORTEST_SLIP and slips < _MOST_SLIPS and not self._match(of, term):
                slips += 1
                near = [known for known in of.words.get(word[:1], ()) if abs(len(known) - len(word)) <= 2]
                term = next((f'"{meant}"' for meant in get_close_matches(word, near, 1, _ALIKE)), term)
            terms.append(term)
        return terms

    @staticmethod
    def _match(of: _Language, expression: str) -> list[str]:
        """The names of what matches, the best first. ``expression`` is made of words alone."""
        ranked = (
            f"SELECT name FROM found WHERE found MATCH ? ORDER BY bm25(found, {_WEIGHTS}), rowid LIMIT 50"  # noqa: S608
        )
        return [name for (name,) in of.index.execute(ranked, (expression,))]
