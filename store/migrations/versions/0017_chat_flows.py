"""How far shoppers have come in guided chats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "chat_flows",
        sa.Column("chat_id", sa.String, sa.ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("state", sa.JSON, nullable=False),
    )
