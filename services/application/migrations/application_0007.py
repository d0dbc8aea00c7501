"""The register over several years: planned major matters."""

import sqlalchemy as sa
from alembic import op

revision = "application_0007"
down_revision = "application_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("planned", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.add_column(sa.Column("objection", sa.JSON(), nullable=True))
