"""Add when a reviewer declared to have no interest in the case and promised confidentiality."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "review_0008"
down_revision = "review_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("seats", schema=None) as batch_op:
        batch_op.add_column(sa.Column("declared_at", services.kernel.persistence.database.Instant(), nullable=True))
        batch_op.add_column(sa.Column("declaration", sa.Text(), nullable=True))
