"""Prompts in a real browser: recorded from a microphone that says 440 Hz, uploaded, heard and kept."""

from __future__ import annotations

import itertools
import math
import struct
import wave
from pathlib import Path

from tests.aio import asyncio_test
from tests.demo.visit import microphone
from tests.portal.test_settings_screen import PHONE, a_portal, expect, looks_right, pytestmark

__all__ = ["pytestmark"]


def tone(path: Path, hertz: float = 440.0) -> Path:
    with wave.open(str(path), "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(16_000)
        samples = (int(9000 * math.sin(2 * math.pi * hertz * at / 16_000)) for at in range(32_000))
        audio.writeframes(b"".join(struct.pack("<h", each) for each in samples))
    return path


def hertz_of(path: Path) -> float:
    """The tone of a recording's middle, by its crossings of zero."""
    with wave.open(str(path)) as audio:
        rate, count = audio.getframerate(), audio.getnframes()
        samples = struct.unpack(f"<{count}h", audio.readframes(count))
    middle = samples[count // 3 : 2 * count // 3]
    crossings = sum(1 for one, other in itertools.pairwise(middle) if one < 0 <= other)
    return crossings * rate / len(middle)


@asyncio_test(timeout=90)
async def test_a_prompt_is_recorded_heard_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "settings"
    folder.mkdir()
    flags = microphone(tone(tmp_path / "tone.wav"))
    async with a_portal(folder, flags=flags, permissions=["microphone"], bypass_csp=True) as (
        _,
        page,
        complaints,
    ):
        await page.get_by_role("button", name="Add to Prompts").click()
        await page.get_by_role("textbox", name="Name of what is new").fill("welcome")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("No recording yet.")).to_be_visible()
        await looks_right(page, "prompts-new")
        await page.get_by_role("button", name="Record", exact=True).click()
        await expect(page.get_by_text("Recording…")).to_be_visible()
        await page.wait_for_timeout(1200)
        await page.get_by_role("button", name="Stop recording").click()
        new = page.get_by_role("region", name="A new recording")
        await expect(new.get_by_text("dBFS")).to_be_visible()
        await new.get_by_role("button", name="Hear it as callers do").click()
        await expect(page.get_by_text("Playing…")).to_be_visible()
        await looks_right(page, "prompts-recorded")
        await page.get_by_role("button", name="Use it").click()
        await expect(page.get_by_text("It is in your draft.")).to_be_visible()
        (kept,) = (folder / "prompts").iterdir()
        assert abs(hertz_of(kept) - 440) < 5
        await page.set_viewport_size(PHONE)
        await page.emulate_media(color_scheme="dark")
        await page.locator("input[type=file]").set_input_files(tone(tmp_path / "higher.wav", 880.0))
        await expect(new.get_by_text("2.0 s.")).to_be_visible()
        await looks_right(page, "prompts-uploaded-dark-phone")
        await page.get_by_role("button", name="Use it").click()
        await expect(page.get_by_text("It is in your draft.")).to_be_visible()
        (later,) = set((folder / "prompts").iterdir()) - {kept}
        assert abs(hertz_of(later) - 880) < 5
        assert complaints == []
