"""The section ``tests``: clicks, and what they are expected to lead to.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

import phonenumbers
from pydantic import Field

from config.base import E164, Model, Named, QueueName, RouteName, SiteName
from config.draft import Draft
from config.marks import Form
from config.problems import Loc
from config.section import Section
from config.sections.sites import Site, Talk

EndingName = Annotated[
    str,
    Field(pattern=r"^(message|callback):[a-z0-9][a-z0-9_-]{0,63}$"),
    Form("message: or callback: and a name, such as message:sales"),
]


class Expectation(Model):
    """What a click is expected to lead to; only what is written is compared."""

    route: RouteName | None = None
    """The route that takes the call."""
    destinations: tuple[Named, ...] | None = None
    """The destinations that the hunt rings, in any order."""
    order: tuple[Named, ...] | None = None
    """The destinations that the hunt rings, in this order."""
    ending: EndingName | None = None
    """What becomes of the call when nobody takes it: `message:` and the mailbox, or `callback:` and the
    terms."""
    queue: QueueName | None = None
    """The queue in which the call waits."""
    reason: str | None = None
    """A text that the explanation holds."""


class RouteTest(Model):
    """One click and what becomes of it: `ringback route tests` compares."""

    name: str
    """What is shown of it."""
    site: SiteName | None = None
    """The site; without one, the only one."""
    at: str
    """When, as 2026-12-24T15:00, in the site's time zone."""
    by: Talk | None = None
    """How the shopper talks; without it by `phone`, where the site lets them."""
    number: E164 | None = None
    """The shopper's number. Without one it is an example of the site's first country, or none by `pc`."""
    page: str = ""
    """The page."""
    ip: str = ""
    """The shopper's IP address."""
    context: dict[Annotated[str, Field(max_length=64)], str] = {}
    """What the page passed, such as `cart.value: 120`."""
    signed: dict[Annotated[str, Field(max_length=64)], str] = {}
    """What the retailer's server signed, by the same keys."""
    busy_destinations: tuple[Named, ...] = ()
    """Destinations that have all the calls they can take."""
    expect: Expectation
    """What is expected."""


def check_tests(draft: Draft) -> None:
    """Problems of expectations."""
    for loc, ending in draft.at(("tests", "*", "expect", "ending")):
        kind, _, name = ending.partition(":")
        section = {"message": "mailboxes", "callback": "callbacks"}.get(kind)
        if section and name:
            draft.must_exist(loc, name, section)
    for loc, moment in draft.at(("tests", "*", "at")):
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            draft.wrong(loc, "write a date and time, such as 2026-12-24T15:00")
        else:
            _on_the_clock(draft, loc, at)
    tests = draft.tree.get("tests")
    for index, test in enumerate(tests if isinstance(tests, list) else ()):
        if not isinstance(test, dict):
            continue
        by, site = test.get("by"), _site_of(draft, test)
        if "site" not in test and len(draft.named("sites")) > 1:
            draft.wrong(("tests", index), 'there are there are several sites: add "site"')
        elif (
            site
            and (number := test.get("number"))
            and ((country := _country_of(number)) and country not in site.countries)
        ):
            draft.doubtful(
                ("tests", index, "number"),
                f"a number in {country}, but the site calls only {', '.join(site.countries)}: such a "
                "shopper is refused",
            )
        elif site and by in get_args(Talk) and by not in site.talk_methods:
            draft.wrong(
                ("tests", index, "by"),
                f"the site does not offer this: its talk_methods are {', '.join(site.talk_methods)}",
            )


def _country_of(number: object) -> str | None:
    """The country of an E.164 number; None where no single one has it."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(str(number)))
    except phonenumbers.NumberParseException:
        return None


def _on_the_clock(draft: Draft, loc: Loc, at: datetime) -> None:
    """A warning for a moment that the clocks of the site leave out."""
    test = draft.tree["tests"][loc[1]]
    site = _site_of(draft, test) if isinstance(test, dict) else None
    if site is None or at.tzinfo is not None:
        return
    local = at.replace(tzinfo=ZoneInfo(site.time_zone))
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != at:
        draft.doubtful(loc, f"the clocks of {site.time_zone} skip this time: they are set forward then")


def _site_of(draft: Draft, test: dict[str, Any]) -> Site | None:
    """The site of an expectation, where it is valid."""
    name = test.get("site") or next(iter(draft.named("sites")), None)
    return draft.items(Site).get(name) if isinstance(name, str) else None


TESTS = Section(checks=(check_tests,), uses=False)
