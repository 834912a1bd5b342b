"""What the portal's reports are made of: calls and chats counted by one thing at a time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Make the table. Calls of before are in it once `ringback reports rebuild` has counted them again."""
    op.create_table(
        "part_counts",
        sa.Column("span", sa.Integer, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("part", sa.String, nullable=False),
        sa.Column("bucket", sa.Integer, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("sums", sa.LargeBinary, nullable=False),
        sa.Column("waits", sa.LargeBinary, nullable=False),
        sa.Column("firsts", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("span", "channel", "part", "bucket", "site", "value", name="pk_part_counts"),
        sqlite_with_rowid=False,
    )
    op.add_column("calls", sa.Column("wrapped", sa.Double, nullable=False, server_default=sa.text("0")))
    op.add_column("chats", sa.Column("counted", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.create_index(
        "ix_chats_uncounted",
        "chats",
        ["asked_at"],
        sqlite_where=sa.text("counted = 0"),
        postgresql_where=sa.text("counted = 0"),
    )
    for name in ("call_id", "chat_id"):
        op.create_index(
            f"ix_offers_{name}",
            "offers",
            [name],
            sqlite_where=sa.text(f"{name} IS NOT NULL"),
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )
