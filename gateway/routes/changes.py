"""Changes of recognised consortia, major matters, successions (A5(4)7, A12)."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.document_statements import statement_of
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.service_client import send_command, send_query, with_etag
from services.contracts.application.change_requests import (
    Acknowledgement,
    ChangeConfirmation,
    ChangeQuery,
    ChangeReport,
    ChangeSupplement,
    ChangeWithdrawal,
    Departure,
    DepartureWithdrawal,
    MajorMatter,
    MatterObjection,
    Succession,
    UnreportedChange,
    WatchQuery,
)
from services.contracts.application.change_responses import (
    ChangeAnswer,
    ChangePage,
    MajorMatterAnswer,
    MajorMatterPage,
    SuccessionAnswer,
    UnreportedAnswer,
    WatchAnswer,
    WatchPage,
)
from services.contracts.common import Page

blueprint = Blueprint("changes", __name__, url_prefix="/api/v1", description="变更与重大事项 changes")


@blueprint.route("/consortia/<id>/changes", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(ChangeReport)
@blueprint.response(201, ChangeAnswer)
def report_change(id: str, **body: Any) -> Any:
    """事前报告一项变更 · Report a change before it takes effect."""
    return with_etag(localised(send_command("application", "report_change", statement_of(body["documents"]), id=id, change=body)))


@blueprint.route("/consortia/<id>/changes", methods=["GET"])
@allow()
@blueprint.arguments(ChangeQuery, location="query")
@blueprint.response(200, ChangePage)
def list_changes(id: str, **query: Any) -> Any:
    """变更事项 · List the changes."""
    return localised(send_query("application", "list_changes", id=id, **query))


@blueprint.route("/consortia/<id>/changes/<change>", methods=["GET"])
@allow()
@blueprint.response(200, ChangeAnswer)
def get_change(id: str, change: str) -> Any:
    """一项变更 · One change."""
    return with_etag(localised(send_query("application", "get_change", id=id, change=change)))


@blueprint.route("/consortia/<id>/changes/<change>/confirmations", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(ChangeConfirmation)
@blueprint.response(201, ChangeAnswer)
def confirm_change(id: str, change: str, **body: Any) -> Any:
    """拟加入、调整层级或拟任牵头的单位确认或谢绝 · Confirm or decline, as a unit that joins, changes its tier or is to lead."""
    return with_etag(localised(send_command("application", "confirm_change", id=id, change=change, **body)))


@blueprint.route("/consortia/<id>/changes/<change>/supplement", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(ChangeSupplement)
@blueprint.response(200, ChangeAnswer)
def supplement_change(id: str, change: str, **body: Any) -> Any:
    """补充变更材料 · Add documents to a change before the decision."""
    return with_etag(
        localised(send_command("application", "supplement_change", statement_of(body["documents"]), id=id, change=change, **body))
    )


@blueprint.route("/consortia/<id>/changes/<change>/withdrawal", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(ChangeWithdrawal)
@blueprint.response(200, ChangeAnswer)
def withdraw_change(id: str, change: str, **body: Any) -> Any:
    """撤回变更报告 · Withdraw the change before the decision."""
    return with_etag(localised(send_command("application", "withdraw_change", id=id, change=change, **body)))


@blueprint.route("/consortia/<id>/departures", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(Departure)
@blueprint.response(201, WatchAnswer)
def declare_departure(id: str, **body: Any) -> Any:
    """成员单位声明退出，由牵头单位报告变更 · Declare that a member leaves; the lead then reports the change."""
    return localised(send_command("application", "declare_departure", id=id, **body))


@blueprint.route("/consortia/<id>/departures/<departure>/withdrawal", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(DepartureWithdrawal)
@blueprint.response(200, WatchAnswer)
def withdraw_departure(id: str, departure: str, **body: Any) -> Any:
    """撤回退出声明 · Withdraw the declaration; the member stays."""
    return localised(send_command("application", "withdraw_departure", id=id, departure=departure, **body))


@blueprint.route("/watch-list", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(WatchQuery, location="query")
@blueprint.response(200, WatchPage)
def watch_list(**query: Any) -> Any:
    """关注名单：不再满足的条件、要求报告的事项和期限 · The watch list: failed rules, reports required of leads, deadlines."""
    return localised(send_query("application", "watch_list", **query))


@blueprint.route("/consortia/<id>/unreported-changes", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(UnreportedChange)
@blueprint.response(201, UnreportedAnswer)
def find_unreported(id: str, **body: Any) -> Any:
    """发现未报告或未获同意而实施的变更 · Record a change that was made unreported, or although it was refused."""
    return send_command("application", "find_unreported", id=id, **body)


@blueprint.route("/consortia/<id>/major-matters", methods=["POST"])
@allow("applicant", signs=True)
@blueprint.arguments(MajorMatter)
@blueprint.response(201, MajorMatterAnswer)
def file_matter(id: str, **body: Any) -> Any:
    """报告重大事项，或事前申请（日期在后） · Report a major matter, or apply for a planned one (its date is in the future)."""
    return send_command("application", "file_matter", statement_of(body["documents"]), id=id, matter=body)


@blueprint.route("/consortia/<id>/major-matters", methods=["GET"])
@allow()
@blueprint.arguments(Page, location="query")
@blueprint.response(200, MajorMatterPage)
def list_major_matters(id: str, **query: Any) -> Any:
    """重大事项 · List the major matters."""
    return send_query("application", "list_matters", id=id, **query)


@blueprint.route("/consortia/<id>/major-matters/<matter>/acknowledgement", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Acknowledgement)
@blueprint.response(200, MajorMatterAnswer)
def acknowledge_matter(id: str, matter: str, **body: Any) -> Any:
    """自治区科技厅确认收悉 · Acknowledge a major matter, as the province."""
    return send_command("application", "acknowledge_matter", id=id, matter=matter, **body)


@blueprint.route("/consortia/<id>/major-matters/<matter>/objection", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(MatterObjection)
@blueprint.response(200, MajorMatterAnswer)
def object_to_matter(id: str, matter: str, **body: Any) -> Any:
    """自治区科技厅对事前申请的事项提出异议 · Object to a planned matter, as the province."""
    return send_command("application", "object_to_matter", id=id, matter=matter, **body)


@blueprint.route("/organisations/<uscc>/succession", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Succession)
@blueprint.response(201, SuccessionAnswer)
def succeed_organisation(uscc: str, **body: Any) -> Any:
    """登记单位更名换码或合并：名册关联新旧代码 · Record a renaming or a merger; the register links both codes."""
    return send_command("application", "succeed_organisation", uscc=uscc, succession=body)
