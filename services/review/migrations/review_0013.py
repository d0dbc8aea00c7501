"""Add the table of the officials' tasks about open cases, so that PostgreSQL reads a list of tasks from an index."""

import sqlalchemy as sa
from alembic import op

revision = "review_0013"
down_revision = "review_0012"
branch_labels = None
depends_on = None

_DRAFTS = """
    FROM opinions WHERE opinions.case_id = cases.id AND opinions.round = cases.round AND opinions.stage = cases.stage
    AND opinions.corrects IS NULL AND NOT opinions.signed
"""
_DRAFTED = f"EXISTS (SELECT 1 {_DRAFTS})"
_WITHOUT_DRAFT = "(cases.four_eyes IS NULL OR NOT cases.four_eyes)"
_AUTHOR = f"(SELECT CASE WHEN min(opinions.by) = max(opinions.by) THEN min(opinions.by) END {_DRAFTS})"
_NOBODY = "CAST(NULL AS VARCHAR(120))"
_DRAFTED_BY = f"CASE WHEN {_WITHOUT_DRAFT} THEN {_NOBODY} ELSE {_AUTHOR} END"
_SEATED = "FROM seats WHERE seats.case_id = cases.id AND seats.state = 'seated'"
_PANEL = f"EXISTS (SELECT 1 {_SEATED})"
_AWAITED = f"EXISTS (SELECT 1 {_SEATED} AND (cases.scoring_closed_at IS NULL OR seats.late))"
_BY_OPINION = "stage NOT IN ('expert_review', 'decision')"
#: Each kind of task: the author of the drafts, and the condition for the open cases that have it.
_KINDS = {
    "draft": (_NOBODY, f"{_BY_OPINION} AND NOT {_DRAFTED}"),
    "sign": (_DRAFTED_BY, f"{_BY_OPINION} AND {_DRAFTED}"),
    "sign_undrafted": (_NOBODY, f"{_BY_OPINION} AND NOT {_DRAFTED} AND {_WITHOUT_DRAFT}"),
    "propose": (_NOBODY, f"stage = 'decision' AND NOT {_DRAFTED} AND (four_eyes IS NULL OR four_eyes)"),
    "decide": (_DRAFTED_BY, f"stage = 'decision' AND ({_DRAFTED} OR {_WITHOUT_DRAFT}) AND NOT {_AWAITED}"),
    "panel": (_NOBODY, f"stage = 'expert_review' AND NOT {_PANEL}"),
    "scoring": (_NOBODY, f"stage = 'expert_review' AND {_PANEL}"),
}


def upgrade() -> None:
    op.create_table(
        "case_tasks",
        sa.Column("case_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("bureau", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("drafted_by", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("case_id", "kind", name=op.f("pk_case_tasks")),
    )
    with op.batch_alter_table("case_tasks", schema=None) as batch_op:
        batch_op.create_index("ix_case_tasks_todo", ["bureau", "kind", "due_on", "case_id", "drafted_by"], unique=False)
    for kind, (drafted_by, waits) in _KINDS.items():
        op.execute(
            "INSERT INTO case_tasks (case_id, kind, bureau, due_on, drafted_by)"
            f" SELECT id, '{kind}', bureau, due_on, {drafted_by} FROM cases WHERE settled = 0 AND {waits}"
        )
