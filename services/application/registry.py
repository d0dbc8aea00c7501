"""The application service's table of contents: its commands, queries, reactions, sweeps and audited rows."""

from __future__ import annotations

from services.application import reactions, sweeps
from services.application.audited_rows import AUDITED, MORE
from services.application.commands import dispose_rows
from services.application.commands.add_integrity_records import add_integrity_records
from services.application.commands.answer_objection import answer_objection, confirm_objection_answer
from services.application.commands.cancel_call import cancel_call
from services.application.commands.change_application import change_application
from services.application.commands.change_call import change_call
from services.application.commands.confirm_import import confirm_import
from services.application.commands.confirm_membership import confirm_membership
from services.application.commands.end_change import withdraw_change
from services.application.commands.extend_correction import extend_correction
from services.application.commands.file_matter import acknowledge_matter, file_matter, object_to_matter
from services.application.commands.file_objection import file_objection
from services.application.commands.find_unreported import find_unreported
from services.application.commands.hand_over import hand_over
from services.application.commands.import_consortium import import_consortium
from services.application.commands.open_call import open_call
from services.application.commands.preview_policy import preview_policy
from services.application.commands.publish_policy import draft_policy, publish_policy
from services.application.commands.remind_members import remind_members
from services.application.commands.repair_record import repair_record
from services.application.commands.replace_nomination import replace_nomination
from services.application.commands.report_change import confirm_change, report_change, supplement_change
from services.application.commands.request_report import declare_departure, withdraw_departure
from services.application.commands.request_support import request_support, withdraw_support
from services.application.commands.start_application import start_application
from services.application.commands.submit_application import submit_application
from services.application.commands.succeed_organisation import succeed_organisation
from services.application.commands.update_organisation import put_organisation
from services.application.commands.verify_organisation import verify_organisation
from services.application.commands.withdraw_application import withdraw_application
from services.application.queries import (
    applications,
    calls,
    changes,
    consortia,
    dashboard,
    document_statements,
    documents,
    gauges,
    objections,
    organisations,
    policies,
    publicity_list,
    register_document_statements,
    search,
    similar,
    statistics,
    supports,
    timelines,
    todo,
    watch_list,
)
from services.application.repository.policies import published
from services.application.tables import objections as objection_rows
from services.kernel.persistence.erasure import forget_account
from services.kernel.registry import Registry

registry = Registry("application")

for kind, rows in AUDITED.items():
    registry.audits(kind, *rows, **MORE.get(kind, {}))
registry.published = published

for command in (
    put_organisation,
    verify_organisation,
    add_integrity_records,
    repair_record,
    open_call,
    change_call,
    cancel_call,
    start_application,
    change_application,
    confirm_membership,
    submit_application,
    remind_members,
    extend_correction,
    withdraw_application,
    file_objection,
    answer_objection,
    confirm_objection_answer,
    import_consortium,
    confirm_import,
    report_change,
    confirm_change,
    supplement_change,
    withdraw_change,
    hand_over,
    declare_departure,
    withdraw_departure,
    find_unreported,
    file_matter,
    acknowledge_matter,
    object_to_matter,
    succeed_organisation,
    request_support,
    withdraw_support,
    replace_nomination,
    draft_policy,
    preview_policy,
    publish_policy,
):
    registry.command(command)

for query in (
    document_statements.application_paper,
    document_statements.decision_paper,
    document_statements.certificate_paper,
    publicity_list.publicity_list_paper,
    register_document_statements.change_paper,
    register_document_statements.support_paper,
    document_statements.public_certificate,
    organisations.get_organisation,
    organisations.list_verifications,
    organisations.organisation_standing,
    organisations.organisation_name,
    organisations.unit_names,
    organisations.list_integrity_records,
    calls.get_call,
    calls.list_calls,
    applications.get_application,
    applications.list_applications,
    applications.application_versions,
    applications.application_diff,
    applications.eligibility,
    similar.similar_directions,
    timelines.application_timeline,
    timelines.consortium_timeline,
    objections.list_objections,
    consortia.get_consortium,
    consortia.list_consortia,
    consortia.public_consortia,
    consortia.public_consortium,
    consortia.public_publicity,
    changes.list_changes,
    changes.get_change,
    changes.list_matters,
    watch_list.watch_list,
    search.search,
    todo.todo,
    todo.todo_counts,
    policies.list_policies,
    policies.get_policy,
    policies.policy_words,
    policies.policy_articles,
    supports.entitlements,
    supports.list_support_requests,
    supports.get_support_request,
    documents.document_grant,
    dashboard.dashboard,
    statistics.statistics,
    statistics.public_statistics,
):
    registry.query(query)

registry.keeps_personal_data(objection_rows)
registry.reaction("gateway", "account.erased", forget_account)
registry.reaction("review", "review.recommended", reactions.on_passed)
registry.reaction("review", "review.passed", reactions.on_passed)
registry.reaction("review", "review.returned", reactions.on_returned)
registry.reaction("review", "review.rejected", reactions.on_rejected)
registry.reaction("review", "review.decided", reactions.on_decided)
registry.reaction("review", "panel.appointed", reactions.on_panel)
registry.reaction("review", "reviewer.declared", reactions.on_declared)
registry.reaction("review", "score.voided", reactions.on_score_voided)
registry.reaction("gateway", "registration.approved", reactions.on_registration)
registry.reaction("documents", "document.stored", reactions.on_document)
registry.reaction("documents", "record.disposed", reactions.on_disposed)
registry.reaction("documents", "hold.placed", reactions.on_hold_placed)
registry.reaction("documents", "hold.lifted", reactions.on_hold_lifted)
registry.reaction("evaluation", "inspection.recorded", reactions.on_inspection)
registry.reaction("evaluation", "evaluation.published", reactions.on_published)
for step in ("participation.invited", "participation.absent", "participation.withdrawn", "participation.deferral_answered"):
    registry.reaction("evaluation", step, reactions.on_round)
for step in ("grade.publicised", "grade.objected", "grade.objection_answered"):
    registry.reaction("evaluation", step, reactions.on_round)
for step in (
    *("participation.submitted", "participation.returned", "participation.correction_extended", "participation.stage_passed"),
    *("participation.extended", "participation.deferral_requested", "rectification.submitted", "rectification.due"),
    *("report.submitted", "report.returned", "report.accepted", "report.reopened", "report.overdue", "report.ended"),
    "revocation.stated",
):
    registry.reaction("evaluation", step, reactions.on_duty)
registry.reaction("evaluation", "participation.deferral_answered", reactions.on_deferral)
registry.reaction("evaluation", "participation.withdrawn", reactions.on_withdrawn)
registry.reaction("evaluation", "rectification.opened", reactions.on_rectification_opened)
registry.reaction("evaluation", "rectification.closed", reactions.on_rectification_closed)
registry.reaction("evaluation", "revocation.opened", reactions.on_revocation_opened)
registry.reaction("evaluation", "revocation.dismissed", reactions.on_revocation_dismissed)
registry.reaction("evaluation", "revocation.decided", reactions.on_revocation_decided)

registry.sweep("correction_lapsed", sweeps.lapsed_corrections, sweeps.lapse_correction)
registry.sweep("publicity_ended", sweeps.ended_publicity, sweeps.finish_publicity)
registry.sweep("changes_in_effect", sweeps.due_changes, sweeps.effect_change)

registry.gauge("deadlines_without_holidays", ("service",), gauges.deadlines_without_holidays)
registry.sweep("penalties_ended", sweeps.penalties_ended, sweeps.reevaluate_watched)
registry.sweep("reports_overdue", sweeps.reports_overdue, sweeps.lapse_ask)
registry.sweep("settled_entries", dispose_rows.settled_entries, dispose_rows.dispose_of_entry)
registry.sweep("ended_verifications", dispose_rows.ended_verifications, dispose_rows.dispose_of_verification)
registry.sweep("directions", sweeps.directions_outdated, sweeps.compare_direction)
