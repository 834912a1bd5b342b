"""Settings of routes that are valid but will not do what their writer expects."""

from __future__ import annotations

from config.draft import Draft
from routing.doubts_of_callbacks import doubt_callbacks
from routing.doubts_of_conditions import doubt_conditions
from routing.doubts_of_hours import doubt_hours
from routing.doubts_of_languages import doubt_languages
from routing.doubts_of_places import doubt_places
from routing.parts import Parts


def tell_doubts(draft: Draft, parts: Parts) -> None:
    """Add warnings, and errors for what can never work."""
    for table in parts.tables.values():
        draft.used("mailboxes", (store.mailbox for store in table))
        draft.used("trunks", (store.trunk for store in table))
    doubt_callbacks(draft, parts)
    doubt_conditions(draft, parts)
    doubt_hours(draft, parts)
    doubt_languages(draft)
    doubt_places(draft, parts)
