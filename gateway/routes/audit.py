"""The audit log of every service, for the auditor."""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.audit import merged_page, verification
from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.service_client import send_query
from services.contracts.audit import AuditPage, AuditQuery, AuditVerification
from services.kernel.clock import end_of_day, start_of_day
from services.kernel.errors import Invalid
from services.kernel.identity import PROVINCE
from services.kernel.registry import PER_BUREAU
from services.policy.bureaus import BUREAUS

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1", description="审计 audit")

#: Kind of subject → the service whose log contains the subject's own changes.
LOG_OF_KIND = {
    "application": "application",
    "organisation": "application",
    "consortium": "application",
    "call": "application",
    "change": "application",
    "matter": "application",
    "support": "application",
    "policy": "application",
    "report": "evaluation",
    "coordination": "evaluation",
    "inspection": "evaluation",
    "evaluation": "evaluation",
    "participation": "evaluation",
    "rectification": "evaluation",
    "revocation": "evaluation",
    "document": "documents",
    "paper": "documents",
    "webhook": "notification",
    "letter": "notification",
    "account": "gateway",
    "registration": "gateway",
}


@blueprint.route("/audit", methods=["GET"])
@allow("auditor")
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, AuditPage)
def audit(**query: Any) -> Any:
    """审计记录：按对象（从早到晚），或按操作账号、操作、时间（从晚到早），并说明每条是否与封存一致 · Entries about one subject,
    or by actor, action and day, each with whether it verifies."""
    bureau, service = query.pop("bureau") or PROVINCE, query.pop("service")
    if bureau not in BUREAUS:
        raise Invalid.field("/bureau", "unknown_bureau", "没有这一主管部门，请对照主管部门列表。", "There is no such bureau.")
    filters = _filters(query["subject"], query["actor"], query["action"], query["since"], query["until"])
    if query["subject"] is not None:
        service = service or LOG_OF_KIND.get(query["subject"].partition("/")[0])
        if service is None:
            raise Invalid.field(
                "/service", "service_required", "此类对象请用 service 指明由哪个服务记录。", "Say whose log with `service`."
            )
    elif not filters:
        raise Invalid.field(
            "/subject",
            "filter_required",
            "请至少填写对象、操作账号、操作或时间中的一项。",
            "Give a subject, an actor, an action or a time at least.",
        )
    if service is None:
        return merged_page(filters, bureau, query["limit"], query["cursor"])
    arguments = {"limit": query["limit"], "cursor": query["cursor"]} | filters
    if service in PER_BUREAU:
        arguments["bureau"] = bureau
    page = send_query(service, "audit_entries", **arguments)
    return page | {"items": [{"service": service, "verification": None} | item for item in page["items"]], "unavailable": []}


def _filters(subject: str | None, actor: str | None, action: str | None, since: str | None, until: str | None) -> dict[str, str]:
    """Return the filters that are set, with the names that the services use; days become instants."""
    filters_set = {
        "subject": subject,
        "by": actor,
        "action": action,
        "since": start_of_day(date.fromisoformat(since)).isoformat() if since else None,
        "until": end_of_day(date.fromisoformat(until)).isoformat() if until else None,
    }
    return {name: value for name, value in filters_set.items() if value is not None}


@blueprint.route("/audit/verification", methods=["GET"])
@allow("auditor")
@blueprint.response(200, AuditVerification)
def audit_verification() -> Any:
    """审计链的状态：重新计算最近的链接，并与其他服务保存的比对 · Whether the audit chains are intact.

    Their newest links are recomputed and compared with the heads that other services store.
    """
    return localised(verification())
