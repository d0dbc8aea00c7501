"""Add to objections the objecting organisation, the data of written objections, and answers that wait for a second signature."""

import sqlalchemy as sa
from alembic import op

from services.kernel.persistence.database import Instant

revision = "application_0014"
down_revision = "application_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("objections", schema=None) as batch_op:
        batch_op.add_column(sa.Column("organisation", sa.String(length=18), nullable=True))
        batch_op.add_column(sa.Column("objector", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("received_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("document", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("prepared", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("confirmed_by", sa.String(length=120), nullable=True))
        batch_op.add_column(sa.Column("resolved_at", Instant(timezone=True), nullable=True))
