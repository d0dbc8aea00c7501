"""Add the index of research directions, which are compared with each other (A4(1))."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "application_0013"
down_revision = "application_0012"
branch_labels = None
depends_on = None


def _where(condition: str) -> dict[str, Any]:
    return {"postgresql_where": sa.text(condition), "sqlite_where": sa.text(condition)}


_OUTDATED = (
    "version > 0 AND compared_version <> CASE status WHEN 'recognised' THEN -1 "
    "WHEN 'rejected' THEN 0 WHEN 'declined' THEN 0 WHEN 'withdrawn' THEN 0 ELSE version END"
)


def upgrade() -> None:
    op.create_table(
        "directions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directions")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("compared_version", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.create_index("ix_applications_uncompared", ["id"], unique=False, **_where(_OUTDATED))
    with op.batch_alter_table("consortia", schema=None) as batch_op:
        batch_op.add_column(sa.Column("direction", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("compared", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.create_index("ix_consortia_uncompared", ["id"], unique=False, **_where("imported AND NOT compared"))
