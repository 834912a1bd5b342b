"""Messages for the operator: listed, heard, deleted; and files of nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.models import Config
from tests.aio import asyncio_test
from tests.api.serving import Server, serving
from tests.api.shop import admin, settings
from tests.store.records import a_delivery, a_message

WAV = b"RIFF" + bytes(5000)


def with_recordings(path: Path) -> Config:
    return settings({"recordings": str(path / "recordings")})


async def leave(server: Server, message_id: str, **changed: object) -> Path:
    """Leave a message, its file where it belongs."""
    folder = server.world.config.server.recordings
    folder.mkdir(exist_ok=True)
    file = folder / f"{message_id}.wav"
    file.write_bytes(WAV)
    message = a_message(path=str(file), **changed)
    await server.messages.keep_message(message, message_id, [a_delivery(f"msg_{message_id}")])
    return file


@asyncio_test
async def test_messages_by_filter_and_page(tmp_path: Path) -> None:
    async with serving(tmp_path, with_recordings(tmp_path)) as server:
        await leave(server, "m1", at=1.0, mailbox="help")
        await leave(server, "m2", at=2.0)
        await leave(server, "m3", at=3.0, site="paris")

        async def ids(**query: str | int) -> list[str]:
            answer = await server.http.get("/v1/messages", params=query, headers=admin())
            assert answer.status_code == 200, answer.text
            return [each["id"] for each in answer.json()["messages"]]

        assert await ids() == ["m3", "m2", "m1"]
        assert await ids(mailbox="sales") == ["m3", "m2"]
        assert await ids(mailbox="sales", site="boston") == ["m2"]
        page = (await server.http.get("/v1/messages?limit=2", headers=admin())).json()
        assert await ids(limit=2, cursor=page["next"]) == ["m1"]
        assert page["messages"][1] == {
            "id": "m2",
            "call_id": "one",
            "mailbox": "sales",
            "site": "boston",
            "number": "+16175550100",
            "page": "https://shop.example/cart?id=7",
            "context": {"cart": "120 €", "customer": "gold"},
            "signed": {"customer": "silver"},
            "seconds": 12.375,
            "at": 2.0,
        }
        for query in ("limit=0", "limit=501", "cursor=x"):
            refused = await server.http.get(f"/v1/messages?{query}", headers=admin())
            assert (refused.status_code, refused.json()["id"]) == (400, "validation_failed")


@asyncio_test
async def test_a_message_is_heard(tmp_path: Path) -> None:
    async with serving(tmp_path, with_recordings(tmp_path)) as server:
        await leave(server, "m1")
        heard = await server.http.get("/v1/messages/m1/audio", headers=admin())
        assert (heard.status_code, heard.content) == (200, WAV)
        assert heard.headers["Content-Type"] == "audio/wav"
        assert heard.headers["Cache-Control"] == "no-store"
        assert heard.headers["Content-Disposition"] == 'attachment; filename="message-m1.wav"'
        for headers in ({}, admin("guess")):
            refused = await server.http.get("/v1/messages/m1/audio", headers=headers)
            assert refused.json()["id"] == "admin_key_wrong"


@asyncio_test
async def test_a_message_is_deleted_with_all_that_tells_of_it(tmp_path: Path) -> None:
    async with serving(tmp_path, with_recordings(tmp_path)) as server:
        file, other = await leave(server, "m1"), await leave(server, "m2")
        refused = await server.http.delete("/v1/messages/m1")
        assert (refused.status_code, file.exists()) == (401, True)
        done = await server.http.delete("/v1/messages/m1", headers=admin())
        assert (done.status_code, done.content) == (204, b"")
        assert not file.exists()
        assert await server.messages.message("m1") is None
        assert await server.deliveries.delivery("msg_m1") is None
        again = await server.http.delete("/v1/messages/m1", headers=admin())
        assert (again.status_code, again.json()["id"]) == (404, "message_unknown")
        assert (await server.http.get("/v1/messages/m1/audio", headers=admin())).status_code == 404
        assert other.exists()
        other.unlink()  # by hand: the message can be deleted all the same
        gone = await server.http.get("/v1/messages/m2/audio", headers=admin())
        assert (gone.status_code, gone.json()["id"]) == (404, "audio_missing")
        assert (await server.http.delete("/v1/messages/m2", headers=admin())).status_code == 204


@pytest.mark.parametrize(
    "escape", ["{outside}", "{recordings}/../outside.wav", "{recordings}/link.wav", "{recordings}"]
)
@asyncio_test
async def test_no_file_but_recordings_is_read_or_deleted(tmp_path: Path, escape: str) -> None:
    async with serving(tmp_path, with_recordings(tmp_path)) as server:
        await leave(server, "m1")
        outside, recordings = tmp_path / "outside.wav", tmp_path / "recordings"
        outside.write_bytes(b"secret")
        (recordings / "link.wav").symlink_to(outside)
        path = escape.format(outside=outside, recordings=recordings)
        await server.messages.keep_message(a_message(path=path), "bad", [])
        heard = await server.http.get("/v1/messages/bad/audio", headers=admin())
        assert (heard.status_code, heard.json()["id"]) == (404, "audio_missing")
        assert (await server.http.delete("/v1/messages/bad", headers=admin())).status_code == 204
        assert outside.read_bytes() == b"secret"
        assert await server.messages.message("bad") is None
