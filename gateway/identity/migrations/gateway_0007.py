"""Acting chiefs, and the province's pool of experts and third parties."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "gateway_0007"
down_revision = "gateway_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "acting_chiefs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("bureau", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("acts_for", sa.String(length=60), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("appointed_by", sa.String(length=60), nullable=False),
        sa.Column("appointed_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=60), nullable=True),
        sa.Column("ended_reason", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acting_chiefs")),
    )
    with op.batch_alter_table("acting_chiefs", schema=None) as batch_op:
        batch_op.create_index("ix_acting_chiefs_account", ["account", "until"], unique=False)
        batch_op.create_index("ix_acting_chiefs_acts_for", ["acts_for", "until"], unique=False)
        batch_op.create_index("ix_acting_chiefs_bureau", ["bureau", "id"], unique=False)
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("pool", services.kernel.persistence.database.Json(none_as_null=True), nullable=True))
