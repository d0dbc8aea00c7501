"""Add to sessions the instant at which their token was renewed last."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "gateway_0004"
down_revision = "gateway_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("renewed_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True))
