"""Add the table of policy versions."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "application_0005"
down_revision = "application_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("ref", sa.String(length=80), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("drafted_by", sa.String(length=120), nullable=False),
        sa.Column("drafted_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("published_by", sa.String(length=120), nullable=True),
        sa.Column("published_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_policies")),
    )
