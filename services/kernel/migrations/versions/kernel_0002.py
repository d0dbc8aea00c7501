"""Fences, and the columns that distinguish a bureau's rows from those of other bureaus."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "kernel_0002"
down_revision = "kernel_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fences",
        sa.Column("bureau", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("move", sa.String(length=36), nullable=False),
        sa.Column("at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bureau", name=op.f("pk_fences")),
    )
    op.create_table(
        "arrivals",
        sa.Column("move", sa.String(length=36), nullable=False),
        sa.Column("bureau", sa.String(length=20), nullable=False),
        sa.Column("at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("move", name=op.f("pk_arrivals")),
    )
    op.add_column("inbox", sa.Column("bureau", sa.String(length=20), nullable=True))
    op.add_column("idempotency", sa.Column("bureau", sa.String(length=20), nullable=True))
    op.add_column("audit", sa.Column("sealed_as", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
