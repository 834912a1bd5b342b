"""Finished calls for a spreadsheet: what a page claims is never a formula there."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cdr_csv import write_csv
from tests.store.records import a_record


def cells(**changes: Any) -> dict[str, str]:
    """One call as a program reads its line."""
    output = io.StringIO()
    write_csv([replace(a_record("c1"), **changes)], output)
    names, values = csv.reader(io.StringIO(output.getvalue(), newline=""))
    return dict(zip(names, values, strict=True))


@pytest.mark.parametrize(
    "page",
    [
        '=HYPERLINK("http://evil.example","x")',
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        "\t=1+1",
        "\r=1+1",
        " =1+1",
        "\n=1",
        "\uff1d1+1",
    ],
)
def test_formulas_are_texts(page: str) -> None:
    assert cells(page=page)["page"] == f"'{page}"


@pytest.mark.parametrize("page", ["https://shop.example/?a=1", "", "a=b", "5"])
def test_other_texts_stay(page: str) -> None:
    assert cells(page=page)["page"] == page


def test_numbers_stay() -> None:
    told = cells(number="+16175550123")
    assert told["number"] == "+16175550123"
    assert json.loads(cells(context={"a": "=1+1"})["context"]) == {"a": "=1+1"}


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_no_cell_begins_as_a_formula_does(page: str) -> None:
    told = cells(page=page)["page"]
    assert told.removeprefix("'") == page.removeprefix("'") or told == page
    assert not told.strip().startswith(("=", "@")) or not told.strip()
