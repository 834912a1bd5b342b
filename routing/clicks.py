"""Clicks that nobody made: what an operator tries the routes with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers

from config.models import Config
from config.sections.sites import Talk
from routing.plan import ClickToCall


class NoSuchSiteError(ValueError):
    """The site of a click is not named, or not known; the text says which there are."""


class NoSuchWayError(ValueError):
    """The site does not let shoppers talk this way; the text says how it does."""


def try_click(
    config: Config,
    site: str | None = None,
    number: str | None = None,
    page: str = "",
    ip: str = "",
    context: Mapping[str, str] | None = None,
    signed: Mapping[str, str] | None = None,
    by: Talk | None = None,
) -> ClickToCall:
    """A click with what was left out filled in: the only site, by phone where it lets shoppers talk so, and
    then a number of its first country. Who talks by PC has only the number that is given.

    A page that begins with a slash is one of the site's first origin. Raises :class:`NoSuchSiteError`, and
    :class:`NoSuchWayError` where the site does not let shoppers talk this way.
    """
    if site is None and len(config.sites) == 1:
        (site,) = config.sites
    if site is None or site not in config.sites:
        raise NoSuchSiteError(f"name one of the sites: {', '.join(sorted(config.sites))}")
    settings = config.sites[site]
    by = by or ("phone" if "phone" in settings.talk_methods else "pc")
    if by not in settings.talk_methods:
        raise NoSuchWayError(
            f"nobody talks by {by} here: sites.{site}.talk_methods is {', '.join(settings.talk_methods)}"
        )
    if by == "pc":
        number = number or ""
    elif number is None:
        example = phonenumbers.example_number_for_type(
            settings.countries[0], phonenumbers.PhoneNumberType.FIXED_LINE
        )
        number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164) if example else ""
    if page.startswith("/") and settings.origins:
        page = settings.origins[0] + page
    return ClickToCall(site, number, page, dict(context or {}), ip, by, dict(signed or {}))


def moment_of(text: str, zone: ZoneInfo) -> datetime:
    """``2026-12-24T15:00``, or with an offset of its own, in ``zone``; ValueError."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
