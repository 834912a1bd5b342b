"""What agents write about calls."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "wrap_ups",
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("agent", sa.String, nullable=False),
        sa.Column("code", sa.String),
        sa.Column("note", sa.Text),
        sa.Column("written_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "agent", name="pk_wrap_ups"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_wrap_ups_call_id", ondelete="CASCADE"),
    )
