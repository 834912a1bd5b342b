"""Links to pages about a shopper in other systems: templates filled in so that no value leaves its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from config.sections.screen_pop import PopLink, When
from routing.headers import PLACEHOLDER, in_url
from routing.identity import shopper_number
from routing.plan import ClickToCall

#: The longest value that is put into a link, in characters.
LONGEST = 300

#: What tells nothing of the shopper.
_OURS = frozenset({"call_id", "site", "agent"})


@dataclass(frozen=True, slots=True)
class FilledLink:
    """One page in another system."""

    label: str
    url: str
    #: When the agent's page opens it by itself.
    open: When


def fill_links(
    links: Iterable[PopLink],
    call_id: str,
    click: ClickToCall,
    agent: str,
    hidden: frozenset[str],
    numbers: bool,
) -> tuple[FilledLink, ...]:
    """The links that make sense for this viewer.

    One is left out where it would carry what they may not see (the fields in ``hidden``; the number without
    ``numbers``), or where nothing is known of all that it asks about the shopper.
    """
    values = _values(call_id, click, agent)
    veiled = {f"{group}.{key}" for key in hidden for group in ("context", "signed")}
    if not numbers:
        veiled |= {"number", "digits", "claimed_number"}
    filled = []
    for link in links:
        named = set(PLACEHOLDER.findall(link.url))
        asked = named - _OURS
        if named & veiled or (asked and not any(values.get(name) for name in asked)):
            continue
        filled.append(FilledLink(link.label, fill_url(link.url, values), link.open_on))
    return tuple(filled)


def fill_url(template: str, values: dict[str, str]) -> str:
    """The template with each value in its place, which it cannot leave."""
    return PLACEHOLDER.sub(lambda found: in_url(values.get(found[1], "")[:LONGEST]), template)


def _values(call_id: str, click: ClickToCall, agent: str) -> dict[str, str]:
    number = shopper_number(click)
    return {
        **{f"context.{key}": value for key, value in click.known.items()},
        **{f"signed.{key}": value for key, value in click.signed.items()},
        "call_id": call_id,
        "site": click.site,
        "agent": agent,
        "number": number.known,
        "digits": number.known.removeprefix("+"),
        "claimed_number": number.claimed,
        "page": click.page,
    }
