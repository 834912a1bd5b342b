"""YAML texts for the tests of edits: every example, and generated ones with what people write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import config
from config.editing.apply import read_text_source
from config.editing.data import data_of
from config.problems import Loc

EXAMPLES = sorted((Path(config.__file__).parent / "examples").rglob("*.yaml"))
FILE = Path("settings.yaml")

WORDS = st.sampled_from([
    "sales", "+16175550123", "0042", "12", "1.5", "true", "null", "~", "no", "", " ", "a: b", "a #b", "- x",
    "*x", "&x", "!x", "{a", "x}", "[", "it's", 'say "hi"', "back\\slash", "Mo-Fr 09:00-18:00; PH off", 
    "münchen",
    "a,b", "@at", "`", "%", "?", "? x", "|", ">", "<<", "12:30", "2026-12-24", "1e5", "0x10", "x: ", "#c",
    "=", "a  b",
])  # fmt: skip
NAMES = st.sampled_from(["one", "two", "three", "a.b", "with space", "7", "yes", "x-1", "it's", "ünï"])
SCALARS = st.one_of(
    WORDS, st.integers(-99, 99), st.booleans(), st.none(), st.sampled_from([0.5, -2.25, 10.0])
)


def values(depth: int = 2) -> st.SearchStrategy[Any]:
    """Plain data as an edit may bring it."""
    if not depth:
        return SCALARS
    below = values(depth - 1)
    return st.one_of(SCALARS, st.lists(below, max_size=3), st.dictionaries(NAMES, below, max_size=3))


def places(data: Any, loc: Loc = ()) -> list[Loc]:
    """Every place in the data, the root first."""
    found = [loc]
    if isinstance(data, dict):
        found += [each for key, entry in data.items() for each in places(entry, (*loc, key))]
    elif isinstance(data, list):
        found += [each for index, item in enumerate(data) for each in places(item, (*loc, index))]
    return found


def read(text: str, *, lines: bool = False) -> Any:
    """What a text says, by the server's own reader."""
    source = read_text_source(text, FILE, lines=lines)
    assert not source.problems
    return data_of(source.root)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A generated file: block and flow collections, texts of all styles, comments, empty lines and values."""
    newline = draw(st.sampled_from(["\n", "\n", "\n", "\r\n"]))
    step, dashes = draw(st.sampled_from([2, 4])), draw(st.sampled_from([0, 2]))
    names = st.sampled_from(["alpha", "beta", "gamma", "'delta'", '"eps: x"', "zeta.x"])
    plain = st.sampled_from(["word", "two words", "12", "true", "~", "null", "+161755", "a: b"]).filter(
        lambda text: ": " not in text
    )

    def remark() -> str:
        return draw(st.sampled_from(["", "", "  # why", "   #odd"]))

    def inline() -> str:
        kind = draw(st.integers(0, 6))
        word = draw(plain)
        if kind == 0:
            return f"'{word}'"
        if kind == 1:
            return f'"{word}"'
        if kind == 2:
            return draw(
                st.sampled_from(
                    ["{}", "[]", "{ a: 1 , b: [x,  y] }", "[one,two , 'three']", "[{a: 1}, {b: }]"]
                )
            )
        return word

    def lead(far: int) -> list[str]:
        kind = draw(st.integers(0, 7))
        pad = " " * far
        return {0: [""], 1: [f"{pad}# about it"], 2: ["", f"{pad}# one", f"{pad}# two"]}.get(kind, [])

    def mapping(far: int, depth: int) -> list[str]:
        lines: list[str] = []
        for name in draw(st.lists(names, min_size=1, max_size=4, unique=True)):
            lines += lead(far) if lines else []
            lines += entry(f"{' ' * far}{name}:", far, depth, dashed=False)
        return lines

    def sequence(far: int, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(draw(st.integers(1, 3))):
            lines += lead(far) if lines else []
            if depth and draw(st.integers(0, 2)) == 0:
                inner = mapping(far + 2, depth - 1)
                lines += [f"{' ' * far}- {inner[0][far + 2 :]}", *inner[1:]]
            else:
                lines += entry(f"{' ' * far}-", far, depth, dashed=True)
        return lines

    def entry(head: str, far: int, depth: int, *, dashed: bool) -> list[str]:
        kind = draw(st.integers(0, 9 if depth else 5))
        if kind == 0:
            return [head + remark()]
        if kind == 1:
            pad = " " * (far + step)
            style = draw(st.sampled_from(["|", ">", ">-", "|-", "|+", "> # note"]))
            return [f"{head} {style}", f"{pad}first line", f"{pad}second", *draw(st.sampled_from([[], [""]]))]
        if kind == 2:
            pad = " " * (far + step + 1)
            return [f"{head} [one,{remark()}", f"{pad}two  # of these", f"{pad}]{remark()}"]
        if kind <= 5:
            return [f"{head} {inline()}{remark()}"]
        deeper = draw(st.sampled_from([[], [f"{' ' * (far + step)}# not: used"]]))
        if kind <= 7:
            return [head + remark(), *mapping(far + step, depth - 1), *deeper]
        return [head + remark(), *sequence(far + (dashes or (step if dashed else 0)), depth - 1)]

    lines = [*draw(st.sampled_from([[], ["# The file.", ""], ["---"]])), *mapping(0, 3)]
    # A block of text that ends with the file, without a line break, cannot be moved as it is.
    ending = (
        newline
        if lines[-1].endswith("second")
        else draw(st.sampled_from(["", newline, newline * 2, f"{newline}# the end{newline}"]))
    )
    return newline.join(lines) + ending
