"""Evaluation rounds: notices, reports, deferrals (A13)."""

from __future__ import annotations

from typing import Any

from flask import g

from gateway.auth.authorization import allow
from gateway.document_statements import statement_of, statement_of_subjects
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.preconditions import requires_etag
from gateway.service_client import if_match, send_command, send_query, with_etag
from services.contracts.application.application_requests import CorrectionExtension
from services.contracts.evaluation.rounds import (
    DeferralAnswered,
    DeferralAsked,
    EvaluationAnswer,
    EvaluationPage,
    Leaving,
    Notice,
    NoticeCancelled,
    NoticeChange,
    OutcomeAllowed,
    ParticipantAnswer,
    ParticipantPage,
    ParticipantQuery,
    RoundQuery,
    RoundReport,
)

blueprint = Blueprint("evaluations", __name__, url_prefix="/api/v1", description="绩效评估 evaluation")

_PART = "/evaluations/<id>/participants/<consortium>"


@blueprint.route("/evaluations", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Notice)
@blueprint.response(201, EvaluationAnswer)
def issue_notice(**body: Any) -> Any:
    """发布评估通知，邀请应参评和可参评的创新联合体 · Issue a notice; every consortium that must or may take part is invited."""
    return with_etag(send_command("evaluation", "issue_notice", notice=body))


@blueprint.route("/evaluations", methods=["GET"])
@allow()
@blueprint.arguments(RoundQuery, location="query")
@blueprint.response(200, EvaluationPage)
def list_evaluations(**query: Any) -> Any:
    """评估通知 · List the notices."""
    return send_query("evaluation", "list_evaluations", **query)


@blueprint.route("/evaluations/<id>", methods=["GET"])
@allow()
@blueprint.response(200, EvaluationAnswer)
def get_evaluation(id: str) -> Any:
    """一轮评估 · One evaluation round."""
    return with_etag(send_query("evaluation", "get_evaluation", id=id))


@blueprint.route("/evaluations/<id>", methods=["PATCH"])
@allow("chief")
@blueprint.arguments(NoticeChange)
@blueprint.response(200, EvaluationAnswer)
def change_notice(id: str, **body: Any) -> Any:
    """延长材料报送时间，或更正通知标题（可带 If-Match） · Extend the window, or correct the title (If-Match is optional)."""
    return with_etag(send_command("evaluation", "change_notice", id=id, change=body, if_match=if_match()))


@blueprint.route("/evaluations/<id>/cancellation", methods=["POST"])
@allow("chief")
@blueprint.arguments(NoticeCancelled)
@blueprint.response(200, EvaluationAnswer)
def cancel_notice(id: str, **body: Any) -> Any:
    """等次公布前取消评估通知 · Cancel a notice before its grades are published."""
    return with_etag(send_command("evaluation", "cancel_notice", id=id, **body))


@blueprint.route("/evaluations/<id>/participants", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.arguments(ParticipantQuery, location="query")
@blueprint.response(200, ParticipantPage)
def list_participants(id: str, **query: Any) -> Any:
    """参评情况 · List the participants, with the state of each."""
    return send_query("evaluation", "list_participants", id=id, **query)


@blueprint.route(_PART, methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, ParticipantAnswer)
def get_participant(id: str, consortium: str) -> Any:
    """一个创新联合体的参评材料和进展 · The report and state of one consortium in a round."""
    return with_etag(send_query("evaluation", "get_participant", id=id, consortium=consortium))


@blueprint.route(f"{_PART}/report", methods=["PUT"])
@allow("applicant")
@blueprint.arguments(RoundReport)
@blueprint.response(200, ParticipantAnswer)
def write_report(id: str, consortium: str, **body: Any) -> Any:
    """填写评估材料和周期内成果（可带 If-Match）；每项成果仅能使用一次 · Write the report; an outcome is never used twice."""
    return with_etag(
        localised(send_command("evaluation", "write_report", id=id, consortium=consortium, report=body, if_match=if_match()))
    )


@blueprint.route(f"{_PART}/submission", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.response(200, ParticipantAnswer)
def submit_report(id: str, consortium: str) -> Any:
    """报送评估材料，或补正后重新报送 · Submit the report, or submit it again after a return."""
    statements = statement_of_subjects(f"consortium/{consortium}") | {"received_at": g.received_at}
    return with_etag(send_command("evaluation", "submit_report", statements, id=id, consortium=consortium))


@blueprint.route(f"{_PART}/outcomes/allowance", methods=["POST"])
@allow("chief")
@blueprint.arguments(OutcomeAllowed)
@blueprint.response(200, ParticipantAnswer)
def allow_outcome(id: str, consortium: str, **body: Any) -> Any:
    """两项不同成果编号相同的，准予使用 · Allow an outcome whose number another, different outcome has too."""
    return with_etag(send_command("evaluation", "allow_outcome", id=id, consortium=consortium, **body))


@blueprint.route(f"{_PART}/correction-extension", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(CorrectionExtension)
@blueprint.response(200, ParticipantAnswer)
def extend_report_correction(id: str, consortium: str, **body: Any) -> Any:
    """退回评估材料的主管部门延长一次补正期限 · Extend the correction window once, as the bureau that returned the report."""
    return with_etag(send_command("evaluation", "extend_correction", id=id, consortium=consortium, **body))


@blueprint.route(f"{_PART}/withdrawal", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(Leaving)
@blueprint.response(200, ParticipantAnswer)
def withdraw_from_round(id: str, consortium: str, **body: Any) -> Any:
    """退出评估；视为自动放弃资格的，将提请自治区科技厅核实 · Leave the round.

    If leaving counts as giving up the status, the province is asked to verify it.
    """
    return with_etag(send_command("evaluation", "withdraw_from_round", id=id, consortium=consortium, **body))


@blueprint.route(f"{_PART}/deferral", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(DeferralAsked)
@blueprint.response(200, ParticipantAnswer)
def ask_deferral(id: str, consortium: str, **body: Any) -> Any:
    """有正当理由的，申请延至下一轮 · Ask for a deferral, with a good reason."""
    statements = statement_of(body["documents"]) | {"received_at": g.received_at}
    return with_etag(send_command("evaluation", "ask_deferral", statements, id=id, consortium=consortium, **body))


@blueprint.route(f"{_PART}/deferral/answer", methods=["POST"])
@allow("chief")
@blueprint.arguments(DeferralAnswered)
@blueprint.response(200, ParticipantAnswer)
@requires_etag()
def answer_deferral(id: str, consortium: str, **body: Any) -> Any:
    """答复所阅读的延期申请 · Grant or refuse the deferral request that was read."""
    return with_etag(send_command("evaluation", "answer_deferral", id=id, consortium=consortium, if_match=if_match(), **body))
