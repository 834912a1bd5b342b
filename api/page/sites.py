"""The sites as their pages see them, worked out once for each configuration."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from starlette.requests import Request

from api.origins import normal_origin
from api.page.models import PageChat, PageChatField, PageForm, PageSite
from api.problems import Problem, RequestError
from config.languages import in_language
from config.models import Config
from config.sections.page import Theme
from config.sections.sites import Site
from engage.rules import SiteRules

#: A name of the page's query in a route's condition, in JSON: ``page.query.coupon``, ``page.query["x-y"]``.
_IN_QUERY = re.compile(r"""page\.query(?:\.|\[\s*\\?["'])([A-Za-z0-9_-]+)""")


@dataclass(frozen=True)
class SiteOfPage:
    """One site."""

    name: str
    settings: Site
    config: Config

    @cached_property
    def origins(self) -> frozenset[str]:
        """From which its pages come."""
        return frozenset(map(normal_origin, self.settings.origins))

    @cached_property
    def rules(self) -> SiteRules:
        """Its engagement rules."""
        return SiteRules.of(self.config, self.name)

    @cached_property
    def zone(self) -> ZoneInfo:
        """Its time zone."""
        return ZoneInfo(self.settings.time_zone)

    @cached_property
    def shown(self) -> PageSite:
        """What its pages are told of it."""
        site = self.settings
        countries = list(dict.fromkeys(site.countries))
        return PageSite(
            label=site.label,
            theme=_colours(site.page.theme),
            dark_theme=_colours(site.page.dark_theme) if site.page.dark_theme else None,
            languages=list(site.page_languages),
            launcher=site.page.buttons.launcher,
            ways=list(site.contact_ways),
            answers=list(site.answers.before) if site.answers else [],
            chat=_chat(site),
            form=_form(self.config, self.name),
            country=countries[0] if len(countries) == 1 else None,
            countries=countries,
            form_token=site.form_token == "required",  # noqa: S105 - a choice of the settings
            consent=site.page.consent,
            explain=site.page.explain,
            shared_view=site.cobrowse is not None,
            query=sorted(self.query),
        )

    @cached_property
    def query(self) -> frozenset[str]:
        """The names in a page's query that rules and routes read; the rest may be what somebody typed."""
        read = {path[2] for path in self.rules.used if path[:2] == ("page", "query") and len(path) > 2}
        return frozenset(read | set(_IN_QUERY.findall(self.config.model_dump_json(include={"routes"}))))

    @cached_property
    def watch(self) -> dict[str, str]:
        """The facts that the page finds by itself, with their selectors."""
        facts = self.settings.page.facts.items()
        return {name: fact.selector for name, fact in facts if fact.selector is not None}

    @cached_property
    def watch_kinds(self) -> dict[str, Literal["text", "truth"]]:
        """Those of ``watch`` that are no count."""
        facts = self.settings.page.facts
        return {name: kind for name in self.watch if (kind := facts[name].type) != "number"}

    def remembers(self, *, consent: bool) -> bool:
        """Whether somebody who did or did not consent may be remembered."""
        return consent or self.settings.page.consent == "not_needed"


def _form(config: Config, name: str) -> PageForm | None:
    forms = config.follow_up.forms if config.follow_up else None
    if forms is None or forms.panel == "never" or (forms.sites and name not in forms.sites):
        return None
    languages = config.sites[name].page_languages
    consent = forms.consent
    return PageForm(
        when=forms.panel,
        times=forms.times is not None,
        consent={each: in_language(consent, each) for each in languages} if consent else {},
    )


def _chat(site: Site) -> PageChat | None:
    chat, known = site.chat, site.data_pass.fields
    if chat is None:
        return None
    labels = {key: known[key].label if key in known else None for key in chat.form.fields}
    return PageChat(
        fields=[
            PageChatField(key=key, label=label or key, required=key in chat.form.required)
            for key, label in labels.items()
        ],
        guided=chat.flow is not None,
        escalate=list(chat.escalate),
        longest=chat.longest_entry,
        transcript=chat.transcript.shopper,
    )


class PageSites:
    """Finds the site of a request."""

    def __init__(self, config: Callable[[], Config]) -> None:
        self._config = config
        self._of: Config | None = None
        self._by_key: Mapping[str, SiteOfPage] = {}

    def find(self, key: str) -> SiteOfPage:
        """The site with this public key; ``site_unknown`` where there is none."""
        config = self._config()
        if config is not self._of:
            self._by_key = {site.key: SiteOfPage(name, site, config) for name, site in config.sites.items()}
            self._of = config
        found = self._by_key.get(key)
        if found is None:
            raise RequestError(Problem.SITE_UNKNOWN)
        return found

    def of_page(self, key: str, request: Request) -> SiteOfPage:
        """The site with this key; ``origin_refused`` for a page that is none of the site's.

        Browsers name no origin where a page gets something of its own: by the shop's own proxy.
        """
        found = self.find(key)
        origin = request.headers.get("origin")
        if origin is None:
            if request.method == "GET":
                return found
        elif normal_origin(origin) in found.origins:
            return found
        raise RequestError(Problem.ORIGIN_REFUSED)


def _colours(theme: Theme) -> dict[str, str]:
    return {name: str(value) for name, value in theme.model_dump().items()}
