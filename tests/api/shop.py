"""The settings of the shop that most tests of the API are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config.models import Config

ORIGIN = "https://shop.example"
ADMIN = "an-admin-key-of-some-length"
SITE_KEY = "shop-public-key"
#: Numbers of different people in Boston.
PEOPLE = [f"+1617555{n:04d}" for n in range(100, 200)]


def settings(
    server: Mapping[str, Any] | None = None, sections: Mapping[str, Any] | None = None, **site: Any
) -> Config:
    """A configuration with a shop; ``site`` replaces some of its settings, ``sections`` whole sections."""
    return Config.model_validate(
        {
            "server": {"admin_key": ADMIN, "requests_per_ip": ["10000 per 1m"], **(server or {})},
            "trunks": {"carrier": {"host": "127.0.0.1:5060"}},
            "sites": {
                "shop": {
                    "key": SITE_KEY,
                    "label": "Shop",
                    "origins": [ORIGIN, "http://localhost:5173"],
                    "countries": ["US", "GB", "DE"],
                    "trunk": "carrier",
                    "caller_id": {"number": "+16175550000"},
                    "route": "sales",
                    "limits": _GENEROUS,
                    "proof_of_work": "off",
                    **site,
                },
                "other": {
                    "key": "other-public-key",
                    "label": "Other",
                    "origins": ["https://other.example"],
                    "countries": ["US"],
                    "trunk": "carrier",
                    "caller_id": {"number": "+16175550000"},
                    "route": "sales",
                },
            },
            "destinations": {"boston": {"label": "Boston store", "sip": "sip:boston@127.0.0.1"}},
            "routes": {"sales": {"steps": [{"destinations": ["boston"]}], "message": "office"}},
            "mailboxes": {"office": {"label": "Office"}},
            **(sections or {}),
        },
        strict=False,
    )


_GENEROUS = {
    "calls_per_number": ["1000 per 1h"],
    "calls_per_ip": ["1000 per 1h"],
    "numbers_per_ip": ["1000 per 1h"],
    "calls_per_visitor": ["1000 per 1h"],
    "numbers_per_visitor": ["1000 per 1h"],
    "calls_per_site": ["1000 per 1h"],
    "live_calls_per_site": 1000,
}


def limits(**changed: Any) -> dict[str, Any]:
    """Limits that nobody reaches, except those given."""
    return {**_GENEROUS, **changed}


def admin(key: str = ADMIN) -> dict[str, str]:
    """The operator's header."""
    return {"Authorization": f"Bearer {key}"}
