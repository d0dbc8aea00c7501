"""Add the contact of a round of evaluation."""

import sqlalchemy as sa
from alembic import op

revision = "evaluation_0007"
down_revision = "evaluation_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact", sa.JSON(), nullable=True))
