"""Add the digest that distinguishes file names which are displayed alike."""

import sqlalchemy as sa
from alembic import op

revision = "documents_0008"
down_revision = "documents_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_key", sa.String(length=64), nullable=True))
