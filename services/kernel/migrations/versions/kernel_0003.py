"""The record of a database's backups and restores."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "kernel_0003"
down_revision = "kernel_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "keeping",
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("archive", sa.String(length=64), nullable=False),
        sa.Column("at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("what", name=op.f("pk_keeping")),
    )
