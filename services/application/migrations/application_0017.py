"""Store that a bureau refused to verify a declared fact, with the reason; index the rows that retention periods apply to."""

import sqlalchemy as sa
from alembic import op

revision = "application_0017"
down_revision = "application_0016"
branch_labels = None
depends_on = None

_ENDED = sa.text("ended_at IS NOT NULL")
_SETTLED = sa.text("settled_on IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("verifications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("outcome", sa.String(length=20), server_default="verified", nullable=False))
        batch_op.add_column(sa.Column("reason", sa.Text(), nullable=True))
    op.create_index("ix_verifications_ended", "verifications", ["ended_at"], postgresql_where=_ENDED, sqlite_where=_ENDED)
    op.create_index("ix_watches_settled", "watches", ["settled_on"], postgresql_where=_SETTLED, sqlite_where=_SETTLED)
