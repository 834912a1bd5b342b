"""Doubts about callbacks: hours that never overlap with the shoppers' daytime, shoppers without a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from config.draft import Draft
from config.problems import Loc
from config.sections.callbacks import CallbackTerms
from config.sections.route import Route, reached
from config.sections.sites import Site
from routing.callback_times import CallbackHours, next_time
from routing.endings import stand_in
from routing.hours import HoursError
from routing.parts import Parts

#: Callbacks are looked for in so many days, from each hour of a week.
_AHEAD = timedelta(days=28)
_WEEK = timedelta(days=7)


def doubt_callbacks(draft: Draft, parts: Parts) -> None:
    """Warnings of terms by which nobody is ever called back."""
    for name, terms in draft.items(CallbackTerms).items():
        if terms.hours and (terms.hours, None) not in parts.hours:
            continue  # told already
        hours = CallbackHours(terms, parts.hours[terms.hours, None] if terms.hours else None)
        zones = {site.time_zone for site in draft.items(Site).values()}
        loc: Loc = ("callbacks", name)
        here = draft.written((*loc, "daytime"), (*loc, "hours"), loc)
        try:
            met = {zone: _times(hours, ZoneInfo(zone)) for zone in sorted(zones)}
        except (HoursError, KeyError, ValueError):
            continue
        if met and not any(found for found, _ in met.values()):
            draft.doubtful(
                here,
                f"nobody is ever called back: daytime ({terms.daytime}) and the hours {terms.hours or ''} "
                f"never overlap for shoppers in {', '.join(met)}",
            )
        elif met and all(missed > _MOST_MISSED * total for total, missed in _counts(met)):
            draft.doubtful(
                draft.written((*loc, "longest_delay"), loc),
                "most shoppers cannot book a callback: daytime and the hours seldom overlap between "
                "shortest_delay and longest_delay. Increase longest_delay",
            )
    _without_numbers(draft)
    _stand_ins(draft, parts)


def _stand_ins(draft: Draft, parts: Parts) -> None:
    """Terms that nobody names are used all the same where they stand in for a message."""
    mailboxes = {name for _, name in draft.at(("routes", "*", "message"))}
    mailboxes |= {store.mailbox for table in parts.tables.values() for store in table if store.mailbox}
    draft.used("callbacks", (stand_in(mailbox, draft.items(CallbackTerms)) for mailbox in mailboxes))


#: Of the hours of a week at which a shopper may call.
_MOST_MISSED = 0.5


def _times(hours: CallbackHours, zone: ZoneInfo) -> tuple[int, int]:
    """From how many hours of a week a callback can be promised, and from how many not."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    if next_time(hours, [zone], start, start + _AHEAD) is None:
        return 0, 1
    soonest, latest = (
        timedelta(seconds=hours.terms.shortest_delay),
        timedelta(seconds=hours.terms.longest_delay),
    )
    found = 0
    asked = range(0, int(_WEEK.total_seconds()), 3 * 3600)
    for seconds in asked:
        at = start + timedelta(seconds=seconds)
        found += next_time(hours, [zone], at + soonest, at + latest) is not None
    return found, len(asked) - found


def _counts(met: dict[str, tuple[int, int]]) -> list[tuple[int, int]]:
    return [(found + missed, missed) for found, missed in met.values()]


def _without_numbers(draft: Draft) -> None:
    """Warnings for sites whose shoppers give no number, and that promise to call them back."""
    for name, site in draft.items(Site).items():
        if "phone" not in site.talk_methods and (route := _promises(draft, site)):
            draft.doubtful(
                ("sites", name, "talk_methods"),
                f"shoppers who talk by pc may not give a number, so route {route} cannot call them back: "
                'they hear that nobody can take the call. End the route in a "message"',
            )


def _promises(draft: Draft, site: Site) -> str | None:
    """A route of the site that ends in a callback."""
    routes = draft.items(Route)
    return next((name for name in reached(routes, [site.route]) if routes[name].callback is not None), None)
