"""Calls and their legs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "calls",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("route", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("page", sa.String, nullable=False),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("client_ip", sa.String, nullable=False),
        sa.Column("requested_at", sa.Double, nullable=False),
        sa.Column("bridged_at", sa.Double),
        sa.Column("ended_at", sa.Double),
        sa.Column("disposition", sa.String),
        sa.Column("cause", sa.String),
        sa.Column("reason", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_requested_at", "calls", ["requested_at", "id"])
    op.create_index("ix_calls_site", "calls", ["site", "requested_at", "id"])
    op.create_index("ix_calls_number", "calls", ["number", "requested_at", "id"])
    op.create_index("ix_calls_disposition", "calls", ["disposition", "requested_at", "id"])
    op.create_index("ix_calls_client_ip", "calls", ["client_ip", "requested_at"])
    unfinished = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_calls_unfinished", "calls", ["id"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    op.create_table(
        "legs",
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("leg_id", sa.String, nullable=False),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("uri", sa.String, nullable=False),
        sa.Column("dialed_at", sa.Double, nullable=False),
        sa.Column("ringing_at", sa.Double),
        sa.Column("answered_at", sa.Double),
        sa.Column("joined_at", sa.Double),
        sa.Column("ended_at", sa.Double, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("sip_status", sa.Integer),
        sa.Column("sip_call_id", sa.String),
        sa.Column("codec", sa.String),
        sa.Column("packets_received", sa.Integer),
        sa.Column("packets_lost", sa.Integer),
        sa.Column("packets_sent", sa.Integer),
        sa.Column("jitter_ms", sa.Double),
        sa.PrimaryKeyConstraint("call_id", "position", name="pk_legs"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_legs_call_id", ondelete="CASCADE"),
    )
