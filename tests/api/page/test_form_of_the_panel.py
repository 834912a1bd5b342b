"""What a page is told of the panel's own form, and when the launcher is there for it alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.models import Config
from tests.aio import asyncio_test
from tests.api.page.shopper import Shopper, shop
from tests.api.serving import serving

GOLD = {"gold": {"when": 'signed.customer.tier == "gold"', "show": {"button": "phone"}}}


def config(forms: dict[str, Any] | None, rules: dict[str, Any] | None = None, closed: bool = True) -> Config:
    boston = {
        "label": "Boston store",
        "sip": "sip:boston@127.0.0.1",
        **({"hours": "never"} if closed else {}),
    }
    sections: dict[str, Any] = {
        "follow_up": {"promises": {"all": {"first": "4h"}}, **({} if forms is None else {"forms": forms})},
        "hours": {"never": {"opening_hours": "off"}},
        "destinations": {"boston": boston},
        "routes": {"sales": {"steps": [{"destinations": ["boston"]}]}},
        "mailboxes": {},
    }
    signing = {"data_pass": {"signing": {"algorithm": "HS256", "secret": "s" * 32}}} if rules else {}
    return shop(rules or {}, {"languages": ["en", "de"]}, sections=sections, **signing)


@pytest.mark.parametrize(
    ("forms", "rules", "closed", "state"),
    [
        (None, None, True, "hidden"),
        ({}, None, True, "later"),
        ({"panel": "never"}, None, True, "hidden"),
        ({"sites": ["other"]}, None, True, "hidden"),
        ({}, None, False, "open"),
        ({"panel": "always"}, None, False, "open"),
        # What a rule hides from this shopper stays away; unless the form is there for everybody.
        ({}, GOLD, False, "hidden"),
        ({"panel": "always"}, GOLD, False, "later"),
    ],
)
@asyncio_test
async def test_when_the_launcher_is_there(
    forms: dict[str, Any] | None, rules: dict[str, Any] | None, closed: bool, state: str, tmp_path: Path
) -> None:
    async with serving(tmp_path, config(forms, rules, closed)) as server:
        assert (await Shopper(server).asks())["state"] == state


@asyncio_test
async def test_what_the_page_is_told(tmp_path: Path) -> None:
    forms = {"consent": {"en": "For this answer alone.", "de": "Nur für diese Antwort."}, "times": {}}
    async with serving(tmp_path, config(forms)) as server:
        plan = await Shopper(server).asks()
        assert plan["site"]["form"] == {"when": "nobody", "times": True, "consent": forms["consent"]}
        assert plan["ways"] == {"phone": "hidden", "pc": "hidden", "chat": "hidden"}
        assert plan["words"]["later"]
    async with serving(tmp_path, config(None)) as server:
        assert (await Shopper(server).asks())["site"]["form"] is None
