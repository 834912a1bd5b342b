"""What the settings say of leads: what is promised, by which hours, whose they are, and who reads of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bridge.protocols import Clock
from config.base import AGENT
from config.models import Config
from config.sections.follow_up import MAILBOX, FollowUp, LeadPromise
from follow.lead import Lead, Unserved
from follow.promises import PromiseStep, PromiseTerms
from follow.slots import SlotTerms
from routing.decide import route_people
from routing.plan import ClickToCall
from routing.router import Router

#: What a lead's step tells that no agent has: the mailbox of the section.
NOBODYS = "mailbox"


class ConfiguredPolicy:
    """:class:`leads.desk.LeadPolicy` of the settings in force."""

    def __init__(self, router: Callable[[], Router], clock: Clock) -> None:
        self._router = router
        self._clock = clock
        self._made_of: Router | None = None
        self._terms: dict[tuple[str, str], PromiseTerms] = {}

    @property
    def _settings(self) -> FollowUp | None:
        return self._router().config.follow_up

    def follows(self, site: str) -> bool:
        """Whether leads of this site are followed up."""
        return self._settings is not None and site in self._router().config.sites

    def terms_for(self, site: str, kind: str) -> PromiseTerms | None:
        """What a lead is promised that begins so: the first promise that fits."""
        settings = self._settings
        if settings is None:
            return None
        for name, promise in settings.promises.items():
            if (not promise.sites or site in promise.sites) and (not promise.kinds or kind in promise.kinds):
                return self.terms_named(name, site)
        return None

    def terms_named(self, name: str, site: str) -> PromiseTerms | None:
        """A promise by its name, as it is told at a site; None for one that the settings have no more."""
        router, settings = self._router(), self._settings
        promise = settings.promises.get(name) if settings else None
        if settings is None or promise is None:
            return None
        if router is not self._made_of:
            self._made_of = router
            self._terms.clear()
        if (name, site) not in self._terms:
            self._terms[name, site] = _terms(name, promise, settings, router, site)
        return self._terms[name, site]

    def slots(self, site: str) -> SlotTerms | None:
        """The times that shoppers of a site may choose; None where they may choose none."""
        router, settings = self._router(), self._settings
        forms = settings.forms if settings else None
        times = forms.times if forms else None
        if forms is None or times is None or (forms.sites and site not in forms.sites):
            return None
        hours = router.hours[times.in_] if times.in_ is not None else None
        return SlotTerms(
            hours=hours,
            zone=hours.zone if hours else router.zones.get(site, ZoneInfo("UTC")),
            length=times.slot,
            most=times.most,
            notice=times.notice,
            ahead=times.ahead,
            remind=times.remind,
        )

    def dials(self, site: str) -> str | None:
        """The terms by which calls at chosen times are dialled by themselves; None where agents call."""
        settings = self._settings
        times = settings.forms.times if settings and settings.forms else None
        return times.callback if times and self.slots(site) else None

    def assigned(self, unserved: Unserved) -> tuple[str, ...]:
        """Whose lead it is by the route: agents, by rank. Without a route, everybody's of the site."""
        router, settings = self._router(), self._settings
        config = router.config
        if settings is None or unserved.site not in config.sites:
            return ()
        if settings.route is None:
            return tuple(name for name in config.agents if unserved.site in config.sites_of_agent(name))
        click = click_of(unserved)
        now = datetime.fromtimestamp(self._clock.time(), UTC)
        for names in route_people(click, settings.route, router, now):
            if found := _agents(names, config, unserved.site):
                return found
        return ()

    def readers(self, lead: Lead, tell: str) -> tuple[str, ...]:
        """Who reads what a step tells: ``agent``, ``agent:NAME``, ``mailbox:NAME``, or :data:`NOBODYS`."""
        if tell == "agent":
            agents = (lead.owner,) if lead.owner else lead.assigned
            return tuple(f"{AGENT}{agent}" for agent in agents) or self.readers(lead, NOBODYS)
        if tell == NOBODYS:
            box = self._settings.mailbox if self._settings else None
            return (f"{MAILBOX}{box}",) if box else ()
        return (tell,)


def click_of(unserved: Unserved) -> ClickToCall:
    """A contact as the routes read it."""
    return ClickToCall(
        site=unserved.site,
        number=unserved.person.number,
        page=unserved.page,
        context=unserved.context,
        client_ip=unserved.client_ip,
        signed=unserved.signed,
        reached=False,
    )


def _terms(name: str, promise: LeadPromise, settings: FollowUp, router: Router, site: str) -> PromiseTerms:
    hours = router.hours[promise.in_] if promise.in_ is not None else None
    return PromiseTerms(
        name=name,
        first=promise.first,
        next=promise.next or promise.first,
        hours=hours,
        zone=hours.zone if hours else router.zones.get(site, ZoneInfo("UTC")),
        warn=promise.warn,
        steps=tuple(PromiseStep(step.after, step.tell) for step in promise.steps),
        absent=settings.absent,
        close_after=settings.close_after,
    )


def _agents(names: tuple[str, ...], config: Config, site: str) -> tuple[str, ...]:
    """The agents of destinations who may see this site's shoppers."""
    found: dict[str, None] = {}
    for name in names:
        if name.startswith(AGENT):
            found[name.removeprefix(AGENT)] = None
            continue
        for agent, known in config.agents.items():
            if name in known.phones or name in known.follows:
                found[agent] = None
    return tuple(agent for agent in found if agent in config.agents and site in config.sites_of_agent(agent))
