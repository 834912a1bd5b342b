"""Tables of stores and files of answers are edited with the settings: tried, applied and undone together."""

from __future__ import annotations

from pathlib import Path

import pytest

from changes.drafts import ConflictsError
from changes.errors import NotValidError
from tests.aio import asyncio_test
from tests.api.edited_file import TEXT
from tests.changes.test_editor import Room, a_room, anything

TABLE = """\
name,label,number,latitude,longitude,postal_code,country,hours
boston,Boston,+16175550111,42.36,-71.06,02108,US,Mo-Fr 09:00-18:00
salem,"Salem, MA",+19785550112,42.52,-70.90,01970,US,
"""
ANSWERS = "answers:\n  sizes:\n    question: {en: Which size?}\n    answer: {en: Measure first.}\n"
WITH = TEXT.replace(
    "    time_zone: America/New_York\nhours:",
    "    time_zone: America/New_York\n    answers: {file: help/answers.yaml}\nhours:",
    1,
).replace("destinations: [counter], timeout: 20s", "destinations: [counter, shops/boston], timeout: 20s") + (
    "stores:\n  shops: {file: shops.csv, trunk: carrier}\n"
)


def write(folder: Path) -> tuple[Path, Path]:
    table, answers = folder / "shops.csv", folder / "help" / "answers.yaml"
    answers.parent.mkdir()
    table.write_text(TABLE)
    answers.write_text(ANSWERS)
    return table, answers


async def typed(room: Room, operator: str, file: str, text: str) -> int:
    standing = await room.editor.standing(operator)
    revision = standing.draft.revision if standing.draft else 0
    kept = (await room.editor.type_text(operator, revision, file, text)).draft
    assert kept
    return kept.revision


@asyncio_test
async def test_a_table_is_tried_told_in_words_applied_and_undone(tmp_path: Path) -> None:
    table, _ = write(tmp_path)
    async with a_room(tmp_path, WITH) as room:
        later = TABLE.replace("09:00-18:00", "10:00-18:00").replace("01970", "01971")
        revision = await typed(room, "maria", "shops.csv", later)
        _, trial = await room.editor.trial("maria")
        assert [each.text for each in trial.sentences] == [
            "Store table shops: hours of boston is Mo-Fr 10:00-18:00 instead of Mo-Fr 09:00-18:00.",
            "Store table shops: postal_code of salem is 01971 instead of 01970.",
        ]
        assert trial.sections == {"stores"}
        assert trial.problems == ()
        # The check reads the draft, not the file.
        assert table.read_text() == TABLE
        change = await room.editor.apply("maria", revision, "", anything)
        assert table.read_text() == later
        await room.editor.undo("maria", change.change_id, "", anything)
        assert table.read_text() == TABLE


@asyncio_test
async def test_what_is_wrong_in_a_draft_of_a_table_has_its_place_and_is_not_applied(tmp_path: Path) -> None:
    table, _ = write(tmp_path)
    async with a_room(tmp_path, WITH) as room:
        revision = await typed(room, "maria", "shops.csv", TABLE.replace("42.52", "north"))
        _, trial = await room.editor.trial("maria")
        (problem,) = trial.problems
        assert (Path(problem.file or problem.place.file).name, problem.place.line) == ("shops.csv", 3)
        with pytest.raises(NotValidError):
            await room.editor.apply("maria", revision, "", anything)
        assert table.read_text() == TABLE


@asyncio_test
async def test_answers_are_merged_by_entry_and_tables_are_chosen_as_a_whole(tmp_path: Path) -> None:
    table, answers = write(tmp_path)
    async with a_room(tmp_path, WITH) as room:
        revision = await typed(
            room, "maria", "help/answers.yaml", ANSWERS.replace("Measure first.", "Measure twice.")
        )
        answers.write_text(ANSWERS.replace("Which size?", "What size?"))
        change = await room.editor.apply("maria", revision, "", anything)
        assert answers.read_text() == ANSWERS.replace("Measure first.", "Measure twice.").replace(
            "Which", "What"
        )
        assert change.sentences
        disk = (await room.store.newest())[1]
        assert (disk.via, sorted(disk.after)) == ("disk", ["help/answers.yaml"])
        revision = await typed(room, "maria", "shops.csv", TABLE.replace("Boston", "Hub"))
        table.write_text(TABLE.replace("Salem, MA", "Salem"))
        with pytest.raises(ConflictsError):
            await room.editor.apply("maria", revision, "", anything)
        standing = await room.editor.choose("maria", revision, {"shops.csv": {(): "mine"}})
        assert standing.draft
        await room.editor.apply("maria", standing.draft.revision, "", anything)
        assert table.read_text() == TABLE.replace("Boston", "Hub")
