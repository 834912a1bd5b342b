"""What a change of a large config file takes, and a replay of 500 clicks. Prints one JSON object on one line.

The file has 2,000 lines and a table of 150 stores. Targets: a change applied in 1.5 s with check, tests of
the routes and reload; 500 clicks replayed through both versions in 5 s. Calls are not in it.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

import config
from changes.editor import SettingsEditor
from changes.replay import MOST_CLICKS, RecordedClick, replay
from config.editing.edits import Set
from routing.clicks import try_click
from routing.load import load
from server.settings import CurrentSettings
from store.changes import SqlChanges
from store.database import Database, sqlite_url

LINES = 2000
EXAMPLES = Path(config.__file__).parent / "examples"
HOURS = ("hours", "shop_hours", "opening_hours")
CLOSED_ON_SUNDAYS = "Mo-Sa 09:00-19:00; PH off"


def large_file(folder: Path) -> Path:
    """The example of 150 franchises with as many more destinations as make it so long."""
    shutil.copytree(EXAMPLES, folder, dirs_exist_ok=True)
    file = folder / "franchises.yaml"
    text = file.read_text()
    more = ""
    number = 0
    while (text + more).count("\n") < LINES:
        number += 1
        more += f"  desk_{number}:\n    label: Desk {number}\n    number: '+1800555{number:04}'\n"
        more += "    trunk: carrier\n"
    file.write_text(text.replace("\nroutes:\n", f"{more}\nroutes:\n", 1))
    return file


async def measure() -> dict[str, float | int]:
    """Seconds of each step."""
    with tempfile.TemporaryDirectory() as name:
        file = large_file(Path(name))
        settings = CurrentSettings(load(file))
        async with Database(sqlite_url(Path(name) / "ringback.sqlite3")) as database:
            editor = SettingsEditor(
                loaded=settings.loaded,
                reload=settings.reload,
                store=SqlChanges(database),
                time=time.time,
            )
            await editor.look()
            began = time.perf_counter()
            standing = await editor.edit("bench", 0, [Set(HOURS, CLOSED_ON_SUNDAYS)])
            edited = time.perf_counter()
            before = settings.router()
            revision = standing.draft.revision if standing.draft else 0
            await editor.apply("bench", revision, "", lambda sections: None)
            applied = time.perf_counter()
        start = time.time()
        clicks = [
            RecordedClick(str(each), start - each * 1200, try_click(settings.config(), "shop"))
            for each in range(MOST_CLICKS)
        ]
        asked = time.perf_counter()
        found = replay(clicks, before, settings.router())
        return {
            "lines": file.read_text().count("\n"),
            "edit_s": round(edited - began, 3),
            "apply_s": round(applied - edited, 3),
            "replay_s": round(time.perf_counter() - asked, 3),
            "clicks": found.clicks,
            "differing": len(found.differing),
        }


def main() -> None:
    """Measure once."""
    # What the host can do is not the question here.
    with patch("server.settings.FURTHER_CHECKS", ()):
        print(json.dumps(asyncio.run(measure())))


if __name__ == "__main__":
    main()
