"""Add the data of voided scores: who ended a seat and when, which seat a reviewer replaces, and which reviewer still scores after
scoring has closed."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "review_0006"
down_revision = "review_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.add_column(sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        batch_op.add_column(sa.Column("replaces", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("ended_by", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("ended_at", services.kernel.persistence.database.Instant(), nullable=True))
        batch_op.add_column(sa.Column("void", sa.Text(), nullable=True))
