"""Messages, callbacks, and the outbox of deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "messages",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("mailbox", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("page", sa.String, nullable=False),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("taken_at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
    )
    op.create_index("ix_messages_taken_at", "messages", ["taken_at", "id"])
    op.create_index("ix_messages_site", "messages", ["site", "taken_at", "id"])
    op.create_index("ix_messages_mailbox", "messages", ["mailbox", "taken_at", "id"])

    op.create_table(
        "callbacks",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("call_id", sa.String, nullable=False),
        sa.Column("terms", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("number", sa.String, nullable=False),
        sa.Column("page", sa.String, nullable=False),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("client_ip", sa.String, nullable=False),
        sa.Column("booked_at", sa.Double, nullable=False),
        sa.Column("due_at", sa.Double, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("last_call_id", sa.String),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
        sa.UniqueConstraint("secret", name="uq_callbacks_secret"),
    )
    op.create_index("ix_callbacks_booked_at", "callbacks", ["booked_at", "id"])
    op.create_index("ix_callbacks_call_id", "callbacks", ["call_id", "booked_at", "id"])
    op.create_index("ix_callbacks_state", "callbacks", ["state", "due_at"])

    op.create_table(
        "deliveries",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("message_id", sa.String),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("mailbox", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("attachment", sa.String),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Double),
        sa.Column("delivered_at", sa.Double),
        sa.Column("error", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name="fk_deliveries_message_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_deliveries_message_id", "deliveries", ["message_id"])
    op.create_index("ix_deliveries_created_at", "deliveries", ["created_at", "id"])
    op.create_index("ix_deliveries_kind", "deliveries", ["kind", "next_at", "delivered_at"])
    waiting = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_deliveries_waiting",
        "deliveries",
        ["next_at", "id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    dead = sa.text("next_at IS NULL AND delivered_at IS NULL")
    op.create_index(
        "ix_deliveries_dead",
        "deliveries",
        ["created_at", "id"],
        sqlite_where=dead,
        postgresql_where=dead,
    )
