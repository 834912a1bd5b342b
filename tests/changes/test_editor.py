"""Operators edit, try, apply and undo; two at once, and beside somebody with an editor of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import pytest

from changes.drafts import ConflictsError, RemoveNamed
from changes.editor import SettingsEditor
from changes.errors import (
    AgentsReturnError,
    FailingTestsError,
    NothingToApplyError,
    NotValidError,
    StaleDraftError,
)
from changes.files import WriteRefusedError
from changes.records import Change
from config.editing.edits import Rename, Set
from config.problems import ConfigError
from routing.load import load
from server.settings import CurrentSettings
from store.changes import SqlChanges
from store.database import Database, sqlite_url
from tests.aio import asyncio_test
from tests.api.edited_file import TEXT

HOURS = ("hours", "shop", "opening_hours")
SHORTER = "Mo-Fr 09:00-18:00; Sa 10:00-13:00"
CLOSED = "Mo-Fr 09:00-18:00"


def anything(_sections: frozenset[str]) -> None:
    """An operator who may change everything."""


@dataclass
class Room:
    """A server's settings and its editor."""

    file: Path
    settings: CurrentSettings
    store: SqlChanges
    editor: SettingsEditor
    now: float = 1000.0
    asked: list[frozenset[str]] = field(default_factory=list)

    @property
    def hours(self) -> str:
        """What is in force."""
        return self.settings.config().hours["shop"].opening_hours

    async def set(self, operator: str, loc: tuple[str | int, ...], value: object) -> int:
        standing = await self.editor.standing(operator)
        revision = standing.draft.revision if standing.draft else 0
        kept = (await self.editor.edit(operator, revision, [Set(loc, value)])).draft
        assert kept
        return kept.revision

    def again(self) -> SettingsEditor:
        """The editor after a restart of the server."""
        return editor_of(self.settings, self.store, lambda: self.now)


def editor_of(settings: CurrentSettings, store: SqlChanges, time: Callable[[], float]) -> SettingsEditor:
    return SettingsEditor(loaded=settings.loaded, reload=settings.reload, store=store, time=time)


@asynccontextmanager
async def a_room(folder: Path, text: str = TEXT) -> AsyncIterator[Room]:
    file = folder / "shop.yaml"
    file.write_text(text)
    settings = CurrentSettings(load(file))
    # What the host can do is not the question here.
    no_host = patch("server.settings.FURTHER_CHECKS", ())
    async with Database(sqlite_url(folder / "ringback.sqlite3")) as database:
        no_host.start()
        store = SqlChanges(database)
        room = Room(file, settings, store, editor_of(settings, store, lambda: room.now))
        await room.editor.standing("maria")
        try:
            yield room
        finally:
            no_host.stop()


@asyncio_test
async def test_saturdays_hours_are_changed_applied_and_undone(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        revision = await room.set("maria", HOURS, SHORTER)
        _, trial = await room.editor.trial("maria")
        told = ["Opening hours shop: Saturday closes at 13:00 instead of 14:00."]
        assert [sentence.text for sentence in trial.sentences] == told
        assert (trial.sections, trial.failed, trial.tests) == ({"hours"}, (), 1)
        assert "+    opening_hours" in trial.diffs["shop.yaml"]
        change = await room.editor.apply("maria", revision, "Summer", anything)
        assert room.file.read_text() == TEXT.replace("Sa 10:00-14:00", "Sa 10:00-13:00")
        assert room.hours == SHORTER
        assert (change.by, change.why, list(change.sentences)) == ("maria", "Summer", told)
        assert (await room.editor.standing("maria")).draft is None
        undone = await room.editor.undo("maria", change.change_id, "A mistake", anything)
        assert undone.undoes == change.change_id
        assert room.file.read_text() == TEXT
        assert room.hours == "Mo-Fr 09:00-18:00; Sa 10:00-14:00"
        assert [each.change_id for each in await room.store.newest()] == [undone.change_id, change.change_id]


@asyncio_test
async def test_one_change_is_undone_later_than_others(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        first = await room.editor.apply("maria", await room.set("maria", HOURS, SHORTER), "", anything)
        await room.editor.apply(
            "ben", await room.set("ben", ("sites", "shop", "label"), "Store"), "", anything
        )
        await room.editor.undo("maria", first.change_id, "", anything)
        assert room.file.read_text() == TEXT.replace("label: Shop\n", "label: Store\n", 1)
        await room.editor.apply("ben", await room.set("ben", HOURS, SHORTER), "", anything)
        await room.editor.apply("ben", await room.set("ben", HOURS, "Mo-Sa 08:00-18:00"), "", anything)
        with pytest.raises(ConflictsError):
            await room.editor.undo("maria", first.change_id, "", anything)


@asyncio_test
async def test_two_operators_in_the_same_second_lose_nothing(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        maria = await room.set("maria", HOURS, SHORTER)
        ben = await room.set("ben", ("sites", "shop", "label"), "Store")
        eve = await room.set("eve", HOURS, "Mo-Sa 10:00-14:00")
        await room.editor.apply("maria", maria, "", anything)
        await room.editor.apply("ben", ben, "", anything)
        assert room.hours == SHORTER
        assert room.settings.config().sites["shop"].label == "Store"
        with pytest.raises(ConflictsError) as told:
            await room.editor.apply("eve", eve, "", anything)
        (conflict,) = told.value.conflicts
        assert (conflict.conflict.theirs, conflict.conflict.mine) == (SHORTER, "Mo-Sa 10:00-14:00")
        # Nothing that was typed is lost, and there is a way on.
        standing = await room.editor.choose("eve", eve, {"shop.yaml": {HOURS: "mine"}})
        assert standing.draft
        await room.editor.apply("eve", standing.draft.revision, "", anything)
        assert room.hours == "Mo-Sa 10:00-14:00"
        assert room.settings.config().sites["shop"].label == "Store"


@asyncio_test
async def test_a_second_window_of_the_same_operator_is_told(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        await room.set("maria", HOURS, SHORTER)
        with pytest.raises(StaleDraftError):
            await room.editor.type_text("maria", 0, "shop.yaml", "x: 1\n")
        # Whatever is typed is kept, even what is no YAML.
        await room.editor.type_text("maria", 1, "shop.yaml", "sites: {")
        standing, trial = await room.editor.trial("maria")
        assert standing.mine["shop.yaml"] == "sites: {"
        assert trial.problems[0].place.line == 1
        with pytest.raises(NotValidError):
            await room.editor.apply("maria", 2, "", anything)
        assert room.file.read_text() == TEXT


@asyncio_test
async def test_what_somebody_did_on_disk_becomes_a_version(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        revision = await room.set("maria", ("sites", "shop", "label"), "Store")
        room.file.write_text(TEXT.replace("14:00", "15:00").replace("# Our shop.", "# My shop."))
        change = await room.editor.apply("maria", revision, "", anything)
        assert room.file.read_text() == TEXT.replace("14:00", "15:00").replace(
            "# Our shop.", "# My shop."
        ).replace("label: Shop\n", "label: Store\n", 1)
        disk = (await room.store.newest())[1]
        assert (disk.via, disk.by, len(await room.store.newest())) == ("disk", "", 2)
        assert list(disk.sentences) == ["Opening hours shop: Saturday closes at 15:00 instead of 14:00."]
        await room.editor.undo("maria", disk.change_id, "", anything)
        assert "10:00-14:00" in room.hours
        assert change.via == "portal"


@asyncio_test
async def test_a_failing_test_or_a_missing_right_keeps_a_change_back(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        revision = await room.set("maria", HOURS, CLOSED)
        with pytest.raises(FailingTestsError) as told:
            await room.editor.apply("maria", revision, "", anything)
        assert told.value.trial.failed[0].name == "Saturday noon"

        def only_texts(sections: frozenset[str]) -> None:
            assert sections == {"hours"}
            raise PermissionError

        with pytest.raises(PermissionError):
            await room.editor.apply("maria", revision, "", only_texts, despite_tests=True)
        assert room.file.read_text() == TEXT
        await room.editor.apply("maria", revision, "", anything, despite_tests=True)
        assert room.hours == CLOSED


@asyncio_test
async def test_a_refused_reload_puts_the_old_bytes_back(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        revision = await room.set("maria", HOURS, SHORTER)
        real = room.settings.reload
        answers = iter([True, False])

        async def refuses_once() -> object:
            if next(answers):
                raise ConfigError(room.file, [])
            return await real()

        editor = SettingsEditor(
            loaded=room.settings.loaded, reload=refuses_once, store=room.store, time=lambda: 1.0
        )
        with pytest.raises(NotValidError):
            await editor.apply("maria", revision, "", anything)
        assert room.file.read_text() == TEXT
        assert (await room.store.newest())[0].state == "refused"
        assert (await room.editor.standing("maria")).mine["shop.yaml"] != TEXT


@asyncio_test
async def test_a_file_that_cannot_be_written_stays_and_the_draft_too(tmp_path: Path) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    async with a_room(folder) as room:
        revision = await room.set("maria", HOURS, SHORTER)
        outside = tmp_path / "shop.yaml"
        room.file.rename(outside)
        room.file.symlink_to(outside)
        with pytest.raises(WriteRefusedError):
            await room.editor.apply("maria", revision, "", anything)
        assert outside.read_text() == TEXT
        assert (await room.editor.standing("maria")).draft


@asyncio_test
async def test_an_end_between_writing_and_keeping_is_settled_at_the_next_start(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        await room.set("maria", HOURS, SHORTER)
        # As a kill leaves it: written, and neither reloaded nor settled.
        standing = await room.editor.standing("maria")
        after = standing.mine
        await room.store.add(Change(1.0, "maria", "portal", "Summer", standing.disk, after, state="waiting"))
        room.file.write_text(after["shop.yaml"])
        await room.again().standing("maria")
        (change,) = await room.store.newest()
        assert (change.state, change.by, change.why) == ("applied", "maria", "Summer")


@asyncio_test
async def test_a_change_waits_for_its_time_and_is_checked_again(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        revision = await room.set("maria", HOURS, SHORTER)
        change = await room.editor.apply("maria", revision, "", anything, publish_at=2000.0)
        assert (change.state, room.file.read_text()) == ("waiting", TEXT)
        await room.editor.publish_due()
        assert room.file.read_text() == TEXT
        # Meanwhile somebody changes something else.
        await room.editor.apply(
            "ben", await room.set("ben", ("sites", "shop", "label"), "Store"), "", anything
        )
        room.now = 2000.0
        await room.editor.publish_due()
        assert room.hours == SHORTER
        assert room.settings.config().sites["shop"].label == "Store"
        kept = await room.store.change(change.change_id)
        assert kept is not None
        assert (kept.state, kept.at) == ("applied", 2000.0)


@asyncio_test
async def test_a_new_name_is_written_wherever_settings_have_the_old_one(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        edits = [Rename(("hours", "shop"), "office"), Rename(("destinations", "counter"), "desk")]
        standing = await room.editor.edit("maria", 0, edits)
        text = standing.mine["shop.yaml"]
        assert "hours: office}" in text
        assert "destinations: [desk]" in text
        assert "  office:\n    opening_hours" in text
        assert "order: [desk]" in text
        _, trial = await room.editor.trial("maria")
        assert trial.problems == ()
        assert "Opening hours shop is now called office." in [each.text for each in trial.sentences]


@asyncio_test
async def test_nothing_is_nothing(tmp_path: Path) -> None:
    async with a_room(tmp_path) as room:
        with pytest.raises(NothingToApplyError):
            await room.editor.apply("maria", 0, "", anything)


@asyncio_test
async def test_an_undo_that_brings_an_agent_back_asks_first(tmp_path: Path) -> None:
    hashed = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$aGFzaGhhc2hoYXNo"
    text = TEXT + f"agents:\n  kim: {{label: Kim, password_hash: '{hashed}', phones: [counter]}}\n"
    async with a_room(tmp_path, text) as room:
        await room.editor.edit("maria", 0, [RemoveNamed("agents", "kim")])
        change = await room.editor.apply("maria", 1, "She left", anything)
        assert "kim" not in room.settings.config().agents
        with pytest.raises(AgentsReturnError) as told:
            await room.editor.undo("maria", change.change_id, "", anything)
        assert told.value.names == ("kim",)
        assert "kim" not in room.file.read_text()
        await room.editor.undo("maria", change.change_id, "", anything, agents_return=True)
        assert room.file.read_text() == text
        assert "kim" in room.settings.config().agents
