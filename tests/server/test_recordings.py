"""The keeper of recordings, with a real store and real files, and calls that are told of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.bulletin import Bulletin
from bridge.call import CallMachine
from bridge.causes import HangupCause
from bridge.events import CallRequested, Event, LegAnswered, LegEnded, PromptFinished, TalkRecorded
from media.talk_files import merge
from server import recordings
from server.recordings import OVER_FOR, RecordingKeeper, keeps_of
from store.database import Database, sqlite_url
from store.errors import StoreError
from store.recordings import KeptRecording
from store.stores import Stores
from tests.aio import asyncio_test
from tests.bridge.playbook import CLICK, RECORDING, plan
from tests.config.files import GOOD, load_text
from tests.media.test_talk_files import read, write
from tests.store.records import a_record


class Wall:
    now = 1000.0

    def time(self) -> float:
        return self.now


class Kept:
    """A keeper, its store, and one call that is recorded in a folder."""

    def __init__(self, folder: Path, stores: Stores) -> None:
        self.folder, self.stores, self.wall = folder, stores, Wall()
        self.config = load_text(folder, GOOD).config
        self.keeper = RecordingKeeper(
            store=stores.recordings,
            config=lambda: self.config,
            site_of=lambda call_id: "boston",
            clock=self.wall,  # type: ignore[arg-type]
        )
        self.bulletin = Bulletin(self.keeper)
        terms = replace(RECORDING, folder=str(folder))
        self.call = CallMachine("c", plan(recording=terms, greeting=None, ask_again=False), CLICK, 0.0)

    def tell(self, *events: Event) -> None:
        for event in events:
            self.call.handle(event, 1.0)
            self.bulletin.tell(self.call.facts)

    def talk(self) -> None:
        self.tell(
            CallRequested(), LegAnswered("c-s1"), PromptFinished("c-s1", "recorded"), LegAnswered("c-b1")
        )

    @property
    def sides(self) -> tuple[Path, Path]:
        return self.folder / "c.t1.shopper.wav", self.folder / "c.t1.business.wav"


def files_of_it(folder: Path) -> list[str]:
    return [each.name for each in folder.glob("c.t1*")]


@asynccontextmanager
async def kept(folder: Path) -> AsyncIterator[Kept]:
    async with Database(sqlite_url(folder / "ringback.sqlite3")) as database:
        yield Kept(folder, Stores.over(database))


@asyncio_test
async def test_a_recording_is_noted_and_put_together(tmp_path: Path) -> None:
    async with kept(tmp_path) as it:
        it.talk()
        write(it.sides[0], [1, 2])
        write(it.sides[1], [3, 4])
        it.tell(
            TalkRecorded("c-s1", str(it.sides[0])),
            TalkRecorded("c-b1", str(it.sides[1]), failed=True),
            LegEnded("c-b1", HangupCause.NORMAL),
        )
        await it.keeper.stop()
        one = await it.stores.recordings.recording("c.t1")
        assert one is not None
        assert (one.site, one.destination, one.seconds, one.failed) == ("boston", "boston", 2 / 8000, True)
        assert read(Path(one.path)) == ([1, 2], [3, 4])


@asyncio_test
async def test_what_a_crash_left_is_put_together_once_the_call_is_over_for_long_enough(
    tmp_path: Path,
) -> None:
    async with kept(tmp_path) as it:
        it.talk()
        await it.keeper.stop()
        write(it.sides[0], [1, 2])
        await it.stores.calls.open_call("c", CLICK, "sales", 900.0)
        await it.stores.calls.write_cdr(replace(a_record("c"), ended_at=1000.0))
        it.wall.now = 1000.0 + OVER_FOR / 2
        await it.keeper.tidy()
        await it.keeper.stop()
        assert it.sides[0].exists()
        it.wall.now = 1001.0 + OVER_FOR
        await it.keeper.tidy()
        await it.keeper.stop()
        one = await it.stores.recordings.recording("c.t1")
        assert one is not None
        assert read(Path(one.path)) == ([1, 2], [0, 0])


@asyncio_test
async def test_a_store_that_refuses_does_not_keep_the_server_from_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kept(tmp_path) as it:

        async def refuses(recording: KeptRecording) -> None:
            raise StoreError("the disk is full")

        monkeypatch.setattr(it.stores.recordings, "begin", refuses)
        monkeypatch.setattr(recordings, "PATIENCE", 0.1)
        it.talk()
        await it.keeper.stop()
        assert await it.stores.recordings.recording("c.t1") is None


@asyncio_test
async def test_who_is_erased_while_it_is_put_together_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kept(tmp_path) as it:
        it.talk()
        write(it.sides[0], [1, 2])
        begun = asyncio.get_running_loop()

        def erased_first(sides: tuple[Path, Path], path: Path) -> float:
            forgotten = asyncio.run_coroutine_threadsafe(it.stores.recordings.forget("c.t1"), begun)
            assert forgotten.result(5)
            return merge(sides, path)

        monkeypatch.setattr(recordings, "merge", erased_first)
        it.tell(
            TalkRecorded("c-s1", str(it.sides[0])),
            TalkRecorded("c-b1", str(it.sides[1])),
            LegEnded("c-b1", HangupCause.NORMAL),
        )
        await it.keeper.stop()
        assert not files_of_it(tmp_path)


@asyncio_test
async def test_what_was_never_put_together_goes_as_well(tmp_path: Path) -> None:
    async with kept(tmp_path) as it:
        it.talk()
        await it.keeper.stop()
        write(it.sides[0], [1, 2])
        (tmp_path / "c.t1.part").write_bytes(b"of a process that died")
        await it.stores.calls.open_call("c", CLICK, "sales", 900.0)  # not over: it is not put together
        it.wall.now += 400 * 86400.0
        await it.keeper.tidy()
        assert await it.stores.recordings.recording("c.t1") is None
        assert not files_of_it(tmp_path)


@asyncio_test
async def test_it_goes_when_its_time_is_over(tmp_path: Path) -> None:
    async with kept(tmp_path) as it:
        it.talk()
        write(it.sides[0], [1, 2])
        it.tell(
            TalkRecorded("c-s1", str(it.sides[0])),
            TalkRecorded("c-b1", str(it.sides[1])),
            LegEnded("c-b1", HangupCause.NORMAL),
        )
        await it.keeper.stop()
        it.wall.now += keeps_of(it.config).get("boston", 30 * 86400.0) - 1
        await it.keeper.tidy()
        assert (tmp_path / "c.t1.wav").exists()
        it.wall.now += 2
        await it.keeper.tidy()
        assert not (tmp_path / "c.t1.wav").exists()
        assert await it.stores.recordings.recording("c.t1") is None


def test_no_recording_outlives_its_call(tmp_path: Path) -> None:
    config = load_text(tmp_path, GOOD).config
    (name, site), *_ = config.sites.items()
    shorter = site.model_copy(
        update={"retention": site.retention.model_copy(update={"calls": 90000.0, "visitors": 7200.0})}
    )
    assert keeps_of(config)[name] == 30 * 86400.0
    assert keeps_of(config.model_copy(update={"sites": {name: shorter}}))[name] == 7200.0
