"""People nobody served, what they were promised, and headers of mails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Create the tables, empty; older mails have no headers of their own."""
    op.add_column("deliveries", sa.Column("headers", sa.JSON, nullable=False, server_default="{}"))
    op.create_table(
        "leads",
        sa.Column("id", sa.String, nullable=False),
        *_texts("site", "number", "mail", "signed_id", "visitor", "name"),
        sa.Column("keys", sa.JSON, nullable=False),
        sa.Column("opened_at", sa.Double, nullable=False),
        sa.Column("last_at", sa.Double, nullable=False),
        *_texts("state", "page"),
        sa.Column("context", sa.JSON, nullable=False),
        sa.Column("signed", sa.JSON, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        *_texts("kind", "queue"),
        sa.Column("assigned", sa.JSON, nullable=False),
        sa.Column("owner", sa.String),
        sa.Column("absent_since", sa.Double),
        sa.Column("running", sa.JSON),
        sa.Column("due_at", sa.Double),
        *_texts("pending"),
        sa.Column("first_at", sa.Double),
        sa.Column("breached", sa.Integer, nullable=False),
        sa.Column("expires_at", sa.Double),
        sa.Column("tries", sa.Integer, nullable=False),
        *_texts("code"),
        sa.Column("note", sa.Text, nullable=False),
        *_texts("secret"),
        sa.Column("closed_at", sa.Double),
        *_texts("closed_how"),
        sa.PrimaryKeyConstraint("id", name="pk_leads"),
    )
    op.create_index("ix_leads_opened_at", "leads", ["opened_at"])
    op.create_index("ix_leads_closed_at", "leads", ["site", "closed_at"])
    op.create_table(
        "lead_contacts",
        sa.Column("lead_id", sa.String, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        *_texts("kind", "ref"),
        sa.Column("at", sa.Double, nullable=False),
        *_texts("by"),
        sa.PrimaryKeyConstraint("lead_id", "position", name="pk_lead_contacts"),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name="fk_lead_contacts_lead_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_lead_contacts_ref", "lead_contacts", ["ref"])
    op.create_table(
        "promises_kept",
        *_texts("lead_id", "term"),
        sa.Column("since", sa.Double, nullable=False),
        *_texts("promise", "site", "queue", "agent"),
        sa.Column("due_at", sa.Double),
        sa.Column("met_at", sa.Double),
        sa.Column("breached_at", sa.Double),
        *_texts("explanation"),
        sa.PrimaryKeyConstraint("lead_id", "term", "since", name="pk_promises_kept"),
    )
    op.create_index("ix_promises_kept_since", "promises_kept", ["since"])
    op.create_table(
        "lead_reminders",
        *_texts("reader", "lead_id", "kind"),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("reader", "lead_id", name="pk_lead_reminders"),
    )
    op.create_table(
        "lead_mutes",
        *_texts("reader"),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("reader", name="pk_lead_mutes"),
    )
    op.create_table(
        "acknowledgements",
        *_texts("site", "digest"),
        sa.Column("at", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("site", "digest", name="pk_acknowledgements"),
    )


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String, nullable=False) for name in names]
