"""The section ``sites``: shops whose pages carry the call button.

As everywhere in this package, the text under a field is its entry in ``docs/configuration.md``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Annotated, Literal

import phonenumbers
from pydantic import Field

from config.base import (
    Country,
    CustomerName,
    Language,
    Model,
    Origin,
    PromptName,
    RouteName,
    SiteKey,
    SomeSeconds,
    TimeZone,
    TrunkName,
    Voice,
)
from config.checks.addresses import check_origin
from config.checks.labels import check_labels
from config.checks.numbers import check_number
from config.checks.time_zones import check_time_zones
from config.draft import Draft
from config.fields import DAY, MINUTE, Limit, Window, parse_window
from config.marks import Usual
from config.prefixes import fits, tidy
from config.problems import Loc
from config.section import Section
from config.sections.answers import AnswersSettings, check_answers
from config.sections.chat import ChatSettings, check_chat
from config.sections.cobrowse import Cobrowse, check_cobrowse
from config.sections.data_pass import DataPass, check_data_pass
from config.sections.destinations import Destination
from config.sections.engage import EngageSettings, check_engage
from config.sections.page import ContactWay, PageSettings, check_page
from config.sections.page_push import PagePush, check_page_push
from config.sections.recording import RecordingSettings, check_recording
from config.sections.retention import Retention
from config.sections.screen_pop import PopSettings, check_screen_pop
from config.sections.speech import Lost, ScreeningTexts, Whisper, check_told, check_whisper
from config.sections.spend import SiteSpend
from config.sections.trunks import CallerId, Trunk, check_backups

#: The voice of a language where none is named; else one of the language's own name.
VOICES = {"en": "en-us", "fr": "fr-fr"}
Talk = Literal["phone", "pc"]
BrowserAudio = Literal["passthrough", "opus"]
_TWO_CAPITALS = re.compile("[A-Z]{2}")
_COUNTRY_SLIPS = {"UK": "GB", "EN": "GB", "EL": "GR"}


class Limits(Model):
    """How often a call may be asked for, against abuse and cost."""

    calls_per_number: tuple[Limit, ...] = (Window(7, 900.0), Window(9, 3600.0), Window(15, 86400.0))
    """Calls to one number."""
    calls_per_ip: tuple[Limit, ...] = (Window(10, 900.0), Window(30, 86400.0))
    """Calls asked for by one IP address; of IPv6 by its /64, and four times as many by its /56, sixteen times
    by its /48."""
    numbers_per_ip: tuple[Limit, ...] = (Window(3, 3600.0),)
    """Different numbers that one IP address may ask to have called; networks of IPv6 as above."""
    calls_per_visitor: tuple[Limit, ...] = (Window(7, 900.0), Window(20, 86400.0))
    """Calls of one visitor: the customer that the retailer's server signed, else the browser that the page
    told. Who tells none is held to the other limits alone."""
    numbers_per_visitor: tuple[Limit, ...] = (Window(3, 3600.0),)
    """Different numbers that one visitor may ask to have called."""
    calls_per_site: tuple[Limit, ...] = (Window(600, 3600.0),)
    """Calls of the whole site."""
    live_calls_per_site: Annotated[int, Field(ge=1)] = 50
    """Live calls of one site at once."""


class Site(Model):
    """A shop whose pages carry the call button."""

    key: SiteKey
    """Public key that the page sends; it names the site and is no secret."""
    label: str
    """What people are shown."""
    origins: tuple[Origin, ...]
    """Origins whose pages may ask for calls, such as https://shop.example."""
    countries: Annotated[tuple[Country, ...], Field(min_length=1)]
    """Countries (ISO 3166-1 alpha-2) whose numbers may be called."""
    trunk: TrunkName
    """The trunk that shoppers are dialled through."""
    backup_trunks: tuple[TrunkName, ...] = ()
    """Further trunks, tried in this order when `trunk` cannot carry the call: no response, no address, 5xx,
    or no route. A phone that is busy or declines is not rung again through another trunk."""
    caller_id: CallerId
    """What the shopper's phone shows."""
    customer: CustomerName | None = None
    """The customer that the site belongs to, where one server serves several: one of `customers`."""
    route: RouteName
    """The root of this site's routes."""
    time_zone: TimeZone = "UTC"
    """The time zone of `now` in the conditions of its routes."""
    greeting: PromptName | None = None
    """The prompt that the shopper hears on answering."""
    ringback: Literal["us", "gb", "eu"] = "us"
    """What the shopper hears while the business rings: a country's ringback tone."""
    music: PromptName | None = None
    """A prompt to hear in place of the ringback tone, over and over."""
    ring_timeout: Annotated[
        SomeSeconds,
        Usual(
            10, "nobody can reach a phone that quickly", 3 * MINUTE, "no network lets a phone ring that long"
        ),
    ] = 45.0
    """How long the shopper's phone rings."""
    max_duration: Annotated[
        SomeSeconds, Usual(MINUTE, "every call is cut off after that", DAY, "that is hardly a limit")
    ] = 14400.0
    """The longest a call may last, from the shopper's answer."""
    media_timeout: Annotated[
        SomeSeconds,
        Usual(5, "a short network outage ends the call", 10 * MINUTE, "a dead call stays up for that long"),
    ] = 20.0
    """A leg that shows no sign of life for this long, neither audio nor comfort noise, keys or RTCP, has
    died; one that is on hold, or only receives, is silent by right."""
    limits: Limits = Limits()
    """How often a call may be asked for."""
    form_token: Literal["optional", "required"] = "optional"  # noqa: S105 - no token
    """Whether a page must get a [token](limits.md#the-forms-token) before it asks for a call, which makes it
    harder to ask without the page."""
    proof_of_work: Literal["off", "when_busy", "always"] = "when_busy"
    """Whether a browser must [compute](limits.md#proof-of-work) for a moment before a call, so that many
    calls cost a program time: `when_busy`, if the shopper's network or the site calls more often than usual;
    `always`, before each call; or never. The widget does it by itself."""
    retention: Retention = Retention()
    """How long what is kept of its shoppers stays."""
    spend: SiteSpend | None = None
    """What its calls may cost a day; without it, whatever the trunks let them."""
    language: Language | None = None
    """The language of Ringback's own texts, spoken and on the callback page: `en`, `de`, `es` and `fr`
    have words of their own; for any other, write the texts. Without it, that of `voice`, else English."""
    voice: Voice | None = None
    """The synthetic voice for whatever is not recorded: one of `espeak-ng --voices`. Without it, one of the
    language: `en-us`, `de`, `es`, `fr-fr`."""
    screening: ScreeningTexts = ScreeningTexts()
    """What people hear who answer at a screened destination."""
    whisper: Whisper = Whisper()
    """What people are told who take a call, before the shopper hears them, where neither the destination nor
    the ring step has a `whisper` of its own."""
    lost_connection: Lost = Lost()
    """What the shopper is told when the other side is gone without hanging up: a browser that crashed, a
    phone that vanished. The rest of the route is rung then, and last of all that phone again."""
    talk_methods: Annotated[tuple[Talk, ...], Field(min_length=1)] = ("phone",)
    """How shoppers may talk: by `phone`, by `pc` (in the browser), or both."""
    browser_audio: BrowserAudio = "passthrough"
    """What browsers are sent: what the business speaks (`passthrough`), or Opus, which recovers lost packets
    and costs ten times as much."""
    hold_music: PromptName | None = None
    """A prompt to hear while on hold, over and over; without one `music`, else a soft beep."""
    recording: RecordingSettings | None = None
    """How talks are recorded; without it, they are not."""
    page_push: PagePush | None = None
    """How agents send this site's shoppers to a page."""
    cobrowse: Cobrowse | None = None
    """How agents see a shopper's page and help on it, where the shopper agrees; without it, they do not."""
    data_pass: DataPass = DataPass()
    """What its pages may pass of the shopper, and how the retailer's server signs it."""
    screen_pop: PopSettings = PopSettings()
    """What agents see of the shopper, and when."""
    chat: ChatSettings | None = None
    """How its shoppers chat with agents; without it, they do not."""
    page: PageSettings = PageSettings()
    """What its pages show by the one line of JavaScript, and what they tell."""
    engage: EngageSettings = EngageSettings()
    """Which shoppers its pages invite to talk, and when."""
    answers: AnswersSettings | None = None
    """Answers that shoppers find before they get in contact."""

    @property
    def contact_ways(self) -> tuple[ContactWay, ...]:
        """How shoppers may get in contact, in the order of its buttons."""
        return self.page.buttons.ways or self.talk_methods

    @property
    def page_languages(self) -> tuple[str, ...]:
        """The languages of its pages; the first one is for shoppers who speak none of them."""
        return self.page.languages or (self.tongue,)

    @property
    def tongue(self) -> str:
        """The language of what is said and shown: ``de``."""
        return self.language or (self.voice or "en").partition("-")[0]

    @property
    def spoken_by(self) -> str:
        """The voice of espeak-ng that speaks."""
        return self.voice or VOICES.get(self.tongue, self.tongue)


def uses_browsers(agents: Collection[object], sites: Iterable[Site]) -> bool:
    """Whether any leg may be in a browser: an agent's, or that of a shopper who talks by PC."""
    return bool(agents) or any("pc" in site.talk_methods for site in sites)


def check_sites(draft: Draft) -> None:
    """Problems and warnings of sites and all that belongs to them."""
    for name, site in draft.items(Site).items():
        _parts(draft, ("sites", name), site)
    _keys(draft)
    _countries(draft)
    _limits(draft)
    check_time_zones(draft, ("sites", "*", "time_zone"))
    check_labels(draft, "sites")


def _parts(draft: Draft, loc: Loc, site: Site) -> None:
    """Of a site: what has settings of its own."""
    if not site.origins:
        draft.doubtful((*loc, "origins"), "no page can request calls: add the shop's origins")
    for index, origin in enumerate(site.origins):
        check_origin(draft, (*loc, "origins", index), origin)
    check_number(draft, (*loc, "caller_id", "number"), site.caller_id.number)
    check_backups(draft, loc, site.trunk, site.backup_trunks)
    check_told(draft, (*loc, "screening"), site.screening)
    check_told(draft, (*loc, "lost_connection"), site.lost_connection)
    check_whisper(draft, (*loc, "whisper"), site.whisper)
    check_data_pass(draft, (*loc, "data_pass"), site.data_pass)
    check_screen_pop(draft, (*loc, "screen_pop"), site.screen_pop, signed=site.data_pass.signing is not None)
    check_page(draft, (*loc, "page"), site.page)
    _ways(draft, (*loc, "page", "buttons", "ways"), site)
    check_engage(draft, (*loc, "engage"), site.engage, site.page_languages, site.contact_ways)
    if site.answers is not None:
        check_answers(draft, (*loc, "answers"), site.answers, site.contact_ways)
    if site.chat is not None:
        check_chat(draft, (*loc, "chat"), site.chat, site.data_pass.fields)
    if site.recording is not None:
        check_recording(draft, (*loc, "recording"), site.recording)
    if site.page_push is not None:
        check_page_push(draft, (*loc, "page_push"), site.page_push, site.origins)
    if site.cobrowse is not None:
        check_cobrowse(draft, (*loc, "cobrowse"), site.cobrowse, site.origins, site.page_languages)
    for index, way in enumerate(site.talk_methods):
        if way in site.talk_methods[:index]:
            draft.doubtful((*loc, "talk_methods", index), "is here twice: remove one")
    if site.browser_audio != "passthrough" and not uses_browsers(draft.named("agents"), [site]):
        draft.doubtful(
            (*loc, "browser_audio"), 'has no effect: shoppers do not talk by "pc", and there are no agents'
        )


def _ways(draft: Draft, loc: Loc, site: Site) -> None:
    """Buttons for phone and PC need shoppers who may talk so."""
    for index, way in enumerate(site.page.buttons.ways):
        if way in ("phone", "pc") and way not in site.talk_methods:
            draft.wrong((*loc, index), f'shoppers do not talk by {way} here: add it to "talk_methods"')


def _keys(draft: Draft) -> None:
    first_with: dict[str, Loc] = {}
    for name, site in draft.items(Site).items():
        loc: Loc = ("sites", name)
        if earlier := first_with.get(site.key):
            line = draft.source.place((*earlier, "key")).line
            draft.wrong((*loc, "key"), f"site {earlier[1]} has the same key (line {line}): choose another")
        first_with.setdefault(site.key, loc)


def _countries(draft: Draft) -> None:
    for loc, country in draft.at(("sites", "*", "countries", "*")):
        # The models have told about those that are not two capital letters.
        if _TWO_CAPITALS.fullmatch(country) and country not in phonenumbers.SUPPORTED_REGIONS:
            slip = _COUNTRY_SLIPS.get(country)
            tip = f'did you mean "{slip}"?' if slip else "write its ISO 3166-1 code, such as US or GB"
            draft.wrong(loc, f'"{country}" is not a country with telephones: {tip}')


def _limits(draft: Draft) -> None:
    for key in [name for name in Limits.model_fields if "_per_" in name and not name.startswith("live")]:
        for loc, text in draft.at(("sites", "*", "limits", key, "*")):
            try:
                window = parse_window(text)
            except ValueError:
                continue
            if window.times == 0:
                draft.doubtful(loc, "no call is ever allowed: write at least 1")
        for name, site in draft.items(Site).items():
            here: Loc = ("sites", name, "limits", key)
            if draft.source.find(here) and not getattr(site.limits, key):
                draft.doubtful(here, "nothing is limited: remove the line to get the default limits")


def check_spend(draft: Draft) -> None:
    """Problems and warnings of ``spend``."""
    for name, trunk in draft.items(Trunk).items():
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
                (*here, "daily_cost"), 'calls have no price here: add "prices", or limit "daily_minutes"'
            )
        if trunk.spend.prices:
            _unpriced(draft, name, trunk)
    for name, site in draft.items(Site).items():
        if site.spend is not None and site.spend.daily_cost is not None:
            _site(draft, ("sites", name, "spend", "daily_cost"), site)


def _site(draft: Draft, loc: Loc, site: Site) -> None:
    ways = [
        draft.items(Trunk)[each] for each in (site.trunk, *site.backup_trunks) if each in draft.items(Trunk)
    ]
    if not any(trunk.spend and trunk.spend.prices for trunk in ways):
        draft.wrong(
            loc, 'none of the site\'s trunks has "spend" with "prices": add them, or limit "daily_minutes"'
        )
    priced = [trunk.spend for trunk in draft.items(Trunk).values() if trunk.spend and trunk.spend.prices]
    currencies = sorted({spend.currency for spend in priced})
    if len(currencies) > 1:
        draft.wrong(loc, f"the trunks' prices are in several currencies ({', '.join(currencies)}): use one")


def _unpriced(draft: Draft, name: str, trunk: Trunk) -> None:
    """Warn of numbers that may be dialled and have no price."""
    assert trunk.spend is not None  # noqa: S101 - callers have looked
    prices = [tidy(prefix) for prefix in trunk.spend.prices]
    here: Loc = ("trunks", name, "spend", "prices")
    dearest = max(trunk.spend.prices.values())
    for site_name, site in draft.items(Site).items():
        if name not in (site.trunk, *site.backup_trunks):
            continue
        for country in site.countries:
            code = phonenumbers.country_code_for_region(country)
            if code and not any(f"+{code}".startswith(prefix) for prefix in prices):
                some = "some" if any(prefix.startswith(f"+{code}") for prefix in prices) else "all"
                draft.doubtful(
                    here,
                    f"{some} numbers of {country} (+{code}), called by site {site_name}, "
                    f'have no price and count as the most expensive, {dearest}: add "+{code}"',
                )
    for destination, settings in draft.items(Destination).items():
        number = settings.number
        if number and settings.trunk == name and not any(fits(prefix, number) for prefix in prices):
            draft.doubtful(
                here,
                f"{number}, destination {destination}, has no price and counts as the most expensive, "
                f"{dearest}",
            )


SITES = Section(checks=(check_sites, check_spend))
