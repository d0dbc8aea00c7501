"""An index by which parked events are found in a long inbox."""

import sqlalchemy as sa
from alembic import op

revision = "kernel_0004"
down_revision = "kernel_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    parked = sa.text("state = 'parked'")
    op.create_index("ix_inbox_parked", "inbox", ["position"], postgresql_where=parked, sqlite_where=parked)
