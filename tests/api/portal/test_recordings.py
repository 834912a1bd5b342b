"""A recorded talk in the story of its call: heard by who may listen, and that is noted."""

from __future__ import annotations

from pathlib import Path

from store.recordings import KeptRecording
from tests.aio import asyncio_test
from tests.api.portal.house import log_in, staffed
from tests.api.serving import serving
from tests.store.records import a_click, a_record

WAV = b"RIFF and what follows"


@asyncio_test
async def test_who_may_listen_hears_it_and_nobody_else_does(tmp_path: Path) -> None:
    config, folder = staffed(), tmp_path / "recordings"
    folder.mkdir()
    own = config.server.model_copy(update={"recordings": folder})
    async with serving(tmp_path, config=config.model_copy(update={"server": own})) as server:
        (folder / "c.t1.wav").write_bytes(WAV)
        stores, record = server.stores, a_record("c")
        await stores.calls.open_call("c", a_click(), record.route, record.requested_at)
        await stores.calls.write_cdr(record)
        one = KeptRecording("c.t1", "c", "boston", "c-b1", "boston", str(folder / "c.t1.wav"), 101.0)
        outside = KeptRecording("c.t2", "c", "boston", "c-b1", "boston", str(tmp_path / "x.wav"), 102.0)
        (tmp_path / "x.wav").write_bytes(b"none of yours")
        for each in (one, outside):
            await stores.recordings.begin(each)
            await stores.recordings.complete(each.recording_id, 12.4, failed=each is outside)
        await stores.recordings.begin(KeptRecording("c.t3", "c", "boston", "c-b1", "boston", "", 103.0))

        await log_in(server, "reports")
        story = (await server.http.get("/v1/portal/talks/calls/c")).json()
        told = [(each["text"], each["recording"]) for each in story["events"] if each["kind"] == "recording"]
        assert told == [
            ("What they said was recorded: 12 s", "c.t1"),
            ("What they said was recorded: 12 s, of which the disk refused a part", "c.t2"),
            ("What they say is being recorded", None),
        ]
        refused = await server.http.get("/v1/portal/recordings/c.t1/audio")
        assert (refused.status_code, refused.json()["id"]) == (403, "right_missing")

        await log_in(server, "listen")
        heard = await server.http.get("/v1/portal/recordings/c.t1/audio")
        assert (heard.content, heard.headers["Content-Type"]) == (WAV, "audio/wav")
        assert "no-store" in heard.headers["Cache-Control"]
        for unknown, why in (("c.t2", "audio_missing"), ("c.t3", "recording_unknown"), ("..", "not_found")):
            answer = await server.http.get(f"/v1/portal/recordings/{unknown}/audio")
            assert (answer.status_code, answer.json()["id"]) == (404, why)
        await log_in(server)
        noted = (await server.http.get("/v1/portal/audit")).json()["entries"]
        assert [(each["operator"], each["about"]) for each in noted if each["what"] == "recording_heard"] == [
            ("listen", {"id": "c.t1"})
        ]
