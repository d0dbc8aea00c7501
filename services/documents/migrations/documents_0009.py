"""Add which document a new version replaces."""

import sqlalchemy as sa
from alembic import op

revision = "documents_0009"
down_revision = "documents_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces", sa.String(length=150), nullable=True))
        batch_op.add_column(sa.Column("replaced_by", sa.String(length=150), nullable=True))
