"""People, sessions with an owner, a bin and words to be found by, questions that stand for another, kept registers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.session_words import index_all

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """From the first version."""
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("owner", sa.String(26)))
        sessions.add_column(sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()))
        sessions.add_column(sa.Column("deleted_at", sa.String(32)))
        sessions.add_column(sa.Column("imported", sa.Text))
        sessions.create_index("ix_sessions_owner", ["owner"])
    with op.batch_alter_table("messages") as messages:
        messages.add_column(sa.Column("instead_of", sa.String(26)))
        messages.add_column(sa.Column("rating", sa.Integer))
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("register", sa.String(64)))
        runs.add_column(sa.Column("matched", sa.Integer))
    op.create_table(
        "session_words",
        sa.Column("session_id", sa.String(26), sa.ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
    )
    # It reads columns that stood in the first version; a step that renames one of them must bring its own.
    index_all(op.get_bind())
    op.create_table(
        "people",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("folded", sa.String(80), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("person", sa.String(26), sa.ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("used_at", sa.String(32)),
    )
    op.create_index("ix_tokens_person", "tokens", ["person"])
    op.create_table(
        "signed_out",
        sa.Column("sign_in", sa.String(26), primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "registers",
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("columns", sa.JSON, nullable=False),
        sa.Column("sheet", sa.Text),
        sa.Column("headings", sa.JSON, nullable=False),
        sa.Column("added_at", sa.String(32), nullable=False),
        sa.Column("current", sa.Boolean, nullable=False, server_default=sa.false()),
    )
