"""Store which nomination the province replaced by which, and index the support requests by their call."""

import sqlalchemy as sa
from alembic import op

revision = "application_0010"
down_revision = "application_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("support_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("replaced_by", sa.String(length=36), nullable=True))
        batch_op.create_index(
            "ix_support_requests_round",
            ["round", "id"],
            unique=False,
            postgresql_where=sa.text("round IS NOT NULL"),
            sqlite_where=sa.text("round IS NOT NULL"),
        )
