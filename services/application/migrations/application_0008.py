"""Add the text of a call and the contact for questions about it."""

import sqlalchemy as sa
from alembic import op

revision = "application_0008"
down_revision = "application_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("calls", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("contact", sa.JSON(), nullable=True))
