"""What spend caps and prices must keep beyond their own form: a cap that could never hold is no cap."""

from __future__ import annotations

import phonenumbers

from config.draft import Draft
from config.models import Site, Trunk
from config.prefixes import fits, tidy
from config.problems import Loc


def check_spend(draft: Draft) -> None:
    """Problems and warnings of ``spend``."""
    for name, trunk in draft.trunks.items():
        if trunk.spend is None:
            continue
        here: Loc = ("trunks", name, "spend")
        seen: dict[str, str] = {}
        for prefix in trunk.spend.prices:
            if (earlier := seen.get(tidy(prefix))) is not None:
                draft.wrong((*here, "prices", prefix), f'"{earlier}" is the same prefix: keep one')
            seen.setdefault(tidy(prefix), prefix)
        if trunk.spend.daily_cost is not None and not trunk.spend.prices:
            draft.wrong(
                (*here, "daily_cost"), 'nothing costs anything here: add "prices", or cap "daily_minutes"'
            )
        if trunk.spend.prices:
            _unpriced(draft, name, trunk)
    for name, site in draft.sites.items():
        if site.spend is not None and site.spend.daily_cost is not None:
            _site(draft, ("sites", name, "spend", "daily_cost"), site)


def _site(draft: Draft, loc: Loc, site: Site) -> None:
    ways = [draft.trunks[each] for each in (site.trunk, *site.backup_trunks) if each in draft.trunks]
    if not any(trunk.spend and trunk.spend.prices for trunk in ways):
        draft.wrong(
            loc, 'none of the site\'s trunks has "spend" with "prices": add them, or cap "daily_minutes"'
        )
    priced = [trunk.spend for trunk in draft.trunks.values() if trunk.spend and trunk.spend.prices]
    currencies = sorted({spend.currency for spend in priced})
    if len(currencies) > 1:
        draft.wrong(loc, f"the trunks' prices are in several currencies ({', '.join(currencies)}): use one")


def _unpriced(draft: Draft, name: str, trunk: Trunk) -> None:
    """Warn of numbers that may be dialled and have no price."""
    assert trunk.spend is not None  # noqa: S101 - whoever asks has looked
    prices = [tidy(prefix) for prefix in trunk.spend.prices]
    here: Loc = ("trunks", name, "spend", "prices")
    dearest = max(trunk.spend.prices.values())
    for site_name, site in draft.sites.items():
        if name not in (site.trunk, *site.backup_trunks):
            continue
        for country in site.countries:
            code = phonenumbers.country_code_for_region(country)
            if code and not any(f"+{code}".startswith(prefix) for prefix in prices):
                some = "some" if any(prefix.startswith(f"+{code}") for prefix in prices) else "all"
                draft.doubtful(
                    here,
                    f"{some} numbers of {country} (+{code}), called by site {site_name}, "
                    f'have no price and count as the dearest, {dearest}: add "+{code}"',
                )
    for destination, settings in draft.destinations.items():
        number = settings.number
        if number and settings.trunk == name and not any(fits(prefix, number) for prefix in prices):
            draft.doubtful(
                here,
                f"{number}, destination {destination}, has no price and counts as the dearest, {dearest}",
            )
