"""The identity of the other database of a bureau's move."""

import sqlalchemy as sa
from alembic import op

revision = "kernel_0005"
down_revision = "kernel_0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fences", sa.Column("other", sa.String(length=60), nullable=True))
