"""The portal in Debian's Firefox, once: Saturday is shortened, tried, applied and undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from phones.tones import SHOPPER_HZ
from tests.aio import asyncio_test
from tests.api.edited_file import TEXT
from tests.api.pages import PASSWORD
from tests.api.portal.house import staffed
from tests.api.serving import listening, serving
from tests.demo.firefox import FIREFOX, firefox
from web import built

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(FIREFOX is None, reason="needs Debian's firefox-esr"),
    pytest.mark.skipif(not built("portal").is_dir(), reason="needs web/dist (make web)"),
]
#: Types into a field as a person does who then goes on to the next one.
HANDS = """
    window.type = (label, text) => {
      const labelled = (each) => each.labels?.[0]?.innerText.trim().startsWith(label);
      const field = all("input").find((each) => each.ariaLabel === label || labelled(each));
      if (!field) return false;
      field.value = text;
      const told = { bubbles: true, composed: true };
      for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, told));
      return true;
    };
    window.says = (text) => all("p, li, h1, h2, a").some((each) => each.innerText.includes(text));
"""


@asyncio_test(timeout=90)
async def test_saturday_in_firefox(tmp_path: Path) -> None:
    (tmp_path / "portal").symlink_to(built("portal"))
    async with (
        serving(tmp_path, staffed()) as server,
        listening(server) as port,
        firefox(tmp_path, SHOPPER_HZ, HANDS) as page,
    ):
        await page.open(f"http://127.0.0.1:{port}/portal/#/settings/hours/shop")
        await page.until("type('Operator', 'olivia')")
        await page.until(f"type('Password', '{PASSWORD}')")
        await page.press("Log in")
        await page.until("all('input').some((each) => each.ariaLabel === 'Saturday until')")
        await page.until("type('Saturday until', '13:00')")
        await page.until("says('Review your draft')")
        await page.evaluate("(location.hash = '#/settings/review')")
        await page.until("says('Saturday closes at 13:00 instead of 14:00.')")
        await page.press("Replay last week")
        await page.until("says('of 0 calls would have gone another way')")
        await page.press("Apply")
        await page.until("says('It is in force.')")
        assert server.edited.file.read_text() == TEXT.replace("14:00", "13:00")
        await page.press("Undo")
        await page.until("says('It is undone')")
        assert server.edited.file.read_text() == TEXT
