"""Counts of ended calls, and which calls they hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table, empty. No call is counted yet: the server counts those of the past once it runs."""
    op.create_table(
        "call_counts",
        sa.Column("bucket", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("route", sa.String, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("disposition", sa.String, nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("cancelled_early", sa.Integer, nullable=False),
        sa.Column("shoppers_dialled", sa.Integer, nullable=False),
        sa.Column("shoppers_answered", sa.Integer, nullable=False),
        sa.Column("wait", sa.Double, nullable=False),
        sa.Column("talk", sa.Double, nullable=False),
        sa.Column("waits", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint(
            "bucket", "site", "route", "destination", "disposition", name="pk_call_counts"
        ),
    )
    op.add_column("calls", sa.Column("counted", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.create_index(
        "ix_calls_uncounted",
        "calls",
        ["requested_at"],
        sqlite_where=sa.text("counted = 0"),
        postgresql_where=sa.text("counted = 0"),
    )
