"""What was agreed and done in shared views."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "view_steps",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("view_id", "channel", "talk_id", "site")),
        sa.Column("at", sa.Double, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("agent", "step", "scopes", "version")),
        sa.Column("words", sa.Text, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("origin", "what", "result", "reason")),
    )
    op.create_index("ix_view_steps_talk_id", "view_steps", ["talk_id"])
