"""What a change does, as people say it."""

from __future__ import annotations

from typing import Any

import pytest

from changes.words import in_words


def hours(text: str) -> dict[str, Any]:
    return {"hours": {"shop": {"opening_hours": text}}}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (hours("Mo-Fr 09:00-18:00; Sa 10:00-14:00"), hours("Mo-Fr 09:00-18:00; Sa 10:00-13:00"),
         "Opening hours shop: Saturday closes at 13:00 instead of 14:00."),
        (hours("Mo 09:00-18:00"), hours("Mo 08:00-18:00"),
         "Opening hours shop: Monday opens at 08:00 instead of 09:00."),
        (hours("Mo-Sa 09:00-18:00"), hours("Mo-Fr 09:00-18:00"),
         "Opening hours shop: Saturday is closed instead of open 09:00–18:00."),  # noqa: RUF001
        (hours("Mo-Fr 09:00-18:00"), hours("Mo-Fr 09:00-18:00; PH off"),
         "Opening hours shop: beside the week it says PH off instead of nothing."),
        ({"queues": {"a": {"max_waiting": 5}}}, {"queues": {"a": {"max_waiting": 9}}},
         "Queue a: max waiting is 9 instead of 5."),
        ({"sites": {"a": {"label": "A"}}}, {"sites": {"b": {"label": "A"}}}, "Site a is now called b."),
        ({"sites": {"a": {"label": "The shop"}}}, {"sites": {}}, "Site a (The shop) is removed."),
        ({"agents": {"a": {"password_hash": "old"}}}, {"agents": {"a": {"password_hash": "new"}}},
         "Agent a: password hash is another one."),
        ({"routes": {"r": {"steps": [{"timeout": "20s"}]}}},
         {"routes": {"r": {"steps": [{"timeout": "25s"}]}}},
         "Route r: steps 1 timeout is 25s instead of 20s."),
    ],
)  # fmt: skip
def test_sentences(before: dict[str, Any], after: dict[str, Any], told: str) -> None:
    assert [sentence.text for sentence in in_words(before, after)] == [told]
    assert in_words(after, after) == ()
