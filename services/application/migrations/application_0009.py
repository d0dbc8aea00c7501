"""Add the operating period of organisations, for those that began to operate later than they were founded."""

import sqlalchemy as sa
from alembic import op

revision = "application_0009"
down_revision = "application_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("operating_period", sa.JSON(), nullable=True))
