"""The evaluation service's commands, queries, reactions, sweeps and jobs, by name."""

from services.evaluation import reactions, sweeps
from services.evaluation.audited_rows import AUDITED, MORE
from services.evaluation.commands.allow_outcome import allow_outcome
from services.evaluation.commands.amend_notice import cancel_notice, change_notice
from services.evaluation.commands.answer_objection import answer_objection, confirm_objection_answer
from services.evaluation.commands.coordinate import answer_matter, close_matter, raise_matter
from services.evaluation.commands.extend_correction import extend_correction
from services.evaluation.commands.grade import grade_participation, publish_grades
from services.evaluation.commands.inspect import record_inspection
from services.evaluation.commands.issue_notice import issue_notice
from services.evaluation.commands.leave_round import answer_deferral, ask_deferral, withdraw_from_round
from services.evaluation.commands.object_to_grade import object_to_grade
from services.evaluation.commands.rectify import accept_rectification, submit_rectification
from services.evaluation.commands.report_yearly import (
    reopen_annual_report,
    submit_annual_report,
    write_annual_report,
)
from services.evaluation.commands.revoke import confirm_revocation, decide_revocation, open_revocation, state_view
from services.evaluation.commands.submit_report import submit_report
from services.evaluation.commands.write_report import write_report
from services.evaluation.queries import document_statements, gauges
from services.evaluation.queries.annual_reports import annual_report, annual_reports
from services.evaluation.queries.coordination import get_matter, list_matters
from services.evaluation.queries.counts import oversight
from services.evaluation.queries.documents import document_grant
from services.evaluation.queries.grades import public_evaluations
from services.evaluation.queries.inspections import get_inspection, inspection_board, list_inspections
from services.evaluation.queries.objections import list_grade_objections
from services.evaluation.queries.revocations import (
    get_rectification,
    get_revocation,
    list_rectifications,
    list_revocations,
)
from services.evaluation.queries.rounds import (
    get_evaluation,
    get_participant,
    list_evaluations,
    list_participants,
)
from services.evaluation.queries.search import search
from services.evaluation.queries.statistics import yearly_statistics
from services.evaluation.queries.todo import todo, todo_counts
from services.evaluation.repository.policies import published
from services.evaluation.tables import grade_objections
from services.kernel.persistence.erasure import forget_account
from services.kernel.registry import Registry

registry = Registry("evaluation")

for kind, rows in AUDITED.items():
    registry.audits(kind, *rows, **MORE.get(kind, {}))
registry.published = published

for command in (
    write_annual_report,
    submit_annual_report,
    reopen_annual_report,
    raise_matter,
    answer_matter,
    close_matter,
    record_inspection,
    issue_notice,
    change_notice,
    cancel_notice,
    write_report,
    submit_report,
    extend_correction,
    withdraw_from_round,
    ask_deferral,
    answer_deferral,
    allow_outcome,
    grade_participation,
    publish_grades,
    object_to_grade,
    answer_objection,
    confirm_objection_answer,
    submit_rectification,
    accept_rectification,
    open_revocation,
    confirm_revocation,
    state_view,
    decide_revocation,
):
    registry.command(command)

for query in (
    document_statements.grade_paper,
    document_statements.deferral_paper,
    document_statements.revocation_paper,
    annual_reports,
    annual_report,
    list_matters,
    get_matter,
    list_inspections,
    get_inspection,
    inspection_board,
    oversight,
    yearly_statistics,
    list_evaluations,
    get_evaluation,
    list_participants,
    get_participant,
    list_grade_objections,
    public_evaluations,
    list_rectifications,
    get_rectification,
    list_revocations,
    get_revocation,
    document_grant,
    search,
    todo,
    todo_counts,
):
    registry.query(query)

registry.keeps_personal_data(grade_objections)
registry.reaction("gateway", "account.erased", forget_account)
registry.reaction("application", "consortium.recognised", reactions.recognised)
registry.reaction("application", "policy.published", reactions.policy_published)
registry.reaction("application", "consortium.changed", reactions.changed)
registry.reaction("application", "consortium.handed_over", reactions.handed_over)
registry.reaction("application", "ground.arisen", reactions.ground_arisen)
registry.reaction("application", "ground.ceased", reactions.ground_ceased)
registry.reaction("application", "change.withdrawn", reactions.change_withdrawn)
registry.reaction("documents", "record.disposed", reactions.record_disposed)
registry.reaction("review", "review.recommended", reactions.on_passed)
registry.reaction("review", "review.passed", reactions.on_passed)
registry.reaction("review", "review.returned", reactions.on_returned)
registry.reaction("review", "panel.appointed", reactions.on_panel)
registry.reaction("review", "reviewer.declared", reactions.on_declared)
registry.reaction("review", "score.voided", reactions.on_score_voided)

registry.sweep("annual_reports", sweeps.unopened_reports, sweeps.open_yearly_reports)
registry.sweep("overdue_reports", sweeps.overdue_reports, sweeps.publish_overdue)
registry.sweep("report_reminders", sweeps.reports_to_remind, sweeps.remind)
registry.sweep("inspection_follow_ups", sweeps.follow_ups, sweeps.follow_up)
registry.sweep("evaluation_windows", sweeps.ended_windows, sweeps.mark_absent_after_window)
registry.sweep("evaluation_corrections", sweeps.lapsed_corrections, sweeps.lapse)
registry.sweep("grade_publicity", sweeps.ended_publicity, sweeps.put_grades_into_effect)
registry.sweep("outcome_keys", sweeps.claims_keyed_before, sweeps.key_claims)
registry.sweep("rectifications", sweeps.ended_rectifications, sweeps.open_acceptance)

for measured in (gauges.reports_overdue, gauges.rectifications_overdue):
    registry.gauge(measured.__name__, ("bureau",), measured)
registry.gauge("deadlines_without_holidays", ("service",), gauges.deadlines_without_holidays)
