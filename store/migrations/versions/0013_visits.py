"""Visitors of shops' pages, what they were offered and bought, and counts of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def _key(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=f"pk_{table}")


def upgrade() -> None:
    """Create the tables, empty."""
    op.create_table(
        "page_counts",
        sa.Column("site", sa.String, nullable=False),
        sa.Column("bucket", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("variant", sa.String, nullable=False),
        sa.Column("arm", sa.String, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        _key("page_counts", "site", "bucket", "rule", "variant", "arm", "outcome", "reason", "device"),
    )
    op.create_table(
        "placements",
        sa.Column("site", sa.String, nullable=False),
        sa.Column("day", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("place", sa.String, nullable=False),
        sa.Column("page", sa.String, nullable=False),
        sa.Column("way", sa.String, nullable=False),
        sa.Column("seen", sa.Integer, nullable=False),
        sa.Column("clicked", sa.Integer, nullable=False),
        _key("placements", "site", "day", "place", "page", "way"),
    )
    op.create_table(
        "visitors",
        sa.Column("site", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("first_at", sa.Double, nullable=False),
        sa.Column("last_at", sa.Double, nullable=False),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("memory", sa.JSON, nullable=False),
        sa.Column("call_id", sa.String),
        sa.Column("called_at", sa.Double),
        _key("visitors", "site", "id"),
    )
    op.create_index("ix_visitors_last_at", "visitors", ["site", "last_at", "id"])
    op.create_table(
        "offers",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("site", sa.String, nullable=False),
        sa.Column("visitor", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("epoch", sa.String, nullable=False),
        sa.Column("variant", sa.String, nullable=False),
        sa.Column("arm", sa.String, nullable=False),
        sa.Column("page", sa.String, nullable=False),
        sa.Column("offered_at", sa.Double, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("answered_at", sa.Double),
        sa.Column("call_id", sa.String),
        sa.Column("chat_id", sa.String),
        _key("offers", "id"),
    )
    op.create_index("ix_offers_offered_at", "offers", ["site", "offered_at", "id"])
    op.create_index("ix_offers_visitor", "offers", ["site", "visitor", "offered_at"])
    op.create_table(
        "conversions",
        sa.Column("site", sa.String, nullable=False),
        sa.Column("ref", sa.String, nullable=False),
        sa.Column("visitor", sa.String),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("value", sa.BigInteger),
        sa.Column("currency", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("offer_id", sa.String),
        sa.Column("call_id", sa.String),
        sa.Column("chat_id", sa.String),
        _key("conversions", "site", "ref"),
    )
    op.create_index("ix_conversions_at", "conversions", ["site", "at", "ref"])
    op.create_index("ix_conversions_visitor", "conversions", ["site", "visitor", "at"])
