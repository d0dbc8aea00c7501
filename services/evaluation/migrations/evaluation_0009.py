"""Add, to objections to grades, the letters and the answers that wait for a second signature."""

import sqlalchemy as sa
from alembic import op

from services.kernel.persistence.database import Instant

revision = "evaluation_0009"
down_revision = "evaluation_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("grade_objections", schema=None) as batch_op:
        batch_op.alter_column("objector", existing_type=sa.JSON(), nullable=True)
        batch_op.add_column(sa.Column("received_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("document", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("prepared", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_by", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("resolved_at", Instant(timezone=True), nullable=True))
