"""The decision: from facts, rules, what is remembered and who is free to what a page shows now. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from config.sections.page import ContactWay
from engage.assignment import assign, epoch_of
from engage.availability import Availability, WayNow, WayState
from engage.caps import capped, seconds_of_day_left
from engage.decision import Arm, ButtonNow, EngageDecision, HeldReason, HeldRule, NextLook, Offer
from engage.facts import with_business
from engage.memory import GONE, OpenOffer, VisitorMemory, after_withdrawal, refreshed
from engage.rules import CompiledRule, SiteRules
from engage.vocabulary import IDLE, NEEDS_CONSENT
from expressions.facts import Facts
from expressions.prepared import TRUE
from expressions.vocabulary import Path

#: Seconds until a page asks again because somebody may have become free.
RECHECK = 20.0
#: No page is told to ask again later than this, or sooner.
LATEST, SOONEST = 86400.0, 0.05
#: What a page says of itself that keeps invitations back, in the order in which they are told.
BUSY = (
    HeldReason.OPTED_OUT,
    HeldReason.IN_CONTACT,
    HeldReason.HIDDEN_TAB,
    HeldReason.DIALOG,
    HeldReason.TYPING,
)


@dataclass(frozen=True, slots=True)
class PageAsker:
    """Who asks."""

    #: A random id of this page view.
    view: str
    #: The visitor's id; None without consent, and then nobody takes part in experiments.
    visitor: str | None
    #: Of the page: ``de``, ``de-AT``.
    language: str = ""
    #: What of :data:`BUSY` holds.
    busy: frozenset[HeldReason] = frozenset()
    #: Whether somebody has touched the page.
    trusted: bool = True


def decide(
    rules: SiteRules,
    facts: Facts,
    asker: PageAsker,
    memory: VisitorMemory,
    availability: Availability,
    now: datetime,
) -> EngageDecision:
    """What the page shows now, and when it asks again.

    ``facts`` are those of :func:`engage.facts.facts_of`, ``now`` is in the site's time zone. If there is an
    offer, the caller remembers it by :func:`engage.memory.after_offer` before it answers.
    """
    return _Deciding(rules, facts, asker, memory, availability, now).decision()


@dataclass
class _Deciding:
    rules: SiteRules
    facts: Facts
    asker: PageAsker
    memory: VisitorMemory
    availability: Availability
    now: datetime

    offer: Offer | None = None
    held: list[HeldRule] = field(default_factory=list)
    buttons: dict[ContactWay, ButtonNow] = field(default_factory=dict)
    watched: set[Path] = field(default_factory=set)
    seconds: float = inf
    ask_when_free: bool = False
    #: Whether a rule that shows nothing holds: those below show nothing.
    ended: bool = False

    def decision(self) -> EngageDecision:
        self.memory = refreshed(self.memory, self.now.timestamp())
        self._by_way: dict[ContactWay | None, Facts] = {}
        by_way, facts = self.rules.by_way, self._facts_for(None)
        for number in self.rules.index.candidates(facts.values):
            rule = self.rules.rules[number]
            if by_way:
                facts = self._facts_for(rule.way)
            if rule.ever is None or rule.ever(facts) & TRUE:
                self._look(rule, facts)
            elif rule.needs_consent:
                self._ask_for_consent(rule, facts)
        return EngageDecision(
            buttons=self._all_buttons(),
            offer=self.offer,
            held=tuple(self.held),
            ask_again=NextLook(
                facts=tuple(sorted(map(".".join, self.watched))),
                seconds=None if self.seconds == inf else min(max(self.seconds, SOONEST), LATEST),
                busy=self.ask_when_free,
            ),
        )

    def _facts_for(self, way: ContactWay | None) -> Facts:
        if way not in self._by_way:
            self._by_way[way] = with_business(self.facts, self.rules, self.availability, way, self.now)
        return self._by_way[way]

    # --- one rule -------------------------------------------------------------------------------------------

    def _look(self, rule: CompiledRule, facts: Facts) -> None:
        if self._watch(rule, facts) != TRUE:
            if rule.needs_consent:
                self._ask_for_consent(rule, facts)
            return
        show = rule.settings.show
        if show.nothing:
            if (denied := self._denied(rule, facts)) is not None:
                self._hold(rule, *denied)
            elif rule.settings.draft:
                self._hold(rule, HeldReason.DRAFT)
            else:
                self.ended = True
        elif show.button is not None:
            self._button(rule, show.button, facts)
        elif show.invitation is not None:
            self._invite(rule, show.invitation, facts)

    def _ask_for_consent(self, rule: CompiledRule, facts: Facts) -> None:
        """Note where a rule waits for facts that are remembered with consent alone."""
        if self.asker.visitor is None and rule.outlook.depends_on(facts, NEEDS_CONSENT):
            self._hold(rule, HeldReason.CONSENT)

    def _watch(self, rule: CompiledRule, facts: Facts) -> int:
        """How the rule comes out now. Notes which facts could change that, and when time alone could."""
        self.watched |= rule.outlook.waits_for(facts).of_page
        if rule.outlook.idle_parts and rule.outlook.moving_matters(facts):
            self.watched.add(IDLE)
        if rule.in_time is None:
            return rule.now(facts)
        may, seconds = rule.in_time(facts)
        if seconds < self.seconds:
            self.seconds = seconds
        if not rule.business_paths:
            return may
        if may & TRUE and may != TRUE:
            self.seconds = min(self.seconds, self._seconds_until(rule.business_paths))
        return rule.now(facts)

    def _seconds_until(self, paths: tuple[Path, ...]) -> float:
        """Seconds until one of these facts of the business may have changed."""
        seconds = inf
        for root, name in paths:
            until = RECHECK
            if root == "now":
                until = _seconds_of(name, self.now)
            elif root == "hours" and self.availability.hours_change_in is not None:
                until = self.availability.hours_change_in
            seconds = min(seconds, until)
        return seconds

    def _hold(self, rule: CompiledRule, reason: HeldReason, seconds: float = inf) -> None:
        self.held.append(HeldRule(rule.name, reason))
        self.seconds = min(self.seconds, seconds)

    def _denied(self, rule: CompiledRule, facts: Facts) -> tuple[HeldReason, float] | None:
        """Why ``only_if`` does not hold, and seconds until it may; None where it does."""
        for reason, part in rule.business[: rule.only_if_parts]:
            if part(facts) != TRUE:
                return reason, self._seconds_until(rule.only_if_paths)
        return None

    # --- buttons --------------------------------------------------------------------------------------------

    def _button(self, rule: CompiledRule, way: ContactWay, facts: Facts) -> None:
        if self.ended or way in self.buttons:
            self._hold(rule, HeldReason.OUTRANKED)
        elif (denied := self._denied(rule, facts)) is not None:
            self._hold(rule, *denied)
        elif rule.settings.draft:
            self._hold(rule, HeldReason.DRAFT)
        else:
            arm, _ = self._part_in(rule, holdout=0.0)
            state = self._way(way).state if arm is Arm.SHOWN else WayState.HIDDEN
            self.buttons[way] = ButtonNow(way, state, rule.name, arm)
            if arm is not Arm.SHOWN:
                self._hold(rule, HeldReason.CONTROL)
            elif state is WayState.HIDDEN:
                self._hold(rule, HeldReason.HOURS)

    def _all_buttons(self) -> tuple[ButtonNow, ...]:
        """The buttons that rules show, and those that no rule is about."""
        return tuple(
            self.buttons.get(way)
            or ButtonNow(way, WayState.HIDDEN if way in self.rules.ruled_ways else self._way(way).state)
            for way in self.rules.ways
        )

    def _way(self, way: ContactWay) -> WayNow:
        return self.availability.ways.get(way) or _NOT_HAD

    # --- invitations ----------------------------------------------------------------------------------------

    def _invite(self, rule: CompiledRule, way: ContactWay, facts: Facts) -> None:
        again = self._is_open_here(rule)
        if (kept_back := self._kept_back(rule, way, facts, again=again)) is not None:
            reason, seconds = kept_back
            self._hold(rule, reason, seconds)
            self.ask_when_free |= reason is HeldReason.BOT or reason in BUSY
        elif self.offer is not None or self.ended:
            self._hold(rule, HeldReason.OUTRANKED)
        elif not again and (blocked := self._blocked_for()) > 0:
            self._hold(rule, HeldReason.OUTRANKED, blocked)
        elif rule.settings.draft:
            self._hold(rule, HeldReason.DRAFT)
        else:
            self._show(rule, way, again=again)

    def _kept_back(
        self, rule: CompiledRule, way: ContactWay, facts: Facts, *, again: bool
    ) -> tuple[HeldReason, float] | None:
        """Why an invitation may not be shown by itself, and seconds until that may be otherwise."""
        opened = self.memory.open
        is_visible = again and opened is not None and opened.exposed
        if not is_visible and (reason := self._page_keeps_back()) is not None:
            return reason, inf
        if not again:
            cap = capped(self.rules.settings.caps, rule.name, rule.settings, self._counted(), self.now)
            if cap is not None:
                return cap
        here = self._way(way)
        if not here.open:
            return HeldReason.HOURS, RECHECK if here.changes_in is None else here.changes_in
        if (denied := self._denied(rule, facts)) is not None:
            return denied
        own = again and opened is not None and opened.arm is Arm.SHOWN
        if here.state is not WayState.OPEN or here.free <= self.availability.open_invitations - own:
            return HeldReason.AGENTS, RECHECK
        return None

    def _page_keeps_back(self) -> HeldReason | None:
        """Why no invitation at all may appear on this page now."""
        if not self.asker.trusted:
            return HeldReason.BOT
        if self.memory.opted_out:
            return HeldReason.OPTED_OUT
        return next((reason for reason in BUSY if reason in self.asker.busy), None)

    def _is_open_here(self, rule: CompiledRule) -> bool:
        """Whether this page has the invitation of this rule, and no answer yet."""
        opened = self.memory.open
        return opened is not None and (opened.rule, opened.view) == (rule.name, self.asker.view)

    def _blocked_for(self) -> float:
        """Seconds for which another invitation of this shopper is in the way; 0 where none is."""
        opened = self.memory.open
        if opened is None:
            return 0.0
        if opened.view != self.asker.view:
            return GONE - abs(self.now.timestamp() - opened.at)
        return inf if opened.exposed or self._still_fits(opened) else 0.0

    def _still_fits(self, opened: OpenOffer) -> bool:
        """Whether the invitation that this page has, and has not shown yet, may still be shown."""
        rule = self.rules.rule(opened.rule)
        if rule is None or rule.settings.draft or (way := rule.settings.show.invitation) is None:
            return False
        facts = self._facts_for(way if self.rules.by_way else None)
        return rule.now(facts) == TRUE and self._kept_back(rule, way, facts, again=True) is None

    def _counted(self) -> VisitorMemory:
        """What counts for the caps of another rule: not an invitation that this page will not show."""
        opened = self.memory.open
        if opened is not None and opened.view == self.asker.view and not self._blocked_for():
            return after_withdrawal(self.memory)
        return self.memory

    def _show(self, rule: CompiledRule, way: ContactWay, *, again: bool) -> None:
        arm, variant = self._part_in(rule, self.rules.settings.holdout)
        if again and self.memory.open is not None:
            arm = self.memory.open.arm
        if arm is not Arm.SHOWN:
            self._hold(rule, HeldReason(str(arm)))
        show, chosen = rule.settings.show, rule.settings.variants.get(variant)
        self.offer = Offer(
            rule=rule.name,
            arm=arm,
            variant=variant if self.asker.visitor is not None else "",
            epoch=epoch_of(rule.settings),
            way=way,
            text=self._text({**show.text, **(chosen.text if chosen else {})}) if arm is Arm.SHOWN else "",
            place=(chosen and chosen.place) or show.place,
            assigned=self.asker.visitor is not None,
            again=again,
        )

    def _part_in(self, rule: CompiledRule, holdout: float) -> tuple[Arm, str]:
        """The arm and the variant of the shopper; who has no id takes no part, and gets the first variant."""
        visitor = self.asker.visitor
        if visitor is None:
            return Arm.SHOWN, next(iter(rule.settings.variants), "")
        return assign(self.rules.site, rule.name, rule.settings, holdout, visitor)

    def _text(self, texts: Mapping[str, str]) -> str:
        """The text in the shopper's language, else in the site's first one."""
        language = self.asker.language.partition("-")[0].lower()
        return texts.get(language) or texts.get(self.rules.language) or next(iter(texts.values()))


_NOT_HAD = WayNow(state=WayState.HIDDEN, open=False, free=0, wait=None)


def _seconds_of(name: str, now: datetime) -> float:
    """Seconds until a fact of ``now`` changes."""
    match name:
        case "minute" | "time":
            return 60.0 - now.second - now.microsecond / 1e6
        case "hour":
            return 3600.0 - 60 * now.minute - now.second - now.microsecond / 1e6
    return seconds_of_day_left(now)
