"""What was learnt of queues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Create the table, empty: the next calls fill it."""
    op.create_table(
        "queues",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("intervals", sa.JSON, nullable=False),
        sa.Column("gave_up", sa.Double, nullable=False),
        sa.Column("waited", sa.Double, nullable=False),
        sa.Column("learnt_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_queues"),
    )
