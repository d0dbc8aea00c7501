"""Add the table of support requests."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "application_0004"
down_revision = "application_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "support_requests",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("consortium_id", sa.String(length=36), nullable=False),
        sa.Column("recommender", sa.String(length=20), nullable=False),
        sa.Column("measure", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("round", sa.String(length=60), nullable=True),
        sa.Column("amount", sa.String(length=20), nullable=True),
        sa.Column("person", sa.JSON(), nullable=True),
        sa.Column("person_key", sa.String(length=120), nullable=True),
        sa.Column("unit", sa.String(length=18), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("policy", sa.String(length=80), nullable=False),
        sa.Column("entitlement", sa.JSON(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("requested_by", sa.String(length=120), nullable=False),
        sa.Column("decision", sa.JSON(), nullable=True),
        sa.Column("certificate", sa.JSON(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consortium_id"],
            ["consortia.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_requests")),
    )
    with op.batch_alter_table("support_requests", schema=None) as batch_op:
        batch_op.create_index("ix_support_requests_consortium", ["consortium_id", "id"], unique=False)
        batch_op.create_index("ix_support_requests_measure", ["consortium_id", "measure"], unique=False)
