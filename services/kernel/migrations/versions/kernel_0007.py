"""Indexes for the searches of auditors in the audit log."""

from alembic import op

revision = "kernel_0007"
down_revision = "kernel_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_audit_actor", "audit", ["actor", "position"])
    op.create_index("ix_audit_action", "audit", ["action", "position"])
    op.create_index("ix_audit_at", "audit", ["at", "position"])
