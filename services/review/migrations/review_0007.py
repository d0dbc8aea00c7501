"""Add in whose name an acting chief signed an opinion, and until when a reviewer's term lasts."""

import sqlalchemy as sa
from alembic import op

revision = "review_0007"
down_revision = "review_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("opinions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("acting_for", sa.String(length=120), nullable=True))
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("term_until", sa.String(length=10), nullable=True))
