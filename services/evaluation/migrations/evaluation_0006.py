"""Add the data of second rounds, of amended and cancelled notices and of objections to grades, one namespace of outcomes, and the
status of annual reports that ended."""

import sqlalchemy as sa
from alembic import op

import services.kernel.persistence.database

revision = "evaluation_0006"
down_revision = "evaluation_0005"
branch_labels = None
depends_on = None

#: SQL subquery: the day of issue of the notice of the last round in which a consortium got a grade.
_LAST_NOTICE = """
    SELECT max(evaluations.issued_on) FROM participations JOIN evaluations ON evaluations.id = participations.evaluation
    WHERE participations.consortium = consortia.id AND participations.status = 'published'
"""
#: SQL subquery: the id of the consortium's last participation that has ended.
_LAST_PART = """
    SELECT max(last.id) FROM participations AS last
    WHERE last.consortium = consortia.id AND last.status IN ('published', 'deferred', 'absent', 'withdrawn', 'declined')
"""


def upgrade() -> None:
    with op.batch_alter_table("consortia", schema=None) as batch_op:
        batch_op.add_column(sa.Column("graded_under", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("owes_round", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("deferrals", sa.Integer(), nullable=False, server_default=sa.text("0")))
    with op.batch_alter_table("evaluations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("caps_at_least_one", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("amendments", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column("cancellation", sa.JSON(), nullable=True))
    with op.batch_alter_table("participations", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("hand_in_until", services.kernel.persistence.database.Instant(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("publicity_ends", services.kernel.persistence.database.Instant(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("held_by", sa.String(length=36), nullable=True))
    with op.batch_alter_table("outcome_claims", schema=None) as batch_op:
        batch_op.alter_column("participation", existing_type=sa.String(length=36), nullable=True)
        batch_op.alter_column("evaluation", existing_type=sa.String(length=36), nullable=True)
        batch_op.add_column(sa.Column("number", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("title_key", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("outcome", sa.JSON(), nullable=True))
        batch_op.create_index(batch_op.f("ix_outcome_claims_number"), ["number"], unique=False)
        batch_op.create_index(batch_op.f("ix_outcome_claims_title_key"), ["title_key"], unique=False)
    op.create_table(
        "outcome_drafts",
        sa.Column("participation", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["participation"], ["participations.id"]),
        sa.PrimaryKeyConstraint("participation", "kind", "key", name=op.f("pk_outcome_drafts")),
    )
    with op.batch_alter_table("outcome_drafts", schema=None) as batch_op:
        batch_op.create_index("ix_outcome_drafts_key", ["kind", "key"], unique=False)
    op.create_table(
        "outcome_allowances",
        sa.Column("participation", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("allowed_by", sa.String(length=120), nullable=False),
        sa.Column("allowed_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["participation"], ["participations.id"]),
        sa.PrimaryKeyConstraint("participation", "kind", "key", name=op.f("pk_outcome_allowances")),
    )
    op.create_table(
        "grade_objections",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("participation", sa.String(length=36), nullable=False),
        sa.Column("organisation", sa.String(length=18), nullable=True),
        sa.Column("objector", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("filed_by", sa.String(length=120), nullable=False),
        sa.Column("filed_at", services.kernel.persistence.database.Instant(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.String(length=120), nullable=True),
        sa.Column("answered_at", services.kernel.persistence.database.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["participation"], ["participations.id"]),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_objections")),
    )
    with op.batch_alter_table("grade_objections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grade_objections_participation"), ["participation"], unique=False)

    op.execute(
        "UPDATE participations SET publicity_ends = (SELECT publicity_ends FROM evaluations WHERE id = participations.evaluation)"
        " WHERE status = 'graded' AND evaluation IN (SELECT id FROM evaluations WHERE status = 'publicised')"
    )
    op.execute(f"UPDATE consortia SET graded_under = ({_LAST_NOTICE})")
    op.execute(
        "UPDATE consortia SET owes_round = 'deferral', deferrals = 1"
        f" WHERE EXISTS (SELECT 1 FROM participations WHERE id = ({_LAST_PART}) AND status = 'deferred')"
    )
    op.execute(
        "UPDATE consortia SET owes_round = 'absence' WHERE EXISTS"
        f" (SELECT 1 FROM participations WHERE id = ({_LAST_PART}) AND status IN ('absent', 'withdrawn') AND mandatory)"
    )
    # A revoked or dissolved consortium owes no further report; the release before this one shows the status `ended` without
    # translating it.
    op.execute(
        "UPDATE annual_reports SET state = 'ended' WHERE state IN ('due', 'returned')"
        " AND consortium IN (SELECT id FROM consortia WHERE status IN ('revoked', 'dissolved'))"
    )
