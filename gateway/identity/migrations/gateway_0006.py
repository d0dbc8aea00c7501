"""Working copies: what people typed and have not sent yet."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "gateway_0006"
down_revision = "gateway_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "working_copies",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=36), nullable=False),
        sa.Column("saved_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_working_copies")),
    )
    with op.batch_alter_table("working_copies", schema=None) as batch_op:
        batch_op.create_index("ix_working_copies_saved_at", ["saved_at"], unique=False)
        batch_op.create_index("uq_working_copies_username", ["username", "form", "subject"], unique=True)
