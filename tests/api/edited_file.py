"""A settings file that operators edit in a test, read when somebody first does."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from changes.editor import SettingsEditor
from routing.load import LoadedRoutes, load
from routing.router import Router
from store.changes import SqlChanges

TEXT = """\
# Our shop.
trunks:
  carrier: {host: sip.carrier.example}
sites:
  shop:
    key: shop-1234
    label: Shop
    origins: [https://shop.example]
    countries: [US]
    trunk: carrier
    caller_id: {number: "+18005550140"}
    route: sales
    time_zone: America/New_York
hours:
  shop:
    opening_hours: "Mo-Fr 09:00-18:00; Sa 10:00-14:00"  # since May
    time_zone: America/New_York
destinations:
  counter: {label: Counter, number: "+16175550101", trunk: carrier, hours: shop}
routes:
  sales:
    steps:
      - {destinations: [counter], timeout: 20s}
    message: shop
mailboxes:
  shop: {label: Shop}
tests:
  - {name: Saturday noon, site: shop, at: 2026-03-07T12:00, expect: {order: [counter]}}
"""


class EditedFile:
    """``settings.yaml`` in a folder: in force as it is read, without the checks of a host."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "settings.yaml"
        self._newest: LoadedRoutes | None = None

    @cached_property
    def _first(self) -> LoadedRoutes:
        if not self.file.exists():
            self.file.write_text(TEXT)
        return load(self.file)

    def loaded(self) -> LoadedRoutes:
        """What is in force."""
        return self._newest or self._first

    def router(self) -> Router:
        """Its routes."""
        return self.loaded().router

    async def reload(self) -> None:
        """Read the file again."""
        self._newest = load(self.file)

    def editor(self, store: SqlChanges, time: Callable[[], float]) -> SettingsEditor:
        """An editor of it."""
        return SettingsEditor(loaded=self.loaded, reload=self.reload, store=store, time=time)
