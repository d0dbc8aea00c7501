"""Colleagues who work for an organisation with their own accounts."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.auth.password_check import password_hash
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from gateway.service_client import send_command, send_query, with_etag
from services.contracts.common import Page
from services.contracts.gateway.identity import DelegationChange, NewDelegation
from services.contracts.gateway.requests import AccountAnswer, AccountPage

blueprint = Blueprint("delegations", __name__, url_prefix="/api/v1", description="单位内授权 delegation")


@blueprint.route("/delegations", methods=["POST"])
@allow("applicant")
@blueprint.arguments(NewDelegation)
@blueprint.response(201, AccountAnswer)
def delegate(password: str, **body: Any) -> Any:
    """为同事开设本单位账号 · Create an account for a colleague."""
    secret = password_hash(password, body["username"])
    return with_etag(send_command("gateway", "delegate", **body, password_hash=secret))


@blueprint.route("/delegations", methods=["GET"])
@allow("applicant")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, AccountPage)
def list_delegations(**query: Any) -> Any:
    """本单位的账号 · List the accounts of your organisation."""
    return send_query("gateway", "list_delegations", **query)


@blueprint.route("/delegations/<username>", methods=["PATCH"])
@allow("applicant")
@blueprint.arguments(DelegationChange)
@blueprint.response(200, AccountAnswer)
def change_delegation(username: str, **body: Any) -> Any:
    """修改或停用授权；该账号须重新登录 · Change or end a delegation; its sessions end."""
    answer = send_command("gateway", "change_delegation", username=username, changes=body)
    gateway_context().tokens.forget(username)
    return with_etag(answer)
