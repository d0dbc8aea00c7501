"""Index the major matters that wait for the province's answer."""

import sqlalchemy as sa
from alembic import op

revision = "application_0011"
down_revision = "application_0010"
branch_labels = None
depends_on = None

_UNANSWERED = sa.text("acknowledged IS NULL AND objection IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("matters", schema=None) as batch_op:
        batch_op.create_index(
            "ix_matters_unanswered", ["id"], unique=False, postgresql_where=_UNANSWERED, sqlite_where=_UNANSWERED
        )
