"""The rooms of the HTTP side, each with its endpoints: a feature adds its own to the list of its room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry

from answers.book import AnswerBook
from api.access import Access
from api.agents.calls import AgentCalls, DeskEngine
from api.agents.chats import AgentChats
from api.agents.events import AgentEvents
from api.agents.leads import AgentLeadEndpoints
from api.agents.login import LoginEndpoints
from api.agents.view_desk import AgentViews
from api.agents.view_files import ViewFiles, picture_origins
from api.agents.views import AgentViewEvents
from api.audit import AuditTrail
from api.browser_legs import BrowserLegs
from api.lead_views import LeadCounts
from api.operator.callbacks import CallbackListEndpoints
from api.operator.chat_reports import ChatReportEndpoints
from api.operator.deliveries import DeliveryEndpoints
from api.operator.engagement import EngagementEndpoints
from api.operator.exposition import MetricsEndpoints
from api.operator.gauges import Gauges, StoredCounts, gauges
from api.operator.health import HealthEndpoints
from api.operator.leads import LeadReportEndpoints
from api.operator.messages import MessageEndpoints
from api.operator.people import LiveClicks, PersonEndpoints
from api.operator.questions import QuestionEndpoints
from api.operator.recordings import RecordingEndpoints
from api.operator.records import RecordEndpoints
from api.operator.reports import ReportEndpoints
from api.operator.retention import RetentionEndpoints
from api.operator.sessions import SessionEndpoints
from api.operator.settings import SettingsEndpoints
from api.operator.spend import SpendEndpoints
from api.operator.state import ConfigState, PoolRoom, ReloadReport
from api.operator.traces import TraceEndpoints
from api.operator.trunks import TrunkBoard, TrunkEndpoints
from api.origins import Origins
from api.page.answers import AnswerEndpoints
from api.page.asking import PageEndpoints, Visitors
from api.page.challenges import ChallengeEndpoints
from api.page.conversions import ConversionEndpoints
from api.page.files import PageFiles
from api.page.metrics import PageMetrics
from api.page.numbers import NumberEndpoints
from api.page.sites import PageSites
from api.page_files import OwnPageFiles
from api.placing import CallPlacing
from api.portal.agent_pages import AgentTimeEndpoints
from api.portal.agent_reports import AgentReports
from api.portal.answer_trials import AnswerTrialEndpoints
from api.portal.at_once import PortalAtOnceEndpoints
from api.portal.audit import AuditEndpoints
from api.portal.board import QueueStands, WallboardFeed
from api.portal.changes import ChangeEndpoints
from api.portal.conversions import PortalConversionEndpoints
from api.portal.leads import PortalLeadEndpoints
from api.portal.login import PortalLoginEndpoints
from api.portal.prompts import PromptEndpoints
from api.portal.recordings import PortalRecordingEndpoints
from api.portal.report_pages import PortalReportEndpoints
from api.portal.reports import PortalReports
from api.portal.settings import DraftEndpoints
from api.portal.talks import TalkEndpoints
from api.portal.trials import TrialEndpoints
from api.portal.wallboard import WallboardEndpoints
from api.portal.wallboard_models import BoardLeads
from api.portal_audit import PortalAudit
from api.portal_door import PortalDoor
from api.proofs import Proofs
from api.routes import Endpoints
from api.sessions import LoginSessions
from api.shop.callback_page import CallbackPage
from api.shop.callbacks import CallbackEndpoints, Cancel
from api.shop.calls import CallEndpoints, CallPlacer, ChatsToCall
from api.shop.chat_events import ChatEndings, ChatEvents
from api.shop.chats import ChatDoors, ChatEndpoints
from api.shop.events import CallEvents
from api.shop.form_tokens import FormTokenEndpoints, FormTokens
from api.shop.lead_forms import LeadFormEndpoints
from api.shop.lead_page import LeadLinkPages
from api.shop.live import LiveCalls
from api.shop.stories import CallStories
from api.shop.transcripts import TranscriptEndpoints
from api.shop.views import ShopperViewEndpoints
from api.tokens import CallTokens
from bridge.progress import CallProgress
from bridge.protocols import Clock
from bridge.spend import SpendStanding
from changes.editor import SettingsEditor
from chat.plan import ChatPlan
from chat.records import ChatOpening
from chats.engine import ChatEngine
from chats.guide import ChatGuide
from config.fields import LogLevel
from config.models import Config
from cti.agents import Agents
from cti.ami.link import LinkState
from cti.desks import Desks
from cti.page_push import PagePushes
from cti.screen_pops import ScreenPops
from media.probes import Usable
from media.registrations import TrunkRegistration
from media.traces import SipTraces
from media.trunk_conditions import TrunkCondition
from notify.delivery import Delivery
from notify.standing import ReceiverStanding
from routing.places import Place
from routing.plan import ClickToCall, PlannedStep
from routing.router import Router
from server.lead_parts import LeadParts
from server.surroundings import surroundings_of
from server.view_parts import ViewParts
from store.retention import Expired
from store.stores import Stores
from visits.engagement import Engagement
from visits.records import ConversionRow
from visits.standing import SiteStanding


class RequestedCalls(CallPlacer, LiveClicks, Protocol):
    """The engine, as far as requests ask for calls, see them and end them."""


def shop_room(
    *,
    config: Callable[[], Config],
    clock: Clock,
    engine: CallPlacer,
    stores: Stores,
    stories: CallStories,
    placing: CallPlacing,
    refused: Callable[[str | None, str], None],
    cancel_callback: Cancel,
    tokens: CallTokens,
    legs: BrowserLegs,
    steady: Clock,
    live: LiveCalls,
    page_pushes: PagePushes,
    access: Access,
    origins: Origins,
    proofs: Proofs,
    chats: ChatsToCall,
    placed: Callable[[str, str | None, str | None, str], None],
    leads: LeadParts,
    views: ViewParts,
) -> list[Endpoints]:
    """What the pages of shops use. ``access`` and ``origins`` are those of the whole application, ``proofs``
    are those of :func:`page_room`; ``placed(site, visitor, offer, call_id)`` hears of each call."""
    form_tokens = FormTokens()
    return [
        CallEndpoints(
            config=config,
            clock=clock,
            engine=engine,
            store=stores.calls,
            stories=stories,
            placing=placing,
            refused=refused,
            tokens=tokens,
            form_tokens=form_tokens,
            proofs=proofs,
            placed=placed,
            used_tokens=stores.used_tokens,
            legs=legs,
            chats=chats,
        ),
        FormTokenEndpoints(config, clock, form_tokens),
        CallEvents(
            steady=steady,
            stories=stories,
            live=live,
            legs=legs,
            page_pushes=page_pushes,
            views=views.views.circle,
            access=access,
            origins=origins,
        ),
        ShopperViewEndpoints(
            config=config,
            clock=clock,
            views=views.views,
            pictures=views.pictures,
            actions=views.actions,
            origins=origins,
            refused=refused,
        ),
        CallbackEndpoints(config, stores.callbacks, cancel_callback),
        CallbackPage(config, stores.callbacks, cancel_callback),
        LeadLinkPages(config=config, clock=clock, work=leads.work, mutes=stores.leads),
        LeadFormEndpoints(
            config=config,
            clock=clock,
            desk=leads.desk,
            times=leads.times,
            proofs=proofs,
            used_tokens=stores.used_tokens,
            refused=refused,
        ),
    ]


def chat_room(
    *,
    config: Callable[[], Config],
    clock: Clock,
    steady: Clock,
    engine: ChatEngine,
    stores: Stores,
    endings: ChatEndings,
    plan: Callable[[ChatOpening], ChatPlan | None],
    refused: Callable[[str | None, str], None],
    origins: Origins,
    guide: ChatGuide,
    tell: Callable[[Sequence[Delivery]], Awaitable[None]],
    proofs: Proofs,
    views: ViewParts,
) -> list[Endpoints]:
    """What the pages of shops use to chat. ``tell(deliveries)`` is the outbox's, ``proofs`` the pages'."""
    return [
        TranscriptEndpoints(
            config=config,
            clock=clock,
            doors=ChatDoors(stores.chats),
            store=stores.chats,
            flushed=engine.writer.flushed,
            tell=tell,
        ),
        ChatEndpoints(
            config=config,
            clock=clock,
            engine=engine,
            store=stores.chats,
            plan=plan,
            refused=refused,
            used_tokens=stores.used_tokens,
            guide=guide,
            proofs=proofs,
        ),
        ChatEvents(
            config=config,
            steady=steady,
            engine=engine,
            store=stores.chats,
            doors=ChatDoors(stores.chats),
            endings=endings,
            origins=origins,
            guide=guide,
            views=views.views.circle,
        ),
    ]


def page_room(
    *,
    config: Callable[[], Config],
    clock: Clock,
    stores: Stores,
    builds: Sequence[Path],
    proofs: Proofs,
    engagement: Engagement,
    visitors: Visitors,
    standing: Callable[[str, str], SiteStanding],
    place: Callable[[ClickToCall], Place],
    answers: Callable[[str], AnswerBook | None],
    registry: CollectorRegistry,
    bought: Callable[[ConversionRow], None],
) -> list[Endpoints]:
    """What the one line of JavaScript uses on shops' pages. ``builds``: those of the loader and the panel;
    ``answers``: what each site answers by itself; ``bought`` hears of each order.

    Registers its counters in ``registry``.
    """
    files, sites, metrics = PageFiles(config, builds), PageSites(config), PageMetrics(registry)
    engagement.count_outcome, engagement.count_held = metrics.offer, metrics.held
    return [
        PageEndpoints(
            config=config,
            clock=clock,
            sites=sites,
            engagement=engagement,
            visitors=visitors,
            standing=standing,
            place=lambda site, address: place(
                ClickToCall(site=site, number="", page="", context={}, client_ip=address)
            ),
            widget=files.widget,
            follow=files.follow,
            told=metrics.told,
        ),
        files,
        ConversionEndpoints(config, clock, sites, stores.visits, metrics.converted, bought),
        ChallengeEndpoints(config, clock, proofs),
        AnswerEndpoints(config, clock, answers, stores.questions),
        NumberEndpoints(config, clock),
    ]


def agents_room(
    *,
    config: Callable[[], Config],
    clock: Clock,
    steady: Clock,
    engine: DeskEngine,
    plan_transfer: Callable[[ClickToCall, str, str, str], tuple[PlannedStep, ...]],
    stores: Stores,
    agents: Agents,
    sessions: LoginSessions,
    desks: Desks,
    page_pushes: PagePushes,
    screen_pops: ScreenPops,
    legs: BrowserLegs,
    on_settings: Callable[[Callable[[], None]], None],
    audit: AuditTrail,
    page: Path,
    chats: AgentChats,
    leads: LeadParts,
    views: ViewParts,
) -> list[Endpoints]:
    """What the agents' page uses. ``page`` is the folder with its build; it may be missing."""
    calls = AgentCalls(
        config=config,
        clock=clock,
        engine=engine,
        plan_transfer=plan_transfer,
        agents=agents,
        desks=desks,
        page_pushes=page_pushes,
        wrap_ups=stores.wrap_ups,
        on_settings=on_settings,
    )
    return [
        LoginEndpoints(config=config, clock=clock, agents=agents, sessions=sessions, audit=audit),
        AgentEvents(
            config=config,
            steady=steady,
            agents=agents,
            sessions=sessions,
            calls=calls,
            chats=chats,
            legs=legs,
            screen_pops=screen_pops,
            leads=leads.pages,
            views=AgentViews(views.views, views.watchers, views.boards),
        ),
        AgentViewEvents(
            config=config,
            views=views.views,
            watchers=views.watchers,
            audit=audit,
            pictures=views.pictures,
            actions=views.actions,
        ),
        AgentLeadEndpoints(
            config=config, sessions=sessions, work=leads.work, watchers=leads.watchers, audit=audit
        ),
        ViewFiles(lambda view: picture_origins(views.views.view(view), config()), page),
        OwnPageFiles("agent", "The agents' page", page, frames=True),
    ]


@dataclass(frozen=True, slots=True)
class BoardSources:
    """What the wallboard looks at."""

    agents: Agents
    queues: Callable[[], Mapping[str, QueueStands]]
    calls: Callable[[], Sequence[CallProgress]]
    chats: Callable[[], int]


def portal_room(
    *,
    config: Callable[[], Config],
    clock: Clock,
    door: PortalDoor,
    stores: Stores,
    audit: AuditTrail,
    page: Path,
    board: BoardSources,
    editor: SettingsEditor,
    router: Callable[[], Router],
    leads: LeadParts,
) -> list[Endpoints]:
    """What the portal's pages use. ``page`` is the folder with their build; it may be missing."""
    noted = PortalAudit(stores.audit, audit, clock)
    reports = PortalReports(config, stores.reports, surroundings_of, clock.time)
    agent_reports = AgentReports(config, surroundings_of, stores.agent_time, clock.time)
    return [
        PortalLoginEndpoints(config=config, clock=clock, door=door, audit=audit),
        AuditEndpoints(config, stores.audit),
        DraftEndpoints(config, editor),
        ChangeEndpoints(config, editor, stores.changes, noted),
        TrialEndpoints(router, editor, stores.calls, clock),
        PortalConversionEndpoints(config=config, clock=clock, store=stores.visits),
        AgentTimeEndpoints(
            clock=clock, reports=agent_reports, store=stores.agent_time, door=door, audit=noted
        ),
        PortalReportEndpoints(clock=clock, reports=reports, door=door),
        PortalAtOnceEndpoints(clock=clock, store=stores.reports),
        PromptEndpoints(config, editor),
        AnswerTrialEndpoints(router, editor),
        WallboardEndpoints(
            config=config,
            clock=clock,
            door=door,
            feed=WallboardFeed(
                config=config,
                clock=clock,
                agents=board.agents,
                queues=board.queues,
                calls=board.calls,
                chats=board.chats,
                recent_talks=stores.talks.recent,
                surroundings=surroundings_of,
                reports=reports,
                agent_reports=agent_reports,
                leads=lambda: _leads_on_board(config(), leads.work.standing()),
            ),
            kiosks=stores.kiosks,
            audit=noted,
        ),
        TalkEndpoints(
            config=config, surroundings=surroundings_of, store=stores.talks, door=door, audit=noted
        ),
        PortalRecordingEndpoints(config=config, store=stores.recordings, audit=noted),
        PortalLeadEndpoints(work=leads.work, store=stores.leads, audit=noted),
        OwnPageFiles("portal", "The portal", page),
    ]


def _leads_on_board(config: Config, counts: LeadCounts) -> BoardLeads | None:
    """Null where no shopper becomes a lead."""
    if config.follow_up is None:
        return None
    return BoardLeads(open=counts.open, due=counts.due, overdue=counts.overdue)


class OutboxControl(Protocol):
    """The outbox of mails and webhooks."""

    async def resend(self, delivery_id: str) -> Delivery | None:
        """Try a delivery again; returns it as it then is, None for an id of none."""

    def closed_receivers(self) -> Sequence[ReceiverStanding]:
        """The receivers of webhooks that get nothing now."""

    def resume(self, target: str) -> bool:
        """Let the receiver at this URL have everything again; whether it had nothing."""


class PartsCondition(Protocol):
    """How the parts are that calls need."""

    def pool(self) -> PoolRoom:
        """The media workers."""

    def trunks(self) -> Mapping[str, TrunkRegistration]:
        """The trunks that register, by name."""

    def trunk_conditions(self) -> Mapping[str, TrunkCondition]:
        """The condition of every trunk, by name."""

    def asterisks(self) -> Mapping[str, LinkState]:
        """The Asterisks of the settings, by name."""

    def usable(self) -> Usable:
        """Whether messages can be recorded and texts be spoken."""

    def waiting(self) -> Mapping[str, int]:
        """How many calls wait in each queue; queues where none waits may be missing."""

    async def check_store(self) -> None:
        """Write, and leave nothing behind; raises store.errors.StoreError where no write is possible."""


class ServerSettings(Protocol):
    """The settings, as operators change them."""

    @property
    def state(self) -> ConfigState:
        """Which are in force."""

    async def reload(self) -> ReloadReport:
        """Load the config file again; raises config.problems.ConfigError and changes nothing then."""


def operator_room(
    *,
    config: Callable[[], Config],
    settings: ServerSettings,
    set_log_level: Callable[[LogLevel], None],
    engine: RequestedCalls,
    stores: Stores,
    condition: PartsCondition,
    outbox: OutboxControl,
    agents: Agents,
    sessions: LoginSessions,
    traces: SipTraces,
    registry: CollectorRegistry,
    cancel_callback: Cancel,
    expired: Callable[[], Awaitable[Sequence[Expired]]],
    rebuild_reports: Callable[[], Awaitable[int]],
    spend: Callable[[], Sequence[SpendStanding]],
    answers: Callable[[str], AnswerBook | None],
    forget_visitors: Callable[[Iterable[tuple[str, str]]], None],
    access: Access,
    audit: AuditTrail,
    leads: LeadParts,
    clock: Clock,
) -> list[Endpoints]:
    """What operators, load balancers and Prometheus use. Registers its gauges in ``registry``."""
    trunks = TrunkBoard(config, condition.trunk_conditions, condition.trunks)
    stored = StoredCounts(config, stores.messages, stores.callbacks, stores.deliveries)
    registry.register(
        Gauges(
            gauges(
                config=config,
                config_state=lambda: settings.state,
                pool=condition.pool,
                trunks=trunks,
                asterisks=condition.asterisks,
                waiting=condition.waiting,
                agents=agents,
                closed_receivers=outbox.closed_receivers,
                stored=stored,
            )
        )
    )
    return [
        RecordEndpoints(engine.live, stores.calls),
        CallbackListEndpoints(stores.callbacks),
        MessageEndpoints(config, stores.messages, audit),
        RecordingEndpoints(config, stores.recordings, audit),
        PersonEndpoints(
            config=config,
            calls=engine,
            people=stores.people,
            cancel_callback=cancel_callback,
            forget_visitors=forget_visitors,
            forget_leads=leads.desk.forget,
            audit=audit,
        ),
        LeadReportEndpoints(work=leads.work, store=stores.leads, audit=audit),
        ReportEndpoints(stores.reports, rebuild_reports),
        ChatReportEndpoints(stores.chats),
        EngagementEndpoints(config, stores.visits),
        RetentionEndpoints(expired),
        SpendEndpoints(spend),
        QuestionEndpoints(stores.questions, answers),
        DeliveryEndpoints(
            stores.deliveries,
            resend=outbox.resend,
            closed=outbox.closed_receivers,
            resume=outbox.resume,
        ),
        SessionEndpoints(sessions, audit),
        TrunkEndpoints(trunks),
        SettingsEndpoints(reload=settings.reload, state=lambda: settings.state, set_log_level=set_log_level),
        TraceEndpoints(config, traces, engine.progress),
        HealthEndpoints(
            access=access,
            pool=condition.pool,
            config_state=lambda: settings.state,
            trunks=trunks,
            asterisks=condition.asterisks,
            check_store=condition.check_store,
            usable=condition.usable,
            draining=lambda: engine.draining,
        ),
        MetricsEndpoints(registry, stored),
    ]
