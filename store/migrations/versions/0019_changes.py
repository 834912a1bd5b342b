"""Changes of the settings, drafts of them, and what the files held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Create the tables, empty."""
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("via", sa.String, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("before", sa.LargeBinary, nullable=False),
        sa.Column("after", sa.LargeBinary, nullable=False),
        sa.Column("sentences", sa.JSON, nullable=False),
        sa.Column("undoes", sa.Integer),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("publish_at", sa.Double),
        sa.Column("problem", sa.Text, nullable=False),
    )
    op.create_index("ix_changes_at", "changes", ["at"])
    op.create_index("ix_changes_state", "changes", ["state"])
    op.create_table(
        "change_drafts",
        sa.Column("operator", sa.String, primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("saved_at", sa.Double, nullable=False),
        sa.Column("base", sa.LargeBinary, nullable=False),
        sa.Column("mine", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "settings_files",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("text", sa.LargeBinary, nullable=False),
    )
