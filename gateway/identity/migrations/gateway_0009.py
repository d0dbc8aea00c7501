"""Settings that a person keeps between visits."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "gateway_0009"
down_revision = "gateway_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_settings",
        sa.Column("username", sa.String(length=60), nullable=False),
        sa.Column("content", services.kernel.persistence.database.Json(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_own_settings")),
    )
