"""Add the table of the states of consortia, each from a day on."""

import sqlalchemy as sa
from alembic import op

revision = "application_0002"
down_revision = "application_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_states",
        sa.Column("consortium_id", sa.String(length=36), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("last_grade", sa.String(length=20), nullable=True),
        sa.Column("graded_on", sa.Date(), nullable=True),
        sa.Column("under_guidance", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consortium_id"],
            ["consortia.id"],
        ),
        sa.PrimaryKeyConstraint("consortium_id", "since", name=op.f("pk_register_states")),
    )
    with op.batch_alter_table("consortia", schema=None) as batch_op:
        batch_op.add_column(sa.Column("graded_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("under_guidance", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "INSERT INTO register_states (consortium_id, since, status, under_guidance) "
        "SELECT id, recognised_on, status, under_guidance FROM consortia"
    )
