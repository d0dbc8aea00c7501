"""The province's pool of experts and third parties."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.auth.password_check import password_hash
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from gateway.service_client import if_match, send_command, send_command_once, send_query, with_etag
from services.contracts.gateway.answers import ReviewerAnswerDict
from services.contracts.gateway.officials import (
    Ending,
    NewReviewer,
    Renewal,
    ReviewerAnswer,
    ReviewerChange,
    ReviewerPage,
    ReviewerQuery,
)

blueprint = Blueprint("reviewers", __name__, url_prefix="/api/v1", description="专家和第三方机构库 pool of reviewers")


@blueprint.route("/reviewers", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(NewReviewer)
@blueprint.response(201, ReviewerAnswer)
def add_reviewer(password: str, **body: Any) -> Any:
    """专家或第三方机构入库并开设账号 · Add an expert or a third party to the pool, with an account."""
    secret = password_hash(password, body["username"])
    return with_etag(send_command("gateway", "add_reviewer", **body, password_hash=secret))


@blueprint.route("/reviewers", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(ReviewerQuery, location="query")
@blueprint.response(200, ReviewerPage)
def list_reviewers(**query: Any) -> Any:
    """专家和第三方机构库 · List the pool of experts and third parties."""
    return send_query("gateway", "list_reviewers", **query)


@blueprint.route("/reviewers/<username>", methods=["GET"])
@allow("officer", "chief")
@blueprint.response(200, ReviewerAnswer)
def get_reviewer(username: str) -> Any:
    """一名专家或一家第三方机构，含联系方式；查看会被记录 · One reviewer with contact details; each look is recorded."""
    return with_etag(send_command_once("gateway", "open_reviewer", username=username))


@blueprint.route("/reviewers/<username>", methods=["PATCH"])
@allow("officer", "chief")
@blueprint.arguments(ReviewerChange)
@blueprint.response(200, ReviewerAnswer)
def change_reviewer(username: str, **body: Any) -> Any:
    """修改专家信息或重设密码；此前的令牌随即失效 · Change a reviewer, or set the password; earlier tokens become invalid."""
    secret = password_hash(body["password"], username) if "password" in body else None
    changes = {name: value for name, value in body.items() if name != "password"}
    return _forget_tokens(
        send_command("gateway", "change_reviewer", username=username, changes=changes, password_hash=secret, if_match=if_match())
    )


@blueprint.route("/reviewers/<username>/renewal", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Renewal)
@blueprint.response(200, ReviewerAnswer)
def renew_reviewer(username: str, **body: Any) -> Any:
    """续聘，或让已出库的重新入库 · Set a new term; a closed reviewer returns to the pool."""
    return _forget_tokens(send_command("gateway", "renew_reviewer", username=username, **body))


@blueprint.route("/reviewers/<username>/closing", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Ending)
@blueprint.response(200, ReviewerAnswer)
def close_reviewer(username: str, **body: Any) -> Any:
    """出库并停用账号；已作出的评分保留 · Remove a reviewer from the pool and close the account; earlier scores stay."""
    return _forget_tokens(send_command("gateway", "close_reviewer", username=username, **body))


def _forget_tokens(answer: ReviewerAnswerDict) -> Any:
    gateway_context().tokens.forget(answer["username"])
    return with_etag(answer)
