"""Add the consortia of the plan of 2021 that are proposed for the register (A16)."""

import sqlalchemy as sa
from alembic import op

from services.kernel.persistence.database import Instant

revision = "application_0015"
down_revision = "application_0014"
branch_labels = None
depends_on = None

_WAITING = sa.text("status = 'proposed'")


def upgrade() -> None:
    op.create_table(
        "proposed_consortia",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("lead", sa.String(length=18), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("proposed_by", sa.String(length=120), nullable=False),
        sa.Column("proposed_at", Instant(timezone=True), nullable=False),
        sa.Column("answered_by", sa.String(length=120), nullable=True),
        sa.Column("answered_at", Instant(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposed_consortia")),
    )
    with op.batch_alter_table("proposed_consortia", schema=None) as batch_op:
        batch_op.create_index(
            "ix_proposed_consortia_once",
            ["lead", "name"],
            unique=True,
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        )
