"""Store which quotas a change has reserved within a consortium."""

import sqlalchemy as sa
from alembic import op

revision = "application_0006"
down_revision = "application_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("places", schema=None) as batch_op:
        batch_op.add_column(sa.Column("within", sa.String(length=60), nullable=True))
