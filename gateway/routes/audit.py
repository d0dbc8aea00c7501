"""The audit log of every service, for the auditor."""

from __future__ import annotations

from typing import Any

from gateway.access import allow
from gateway.blueprint import Blueprint
from gateway.calls import ask
from services.contracts.gateway import AuditPage, AuditQuery
from services.kernel.errors import Invalid
from services.kernel.identity import PROVINCE
from services.kernel.registry import PER_BUREAU
from services.policy.bureaus import BUREAUS

blueprint = Blueprint("audit", __name__, url_prefix="/api/v1", description="审计 audit")

#: In whose log a subject's own changes stand.
KEEPERS = {
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
def audit(query: dict[str, Any]) -> Any:
    """一个对象的审计记录，从早到晚 · All entries about one subject, oldest first."""
    bureau = query.pop("bureau")
    service = query.pop("service") or KEEPERS.get(query["subject"].partition("/")[0])
    if service is None:
        raise Invalid.field(
            "/service", "service_required", "此类对象请用 service 指明由哪个服务记录。", "Say whose log with `service`."
        )
    if bureau is not None and bureau not in BUREAUS:
        raise Invalid.field("/bureau", "unknown_bureau", "没有这一主管部门，请对照主管部门列表。", "There is no such bureau.")
    if service in PER_BUREAU:
        return ask(service, "audit_entries", bureau=bureau or PROVINCE, **query)
    return ask(service, "audit_entries", **query)
