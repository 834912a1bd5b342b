"""Talks that were recorded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "recordings",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("leg_id", sa.String, nullable=False),
        sa.Column("destination", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("began_at", sa.Double, nullable=False),
        sa.Column("seconds", sa.Double),
        sa.Column("failed", sa.Boolean, nullable=False),
    )
    op.create_index("ix_recordings_began_at", "recordings", ["began_at", "id"])
    op.create_index("ix_recordings_call", "recordings", ["call_id"])
