"""How agents and shoppers of a site look at the shopper's page together.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field

from config.base import Language, Model, Origin, SomeSeconds
from config.checks.addresses import check_origin
from config.draft import Draft
from config.fields import HOUR, MINUTE
from config.marks import Form, Usual
from config.problems import Loc
from config.selectors import SelectorError, parse_selectors

#: What a shopper agrees to: that an agent sees the page; that they point at something and scroll to it; that
#: they fill in fields and click.
Scope = Literal["see", "point", "fill"]
SCOPES: tuple[Scope, ...] = ("see", "point", "fill")
Selector = Annotated[
    str,
    Field(min_length=1, max_length=300),
    Form("a selector of one element, such as .account-number or input[name=iban]"),
]
ConsentText = Annotated[str, Field(min_length=1, max_length=500), Form("a text of at most 500 characters")]


class Cobrowse(Model):
    """How agents see a shopper's page and help on it. Without this section they do not."""

    allow: Annotated[tuple[Scope, ...], Field(min_length=1)] = SCOPES
    """What agents may ask shoppers for: to `see` the page; to `point` at something and scroll to it;
    to `fill` in fields and click. `point` and `fill` need `see`."""
    private_by_default: bool = False
    """Whether agents see the texts and pictures of the areas in `show` alone."""
    mask: tuple[Selector, ...] = ()
    """What agents never see, with all that is in it, and can do nothing with. Always masked, without a line
    here: passwords, one-time codes, payment fields, sensitive fields of `data_pass`, and elements with
    `data-ringback-mask`."""
    show: tuple[Selector, ...] = ()
    """What agents see although it would be hidden: areas, where `private_by_default` is true, and everywhere
    the values of the fields that a selector names themselves, such as `input[name=zip]`. What `mask` hides,
    and what is always masked, stays hidden."""
    never_fill: tuple[Selector, ...] = ()
    """Fields that agents cannot fill in, or areas with such fields."""
    never_click: tuple[Selector, ...] = ()
    """What agents cannot click, with all that is in it. The buttons that submit a form with payment fields,
    and `[data-ringback-never-click]`, need no line here."""
    assets: tuple[Origin, ...] = ()
    """More origins, besides the site's own, from which agents' browsers load the page's pictures, styles and
    fonts."""
    longest: Annotated[
        SomeSeconds,
        Usual(
            MINUTE, "nothing can be shown in that time", 4 * HOUR, "a page that is forgotten stays visible"
        ),
    ] = 30 * MINUTE
    """When a shared view ends at the latest."""
    idle: Annotated[
        SomeSeconds,
        Usual(MINUTE, "people read for that long", HOUR, "a page that is forgotten stays visible"),
    ] = 10 * MINUTE
    """When it ends because neither side does anything."""
    consent_text: dict[Language, ConsentText] = {}
    """What shoppers read below the question, by language: such as what becomes of the data."""


def check_cobrowse(
    draft: Draft, loc: Loc, settings: Cobrowse, site_origins: Iterable[str], languages: Iterable[str]
) -> None:
    """Problems and warnings of a site's shared views."""
    if "see" not in settings.allow:
        draft.wrong((*loc, "allow"), 'agents cannot point or fill without seeing the page: add "see"')
    for index, scope in enumerate(settings.allow):
        if scope in settings.allow[:index]:
            draft.doubtful((*loc, "allow", index), "is here twice: remove one")
    for key in ("mask", "show", "never_fill", "never_click"):
        check_selectors(draft, (*loc, key), getattr(settings, key))
    for key in ("never_fill", "never_click"):
        if getattr(settings, key) and "fill" not in settings.allow:
            draft.doubtful((*loc, key), 'has no effect: "allow" has no "fill"')
    if settings.private_by_default and not settings.show:
        draft.doubtful((*loc, "private_by_default"), 'agents see no text at all: name areas in "show"')
    known = set(site_origins)
    for index, origin in enumerate(settings.assets):
        check_origin(draft, (*loc, "assets", index), origin)
        if origin in known:
            draft.doubtful((*loc, "assets", index), "an origin of the site: remove it")
    if settings.idle > settings.longest:
        draft.doubtful((*loc, "idle"), 'has no effect: "longest" is shorter')
    if settings.consent_text and (
        missing := [each for each in languages if each not in settings.consent_text]
    ):
        draft.doubtful((*loc, "consent_text"), f"no text in {', '.join(missing)}: these shoppers read none")


def check_selectors(draft: Draft, loc: Loc, selectors: Iterable[str]) -> None:
    """Problems of selectors that say more than one element can tell; warnings of those that match nothing."""
    for index, text in enumerate(selectors):
        check_selector(draft, (*loc, index), text)


def check_selector(draft: Draft, loc: Loc, text: str) -> None:
    """A problem, at its character, of what is no compound selector; a warning of one that matches nothing."""
    try:
        compounds = parse_selectors(text)
    except SelectorError as error:
        draft.wrong_within(loc, error.offset, str(error))
        return
    for compound in compounds:
        if reason := compound.never:
            draft.doubtful(loc, f"matches nothing: {reason}")
