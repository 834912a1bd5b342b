"""What adds up the time of all agents without sorting it first."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_agent_time_state", "agent_time", ["span", "bucket", "state", "agent", "ms"])
