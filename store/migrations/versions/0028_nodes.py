"""The lives of nodes, and which of them runs a call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Make the table, and add the column: older calls carry no life."""
    op.create_table(
        "nodes",
        sa.Column("life", sa.String, primary_key=True),
        sa.Column("node", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("began_at", sa.Double, nullable=False),
        sa.Column("seen_at", sa.Double, nullable=False),
    )
    op.add_column("calls", sa.Column("life", sa.String))
