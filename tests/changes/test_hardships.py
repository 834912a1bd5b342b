"""Changes under hardship: several files, two operators at once, a loop, a full disk, a kill in the middle."""

from __future__ import annotations

import asyncio
import errno
import os
import random
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from changes.drafts import ConflictsError
from changes.errors import NotValidError
from changes.files import WriteRefusedError
from config.editing.edits import Rename, Set
from config.problems import ConfigError
from routing.load import load
from server.publishing import ChangePublisher
from server.settings import CurrentSettings
from store.changes import SqlChanges
from store.database import Database, sqlite_url
from store.errors import StoreError
from tests.aio import asyncio_test
from tests.api.edited_file import TEXT
from tests.api.pages import soon
from tests.changes.test_editor import CLOSED, HOURS, SHORTER, Room, a_room, anything, editor_of

OF_HOURS = TEXT[TEXT.index("hours:\n  shop:") : TEXT.index("destinations:")]
MAIN = "include: hours.yaml\n" + TEXT.replace(OF_HOURS, "")
#: Applies one change after the other for as long as it lives.
LOOP = """
import asyncio, sys
from pathlib import Path
from tests.changes.test_hardships import apply_again_and_again
asyncio.run(apply_again_and_again(Path(sys.argv[1])))
"""


async def apply_again_and_again(folder: Path) -> None:
    """What the process does that is killed."""
    settings = CurrentSettings(load(folder / "shop.yaml"))
    with patch("server.settings.FURTHER_CHECKS", ()):
        async with Database(sqlite_url(folder / "ringback.sqlite3")) as database:
            editor = editor_of(settings, SqlChanges(database), lambda: 1.0)
            while True:
                now = settings.config().hours["shop"].opening_hours
                value = SHORTER if now != SHORTER else "Mo-Fr 09:00-18:00; Sa 10:00-14:00"
                standing = await editor.edit("maria", 0, [Set(HOURS, value)])
                assert standing.draft
                change = await editor.apply("maria", standing.draft.revision, "Summer", anything)
                print(change.change_id, flush=True)


@asyncio_test
async def test_each_setting_is_written_in_its_own_file_and_put_back_with_the_others(tmp_path: Path) -> None:
    second = tmp_path / "hours.yaml"
    second.write_text("# When we are there.\n" + OF_HOURS)
    before = second.read_text()
    async with a_room(tmp_path, MAIN) as room:
        change = await room.editor.apply("maria", await room.set("maria", HOURS, SHORTER), "", anything)
        assert sorted(change.after) == ["hours.yaml"]
        assert second.read_text() == before.replace("14:00", "13:00")
        assert room.file.read_text() == MAIN
        # A name that settings of another file have.
        await room.editor.edit("maria", 0, [Rename(("hours", "shop"), "office")])
        renamed = await room.editor.apply("maria", 1, "", anything)
        assert sorted(renamed.after) == ["hours.yaml", "shop.yaml"]
        assert "hours: office}" in room.file.read_text()
        await room.editor.undo("maria", renamed.change_id, "", anything)
        assert (room.file.read_text(), second.read_text()) == (MAIN, before.replace("14:00", "13:00"))
        # A reload that is refused puts both back.
        await room.editor.edit("maria", 0, [Rename(("hours", "shop"), "office")])
        with (
            patch.object(room.editor, "_reload", refusing(room)),
            pytest.raises(NotValidError),
        ):
            await room.editor.apply("maria", 1, "", anything)
        assert (room.file.read_text(), second.read_text()) == (MAIN, before.replace("14:00", "13:00"))
        # What somebody does to the included file with an editor is a version, too.
        second.write_text(before)
        await room.editor.look()
        newest = (await room.store.newest())[0]
        assert (newest.via, sorted(newest.after)) == ("disk", ["hours.yaml"])


def refusing(room: Room) -> object:
    async def reload() -> object:
        raise ConfigError(room.file, [])

    return reload


@asyncio_test
async def test_two_operators_who_apply_at_once_both_get_what_they_typed_or_are_asked(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        maria = await room.set("maria", HOURS, SHORTER)
        ben = await room.set("ben", ("sites", "shop", "label"), "Store")
        eve = await room.set("eve", HOURS, "Mo-Sa 10:00-14:00")
        outcomes = await asyncio.gather(
            room.editor.apply("maria", maria, "", anything),
            room.editor.apply("ben", ben, "", anything),
            room.editor.apply("eve", eve, "", anything),
            return_exceptions=True,
        )
        refused = [each for each in outcomes if isinstance(each, BaseException)]
        assert [type(each) for each in refused] == [ConflictsError]
        assert room.settings.config().sites["shop"].label == "Store"
        assert room.hours in (SHORTER, "Mo-Sa 10:00-14:00")
        # The one who is asked has everything that they typed.
        loser = "eve" if room.hours == SHORTER else "maria"
        assert (await room.editor.standing(loser)).draft is not None


@asyncio_test
async def test_the_loop_publishes_what_is_due_and_outlives_a_store_that_fails(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        good = await room.editor.apply(
            "maria", await room.set("maria", HOURS, SHORTER), "", anything, publish_at=2000.0
        )
        bad = await room.editor.apply(
            "ben", await room.set("ben", HOURS, CLOSED), "", anything, publish_at=3000.0, despite_tests=True
        )
        publisher = ChangePublisher(room.editor, every=0.01)
        with patch.object(room.store, "waiting", side_effect=StoreError("the disk is full")):
            await publisher.start()
            await asyncio.sleep(0.05)
        assert room.file.read_text() == TEXT
        room.now = 2000.0
        await soon(lambda: room.hours == SHORTER)
        room.now = 3000.0

        async def state(change_id: int) -> tuple[str, str]:
            kept = await room.store.change(change_id)
            assert kept is not None
            return kept.state, kept.problem

        for _ in range(200):
            if (await state(bad.change_id))[0] != "waiting":
                break
            await asyncio.sleep(0.01)
        await publisher.stop()
        assert (await state(good.change_id))[0] == "applied"
        # Meanwhile the same setting was changed: it is refused, and the list says why.
        told = await state(bad.change_id)
        assert told[0] == "refused"
        assert told[1]
        assert room.hours == SHORTER


@asyncio_test
async def test_a_disk_that_is_full_in_the_middle_leaves_every_file_and_the_draft(tmp_path: Path) -> None:
    second = tmp_path / "hours.yaml"
    second.write_text(OF_HOURS)
    async with a_room(tmp_path, MAIN) as room:
        await room.editor.edit("maria", 0, [Rename(("hours", "shop"), "office")])
        real, written = os.replace, []

        def second_does_not_fit(source: Path, target: Path) -> None:
            if written and target not in written:
                raise OSError(errno.ENOSPC, "No space left on device")
            written.append(target)
            real(source, target)

        full = patch("changes.files.os.replace", second_does_not_fit)
        with full, pytest.raises(WriteRefusedError, match="No space left"):
            await room.editor.apply("maria", 1, "", anything)
        assert (room.file.read_text(), second.read_text()) == (MAIN, OF_HOURS)
        assert not [name for name in os.listdir(tmp_path) if name.endswith(".new")]
        assert (await room.store.newest())[0].state == "refused"
        draft = (await room.editor.standing("maria")).draft
        assert draft is not None
        await room.editor.apply("maria", draft.revision, "", anything)
        assert "office" in second.read_text()


@asyncio_test(timeout=60)
async def test_a_kill_in_the_middle_of_an_apply_is_settled_by_the_next_start(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(TEXT)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOOP, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout
    assert await child.stdout.readline()
    await asyncio.sleep(random.random() * 0.3)
    child.kill()
    await child.wait()
    held = file.read_text()
    assert held in (TEXT, TEXT.replace("14:00", "13:00"))
    settings = CurrentSettings(load(file))
    async with Database(sqlite_url(tmp_path / "ringback.sqlite3")) as database:
        store = SqlChanges(database)
        editor = editor_of(settings, store, lambda: 1.0)
        await editor.look()
        changes = await store.newest(limit=200)
        assert {each.state for each in changes} <= {"applied", "refused"}
        # No version is without somebody who made it, and the newest that holds is what the file says.
        assert {each.via for each in changes} == {"portal"}
        newest = next(each for each in changes if each.state == "applied")
        assert newest.after["shop.yaml"] == held
