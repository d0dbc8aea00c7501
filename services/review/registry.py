"""The review service's commands, queries, gauges and reactions, by name."""

from services.kernel.persistence.erasure import forget_account
from services.kernel.registry import Registry
from services.review import case_tasks, deployments, reactions
from services.review.audited_rows import AUDITED
from services.review.commands.assign_case import assign_case, assign_cases
from services.review.commands.close_scoring import close_scoring
from services.review.commands.decide import decide
from services.review.commands.declare import declare
from services.review.commands.draft_decision_list import draft_decision_list
from services.review.commands.draw_panel import draw_panel
from services.review.commands.give_opinion import give_opinion
from services.review.commands.recuse import recuse
from services.review.commands.replace_reviewer import replace_reviewer
from services.review.commands.sign_decision_list import sign_decision_list
from services.review.commands.sign_draft import sign_draft
from services.review.commands.submit_scores import submit_scores
from services.review.commands.void_score import void_score
from services.review.commands.withdraw_decision_list import withdraw_decision_list
from services.review.queries import document_statements, gauges
from services.review.queries.candidates import panel_candidates
from services.review.queries.case import get_review
from services.review.queries.decision_lists import decision_candidates, get_decision_list, list_decision_lists
from services.review.queries.inbox import list_reviews, review_counts
from services.review.queries.ranking import call_ranking, case_ranking
from services.review.queries.search import search
from services.review.queries.todo import todo, todo_counts

registry = Registry("review")

for kind, rows in AUDITED.items():
    registry.audits(kind, *rows)

registry.derived = case_tasks.refresh
registry.sweep("case_tasks", case_tasks.outdated, case_tasks.renew)

registry.command(give_opinion)
registry.command(sign_draft)
registry.command(draw_panel)
registry.command(recuse)
registry.command(submit_scores)
registry.command(close_scoring)
registry.command(void_score)
registry.command(replace_reviewer)
registry.command(decide)
registry.command(draft_decision_list)
registry.command(sign_decision_list)
registry.command(withdraw_decision_list)
registry.command(assign_case)
registry.command(assign_cases)
registry.command(declare)

registry.query(document_statements.opinion_paper)
registry.query(list_reviews)
registry.query(review_counts)
registry.query(get_review)
registry.query(panel_candidates)
registry.query(case_ranking)
registry.query(call_ranking)
registry.query(list_decision_lists)
registry.query(get_decision_list)
registry.query(decision_candidates)
registry.query(search)
registry.query(todo)
registry.query(todo_counts)
registry.query(deployments.reported_deployments)

for measured in (gauges.cases_open, gauges.cases_due_soon, gauges.cases_overdue):
    registry.gauge(measured.__name__, ("bureau", "stage"), measured)
registry.gauge("deployment_report_age_seconds", ("bureau", "version"), deployments.report_age)
registry.gauge("deadlines_without_holidays", ("service",), gauges.deadlines_without_holidays)

registry.reaction("application", "application.submitted", reactions.subject_submitted)
registry.reaction("application", "application.resubmitted", reactions.subject_submitted)
registry.reaction("application", "application.opinion_void", reactions.opinion_void)
registry.reaction("application", "application.held", reactions.application_held)
registry.reaction("application", "application.rechecked", reactions.application_rechecked)
# The service that owns a subject announces the subject and its recommender to the province first; later the recommender's signed
# opinion hands the subject to the province.
for opening in ("application.submitted", "application.resubmitted", "change.requested"):
    registry.reaction("application", opening, reactions.subject_announced, scope="province")
registry.reaction("evaluation", "participation.submitted", reactions.subject_announced, scope="province")
# The bureau and the province both react to the event, because each closes its case in its own database.
registry.reaction("application", "application.withdrawn", reactions.subject_withdrawn)
registry.reaction("application", "application.withdrawn", reactions.subject_withdrawn_anywhere, scope="province")
registry.reaction("gateway", "account.changed", reactions.account_changed)
registry.reaction("gateway", "account.changed", reactions.account_changed, scope="province")
registry.reaction("gateway", "account.erased", forget_account)
registry.reaction("gateway", "account.erased", forget_account, scope="province")
registry.reaction("review", "review.recommended", reactions.review_recommended, scope="province")
registry.reaction("review", "review.corrected", reactions.review_corrected, scope="province")
registry.reaction("review", "review.deployment_reported", deployments.deployment_reported, scope="province")
registry.sweep("deployment_report", deployments.report_due, deployments.report)
registry.reaction("application", "change.requested", reactions.subject_submitted)
registry.reaction("application", "change.opinion_void", reactions.opinion_void)
registry.reaction("application", "change.held", reactions.change_held)
registry.reaction("application", "change.supplemented", reactions.change_supplemented)
registry.reaction("application", "change.supplemented", reactions.change_supplemented_anywhere, scope="province")
registry.reaction("application", "change.withdrawn", reactions.subject_withdrawn)
registry.reaction("application", "change.withdrawn", reactions.subject_withdrawn_anywhere, scope="province")
registry.reaction("application", "support.requested", reactions.subject_submitted)
registry.reaction("application", "support.opinion_void", reactions.opinion_void)
registry.reaction("application", "support.withdrawn", reactions.subject_withdrawn)
registry.reaction("application", "support.withdrawn", reactions.subject_withdrawn_anywhere, scope="province")
registry.reaction("evaluation", "report.submitted", reactions.subject_submitted)
registry.reaction("evaluation", "report.opinion_void", reactions.opinion_void)
registry.reaction("evaluation", "participation.submitted", reactions.subject_submitted)
registry.reaction("evaluation", "participation.opinion_void", reactions.opinion_void)
for gone in ("participation.withdrawn", "participation.absent"):
    registry.reaction("evaluation", gone, reactions.subject_withdrawn)
    registry.reaction("evaluation", gone, reactions.subject_withdrawn_anywhere, scope="province")
for public in ("grade.publicised", "evaluation.published"):
    registry.reaction("evaluation", public, reactions.grade_published, scope="province")
registry.reaction("evaluation", "grade.objection_answered", reactions.grade_objection_answered, scope="province")
for owner, kind in (
    ("application", "change"),
    ("application", "support"),
    ("evaluation", "report"),
    ("evaluation", "participation"),
):
    registry.reaction(owner, f"{kind}.handed_over", reactions.subject_handed_over)
    registry.reaction(owner, f"{kind}.handed_over", reactions.subject_handed_over_anywhere, scope="province")
