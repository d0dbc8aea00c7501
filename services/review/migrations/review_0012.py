"""Add the table of the last report of each deployment with a message broker of its own."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "review_0012"
down_revision = "review_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deployments",
        sa.Column("bureau", sa.String(length=20), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("lag_seconds", sa.Integer(), nullable=False),
        sa.Column("unpublished", sa.Integer(), nullable=False),
        sa.Column("publishing_lag_seconds", sa.Integer(), nullable=False),
        sa.Column("parked", sa.Integer(), nullable=False),
        sa.Column("reported_at", services.kernel.persistence.database.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bureau", name=op.f("pk_deployments")),
    )
