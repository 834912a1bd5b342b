"""The screen pop: what one viewer may see of one call, as data. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from bridge.causes import Disposition
from bridge.masking import mask_number
from chat.states import Outcome
from config.models import Config
from config.sections.data_pass import DataField, DataPass
from config.sections.page_push import origin_of
from config.sections.screen_pop import When
from config.sections.sites import Site
from cti.caller import caller_of
from cti.links import FilledLink, fill_links
from routing.identity import shopper_number
from routing.places import Place
from routing.plan import ClickToCall

#: Control characters except line ends, lone surrogates, and what turns the direction of text.
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069]+"
)

_NO_RULES = DataPass()
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class PopField:
    """One known field of the shopper."""

    #: Such as ``cart.value``.
    key: str
    #: What people call it.
    label: str
    #: Empty where it is masked.
    value: str
    #: Whether the viewer may not see it.
    masked: bool = False
    #: Of what the page claims: whether the retailer's server signed another value.
    differs: bool = False


@dataclass(frozen=True, slots=True)
class EarlierNote:
    """What an agent wrote about a call."""

    #: What the agent is called.
    agent: str
    #: What the wrap-up code means, and the note; empty where there is none.
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class EarlierContact:
    """A call or a chat of the same shopper's that is over; a call that came of a chat has the ids of both."""

    #: None for a chat of which no call came.
    call_id: str | None
    #: When it was asked for, in seconds since the epoch.
    at: float
    page: str
    #: Of a call; None for a chat.
    disposition: Disposition | None
    #: Who talked to the shopper last; empty if nobody did.
    talked_to: str
    #: How long they talked, or had the chat.
    seconds: float
    notes: tuple[EarlierNote, ...] = ()
    chat_id: str | None = None
    #: Of a chat; None for a call.
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Pop:
    """What one viewer sees of one call."""

    call_id: str
    #: What the site is called.
    site: str
    by: Literal["phone", "pc"]
    #: E.164; masked, such as ``+1617•••••23``, for an agent without the right; empty where there is none.
    number: str
    #: Whether the number is the shopper's for certain; else anybody may have typed it.
    number_verified: bool
    #: Where the shopper is, in words; empty where nothing tells.
    place: str
    page: str
    #: When the call was asked for, in seconds since the epoch.
    asked_at: float
    #: The shopper's name, empty where nobody tells it; and whether the retailer's server signed it.
    name: str = ""
    name_signed: bool = False
    #: Whether the page is one of the site's. Any other address is what somebody made a browser say.
    page_known: bool = False
    #: What the retailer's server signed, and what the page merely claims.
    signed: tuple[PopField, ...] = ()
    claimed: tuple[PopField, ...] = ()
    links: tuple[FilledLink, ...] = ()
    #: The newest first; None while it is being looked up.
    history: tuple[EarlierContact, ...] | None = None


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is to see a pop: an agent by name and rights, or another system."""

    agent: str
    sensitive: bool = False
    numbers: bool = False


@dataclass(frozen=True, slots=True)
class KnownCall:
    """Everything known about a call, unmasked."""

    call_id: str
    click: ClickToCall
    asked_at: float
    place: Place
    history: tuple[EarlierContact, ...] | None = None


def viewer(agent: str, config: Config) -> Viewer:
    """An agent, with the rights that the settings give them; an unknown agent has none."""
    known = config.agents.get(agent)
    rights = known.rights if known else ()
    return Viewer(agent, sensitive="sensitive" in rights, numbers="numbers" in rights)


def make_pop(known: KnownCall, config: Config, who: Viewer) -> Pop:
    """What this viewer sees."""
    click = known.click
    site = config.sites.get(click.site)
    rules = site.data_pass if site else _NO_RULES
    hidden = frozenset(() if who.sensitive else filter(rules.is_sensitive, click.known))
    links = site.screen_pop.links if site else ()
    caller = caller_of(click.signed, click.context, hidden)
    return Pop(
        call_id=known.call_id,
        site=site.label if site else click.site,
        by=click.by,
        number=click.number if who.numbers else mask_number(click.number),
        number_verified=shopper_number(click).verified,
        place=_in_words(known.place),
        page=printable(click.page),
        asked_at=known.asked_at,
        name=printable(caller.name),
        name_signed=caller.signed,
        page_known=site is not None and _lies_on(click.page, site),
        signed=tuple(_fields(click.signed, rules, hidden)),
        claimed=tuple(_fields(_only_claimed(click), rules, hidden, click.signed)),
        links=fill_links(links, known.call_id, click, who.agent, hidden, who.numbers),
        history=known.history,
    )


def when_shown(site: str, config: Config) -> When:
    """When agents' pages show the pops of a site; ``never`` for one that the settings have no more."""
    known = config.sites.get(site)
    return known.screen_pop.when if known else "never"


def printable(text: str) -> str:
    """The text without control characters; line breaks stay."""
    return _UNPRINTABLE.sub(" ", text)


def label_of(key: str) -> str:
    """``cart.total_value`` as ``Cart total value``."""
    words = " ".join(re.split(r"[._\-]+", key)).strip()
    return words[:1].upper() + words[1:]


def _only_claimed(click: ClickToCall) -> dict[str, str]:
    """What the page claims and the retailer's server did not sign just so."""
    return {key: value for key, value in click.context.items() if click.signed.get(key) != value}


def _fields(
    values: Mapping[str, str],
    rules: DataPass,
    hidden: frozenset[str],
    signed: Mapping[str, str] = _NOTHING,
) -> Iterator[PopField]:
    for key, field in _in_order(values, rules):
        masked = key in hidden
        yield PopField(
            key=key,
            label=field.label if field and field.label else label_of(printable(key)),
            value="" if masked else printable(values[key]),
            masked=masked,
            differs=key in signed,
        )


def _in_order(keys: Iterable[str], rules: DataPass) -> Iterator[tuple[str, DataField | None]]:
    """The fields that the settings name come first, in their order."""
    known = [(key, rules.field_of(key)) for key in keys]
    for named in rules.fields.values():
        yield from ((key, field) for key, field in known if field is named)
    yield from ((key, field) for key, field in known if field is None)


def _lies_on(page: str, site: Site) -> bool:
    """Whether the page is of an origin that may ask for calls of this site, or that shoppers are sent to."""
    origin = origin_of(page)
    push = site.page_push
    return origin is not None and origin in {*site.origins, *(push.origins if push else ())}


def _in_words(place: Place) -> str:
    return ", ".join(part for part in (place.area, place.region, place.postal_code, place.country) if part)
