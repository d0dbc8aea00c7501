"""The authorities that act on the platform: the list of bureaus, their staff, and where their cases are stored."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.parallel_queries import query_bureaus
from gateway.service_client import actor, send_query
from services.contracts.gateway.officials import ColleaguesAnswer, DeploymentsAnswer
from services.contracts.gateway.requests import BureauTree
from services.kernel.errors import Forbidden
from services.policy.bureaus import BUREAUS, PROVINCE, bureau_tree

blueprint = Blueprint("bureaus", __name__, url_prefix="/api/v1", description="主管部门 bureaus")

#: The description of a deployment whose release cannot describe itself: every value is unknown.
_OLDER: dict[str, Any] = dict.fromkeys(
    ("version", "serves", "waiting", "lag_seconds", "unpublished", "publishing_lag_seconds", "parked")
)


@blueprint.route("/bureaus", methods=["GET"])
@allow()
@blueprint.response(200, BureauTree)
def bureaus() -> Any:
    """主管部门树：层级、代码、名称 · The tree of bureaus with tiers, codes and names."""
    return localised(bureau_tree())


@blueprint.route("/bureaus/<code>/colleagues", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.response(200, ColleaguesAnswer)
def colleagues(code: str) -> Any:
    """本部门在用的经办人和负责人；审计人员可查看各部门 · List your bureau's active officers and chiefs; an auditor reads all."""
    return send_query("gateway", "colleagues", bureau_code=code)


@blueprint.route("/bureaus/deployments", methods=["GET"])
@allow("officer", "chief", "auditor", "operator")
@blueprint.response(200, DeploymentsAnswer)
def deployments() -> Any:
    """各部门审核服务：是否单独部署、版本、待处理数据 · The review service of each bureau.

    Whether it is deployed separately, its release and its backlog. For the province, auditors and operators.
    """
    who = actor()
    if who.official and not who.of_province:
        raise Forbidden("province_only", "此页面供自治区科技厅和运维人员使用。", "This is for the province and operators.")
    answers = query_bureaus("review", "deployment", BUREAUS, older=_OLDER)
    return localised({"items": [_deployment(code, answers[code]) for code in BUREAUS]})


def _deployment(code: str, answer: dict[str, Any] | None) -> dict[str, Any]:
    bureau = BUREAUS[code]
    known = {"bureau": code, "name": bureau.name.to_dict(), "tier": bureau.tier, "answers": answer is not None}
    said = answer or _OLDER
    serves = said["serves"]
    apart = None if serves is None else "*" not in serves and PROVINCE not in serves
    return known | {"apart": apart} | {name: value for name, value in said.items() if name != "serves"}
