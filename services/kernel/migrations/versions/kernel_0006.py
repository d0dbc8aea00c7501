"""Entries of the audit log are signed and carry a digest of their subject's rows; anchors are a signed ledger."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "kernel_0006"
down_revision = "kernel_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit", sa.Column("state", sa.String(length=64), nullable=True))
    op.add_column("audit", sa.Column("signature", sa.String(length=200), nullable=True))
    op.add_column("audit_anchors", sa.Column("kept_as", sa.Integer(), nullable=True))
    op.add_column("audit_anchors", sa.Column("previous", sa.String(length=64), nullable=True))
    op.add_column(
        "audit_anchors", sa.Column("kept_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True)
    )
    op.add_column("audit_anchors", sa.Column("signature", sa.String(length=200), nullable=True))
    op.create_index("ix_audit_anchors_kept_as", "audit_anchors", ["kept_as"], unique=True)
