"""Receipts of registrations. Several registrations may ask for the same username: the bureau that approves one assigns another
name."""

import sqlalchemy as sa
from alembic import op

revision = "gateway_0005"
down_revision = "gateway_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("receipt", sa.String(length=40), nullable=True))
        batch_op.drop_index("uq_registrations_pending_username")
        batch_op.create_index("uq_registrations_receipt", ["receipt"], unique=True)
        batch_op.create_index("ix_registrations_username", ["username"], unique=False)
