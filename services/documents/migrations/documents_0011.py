"""Add whether an event has announced a legal hold to the other services."""

import sqlalchemy as sa
from alembic import op

revision = "documents_0011"
down_revision = "documents_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("holds", schema=None) as batch_op:
        batch_op.add_column(sa.Column("announced", sa.Boolean(), server_default=sa.false(), nullable=False))
