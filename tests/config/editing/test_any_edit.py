"""Any edit of any file says what was meant, keeps what it does not touch, and is taken back to the byte."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.editing.apply import apply, read_text_source
from config.editing.data import at, same
from config.editing.difference import difference, inverse
from config.editing.edits import Add, Edit, EditError, Move, Remove, Rename, Set, SharedError
from config.editing.model import changed
from config.editing.spans import read_spans, walk
from tests.config.editing.texts import EXAMPLES, FILE, NAMES, SCALARS, places, read, texts, values

PROFILE = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
#: Why an edit may be refused, rather than made badly.
HONEST = re.compile(r"the last section of the file|a comment would come between a dash")


@cache
def example(index: int) -> tuple[str, bool]:
    file = EXAMPLES[index]
    return file.read_text(), file.parent.name == "answers"


@st.composite
def edits(draw: st.DrawFn, data: Any) -> Edit:
    """One edit that makes sense for this data."""
    loc = draw(st.sampled_from(places(data)[1:] or [()]))
    holder = at(data, loc[:-1])
    kind = draw(st.sampled_from(["set", "set", "set", "add", "remove", "rename", "move"]))
    if kind == "set" or not loc:
        return Set(loc, draw(st.one_of(SCALARS, values())), "all")
    if kind == "add":
        if isinstance(holder, list):
            return Add(loc[:-1], draw(st.integers(0, len(holder))), draw(values()), shared="all")
        name = draw(NAMES.filter(lambda each: each not in holder))
        return Add(loc[:-1], name, draw(values()), draw(st.sampled_from([None, "", *holder])), "all")
    if kind == "remove":
        return Remove(loc, "all")
    if isinstance(holder, list):
        return Move(loc, draw(st.sampled_from([None, *range(len(holder))])), "all")
    if kind == "rename":
        return Rename(loc, draw(NAMES.filter(lambda each: each not in holder)), "all")
    return Move(loc, draw(st.sampled_from([None, *holder])), "all")


def honest(error: EditError, edit: Edit | None, text: str) -> None:
    """Fail where an edit was refused that could have been made."""
    # Blank lines that are a part of a text stay at their place.
    assert HONEST.search(error.why) or "|+" in text, (edit, error.why)


def comments(text: str) -> Counter[str]:
    """The comments, where nothing in quotes or in a block of text looks like one."""
    spans = [(span.body, span.end) for _, span in walk(read_spans(text)) if span.kind == "scalar"]
    return Counter(
        found[0].strip()
        for found in re.finditer(r"(?<!\S)#[^\r\n]*", text)
        if not any(start <= found.start() < end for start, end in spans)
    )


def hold(text: str, edit: Edit, *, lines: bool) -> str:
    """Make the edit and check everything about it; the new text, or the old one where it was refused."""
    source = read_text_source(text, FILE, lines=lines)
    before = read(text, lines=lines)
    try:
        after = apply(source, [edit], lines=lines)
    except SharedError:
        return text
    except EditError as error:
        honest(error, edit, text)
        return text
    if "&" not in text:
        assert same(read(after, lines=lines), changed(before, edit))
    if isinstance(edit, Add | Move | Rename):
        assert comments(after) == comments(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    assert after.count("\n") == after.count(newline)
    back = inverse(source, [edit], lines=lines)
    assert apply(read_text_source(after, FILE, lines=lines), back, lines=lines) == text
    return after


@PROFILE
@given(st.data())
def test_any_edits_of_the_examples(data: st.DataObject) -> None:
    text, lines = example(data.draw(st.integers(0, len(EXAMPLES) - 1)))
    for _ in range(2):
        text = hold(text, data.draw(edits(read(text, lines=lines))), lines=lines)


@settings(PROFILE, max_examples=60)
@given(st.data())
def test_any_edits_of_generated_files(data: st.DataObject) -> None:
    text = data.draw(texts())
    for _ in range(3):
        text = hold(text, data.draw(edits(read(text, lines=True))), lines=True)


@settings(PROFILE, max_examples=60)
@given(st.data())
def test_a_text_or_number_that_is_set_touches_its_own_characters_alone(data: st.DataObject) -> None:
    text = data.draw(texts())
    found = [
        (loc, span) for loc, span in walk(read_spans(text)) if span.kind == "scalar" and span.end > span.start
    ]
    if not found:
        return
    loc, span = data.draw(st.sampled_from(found))
    try:
        after = apply(read_text_source(text, FILE, lines=True), [Set(loc, data.draw(SCALARS))], lines=True)
    except EditError as error:
        honest(error, None, text)
        return
    assert after.startswith(text[: span.start])
    assert after.endswith(text[span.end :])


@settings(PROFILE, max_examples=50)
@given(texts(), texts())
def test_the_difference_of_two_files_makes_one_of_the_other(before: str, after: str) -> None:
    source = read_text_source(before, FILE, lines=True)
    try:
        made = apply(source, difference(before, after), lines=True)
    except EditError as error:
        honest(error, None, before + after)
        return
    assert same(read(made, lines=True), read(after, lines=True))
