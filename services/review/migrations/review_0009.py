"""Add decision lists: decisions of one call that a chief signs in one act."""

import sqlalchemy as sa
from alembic import op

from services.kernel.persistence.database import Instant

revision = "review_0009"
down_revision = "review_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "decision_lists",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("bureau", sa.String(length=20), nullable=False),
        sa.Column("call", sa.String(length=60), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("signed_by", sa.String(length=120), nullable=True),
        sa.Column("signed_at", Instant(timezone=True), nullable=True),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_lists")),
    )
    with op.batch_alter_table("decision_lists", schema=None) as batch_op:
        batch_op.create_index("ix_decision_lists_call", ["call", "id"], unique=False)
