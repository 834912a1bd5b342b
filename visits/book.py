"""What is to be written down of visits, gathered until somebody writes it: additive, and bounded. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from visits.live import LiveVisitor
from visits.records import (
    ButtonCounts,
    ButtonKey,
    ConversionRow,
    CountKey,
    OfferRow,
    VisitBatch,
)

#: Seconds of a bucket of counts, and of a day of buttons.
BUCKET, DAY = 900, 86400
#: Buttons of one site and day that are told apart; a page may make up as many as it likes.
MOST_BUTTONS = 2000
#: What stands for all further ones.
OTHER = "(other)"
#: Orders that wait to be written; pages that claim more are not believed.
MOST_ORDERS = 5000


class VisitBook:
    """Takes down; :meth:`take` hands over what was taken down since."""

    def __init__(self) -> None:
        self._batch = VisitBatch()
        self._visitors: dict[tuple[str, str], LiveVisitor] = {}
        #: The buttons of a site on its newest day.
        self._buttons: dict[str, tuple[int, set[tuple[str, str, str]]]] = {}
        #: Orders that were not taken down.
        self.orders_dropped = 0

    def count(
        self,
        at: float,
        site: str,
        *,
        outcome: str,
        device: str,
        rule: str = "",
        variant: str = "",
        arm: str = "",
        reason: str = "",
    ) -> None:
        """Count one outcome; everything comes from the settings or closed lists, nothing from a page."""
        key = CountKey(site, int(at // BUCKET) * BUCKET, rule, variant, arm, outcome, reason, device)
        counts = self._batch.counts
        counts[key] = counts.get(key, 0) + 1

    def button(self, at: float, site: str, place: str, page: str, way: str, *, clicked: bool) -> None:
        """Count that a button came into sight, or was clicked. Place and page are as the page says."""
        day = int(at // DAY) * DAY
        known_day, known = self._buttons.get(site, (day, set()))
        if known_day != day:
            known = set()
        if (place, page, way) not in known:
            if len(known) >= MOST_BUTTONS:
                place, page = OTHER, OTHER
            else:
                known.add((place, page, way))
        self._buttons[site] = (day, known)
        counts = self._batch.placements.setdefault(ButtonKey(site, day, place, page, way), ButtonCounts())
        if clicked:
            counts.clicked += 1
        else:
            counts.seen += 1

    def visitor(self, visitor: LiveVisitor) -> None:
        """Keep a visitor, as they are when it is written."""
        self._visitors[visitor.site, visitor.key] = visitor

    def offer(self, row: OfferRow) -> None:
        """Keep what a visitor was offered, from the first time on."""
        known = self._batch.offers.get(row.id)
        self._batch.offers[row.id] = replace(row, offered_at=known.offered_at) if known else row

    def call_of(self, offer: str, call_id: str) -> None:
        """Note which call came of an offer."""
        self._batch.calls[offer] = call_id

    def order(self, row: ConversionRow) -> bool:
        """Keep what a page claims that somebody bought; whether there was room for it."""
        if len(self._batch.orders) >= MOST_ORDERS:
            self.orders_dropped += 1
            return False
        self._batch.orders.append(row)
        return True

    def forget(self, keys: Iterable[tuple[str, str]]) -> None:
        """Write nothing of these visitors, each by site and id."""
        gone = set(keys)
        self._visitors = {key: each for key, each in self._visitors.items() if key not in gone}
        batch = self._batch
        batch.offers = {id: row for id, row in batch.offers.items() if (row.site, row.visitor) not in gone}
        batch.orders = [row for row in batch.orders if (row.site, row.visitor) not in gone]

    def take(self) -> VisitBatch:
        """What was taken down; the book is empty then."""
        taken, self._batch = self._batch, VisitBatch()
        visitors, self._visitors = self._visitors, {}
        taken.visitors = {key: visitor.row() for key, visitor in visitors.items()}
        return taken

    def put_back(self, batch: VisitBatch) -> None:
        """What could not be written is to be taken again, with what was taken down since."""
        self._batch.merge(batch)
