"""Add whether a case's present stage requires an officer's draft before a chief signs."""

import sqlalchemy as sa
from alembic import op

revision = "review_0005"
down_revision = "review_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("four_eyes", sa.Boolean(), nullable=True))
