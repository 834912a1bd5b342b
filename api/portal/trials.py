"""What a draft would do with clicks: one that is made up, a week of them, and those of last week."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query

from api.portal.settings import usable_trial
from api.portal.settings_models import (
    DifferingView,
    EngageTrialView,
    LedView,
    ReplayView,
    TrialLine,
    TrialView,
    TriedPage,
    TriedRule,
    TriedVersion,
    WeekSpan,
    WeekView,
    WishedPage,
    WishedTrial,
)
from api.portal_door import Asks, PortalUser
from api.problems import FieldError, Problem, RequestError
from api.routes import BODY_PROBLEMS, Audience, UrlRow
from bridge.cdr import CallRecord
from bridge.protocols import Clock
from changes.editor import SettingsEditor
from changes.replay import MOST_CLICKS, Led, RecordedClick, led, replay
from config.sections.sites import Talk
from engage.explain import offer_in_words
from engage.trial import TrialError
from engage.trying import MadeUpPage, try_page
from routing.clicks import NoSuchSiteError, NoSuchWayError, moment_of, try_click
from routing.decide import plan_call
from routing.directory import Directory
from routing.explain import explain
from routing.plan import ClickToCall
from routing.router import Router
from routing.week import SLOT, Slot, monday_of, week
from store.calls import SqlCallStore
from store.reads import CdrFilter

_TRYING = (*BODY_PROBLEMS, Problem.CONFIG_INVALID, Problem.DRAFT_CONFLICT, Problem.STORE_UNAVAILABLE)


class TrialEndpoints:
    """Tries clicks with the draft and with what is in force."""

    def __init__(
        self, router: Callable[[], Router], editor: SettingsEditor, calls: SqlCallStore, clock: Clock
    ) -> None:
        self._router = router
        self._editor = editor
        self._calls = calls
        self._clock = clock

    def routes(self) -> tuple[UrlRow, ...]:
        """The addresses of trials."""
        base, portal = "/v1/portal/settings/try", Audience.PORTAL
        return (
            UrlRow("POST", f"{base}/route", self.route, "portal_try_route", portal, _TRYING, right="look"),
            UrlRow("POST", f"{base}/week", self.week, "portal_try_week", portal, _TRYING, right="look"),
            UrlRow("POST", f"{base}/engage", self.engage, "portal_try_engage", portal, _TRYING, right="look"),
            UrlRow("POST", f"{base}/replay", self.replay, "portal_try_replay", portal, _TRYING, right="look"),
        )  # fmt: skip

    async def route(self, wished: WishedTrial, user: Asks) -> TrialView:
        """What becomes of a click, and why, with both versions."""
        versions = [self._tried(wished, router) for router in await self._both(user)]
        return TrialView(now=versions[0], draft=versions[1])

    async def week(self, wished: WishedTrial, user: Asks) -> WeekView:
        """Who answers when, in the week of `at`, with both versions."""
        now, draft = await self._both(user)
        zone = now.zones.get(wished.site) or draft.zones.get(wished.site)
        if zone is None:
            raise _no_site()
        spans = [await asyncio.to_thread(self._week, wished, router) for router in (now, draft)]
        return WeekView(time_zone=str(zone), now=spans[0], draft=spans[1])

    async def engage(self, wished: WishedPage, user: Asks) -> EngageTrialView:
        """What the engagement rules do with a page, and why, with both versions."""
        versions = [self._page(wished, router) for router in await self._both(user)]
        return EngageTrialView(now=versions[0], draft=versions[1])

    async def replay(self, user: Asks, days: Annotated[int, Query(ge=1, le=31)] = 7) -> ReplayView:
        """The clicks of the last days, at most 500, that would lead somewhere else with the draft."""
        now, draft = await self._both(user)
        since = self._clock.time() - days * 86400.0
        page = await self._calls.cdrs(CdrFilter(since=since), limit=MOST_CLICKS)
        clicks = [recorded(record) for record in page.records]
        found = await asyncio.to_thread(replay, clicks, now, draft)
        return ReplayView(
            clicks=found.clicks,
            differing=[
                DifferingView(
                    call=each.call_id,
                    at=each.at,
                    site=each.site,
                    page=each.page,
                    before=_led(each.before),
                    after=_led(each.after),
                )
                for each in found.differing
            ],
        )

    async def _both(self, user: PortalUser) -> tuple[Router, Router]:
        """The routes in force, and those of the draft."""
        _, loaded = await usable_trial(self._editor, user.name)
        return self._router(), loaded.router

    def _tried(self, wished: WishedTrial, router: Router) -> TriedVersion | None:
        if wished.site not in router.config.sites:
            return None
        click, at = self._click(wished, router)
        decision = plan_call(click, router, "trial", Directory(), at, 0.5)
        what = led(decision)
        return TriedVersion(
            route=what.route,
            rings=list(what.rings),
            ending=what.ending,
            queue=what.queue,
            lines=[
                TrialLine(depth=line.depth, text=line.text, tone=line.tone)
                for line in explain(decision, router)
            ],
        )

    def _click(self, wished: WishedTrial, router: Router) -> tuple[ClickToCall, datetime]:
        try:
            click = try_click(router.config, wished.site, wished.number, wished.page)
        except (NoSuchSiteError, NoSuchWayError) as error:
            raise _no_site(str(error)) from None
        return click, self._moment(wished.at, router, wished.site)

    def _page(self, wished: WishedPage, router: Router) -> TriedPage | None:
        if wished.site not in router.config.sites:
            return None
        made_up = MadeUpPage(
            wished.site,
            wished.page,
            wished.facts,
            wished.language,
            wished.device,
            wished.visitor,
            untouched=wished.untouched,
        )
        try:
            decision, accounts = try_page(router, made_up, self._moment(wished.at, router, wished.site))
        except TrialError as error:
            told = FieldError(path="body.facts", message=str(error))
            raise RequestError(Problem.VALIDATION_FAILED, errors=[told]) from None
        return TriedPage(
            shows=offer_in_words(decision),
            buttons=[f"{button.way} {button.state}" for button in decision.buttons],
            rules=[
                TriedRule(rule=each.rule, text=each.text, shown=each.shown, held=each.held is not None)
                for each in accounts
            ],
        )

    def _moment(self, text: str, router: Router, site: str) -> datetime:
        """A time as it was typed, in the site's zone; now where nothing was."""
        zone = router.zones[site]
        try:
            return moment_of(text, zone) if text else datetime.fromtimestamp(self._clock.time(), zone)
        except ValueError:
            told = FieldError(path="body.at", message="write the time as 2026-12-24T15:00")
            raise RequestError(Problem.VALIDATION_FAILED, errors=[told]) from None

    def _week(self, wished: WishedTrial, router: Router) -> list[WeekSpan]:
        if wished.site not in router.config.sites:
            return []
        click, at = self._click(wished, router)
        return _spans(week(router, click, monday_of(at)))


def recorded(record: CallRecord) -> RecordedClick:
    """The click of a finished call, as far as its record has it: not where it came from."""
    by: Talk = "phone" if record.number else "pc"
    click = ClickToCall(
        record.site, record.number, record.page, dict(record.context), "", by, dict(record.signed)
    )
    return RecordedClick(record.call_id, record.requested_at, click)


def _spans(slots: Sequence[Slot]) -> list[WeekSpan]:
    """Slots in which the same people ring, joined."""
    found: list[WeekSpan] = []
    for slot in slots:
        begins = slot.begins.astimezone(UTC).timestamp()
        last = found[-1] if found else None
        if last and (last.rings, last.ending) == (list(slot.order), slot.ending):
            last.ends = begins + SLOT.total_seconds()
        else:
            ends = begins + SLOT.total_seconds()
            found.append(WeekSpan(begins=begins, ends=ends, rings=list(slot.order), ending=slot.ending))
    return found


def _led(found: Led | None) -> LedView | None:
    if found is None:
        return None
    return LedView(route=found.route, rings=list(found.rings), ending=found.ending, queue=found.queue)


def _no_site(text: str = "there is no such site") -> RequestError:
    return RequestError(Problem.VALIDATION_FAILED, errors=[FieldError(path="body.site", message=text)])
