"""Add by which officer and when a decision list was withdrawn."""

import sqlalchemy as sa
from alembic import op

from services.kernel.persistence.database import Instant

revision = "review_0011"
down_revision = "review_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("decision_lists", schema=None) as batch_op:
        batch_op.add_column(sa.Column("withdrawn_by", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", Instant(timezone=True), nullable=True))
