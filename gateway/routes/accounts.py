"""Accounts, and organisations that request their first one."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow, public
from gateway.auth.password_check import password_hash, place
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from gateway.service_client import if_match, send_command, send_command_once, send_query, with_etag
from services.contracts.common import Page
from services.contracts.gateway.identity import LookPage, SecondFactorState
from services.contracts.gateway.requests import (
    AccountAnswer,
    AccountChange,
    AccountPage,
    AccountQuery,
    NewAccount,
    NewRegistration,
    RegistrationAnswer,
    RegistrationDecision,
    RegistrationPage,
    RegistrationQuery,
    RegistrationReceipt,
    RegistrationStatus,
)

blueprint = Blueprint("identity", __name__, url_prefix="/api/v1", description="账号与注册 accounts and registrations")


@blueprint.route("/accounts", methods=["POST"])
@allow("operator")
@blueprint.arguments(NewAccount)
@blueprint.response(201, AccountAnswer)
def create_account(password: str, **body: Any) -> Any:
    """新建账号 · Create an account."""
    secret = password_hash(password, body["username"])
    return with_etag(send_command("gateway", "create_account", **body, password_hash=secret))


@blueprint.route("/accounts", methods=["GET"])
@allow("operator")
@blueprint.arguments(AccountQuery, location="query")
@blueprint.response(200, AccountPage)
def list_accounts(**query: Any) -> Any:
    """账号列表 · List the accounts."""
    return send_query("gateway", "list_accounts", **query)


@blueprint.route("/accounts/<username>", methods=["GET"])
@allow("operator")
@blueprint.response(200, AccountAnswer)
def get_account(username: str) -> Any:
    """一个账号，含联系方式；查看会被记录 · One account with its contact details; each look is recorded."""
    return with_etag(send_command_once("gateway", "open_account", username=username))


@blueprint.route("/accounts/<username>/access-log", methods=["GET"])
@allow("auditor")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, LookPage)
def account_access_log(username: str, **query: Any) -> Any:
    """谁看过该账号的个人信息 · List who saw this account's personal data."""
    return send_query("gateway", "list_looks", username=username, **query)


@blueprint.route("/accounts/<username>/second-factor", methods=["DELETE"])
@allow("operator")
@blueprint.response(200, SecondFactorState)
def remove_second_factor(username: str) -> Any:
    """为丢失手机的用户停用两步验证 · Switch the second factor off for a user who lost the telephone."""
    return send_command("gateway", "remove_second_factor", username=username)


@blueprint.route("/accounts/<username>/erasure", methods=["POST"])
@allow("operator")
@blueprint.response(200, AccountAnswer)
def erase_account(username: str) -> Any:
    """注销账号并删除其个人信息，不可恢复 · Close an account permanently and erase its personal data."""
    answer = send_command("gateway", "erase_account", username=username)
    gateway_context().tokens.forget(username)
    return with_etag(answer)


@blueprint.route("/accounts/<username>", methods=["PATCH"])
@allow("operator")
@blueprint.arguments(AccountChange)
@blueprint.response(200, AccountAnswer)
def change_account(username: str, **body: Any) -> Any:
    """修改、停用账号或重设密码；此前的令牌随即失效 · Change or close an account, or set its password; its tokens are revoked."""
    secret = password_hash(body["password"], username) if "password" in body else None
    changes = {name: value for name, value in body.items() if name != "password"}
    answer = send_command(
        "gateway", "change_account", username=username, changes=changes, password_hash=secret, if_match=if_match()
    )
    gateway_context().tokens.forget(username)
    return with_etag(answer)


@blueprint.route("/registrations", methods=["POST"])
@public
@blueprint.arguments(NewRegistration)
@blueprint.response(202, RegistrationReceipt)
def request_registration(password: str, **body: Any) -> Any:
    """单位申请首个账号；凭回执查询进度 · Request an organisation's first account; the receipt gives access to its state."""
    gateway_context().throttle.registration(body["uscc"], place())
    secret = password_hash(password, body["username"])
    return send_command("gateway", "request_registration", **body, password_hash=secret)


@blueprint.route("/registrations/receipts/<receipt>", methods=["GET"])
@public
@blueprint.response(200, RegistrationStatus)
def registration_status(receipt: str) -> Any:
    """凭回执查询注册申请的进度和核准的用户名 · The state of a registration, by its receipt; once approved, the account's name."""
    with gateway_context().throttle.receipt(place()):
        return send_query("gateway", "registration_status", receipt=receipt)


@blueprint.route("/registrations", methods=["GET"])
@allow("officer", "chief")
@blueprint.arguments(RegistrationQuery, location="query")
@blueprint.response(200, RegistrationPage)
def list_registrations(**query: Any) -> Any:
    """本部门受理的注册申请 · List the registrations that your bureau decides."""
    return send_query("gateway", "list_registrations", **query)


@blueprint.route("/registrations/<id>", methods=["GET"])
@allow("officer", "chief")
@blueprint.response(200, RegistrationAnswer)
def get_registration(id: str) -> Any:
    """一份注册申请，含联系方式；查看会被记录 · One registration with its contact details; each look is recorded."""
    return send_command_once("gateway", "open_registration", id=id)


@blueprint.route("/registrations/<id>/approval", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(RegistrationDecision)
@blueprint.response(200, RegistrationAnswer)
def decide_registration(id: str, **body: Any) -> Any:
    """同意或不同意注册申请；用户名已被使用的，另行指定 · Approve (with another name if it is taken) or refuse."""
    return send_command("gateway", "decide_registration", id=id, **body)
