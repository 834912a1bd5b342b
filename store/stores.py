"""Every store over one database. A feature adds its store here, and its tables to store/tables.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from routing.plan import ClickToCall
from store.agent_time import SqlAgentTime
from store.callbacks import SqlCallbackStore
from store.calls import SqlCallStore
from store.changes import SqlChanges
from store.chats import SqlChatStore
from store.database import Database
from store.deliveries import SqlDeliveryStore
from store.flows import SqlFlowStore
from store.kiosks import SqlKiosks
from store.leads import SqlLeads
from store.leases import SqlLeases
from store.messages import SqlMessageStore
from store.people import SqlPeople
from store.portal import SqlAudit
from store.questions import SqlQuestions
from store.queues import SqlQueueStore
from store.recordings import SqlRecordings
from store.reports import SqlReports
from store.retention import SqlRetention
from store.spend import SqlSpendStore
from store.talks import SqlTalks
from store.used_tokens import SqlUsedTokens
from store.views import SqlViewStore
from store.visits import SqlVisits
from store.wrap_ups import SqlWrapUpStore


@dataclass(frozen=True, slots=True)
class Stores:
    """What is kept, by what it is about. Every method of a store may raise store.errors.StoreError."""

    database: Database
    agent_time: SqlAgentTime
    audit: SqlAudit
    calls: SqlCallStore
    kiosks: SqlKiosks
    messages: SqlMessageStore
    callbacks: SqlCallbackStore
    changes: SqlChanges
    chats: SqlChatStore
    deliveries: SqlDeliveryStore
    flows: SqlFlowStore
    leads: SqlLeads
    leases: SqlLeases
    people: SqlPeople
    questions: SqlQuestions
    queues: SqlQueueStore
    recordings: SqlRecordings
    reports: SqlReports
    retention: SqlRetention
    spend: SqlSpendStore
    talks: SqlTalks
    used_tokens: SqlUsedTokens
    views: SqlViewStore
    visits: SqlVisits
    wrap_ups: SqlWrapUpStore

    @classmethod
    def over(cls, database: Database, visitor: Callable[[ClickToCall], str | None] | None = None) -> Self:
        """The stores of a database. ``visitor(click)`` tells which visitor a call is of, as its row says."""
        return cls(
            database=database,
            agent_time=SqlAgentTime(database),
            audit=SqlAudit(database),
            calls=SqlCallStore(database, visitor) if visitor else SqlCallStore(database),
            kiosks=SqlKiosks(database),
            messages=SqlMessageStore(database),
            callbacks=SqlCallbackStore(database),
            changes=SqlChanges(database),
            chats=SqlChatStore(database),
            deliveries=SqlDeliveryStore(database),
            flows=SqlFlowStore(database),
            leads=SqlLeads(database),
            leases=SqlLeases(database),
            people=SqlPeople(database),
            questions=SqlQuestions(database),
            queues=SqlQueueStore(database),
            recordings=SqlRecordings(database),
            reports=SqlReports(database),
            retention=SqlRetention(database),
            spend=SqlSpendStore(database),
            talks=SqlTalks(database),
            used_tokens=SqlUsedTokens(database),
            views=SqlViewStore(database),
            visits=SqlVisits(database),
            wrap_ups=SqlWrapUpStore(database),
        )
