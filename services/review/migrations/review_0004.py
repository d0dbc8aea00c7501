"""Add how a signed opinion differs from its draft."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "review_0004"
down_revision = "review_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("opinions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("differs", services.kernel.persistence.database.Json(none_as_null=True), nullable=True))
