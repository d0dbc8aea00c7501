"""Add the verifications of organisations' facts."""

import sqlalchemy as sa
from alembic import op

from services.kernel.persistence.database import Instant

revision = "application_0012"
down_revision = "application_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("to_verify", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.create_index(
            "ix_organisations_to_verify",
            ["region", "uscc"],
            unique=False,
            postgresql_where=sa.text("registered AND to_verify"),
            sqlite_where=sa.text("registered AND to_verify"),
        )
    op.create_table(
        "verifications",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("uscc", sa.String(length=18), nullable=False),
        sa.Column("fact", sa.String(length=30), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("bureau", sa.String(length=20), nullable=False),
        sa.Column("verified_by", sa.String(length=120), nullable=False),
        sa.Column("verified_at", Instant(timezone=True), nullable=False),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.Column("ended_because", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    with op.batch_alter_table("verifications", schema=None) as batch_op:
        batch_op.create_index(
            "ix_verifications_held",
            ["uscc", "fact"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
