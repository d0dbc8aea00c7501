"""Formation applications, from draft to recognition."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request

from gateway.auth.authorization import allow, public
from gateway.document_statements import statement_of_letter, statement_of_subjects
from gateway.files.application_workbook import application_of, template
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.preconditions import requires_etag
from gateway.service_client import actor, if_match, send_command, send_query, with_etag
from services.contracts.application.application_requests import (
    ApplicationChange,
    ApplicationQuery,
    ApplicationStart,
    Confirmation,
    CorrectionExtension,
    DiffQuery,
    ImportQuery,
    Withdrawal,
)
from services.contracts.application.application_responses import (
    ApplicationAnswer,
    ApplicationItem,
    DiffAnswer,
    RemindedAnswer,
    TimelineAnswer,
    VersionsAnswer,
)
from services.contracts.application.assessment_responses import EligibilityAnswer, SimilarDirectionsAnswer
from services.contracts.application.register_responses import DashboardAnswer
from services.contracts.common import Page, page_of
from services.contracts.objections import Objection, ObjectionAnswer, ObjectionReply, ObjectionsAnswer
from services.kernel.errors import Unsupported
from services.kernel.storage.base import attachment

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORKBOOK = {"required": True, "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}

blueprint = Blueprint("applications", __name__, url_prefix="/api/v1", description="组建申请 applications")


@blueprint.route("/applications", methods=["POST"])
@allow("applicant", "officer", "chief")
@blueprint.arguments(ApplicationStart)
@blueprint.response(201, ApplicationAnswer)
def start_application(**body: Any) -> Any:
    """发起组建申请；“一事一议”由自治区科技厅发起 · Start an application; a special case is started by the province."""
    return with_etag(localised(send_command("application", "start_application", application=body)))


@blueprint.route("/templates/application.xlsx", methods=["GET"])
@allow()
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=XLSX)
def application_template() -> Any:
    """组建申请模板，可离线填写 · Download a workbook to fill in offline."""
    response = Response(template(), content_type=XLSX)
    response.headers["Content-Disposition"] = attachment("组建申请模板.xlsx")
    return response


@blueprint.route("/applications/import", methods=["POST"])
@allow("applicant")
@blueprint.doc(requestBody=_WORKBOOK)  # type: ignore[untyped-decorator]
@blueprint.arguments(ImportQuery, location="query")
@blueprint.response(201, ApplicationAnswer)
def import_application(**query: Any) -> Any:
    """上传填好的模板，建立草稿；错误按单元格指出 · Create a draft from a filled workbook; mistakes are reported by cell."""
    body = application_of(_workbook(), query["call_id"])
    return with_etag(localised(send_command("application", "start_application", application=body)))


@blueprint.route("/applications/<id>/import", methods=["POST"])
@allow("applicant")
@blueprint.doc(requestBody=_WORKBOOK)  # type: ignore[untyped-decorator]
@blueprint.response(200, ApplicationAnswer)
def import_into_application(id: str) -> Any:
    """用填好的模板更新草稿或被退回的申请 · Update a draft or a returned application from a filled workbook."""
    change = {name: value for name, value in application_of(_workbook(), None).items() if name not in ("channel", "basis")}
    return with_etag(localised(send_command("application", "change_application", id=id, change=change, if_match=if_match())))


def _workbook() -> bytes:
    if request.mimetype != XLSX:
        raise Unsupported(
            "xlsx_required",
            f"请求内容须为 XLSX，请将 Content-Type 设为 {XLSX}。",
            f"Send XLSX, with Content-Type: {XLSX}.",
        )
    return request.get_data()


@blueprint.route("/applications", methods=["GET"])
@allow()
@blueprint.arguments(ApplicationQuery, location="query")
@blueprint.response(200, page_of(ApplicationItem, counted=True))
def list_applications(**query: Any) -> Any:
    """可查看的申请 · List the applications that you may read."""
    return send_query("application", "list_applications", **query)


@blueprint.route("/applications/<id>", methods=["GET"])
@allow()
@blueprint.response(200, ApplicationAnswer)
def get_application(id: str) -> Any:
    """组建申请 · One application."""
    return with_etag(localised(send_query("application", "get_application", id=id)))


@blueprint.route("/applications/<id>", methods=["PATCH"])
@allow("applicant", "officer", "chief")
@blueprint.arguments(ApplicationChange)
@blueprint.response(200, ApplicationAnswer)
def change_application(id: str, **body: Any) -> Any:
    """修改草稿或被退回的申请（可带 If-Match） · Edit a draft or a returned application (If-Match is optional)."""
    return with_etag(localised(send_command("application", "change_application", id=id, change=body, if_match=if_match())))


@blueprint.route("/applications/<id>/versions", methods=["GET"])
@allow()
@blueprint.response(200, VersionsAnswer)
def application_versions(id: str) -> Any:
    """历次提交的版本 · List the submitted versions."""
    return send_query("application", "application_versions", id=id)


@blueprint.route("/applications/<id>/diff", methods=["GET"])
@allow()
@blueprint.arguments(DiffQuery, location="query")
@blueprint.response(200, DiffAnswer)
def application_diff(id: str, **query: Any) -> Any:
    """两个版本之间的变化 · The changes between two versions."""
    return send_query("application", "application_diff", id=id, **query)


@blueprint.route("/applications/<id>/eligibility", methods=["GET"])
@allow()
@blueprint.response(200, EligibilityAnswer)
def eligibility(id: str) -> Any:
    """条件研判：逐条列明依据、实际与要求 · The findings on the conditions of article 5, rule by rule."""
    return localised(send_query("application", "eligibility", id=id, **_documents(id)))


@blueprint.route("/applications/<id>/similar", methods=["GET"])
@allow()
@blueprint.response(200, SimilarDirectionsAnswer)
def similar_directions(id: str) -> Any:
    """研究方向相近的创新联合体；审核评审人员另见在办申请 · The most similar directions (A4(1)).

    Reviewers also see the open applications among them.
    """
    return send_query("application", "similar_directions", id=id)


@blueprint.route("/applications/<id>/confirmations", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(Confirmation)
@blueprint.response(201, ApplicationAnswer)
def confirm_membership(id: str, **body: Any) -> Any:
    """参与单位确认或谢绝参与 · Confirm or decline the membership, as a member."""
    return with_etag(localised(send_command("application", "confirm_membership", id=id, **body)))


@blueprint.route("/applications/<id>/reminders", methods=["POST"])
@allow("applicant", "officer", "chief")
@blueprint.response(200, RemindedAnswer)
def remind_members(id: str) -> Any:
    """提醒尚未确认的参与单位，每天至多一次 · Remind the members that have not confirmed, at most once a day."""
    return send_command("application", "remind_members", id=id)


@blueprint.route("/applications/<id>/submission", methods=["POST"])
@allow("applicant", "officer", "chief", signs=True)
@blueprint.response(200, ApplicationAnswer)
def submit_application(id: str) -> Any:
    """提交，或补正后重新提交 · Submit, or submit again after a return."""
    statements = _documents(id) | {"received_at": g.received_at}
    return with_etag(localised(send_command("application", "submit_application", statements, id=id)))


@blueprint.route("/applications/<id>/correction-extension", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(CorrectionExtension)
@blueprint.response(200, ApplicationAnswer)
def extend_correction(id: str, **body: Any) -> Any:
    """退回申请的主管部门延长一次补正期限 · Extend the correction window once, as the bureau that returned the application."""
    return with_etag(localised(send_command("application", "extend_correction", id=id, **body)))


@blueprint.route("/applications/<id>/withdrawal", methods=["POST"])
@allow("applicant", "officer", "chief", signs=True)
@blueprint.arguments(Withdrawal)
@blueprint.response(200, ApplicationAnswer)
def withdraw_application(id: str, **body: Any) -> Any:
    """撤回申请 · Withdraw the application at any time before the decision."""
    return with_etag(localised(send_command("application", "withdraw_application", id=id, **body)))


@blueprint.route("/applications/<id>/timeline", methods=["GET"])
@public
@blueprint.arguments(Page, location="query")
@blueprint.response(200, page_of(TimelineAnswer))
def application_timeline(id: str, **query: Any) -> Any:
    """办理过程；认定后公开部分无需登录 · List every step; after recognition its public part needs no login."""
    return localised(send_query("application", "application_timeline", id=id, **query))


@blueprint.route("/applications/<id>/objections", methods=["POST"])
@allow("applicant", "officer", "chief", signs=True)
@blueprint.arguments(Objection)
@blueprint.response(201, ObjectionAnswer)
def file_objection(id: str, **body: Any) -> Any:
    """公示期内提出异议；书面异议由自治区科技厅登记 · Object during publicity; the province records written objections."""
    statements = statement_of_letter(body["written"]) | {"received_at": g.received_at}
    return send_command("application", "file_objection", statements, id=id, **body)


@blueprint.route("/applications/<id>/objections", methods=["GET"])
@allow()
@blueprint.response(200, ObjectionsAnswer)
def list_objections(id: str) -> Any:
    """异议及答复 · List the objections and their answers."""
    return send_query("application", "list_objections", id=id)


@blueprint.route("/applications/<id>/objections/<objection>/answer", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(ObjectionReply)
@blueprint.response(200, ObjectionAnswer)
def answer_objection(id: str, objection: str, **body: Any) -> Any:
    """答复异议；成立的，须由另一负责人确认 · Answer an objection; if it is upheld, another chief must confirm the answer."""
    return send_command("application", "answer_objection", id=id, objection=objection, **body)


@blueprint.route("/applications/<id>/objections/<objection>/confirmation", methods=["POST"])
@allow("chief")
@blueprint.response(200, ObjectionAnswer)
@requires_etag()
def confirm_objection_answer(id: str, objection: str) -> Any:
    """负责人确认所阅读的异议答复 · Confirm the answer that was read, as a chief."""
    return send_command("application", "confirm_objection_answer", id=id, objection=objection, if_match=if_match())


@blueprint.route("/dashboard", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.response(200, DashboardAnswer)
def dashboard() -> Any:
    """工作概览 · Counts by stage, age, status and bureau, with waiting and overdue cases."""
    return send_query("application", "dashboard") | {"oversight": send_query("evaluation", "oversight")}


def _documents(id: str) -> dict[str, str | None]:
    """Return the documents service's signed statement about the documents of the case and of its lead."""
    organisation = actor().organisation
    subjects = [f"application/{id}", *([f"organisation/{organisation}"] if organisation else [])]
    return statement_of_subjects(*subjects)
