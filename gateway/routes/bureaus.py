"""The authorities that act on the platform: the list of bureaus, their staff, and where their cases are stored."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, cast

from gateway.auth.authorization import allow
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.parallel_queries import query_bureaus
from gateway.service_client import actor, send_query
from services.contracts.gateway.answers import DeploymentAnswerDict, DeploymentBacklog, DeploymentState
from services.contracts.gateway.officials import ColleaguesAnswer, DeploymentsAnswer
from services.contracts.gateway.requests import BureauTree
from services.kernel.errors import Forbidden, Unavailable
from services.policy.bureaus import BUREAUS, PROVINCE, bureau_tree

blueprint = Blueprint("bureaus", __name__, url_prefix="/api/v1", description="主管部门 bureaus")

#: The description of a deployment whose release cannot describe itself: every value is unknown.
_OLDER: DeploymentState = {
    "version": None,
    "serves": None,
    "waiting": None,
    "lag_seconds": None,
    "unpublished": None,
    "publishing_lag_seconds": None,
    "parked": None,
}


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
    account = actor()
    if account.official and not account.of_province:
        raise Forbidden("province_only", "此页面供自治区科技厅和运维人员使用。", "This is for the province and operators.")
    federated = gateway_context().federated
    answers: dict[str, DeploymentState | None] = query_bureaus(
        "review", "deployment", [code for code in BUREAUS if code not in federated], older=_OLDER
    )
    reports = _last_reports() if federated else {}
    for code in federated:
        answers[code] = {**reports[code], "serves": [code]} if code in reports else None
    return localised({"items": [_deployment(code, answers[code], own_broker=code in federated) for code in BUREAUS]})


def _last_reports() -> dict[str, DeploymentBacklog]:
    """The last reports of the bureaus with a broker of their own; empty while the province's review does not answer."""
    try:
        reports: dict[str, DeploymentBacklog] = send_query("review", "reported_deployments", bureau=PROVINCE)
    except Unavailable:
        return {}
    return reports


def _deployment(code: str, answer: DeploymentState | None, *, own_broker: bool) -> DeploymentAnswerDict:
    bureau = BUREAUS[code]
    described_bureau = {"bureau": code, "name": bureau.name.to_dict(), "tier": bureau.tier, "answers": answer is not None}
    state = answer or _OLDER
    serves = state["serves"]
    apart = own_broker or (None if serves is None else "*" not in serves and PROVINCE not in serves)
    details = {"apart": apart, "own_broker": own_broker, "release": _release_distance(state["version"])}
    described = {name: value for name, value in state.items() if name != "serves"}
    return cast(DeploymentAnswerDict, {**described_bureau, **details, **described})


def _release_distance(other_release: str | None) -> str | None:
    """How far a release is from this gateway's. Two neighbouring releases work together (docs/operations/upgrades.md): the same
    major number with minor numbers one apart, or the first release of the next major number."""
    if other_release is None:
        return None
    (major, minor), (newer_major, newer_minor) = sorted((_release_numbers(other_release), _release_numbers(version("guichuang"))))
    if (major, minor) == (newer_major, newer_minor):
        return "same"
    return (
        "next_to"
        if (major == newer_major and newer_minor == minor + 1) or (newer_major == major + 1 and newer_minor == 0)
        else "too_far"
    )


def _release_numbers(release: str) -> tuple[int, int]:
    major, minor, *_ = (*release.split("."), "0")
    return int(major), int(minor)
