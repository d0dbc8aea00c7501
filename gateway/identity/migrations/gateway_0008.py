"""The addresses (e-mail, phone) that were verified, and the codes that prove an address or permit a password reset."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "gateway_0008"
down_revision = "gateway_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proofs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("until", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofs")),
    )
    with op.batch_alter_table("proofs", schema=None) as batch_op:
        batch_op.create_index("ix_proofs_until", ["until"], unique=False)
        batch_op.create_index("uq_proofs_username", ["username", "kind"], unique=True)
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verified", services.kernel.persistence.database.Json(none_as_null=True), nullable=True))
