"""Store what the register needs over several years: planned major matters, the units that must confirm a change, the watch list,
repairs of integrity records, and hand-overs."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "application_0007"
down_revision = "application_0006"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


def upgrade() -> None:
    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("planned", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.add_column(sa.Column("objection", sa.JSON(), nullable=True))
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("unforeseen", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("asked", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("recommendation", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    with op.batch_alter_table("consortia", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hand_overs", sa.Integer(), server_default=sa.text("0"), nullable=False))
    with op.batch_alter_table("integrity_records", schema=None) as batch_op:
        batch_op.add_column(sa.Column("repairs", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
    op.create_table(
        "watches",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("consortium_id", sa.String(length=36), nullable=False),
        sa.Column("recommender", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=30), nullable=False),
        sa.Column("organisation", sa.String(length=18), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=True),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("look_on", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["consortium_id"], ["consortia.id"], name=op.f("fk_watches_consortium_id_consortia")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
    )
    with op.batch_alter_table("watches", schema=None) as batch_op:
        batch_op.create_index("ix_watches_consortium", ["consortium_id", "id"], unique=False)
        batch_op.create_index("ix_watches_standing", ["id"], unique=False, **_where("status <> 'settled'"))
        batch_op.create_index("ix_watches_due", ["due_on"], unique=False, **_where("status = 'open' AND due_on IS NOT NULL"))
        batch_op.create_index(
            "ix_watches_look", ["look_on"], unique=False, **_where("status <> 'settled' AND look_on IS NOT NULL")
        )
