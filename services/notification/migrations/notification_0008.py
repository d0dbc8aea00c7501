"""Add the secret of a letter and its recipient, which are stored until the letter is sent."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "notification_0008"
down_revision = "notification_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("secret", services.kernel.persistence.database.Json(none_as_null=True), nullable=True))
