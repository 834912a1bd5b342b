"""Which chat a call came of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add the column, and what finds the calls of a chat."""
    op.add_column("calls", sa.Column("chat_id", sa.String))
    there = sa.text("chat_id IS NOT NULL")
    op.create_index("ix_calls_chat_id", "calls", ["chat_id"], sqlite_where=there, postgresql_where=there)
