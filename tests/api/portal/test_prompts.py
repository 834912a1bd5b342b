"""Recordings at the portal: kept as new files, heard by those who may look, never a way to other files."""

from __future__ import annotations

import base64
import io
import shutil
import wave
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.aio import asyncio_test
from tests.api.edited_file import TEXT
from tests.api.portal.house import OWN, log_in, staffed
from tests.api.serving import Server, serving

BASE = "/v1/portal/settings/prompts"


def a_wav(seconds: float = 0.5, rate: int = 16_000, channels: int = 1) -> bytes:
    """Silence."""
    stream = io.BytesIO()
    with wave.open(stream, "wb") as audio:
        audio.setnchannels(channels)
        audio.setsampwidth(2)
        audio.setframerate(rate)
        audio.writeframes(bytes(2 * channels * int(seconds * rate)))
    return stream.getvalue()


async def put(server: Server, name: str, sound: bytes, revision: int = 0) -> httpx.Response:
    body = {"wav": base64.b64encode(sound).decode()}
    return await server.http.put(f"{BASE}/{name}", json=body, headers=OWN | {"If-Match": f'"{revision}"'})


def told(answer: httpx.Response) -> Any:
    assert answer.status_code == 400
    return answer.json()["errors"][0]["message"]


@asyncio_test
async def test_a_recording_is_a_new_file_that_the_draft_names(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        first = (await put(server, "welcome", a_wav())).json()
        assert first["draft"]["revision"] == 1
        assert (tmp_path / first["file"]).read_bytes() == a_wav()
        second = (await put(server, "welcome", a_wav(0.7), 1)).json()
        assert second["file"] != first["file"]
        # The one before stays, for versions that name it.
        assert (tmp_path / first["file"]).exists()
        heard = (await server.http.get(f"{BASE}/welcome")).json()
        assert (heard["file"], base64.b64decode(heard["wav"])) == (second["file"], a_wav(0.7))
        text = (await server.http.get("/v1/portal/settings/text", params={"file": "settings.yaml"})).json()
        assert f"welcome: {second['file']}" in text["text"]
        assert (tmp_path / "settings.yaml").read_text() == TEXT


@asyncio_test
async def test_what_no_phone_can_be_played_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)
        assert "not a WAV file" in told(await put(server, "welcome", b"nonsense"))
        assert "2 channels" in told(await put(server, "welcome", a_wav(channels=2)))
        assert "no sound" in told(await put(server, "welcome", a_wav(0)))
        assert "at most 300 s" in told(await put(server, "welcome", a_wav(301, 8000)))
        assert "base64" in told(
            await server.http.put(f"{BASE}/welcome", json={"wav": "?"}, headers=OWN | {"If-Match": '"0"'})
        )
        assert (await put(server, "Wrong Name", a_wav())).status_code == 400
        assert list((tmp_path / "prompts").iterdir()) == []
        # A link that leads out of the folder is not written through.
        (tmp_path / "prompts").rmdir()
        outside = tmp_path.parent / f"{tmp_path.name}-outside"
        outside.mkdir()
        (tmp_path / "prompts").symlink_to(outside)
        assert (await put(server, "welcome", a_wav())).json()["id"] == "files_not_written"
        assert list(outside.iterdir()) == []


@asyncio_test
async def test_a_draft_has_no_other_files_of_the_machine_read(tmp_path: Path) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    secret = tmp_path / "secret.wav"
    secret.write_bytes(a_wav())
    async with serving(folder, staffed()) as server:
        await log_in(server)
        for revision, path in enumerate((str(secret), "/etc/passwd", "../secret.wav", "settings.yaml")):
            edit = {"edits": [{"do": "set", "at": ["prompts", "spy"], "value": path}]}
            made = await server.http.post(
                "/v1/portal/settings/edits", json=edit, headers=OWN | {"If-Match": f'"{revision}"'}
            )
            assert made.status_code == 200
            assert (await server.http.get(f"{BASE}/spy")).status_code == 404, path
        await log_in(server, "hours")
        assert (await put(server, "welcome", a_wav())).status_code == 403


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng")
@asyncio_test
async def test_a_text_is_spoken(tmp_path: Path) -> None:
    async with serving(tmp_path, staffed()) as server:
        await log_in(server)

        async def speak(**wished: str) -> httpx.Response:
            return await server.http.post("/v1/portal/settings/speak", json=wished, headers=OWN)

        spoken = await speak(text="Please hold.", voice="en-us")
        with wave.open(io.BytesIO(base64.b64decode(spoken.json()["wav"]))) as audio:
            assert audio.getnframes() / audio.getframerate() > 0.5
        nobody = await speak(text="Hello", voice="../../voice")
        assert (nobody.status_code, nobody.json()["errors"][0]["path"]) == (400, "body.voice")
        await log_in(server, "look")
        assert (await speak(text="Hello")).status_code == 403
