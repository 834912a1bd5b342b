"""The section ``stores``: tables of many destinations.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from config.base import HeaderName, HoursName, Model, TrunkName
from config.draft import Draft
from config.problems import Loc
from config.section import UNUSED, Section
from config.sections.destinations import CallInfo, Screen, UserToUser, check_headers
from config.sections.speech import Whisper, check_whisper
from config.sections.trunks import check_backups


class StoreTable(Model):
    """Many destinations from a CSV file: the row named `boston` of table `shops` is `shops/boston`."""

    file: Path
    """The CSV file; its first line names the columns: name, label, sip or number, latitude, longitude,
    postal_code, country, and if wanted trunk, region, area, hours (as they are written in OpenStreetMap),
    time_zone, max_calls, weight, screening, mailbox (for messages to this store, in place of the route's),
    find_me (numbers to try after its own, with blanks between), page (the path of the store's own page: who
    clicks there is with it first). Columns of your own have names that begin with x_."""
    trunk: TrunkName | None = None
    """The trunk that the rows' numbers leave through."""
    backup_trunks: tuple[TrunkName, ...] = ()
    """As for a destination."""
    hours: HoursName | None = None
    """Opening hours of the rows that have none; told in the row's time zone where it has one."""
    max_calls: Annotated[int, Field(ge=1)] | None = None
    """Calls at once for each row that says nothing of it."""
    shown_number: Literal["site", "shopper"] = "site"
    """What the stores' phones show: the site's own number, or the shopper's."""
    headers: dict[HeaderName, str] = {}
    """Further headers of the INVITE, as for a destination."""
    user_to_user: UserToUser | None = None
    """As for a destination."""
    call_info: CallInfo | None = None
    """As for a destination."""
    screening: Screen = "none"
    """As for a destination."""
    whisper: Whisper | None = None
    """As for a destination."""


def check_stores(draft: Draft) -> None:
    """Problems and warnings of store tables; their rows are read by :mod:`config.stores`."""
    for name, table in draft.items(StoreTable).items():
        loc: Loc = ("stores", name)
        check_headers(draft, loc, table)
        # The rows may have trunks of their own.
        check_backups(draft, loc, table.trunk, table.backup_trunks, needs_trunk=False)
        check_whisper(draft, (*loc, "whisper"), table.whisper)
    for name in draft.named("stores").keys() & draft.named("destinations").keys():
        draft.wrong(("stores", name), "a destination has the same name: choose another")


STORES = Section(checks=(check_stores,), one="store table", many="store tables", unused=UNUSED)
