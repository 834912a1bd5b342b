"""What retailers' servers sign: kept with calls, messages and callbacks; and the tokens that are used up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns, empty for what is older, and the table."""
    for table in ("calls", "messages", "callbacks"):
        op.add_column(table, sa.Column("signed", sa.JSON, nullable=False, server_default="{}"))
    op.create_table(
        "used_tokens",
        sa.Column("site", sa.String, nullable=False),
        sa.Column("token_id", sa.String, nullable=False),
        sa.Column("expires_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("site", "token_id", name="pk_used_tokens"),
    )
    op.create_index("ix_used_tokens_expires_at", "used_tokens", ["expires_at"])
