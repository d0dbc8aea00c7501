"""Decisions of a call that are signed, numbered and published as one list."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.preconditions import requires_etag
from gateway.service_client import if_match, send_command, send_query, with_etag
from services.contracts.review.decision_lists import (
    DecisionCandidates,
    DecisionListAnswer,
    DecisionListDraft,
    DecisionListsAnswer,
)
from services.kernel.identity import PROVINCE

blueprint = Blueprint("decision_lists", __name__, url_prefix="/api/v1", description="决定名单 lists of decisions")


@blueprint.route("/calls/<id>/decision-lists", methods=["POST"])
@allow("officer")
@blueprint.arguments(DecisionListDraft)
@blueprint.response(201, DecisionListAnswer)
def draft_decision_list(id: str, **body: Any) -> Any:
    """经办人拟定一个申报通知的决定名单 · Draft the decisions of a call as one list, as an officer."""
    return with_etag(localised(send_command("review", "draft_decision_list", bureau=PROVINCE, call=id, **body)))


@blueprint.route("/calls/<id>/decision-lists", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.response(200, DecisionListsAnswer)
def list_decision_lists(id: str) -> Any:
    """一个申报通知的决定名单 · The lists of decisions of a call."""
    return localised(send_query("review", "list_decision_lists", bureau=PROVINCE, call=id))


@blueprint.route("/calls/<id>/decision-lists/candidates", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.response(200, DecisionCandidates)
def decision_candidates(id: str) -> Any:
    """待决定的事项及签署前须阅知的内容：未满足的条件、不符合项、成立的异议 · The cases that wait for their decision, and what
    to read before signing."""
    return localised(send_query("review", "decision_candidates", bureau=PROVINCE, call=id))


@blueprint.route("/calls/<id>/decision-lists/<list>", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.response(200, DecisionListAnswer)
def get_decision_list(id: str, list: str) -> Any:
    """一份决定名单 · One list of decisions."""
    return with_etag(localised(send_query("review", "get_decision_list", bureau=PROVINCE, call=id, id=list)))


@blueprint.route("/calls/<id>/decision-lists/<list>/withdrawal", methods=["POST"])
@allow("officer")
@blueprint.response(200, DecisionListAnswer)
def withdraw_decision_list(id: str, list: str) -> Any:
    """经办人撤回尚未签署的决定名单，其中的事项可另行拟定 · Withdraw a list that is not signed yet; its cases can be listed
    again."""
    return with_etag(localised(send_command("review", "withdraw_decision_list", bureau=PROVINCE, call=id, id=list)))


@blueprint.route("/calls/<id>/decision-lists/<list>/confirmation", methods=["POST"])
@allow("chief")
@blueprint.response(200, DecisionListAnswer)
@requires_etag()
def sign_decision_list(id: str, list: str) -> Any:
    """负责人一次签署所阅读的决定名单，逐项给出结果 · Sign the list that was read, as a chief; each row has its own result."""
    return with_etag(
        localised(send_command("review", "sign_decision_list", bureau=PROVINCE, call=id, id=list, if_match=if_match()))
    )
