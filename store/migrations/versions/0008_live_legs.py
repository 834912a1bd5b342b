"""The legs of calls that live, and when the core was last known to live."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create both tables, empty: no call lives while this runs."""
    op.create_table(
        "live_legs",
        sa.Column(
            "call_id",
            sa.String,
            sa.ForeignKey("calls.id", name="fk_live_legs_call_id", ondelete="CASCADE"),
            nullable=False,
        ),
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
        sa.Column("ended_at", sa.Double),
        sa.Column("cause", sa.String),
        sa.Column("sip_status", sa.Integer),
        sa.Column("sip_call_id", sa.String),
        sa.PrimaryKeyConstraint("call_id", "position", name="pk_live_legs"),
    )
    op.create_table(
        "heartbeats",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_heartbeats"),
    )
