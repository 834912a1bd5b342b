"""The operator's story of the demo: Saturday's hours are changed, tried on last week, applied and undone."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from api.portal.trials import recorded
from changes.editor import SettingsEditor
from changes.replay import replay
from config.editing.edits import Set
from demo.desks import PHONES
from demo.last_week import ZONE, keep_last_week, last_week
from demo.settings import DATABASE, write_settings
from routing.load import load
from server.reporting import CallCounter
from server.settings import CurrentSettings
from store.calls import SqlCallStore
from store.changes import SqlChanges
from store.database import Database, sqlite_url
from store.reads import CdrFilter
from store.reports import SqlReports
from tests.aio import asyncio_test

HOURS = ("hours", "repairs", "opening_hours")
SHORTER = "Mo-Fr 09:00-18:00; Sa 10:00-14:00"


@asyncio_test
async def test_saturdays_hours_are_changed_tried_on_last_week_applied_and_undone(tmp_path: Path) -> None:
    file, _ = write_settings(
        tmp_path,
        page_port=8800,
        api_port=8801,
        shopper_port=5060,
        desk_ports=dict.fromkeys(PHONES, 5061),
    )
    before, now = file.read_text(), datetime(2026, 12, 3, 12, tzinfo=ZONE).timestamp()
    await keep_last_week(tmp_path / DATABASE, last_week(now, "http://127.0.0.1:8800"))
    settings = CurrentSettings(load(file))
    with patch("server.settings.FURTHER_CHECKS", ()):
        async with Database(sqlite_url(tmp_path / DATABASE)) as database:
            editor = SettingsEditor(
                loaded=settings.loaded, reload=settings.reload, store=SqlChanges(database), time=time.time
            )
            await editor.look()
            await editor.edit("olivia", 0, [Set(HOURS, SHORTER)])
            _, trial = await editor.trial("olivia")
            told = ["Opening hours repairs: Saturday closes at 14:00 instead of 16:00."]
            assert [each.text for each in trial.sentences] == told
            assert trial.loaded
            page = await SqlCallStore(database).cdrs(CdrFilter(since=now - 7 * 86400.0), limit=500)
            clicks = [recorded(record) for record in page.records]
            found = replay(clicks, settings.router(), trial.loaded.router)
            assert found.clicks > 100
            assert len(found.differing) == 2  # one in each hour from 14:00 to 16:00
            for each in found.differing:
                clicked = datetime.fromtimestamp(each.at, ZONE)
                assert (clicked.weekday(), clicked.hour in (14, 15)) == (5, True)
                assert each.before
                assert each.after
                assert (each.before.rings, each.after.rings) == (("workbench",), ())
                assert "callback" in each.after.ending
            change = await editor.apply("olivia", 1, "Summer", lambda sections: None)
            assert settings.config().hours["repairs"].opening_hours == SHORTER
            await editor.undo("olivia", change.change_id, "", lambda sections: None)
            assert file.read_text() == before
            # Reports have the week, too.
            assert await CallCounter(SqlReports(database), settings.config).count() >= found.clicks


def test_no_call_of_last_week_is_of_the_future() -> None:
    for now in (1_790_812_800.0, 1_793_500_000.5):
        records = list(last_week(now, "http://shop"))
        assert all(record.requested_at < record.ended_at < now for record in records)
        assert len({record.call_id for record in records}) == len(records)
