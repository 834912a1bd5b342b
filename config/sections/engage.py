"""Engagement rules of a site: what shoppers are offered, when, and how often.

Conditions are checked in :mod:`engage.load`, which knows the facts. As everywhere in this package, the text
under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import Field

from config.base import Condition, Day, Language, Model, Name
from config.draft import Draft
from config.fields import CoolDownSeconds, Percent, write_cool_down
from config.marks import Form
from config.problems import Loc
from config.sections.page import ContactWay

InvitationText = Annotated[str, Field(min_length=1, max_length=300), Form("a text of at most 300 characters")]
Texts = dict[Language, InvitationText]
Place = Literal["corner", "bar", "center"]
#: The most that a site may hold out, and still engage somebody.
MOST_HELD_OUT = 0.5
MOST_RULES = 1000


class CoolDowns(Model):
    """How long a shopper is left alone after an invitation; `never` is for good."""

    declined: CoolDownSeconds = 7 * 86400.0
    """After they declined."""
    ignored: CoolDownSeconds = 86400.0
    """After they ignored it: it was visible for 10 seconds three times, without an answer."""
    accepted: CoolDownSeconds = 4 * 3600.0
    """After they accepted."""


class OfferCaps(Model):
    """How often one shopper is invited, by all rules together."""

    per_visit: Annotated[int, Field(ge=0, le=100)] = 2
    """Invitations in one visit, which ends after 30 minutes without a page."""
    per_day: Annotated[int, Field(ge=0, le=100)] = 3
    """Invitations in one calendar day of the site's time zone."""
    cool_down: CoolDowns = CoolDowns()
    """How long a shopper is left alone after an invitation."""


class RuleCoolDowns(Model):
    """How long this rule leaves a shopper alone after its own invitation, beyond the site's cool-downs."""

    declined: CoolDownSeconds | None = None
    """After they declined. `never` is for good."""
    ignored: CoolDownSeconds | None = None
    """After they ignored it."""
    accepted: CoolDownSeconds | None = None
    """After they accepted."""


class RuleCaps(Model):
    """How often one shopper gets the invitation of this rule. The caps of the site hold as well."""

    per_visit: Annotated[int, Field(ge=0, le=100)] | None = None
    """In one visit."""
    per_day: Annotated[int, Field(ge=0, le=100)] | None = None
    """In one calendar day."""
    cool_down: RuleCoolDowns = RuleCoolDowns()
    """How long this rule leaves a shopper alone."""


class RuleShow(Model):
    """What a rule shows: an invitation, a button, or nothing."""

    invitation: ContactWay | None = None
    """Invites the shopper to this way of contact."""
    button: ContactWay | None = None
    """Shows the button of this way, which is hidden otherwise."""
    nothing: bool = False
    """Where this rule holds, the rules below show nothing: `show: {nothing: true}`."""
    text: Texts = {}
    """What the invitation says, by language: `{en: Trouble with a code? Talk to us.}`."""
    place: Place = "corner"
    """Where the invitation appears: in the `corner`, as a `bar` along the edge, or in the `center`."""


class Variant(Model):
    """One wording of an invitation, to find the better one."""

    share: Annotated[int, Field(ge=1, le=1000)] = 1
    """Its share of the shoppers, against those of the other variants."""
    text: Texts = {}
    """What it says, by language; without it, the text of `show`."""
    place: Place | None = None
    """Where it appears; without it, as in `show`."""


class EngageRule(Model):
    """One rule. The first one that may be shown wins; all buttons whose rules hold are shown."""

    when: Condition
    """When it holds, in CEL: `promo.failed >= 2 && page.path.startsWith("/checkout")`. Facts are in
    [the guide](engage.md#facts)."""
    only_if: Condition | None = None
    """What must be true of the business, too: a condition on `agents`, `queue`, `hours` and `now`. An
    invitation always needs somebody who is free, and opening hours."""
    show: RuleShow
    """What it shows."""
    caps: RuleCaps = RuleCaps()
    """How often one shopper gets its invitation."""
    variants: Annotated[dict[Name, Variant], Field(max_length=10)] = {}
    """Wordings of the invitation, by name; each shopper always gets the same one."""
    control: Percent = 0.0
    """The share of shoppers who are not shown it, to measure what it brings: `10%`."""
    since: Day | None = None
    """When its experiment began. Write a new date after you changed the rule: shoppers are then dealt out
    again, and what was measured before counts no more."""
    draft: bool = False
    """Whether it only counts where it would be shown, and shows nothing."""


class EngageSettings(Model):
    """Which shoppers the site's pages invite to talk, and when."""

    caps: OfferCaps = OfferCaps()
    """How often one shopper is invited."""
    holdout: Percent = 0.0
    """The share of shoppers who are never invited, to measure what all rules together bring: `5%`, and 50% at
    most."""
    rules: Annotated[dict[Name, EngageRule], Field(max_length=MOST_RULES)] = {}
    """The rules, by name, in their order."""


def check_engage(
    draft: Draft,
    loc: Loc,
    engage: EngageSettings,
    languages: tuple[str, ...],
    ways: tuple[ContactWay, ...],
) -> None:
    """Problems and warnings of what is no condition; ``languages`` and ``ways`` are those of the page."""
    if engage.holdout > MOST_HELD_OUT:
        draft.wrong((*loc, "holdout"), "too large: the maximum is 50%")
    for name, rule in engage.rules.items():
        here: Loc = (*loc, "rules", name)
        _shown(draft, here, rule, ways)
        _texts(draft, here, rule, languages)
        if rule.control >= 1:
            draft.wrong((*here, "control"), "nobody would be shown anything: write less than 100%")
        if rule.since is None and (rule.control or rule.variants):
            draft.doubtful(
                here,
                'an experiment needs to know when it began: add "since" with the date, such as 2026-12-01',
            )
    _caps(draft, loc, engage)


def _shown(draft: Draft, here: Loc, rule: EngageRule, ways: tuple[ContactWay, ...]) -> None:
    show = rule.show
    chosen = [key for key in ("invitation", "button", "nothing") if getattr(show, key)]
    if len(chosen) != 1:
        draft.wrong((*here, "show"), 'give one of "invitation", "button" and "nothing"')
        return
    way = show.invitation or show.button
    if way is not None and way not in ways:
        draft.wrong(
            (*here, "show", chosen[0]),
            f"the site's pages do not offer this way: they offer {', '.join(ways)} (page.buttons.ways)",
        )
    if show.invitation is None:
        for key in ("variants", "caps"):
            if draft.source.find((*here, key)):
                draft.doubtful((*here, key), "has no effect: only invitations have it")
        for key in ("text", "place"):
            if draft.source.find((*here, "show", key)):
                draft.doubtful((*here, "show", key), "has no effect: only invitations have it")
        if show.nothing and rule.control:
            draft.doubtful((*here, "control"), "has no effect: this rule shows nothing")


def _texts(draft: Draft, here: Loc, rule: EngageRule, languages: tuple[str, ...]) -> None:
    """Every shopper must get words, and should get them in their language."""
    if rule.show.invitation is None:
        return
    own = rule.show.text
    if not rule.variants or any(not variant.text for variant in rule.variants.values()):
        if not own:
            draft.wrong((*here, "show"), 'an invitation needs words: add "text"')
        else:
            _missing(draft, (*here, "show", "text"), own, languages)
    for name, variant in rule.variants.items():
        if variant.text:
            _missing(draft, (*here, "variants", name, "text"), {**own, **variant.text}, languages)
            _unused(draft, (*here, "variants", name, "text"), variant.text, languages)
    _unused(draft, (*here, "show", "text"), own, languages)


def _missing(draft: Draft, loc: Loc, texts: Mapping[str, str], languages: Iterable[str]) -> None:
    missing = [language for language in languages if language not in texts]
    if missing:
        draft.doubtful(loc, f"no text in {', '.join(missing)}: these shoppers get {next(iter(texts))}")


def _unused(draft: Draft, loc: Loc, texts: Mapping[str, str], languages: tuple[str, ...]) -> None:
    for language in texts:
        if language not in languages:
            draft.doubtful(
                (*loc, language), 'no page is in this language: add it to "page.languages", or remove it'
            )


def _caps(draft: Draft, loc: Loc, engage: EngageSettings) -> None:
    for key in ("per_visit", "per_day"):
        most = getattr(engage.caps, key)
        if most == 0:
            draft.doubtful((*loc, "caps", key), "nobody is ever invited: write at least 1")
        for name, rule in engage.rules.items():
            own = getattr(rule.caps, key)
            here: Loc = (*loc, "rules", name, "caps", key)
            if own == 0:
                draft.doubtful(here, "nobody is ever invited: write at least 1, or set draft: true")
            elif own is not None and own > most:
                draft.doubtful(here, f"has no effect: the site's own limit is {most}")
    for answer in CoolDowns.model_fields:
        lasts = getattr(engage.caps.cool_down, answer)
        for name, rule in engage.rules.items():
            own = getattr(rule.caps.cool_down, answer)
            if own is not None and own <= lasts:
                here = (*loc, "rules", name, "caps", "cool_down", answer)
                draft.doubtful(here, f"has no effect: the site's own is {write_cool_down(lasts)}")
