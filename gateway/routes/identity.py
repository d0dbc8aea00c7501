"""Tokens, the own account, accounts, and organisations that ask for their first account."""

from __future__ import annotations

import logging
from typing import Any

from flask import g, request

from gateway.access import allow, public
from gateway.blueprint import Blueprint
from gateway.calls import ask, idempotency_key, if_match, tagged, tell
from gateway.frame import frame
from gateway.identity import passwords
from services.contracts.gateway import (
    AccountAnswer,
    AccountChange,
    AccountPage,
    AccountQuery,
    Credentials,
    NewAccount,
    NewRegistration,
    RegistrationAnswer,
    RegistrationDecision,
    RegistrationPage,
    RegistrationQuery,
    RegistrationReceipt,
    TokenAnswer,
)
from services.kernel.errors import TooMany, Unauthenticated
from services.kernel.identity import NOBODY

blueprint = Blueprint("identity", __name__, url_prefix="/api/v1", description="登录与账号 login and accounts")
log = logging.getLogger(__name__)


@blueprint.route("/auth/token", methods=["POST"])
@public
@blueprint.arguments(Credentials)
@blueprint.response(200, TokenAnswer)
def token(body: dict[str, Any]) -> Any:
    """登录，取得访问令牌 · Log in for an access token."""
    username, tokens = body["username"], frame().tokens
    attempt = f"{username} {request.remote_addr}"
    _wait(frame().logins.wait(attempt))
    account = frame().identity.call("gateway", "credentials", {"username": username}, NOBODY, correlation_id=g.correlation_id)
    if not passwords.matches(body["password"], account and account["password_hash"]):
        frame().logins.count(attempt)
        log.warning("login refused", extra={"correlation_id": g.correlation_id})
        raise Unauthenticated("wrong_credentials", "用户名或密码不正确。", "The username or the password is wrong.")
    frame().logins.forget(attempt)
    return {"access_token": tokens.issue(account), "token_type": "Bearer", "expires_in": tokens.seconds}


def _wait(seconds: int) -> None:
    if seconds:
        raise TooMany(
            "too_many_attempts",
            f"尝试次数过多，请在 {seconds} 秒后重试。",
            f"Too many attempts; please try again in {seconds} seconds.",
            retry_after=seconds,
        )


@blueprint.route("/me", methods=["GET"])
@allow()
@blueprint.response(200, AccountAnswer)
def me() -> Any:
    """本人账号 · Your own account."""
    return tagged(ask("gateway", "me"))


@blueprint.route("/accounts", methods=["POST"])
@allow("operator")
@blueprint.arguments(NewAccount)
@blueprint.response(201, AccountAnswer)
def create_account(body: dict[str, Any]) -> Any:
    """新建账号 · Create an account."""
    return tagged(tell("gateway", "create_account", **_hashed(body, body["username"])))


@blueprint.route("/accounts", methods=["GET"])
@allow("operator")
@blueprint.arguments(AccountQuery, location="query")
@blueprint.response(200, AccountPage)
def list_accounts(query: dict[str, Any]) -> Any:
    """账号列表 · The accounts."""
    return ask("gateway", "list_accounts", **query)


@blueprint.route("/accounts/<username>", methods=["PATCH"])
@allow("operator")
@blueprint.arguments(AccountChange)
@blueprint.response(200, AccountAnswer)
def change_account(body: dict[str, Any], username: str) -> Any:
    """修改、停用账号或重设密码；此前的令牌随即失效 · Change or close an account, or set its password; its tokens end."""
    secret = _hashed(body, username).pop("password_hash") if "password" in body else None
    changes = {name: value for name, value in body.items() if name != "password"}
    answer = tell("gateway", "change_account", username=username, changes=changes, password_hash=secret, if_match=if_match())
    frame().tokens.forget(username)
    return tagged(answer)


@blueprint.route("/registrations", methods=["POST"])
@public
@blueprint.arguments(NewRegistration)
@blueprint.response(201, RegistrationReceipt)
def request_registration(body: dict[str, Any]) -> Any:
    """单位申请首个账号 · An organisation asks for its first account."""
    throttle = frame().registrations
    _wait(throttle.wait(str(request.remote_addr)))
    throttle.count(str(request.remote_addr))
    return tell("gateway", "request_registration", **_hashed(body, body["username"]))


@blueprint.route("/registrations", methods=["GET"])
@allow("officer", "chief")
@blueprint.arguments(RegistrationQuery, location="query")
@blueprint.response(200, RegistrationPage)
def list_registrations(query: dict[str, Any]) -> Any:
    """本部门受理的注册申请 · The registrations your bureau decides."""
    return ask("gateway", "list_registrations", **query)


@blueprint.route("/registrations/<id>/approval", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(RegistrationDecision)
@blueprint.response(200, RegistrationAnswer)
def decide_registration(body: dict[str, Any], id: str) -> Any:
    """同意或不同意注册申请 · Approve or refuse a registration."""
    return tell("gateway", "decide_registration", id=id, **body)


def _hashed(body: dict[str, Any], username: str) -> dict[str, Any]:
    """The body with the password's hash in its place; hashing takes its time here, not in a transaction."""
    passwords.check(body["password"], username)
    secret = passwords.hashed(body["password"], username, idempotency_key())
    return {name: value for name, value in body.items() if name != "password"} | {"password_hash": secret}
