"""What agents did and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "agent_spans",
        sa.Column("agent", sa.String, primary_key=True),
        sa.Column("begins", sa.Double, primary_key=True, autoincrement=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("ends", sa.Double, nullable=False),
        sa.Column("open", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_agent_spans_begins", "agent_spans", ["begins", "agent"])
    op.create_index(
        "ix_agent_spans_open",
        "agent_spans",
        ["agent"],
        sqlite_where=sa.text("open = 1"),
        postgresql_where=sa.text("open = 1"),
    )
    op.create_table(
        "agent_time",
        sa.Column("span", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("bucket", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("agent", sa.String, primary_key=True),
        sa.Column("state", sa.String, primary_key=True),
        sa.Column("ms", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_agent_time_agent", "agent_time", ["agent"])
