"""Store the organisations whose staff may not review a consortium although they are no units of it."""

import sqlalchemy as sa
from alembic import op

revision = "evaluation_0010"
down_revision = "evaluation_0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("consortia", schema=None) as batch_op:
        batch_op.add_column(sa.Column("related_units", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))
