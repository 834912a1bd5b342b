"""Chats, what was said in them, who had them, and counts of those that ended."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def _needed(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=False) for name in names]


def _open(kind: Any, *names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]


def _of_chat(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_chat_id"
    return sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    """Create the tables, empty."""
    op.create_table(
        "chats",
        *_needed(sa.String, "id", "site", "route", "queue", "visitor", "page"),
        *_needed(sa.JSON, "context", "signed"),
        *_needed(sa.String, "client_ip", "origin", "token_digest", "key_digest", "state"),
        *_open(sa.String, "agent", "last_agent"),
        *_needed(sa.Double, "asked_at"),
        *_open(sa.Double, "waiting_since"),
        *_needed(sa.Integer, "first"),
        *_open(sa.Double, "accepted_at", "taken_at", "first_answer_at", "ended_at"),
        *_open(sa.String, "outcome", "cause"),
        *_needed(sa.Double, "waited", "handled"),
        *_needed(sa.Integer, "replies"),
        *_needed(sa.Double, "reply_seconds"),
        *_needed(sa.String, "call"),
        *_open(sa.String, "call_id"),
        *_needed(sa.Integer, "escalated"),
        *_open(sa.String, "last_word"),
        *_open(sa.Integer, "rating"),
        *_open(sa.Text, "rating_text"),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
        sa.UniqueConstraint("key_digest", name="uq_chats_key_digest"),
    )
    op.create_index("ix_chats_asked_at", "chats", ["asked_at", "id"])
    op.create_index("ix_chats_site", "chats", ["site", "asked_at", "id"])
    op.create_index("ix_chats_visitor", "chats", ["visitor", "asked_at", "id"])
    op.create_index("ix_chats_client_ip", "chats", ["client_ip", "asked_at"])
    op.create_index("ix_chats_call_id", "chats", ["call_id"])
    op.create_index(
        "ix_chats_open",
        "chats",
        ["asked_at"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "chat_entries",
        *_needed(sa.String, "chat_id"),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        *_needed(sa.Double, "at"),
        *_needed(sa.String, "by", "kind"),
        *_open(sa.String, "agent"),
        *_needed(sa.Text, "text"),
        *_open(sa.String, "canned", "key"),
        _of_chat("chat_entries"),
        sa.PrimaryKeyConstraint("chat_id", "seq", name="pk_chat_entries"),
        sa.UniqueConstraint("chat_id", "key", name="uq_chat_entries_chat_id"),
    )
    op.create_table(
        "chat_agents",
        *_needed(sa.String, "chat_id", "agent"),
        *_needed(sa.Double, "taken_at"),
        *_open(sa.String, "code"),
        *_open(sa.Text, "note"),
        _of_chat("chat_agents"),
        sa.PrimaryKeyConstraint("chat_id", "agent", name="pk_chat_agents"),
    )
    op.create_index("ix_chat_agents_agent", "chat_agents", ["agent", "taken_at"])
    op.create_table(
        "chat_counts",
        sa.Column("bucket", sa.Integer, nullable=False, autoincrement=False),
        *_needed(sa.String, "site", "route", "agent", "outcome"),
        *_needed(sa.Integer, "chats", "accepted"),
        *_needed(sa.Double, "wait", "handle"),
        *_needed(sa.Integer, "answered"),
        *_needed(sa.Double, "first_answer"),
        *_needed(sa.Integer, "replies"),
        *_needed(sa.Double, "reply"),
        *_needed(sa.Integer, "rated", "rating"),
        sa.PrimaryKeyConstraint("bucket", "site", "route", "agent", "outcome", name="pk_chat_counts"),
    )
