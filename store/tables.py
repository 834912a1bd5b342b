"""The tables, in portable SQL. Whatever changes here needs a migration; a test compares the two.

Times are seconds since the epoch in double precision: they sort, every database has the type, and they
come back as the very floats that went in. Closed vocabularies (dispositions, causes) are plain strings, so
that a new word needs no migration.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Double, ForeignKey, Index, Integer, MetaData, String, Table

# Names in a fixed pattern, so that migrations can refer to constraints on every database.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

#: One row a request, from the click on. ``ended_at`` is null while the call lives; ``disposition`` is set
#: as soon as the call is settled.
calls = Table(
    "calls",
    metadata,
    Column("id", String, primary_key=True),
    Column("site", String, nullable=False),
    Column("route", String, nullable=False),
    Column("number", String, nullable=False),
    Column("page", String, nullable=False),
    Column("context", JSON, nullable=False),
    Column("client_ip", String, nullable=False),
    Column("requested_at", Double, nullable=False),
    Column("bridged_at", Double),
    Column("ended_at", Double),
    Column("disposition", String),
    Column("cause", String),
    Column("reason", String),
)

# Each serves a filter of the CDRs, newest first with the id as tie-break, or a limit.
Index("ix_calls_requested_at", calls.c.requested_at, calls.c.id)
Index("ix_calls_site", calls.c.site, calls.c.requested_at, calls.c.id)
Index("ix_calls_number", calls.c.number, calls.c.requested_at, calls.c.id)
Index("ix_calls_disposition", calls.c.disposition, calls.c.requested_at, calls.c.id)
Index("ix_calls_client_ip", calls.c.client_ip, calls.c.requested_at)
# A handful of rows among millions: what a start has to close.
Index(
    "ix_calls_unfinished",
    calls.c.id,
    sqlite_where=calls.c.ended_at.is_(None),
    postgresql_where=calls.c.ended_at.is_(None),
)

#: One row a leg of a finished call. The media columns are all null for a leg without media.
legs = Table(
    "legs",
    metadata,
    Column("call_id", ForeignKey(calls.c.id, ondelete="CASCADE"), primary_key=True),
    #: Place among the call's legs, from 0.
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("leg_id", String, nullable=False),
    Column("role", String, nullable=False),
    Column("destination", String, nullable=False),
    Column("label", String, nullable=False),
    Column("uri", String, nullable=False),
    Column("dialed_at", Double, nullable=False),
    Column("ringing_at", Double),
    Column("answered_at", Double),
    Column("joined_at", Double),
    Column("ended_at", Double, nullable=False),
    Column("cause", String, nullable=False),
    Column("sip_status", Integer),
    Column("sip_call_id", String),
    Column("codec", String),
    Column("packets_received", Integer),
    Column("packets_lost", Integer),
    Column("packets_sent", Integer),
    Column("jitter_ms", Double),
)
