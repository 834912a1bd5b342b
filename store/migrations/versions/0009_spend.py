"""What legs cost, by account and day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table, empty."""
    op.create_table(
        "spend",
        sa.Column("leg_id", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("day", sa.String, nullable=False),
        sa.Column("per_minute", sa.String, nullable=False),
        sa.Column("increment", sa.Double, nullable=False),
        sa.Column("dialed_at", sa.Double, nullable=False),
        sa.Column("money", sa.String),
        sa.Column("minutes", sa.String),
        sa.PrimaryKeyConstraint("leg_id", "account", name="pk_spend"),
    )
    op.create_index("ix_spend_day", "spend", ["day"])
