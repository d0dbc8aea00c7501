"""Login, and the caller's own account: sessions, password, second factor, personal data."""

from __future__ import annotations

import base64
from typing import Any

from gateway.auth import demonstration_accounts, password_check
from gateway.auth.authorization import allow, bearer, public
from gateway.auth.token_answer import browser, token_answer
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import chosen, localised
from gateway.http.typed_names import account_name
from gateway.identity.contact_proofs import MINUTES
from gateway.identity.passwords import check
from gateway.identity.passwords import hashed as hash_of
from gateway.service_client import actor, if_match, send_command, send_command_once, send_query, with_etag
from services.contracts.common import Page
from services.contracts.gateway.answers import TokenAnswerDict
from services.contracts.gateway.identity import (
    Closed,
    Code,
    ContactChange,
    LookPage,
    NewPassword,
    OwnAccount,
    OwnData,
    OwnSettings,
    OwnSettingsAnswer,
    PasswordChange,
    PasswordProof,
    RecoveryCodes,
    ResetAccepted,
    ResetRequest,
    SecondFactorSecret,
    SecondFactorState,
    SessionList,
)
from services.contracts.gateway.requests import (
    AccountAnswer,
    Credentials,
    DemonstrationLogin,
    LoginMethods,
    OwnAccountAnswer,
    TokenAnswer,
)
from services.kernel.errors import Invalid
from services.kernel.identity import NOBODY

blueprint = Blueprint("me", __name__, url_prefix="/api/v1", description="登录与本人账号 login and your own account")


@blueprint.route("/auth/token", methods=["POST"])
@public
@blueprint.arguments(Credentials)
@blueprint.response(200, TokenAnswer)
def token(**body: Any) -> Any:
    """登录，取得访问令牌 · Log in to get an access token."""
    return _open_session_answer(account_name(body["username"]), body["password"], body["code"])


@blueprint.route("/auth/renewal", methods=["POST"])
@allow(keys=False)
@blueprint.response(200, TokenAnswer)
def renew() -> Any:
    """延续登录，换取新的访问令牌 · Get the next token of this session, until the session was idle too long or has ended."""
    settings = gateway_context().settings
    limits = {"idle": int(settings.session_idle_minutes) * 60, "longest": int(settings.session_hours) * 3600}
    return token_answer(
        send_command_once("gateway", "renew_session", id=_session_id(), seconds=gateway_context().tokens.seconds, **limits)
    )


@blueprint.route("/auth/methods", methods=["GET"])
@public
@blueprint.response(200, LoginMethods)
def login_methods() -> Any:
    """可用的登录方式 · List the login methods of this platform."""
    settings = gateway_context().settings
    client = {"client_id": settings.oidc_client} if settings.oidc_client else {}
    methods = {
        "password": True,
        "sso": {"issuer": settings.oidc_issuer} | client if settings.oidc_issuer else None,
        "demonstration": demonstration_accounts.is_offered(),
        "accounts": demonstration_accounts.accounts(),
    }
    return localised(methods)


@blueprint.route("/auth/demonstration", methods=["POST"])
@public
@blueprint.arguments(DemonstrationLogin)
@blueprint.response(200, TokenAnswer)
def demonstration_login(**body: Any) -> Any:
    """以演示账号登录，仅限本机的演示平台 · Log in as a demonstration account, only from the demonstration's own machine."""
    username = account_name(body["username"])
    return _open_session_answer(username, demonstration_accounts.password_of(username), None)


def _open_session_answer(username: str, password: str, code: str | None) -> TokenAnswerDict:
    return token_answer(password_check.open_session(username, password, code, browser(), gateway_context().tokens.seconds))


def _session_id() -> str:
    """Return the session of this request. Raises Invalid if its token was not issued by this platform."""
    session = bearer().session
    if session is None:
        raise Invalid(
            "no_session",
            "此凭证不是在本平台登录取得的；密钥请由管理员撤销。",
            "These credentials are of no login here; a key is revoked by the operator.",
        )
    return session


@blueprint.route("/auth/logout", methods=["POST"])
@allow(keys=False)
@blueprint.response(200, Closed)
def logout() -> Any:
    """退出登录，令牌随即失效 · Log out; the token becomes invalid."""
    return _forget_tokens(send_command("gateway", "close_session", id=_session_id()))


@blueprint.route("/me", methods=["GET"])
@allow()
@blueprint.response(200, OwnAccountAnswer)
def me() -> Any:
    """本人账号 · Your own account."""
    return send_query("gateway", "me")  # No ETag: the contacts in the answer can change without a new version of the account.


@blueprint.route("/me", methods=["PATCH"])
@allow(keys=False)
@blueprint.arguments(ContactChange)
@blueprint.response(200, OwnAccount)
def change_contact(**body: Any) -> Any:
    """修改本人邮箱、电话；新的联系方式凭验证码生效 · Change your e-mail or telephone; a new one takes effect with its code."""
    _check_password(body["password"])
    changes = {name: body[name] for name in ("email", "phone") if name in body}
    return send_command_once("gateway", "change_contact", changes=changes, language=chosen())


@blueprint.route("/me/settings", methods=["GET"])
@allow(keys=False)
@blueprint.response(200, OwnSettingsAnswer)
def get_settings() -> Any:
    """本人的界面设置和常用意见 · Your own settings and saved phrases."""
    return with_etag(send_query("gateway", "get_settings"))


@blueprint.route("/me/settings", methods=["PUT"])
@allow(keys=False)
@blueprint.arguments(OwnSettings)
@blueprint.response(200, OwnSettingsAnswer)
def put_settings(**body: Any) -> Any:
    """保存界面设置和常用意见，最多 16 KiB（可带 If-Match） · Save your settings and saved phrases, at most 16 KiB."""
    return with_etag(send_command_once("gateway", "put_settings", content=body["content"], if_match=if_match()))


@blueprint.route("/me/contact-confirmation", methods=["POST"])
@allow(keys=False)
@blueprint.arguments(Code)
@blueprint.response(200, OwnAccount)
def confirm_contact(**body: Any) -> Any:
    """填写验证码，确认新的邮箱或电话 · Confirm a new e-mail or telephone with the code that was sent to it."""
    with gateway_context().throttle.code(actor().username) as attempt:
        answer = send_command_once("gateway", "confirm_contact", code=body["code"])
        attempt.succeeded()
    return answer


@blueprint.route("/auth/password-reset", methods=["POST"])
@public
@blueprint.arguments(ResetRequest)
@blueprint.response(202, ResetAccepted)
def request_reset(**body: Any) -> Any:
    """忘记密码：向账号已验证的邮箱发送重设链接 · Request a reset link for a forgotten password, sent to the verified e-mail."""
    username = account_name(body["username"])
    gateway_context().throttle.reset_requested(username, password_check.place())
    send_command_once("gateway", "request_reset", username=username, language=chosen())
    return {"minutes": MINUTES}


@blueprint.route("/auth/password-reset/confirmation", methods=["POST"])
@public
@blueprint.arguments(NewPassword)
@blueprint.response(200, Closed)
def reset_password(**body: Any) -> Any:
    """凭邮件中的链接设置新密码；所有登录随即结束 · Set a new password with the link from the e-mail; all sessions end."""
    with gateway_context().throttle.reset(password_check.place()):
        statement = _statement(body["token"])
        username = send_query("gateway", "reset_account", statement=statement)
        check(body["password"], username, "/password")
        secret = hash_of(body["password"], username, None)
        answer = send_command_once("gateway", "reset_password", statement=statement, password_hash=secret)
    gateway_context().tokens.forget(username)
    return {"closed": answer["closed"]}


def _statement(token: str) -> str:
    """Return the statement in a reset link; for any other text an empty one, which identity refuses."""
    try:
        return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except ValueError:
        return ""


@blueprint.route("/me/sessions", methods=["GET"])
@allow(keys=False)
@blueprint.response(200, SessionList)
def list_sessions() -> Any:
    """本人未结束的登录 · List your open sessions."""
    return send_query("gateway", "list_sessions", current=bearer().session)


@blueprint.route("/me/sessions", methods=["DELETE"])
@allow(keys=False)
@blueprint.response(200, Closed)
def close_sessions() -> Any:
    """结束其他所有登录 · End all your other sessions."""
    return _forget_tokens(send_command("gateway", "close_sessions", current=bearer().session))


@blueprint.route("/me/sessions/<id>", methods=["DELETE"])
@allow(keys=False)
@blueprint.response(200, Closed)
def close_session(id: str) -> Any:
    """结束一次登录 · End one session."""
    return _forget_tokens(send_command("gateway", "close_session", id=id))


def _forget_tokens(answer: Any) -> Any:
    gateway_context().tokens.forget(actor().username)
    return answer


@blueprint.route("/me/password", methods=["PUT"])
@allow(keys=False)
@blueprint.arguments(PasswordChange)
@blueprint.response(200, Closed)
def change_password(**body: Any) -> Any:
    """修改密码；其他登录随即结束 · Change the password; all other sessions end."""
    username = actor().username
    password_check.require_password(username, body["current"], "/current")
    check(body["new"], username, "/new")
    secret = hash_of(body["new"], username, None)
    return _forget_tokens(send_command_once("gateway", "change_password", password_hash=secret, current=bearer().session))


@blueprint.route("/me/second-factor", methods=["POST"])
@allow(keys=False)
@blueprint.arguments(PasswordProof)
@blueprint.response(201, SecondFactorSecret)
def start_second_factor(**body: Any) -> Any:
    """申请两步验证密钥，在手机应用中录入 · Get a second-factor secret to enter in your app."""
    _check_password(body["password"])
    return send_command_once("gateway", "start_second_factor")


@blueprint.route("/me/second-factor/confirmation", methods=["POST"])
@allow(keys=False)
@blueprint.arguments(Code)
@blueprint.response(200, RecoveryCodes)
def confirm_second_factor(**body: Any) -> Any:
    """以一个验证码确认启用；恢复码只显示这一次 · Switch it on with a code; the recovery codes are shown only this once."""
    with gateway_context().throttle.code(actor().username) as attempt:
        answer = send_command_once("gateway", "confirm_second_factor", code=body["code"])
        attempt.succeeded()
    return answer


@blueprint.route("/me/second-factor/removal", methods=["POST"])
@allow(keys=False)
@blueprint.arguments(PasswordProof)
@blueprint.response(200, SecondFactorState)
def remove_own_second_factor(**body: Any) -> Any:
    """停用两步验证 · Switch the second factor off."""
    _check_password(body["password"])
    return send_command("gateway", "remove_second_factor", username=actor().username)


@blueprint.route("/me/access-log", methods=["GET"])
@allow(keys=False)
@blueprint.arguments(Page, location="query")
@blueprint.response(200, LookPage)
def access_log(**query: Any) -> Any:
    """谁看过我的个人信息 · List who saw your personal data."""
    return send_query("gateway", "list_looks", username=actor().username, **query)


@blueprint.route("/me/data", methods=["GET"])
@allow(keys=False)
@blueprint.response(200, OwnData)
def own_data() -> Any:
    """导出平台保存的本人信息 · Export all data that the platform stores about you."""
    return {"identity": send_query("gateway", "own_data"), "notification": send_query("notification", "own_letters")}


@blueprint.route("/me/erasure", methods=["POST"])
@allow(keys=False)
@blueprint.arguments(PasswordProof)
@blueprint.response(200, AccountAnswer)
def erase_me(**body: Any) -> Any:
    """注销本人账号并删除个人信息，不可恢复 · Close your account permanently and erase your personal data."""
    _check_password(body["password"])
    return _forget_tokens(send_command_once("gateway", "erase_account", username=actor().username))


def _check_password(password: str | None) -> None:
    """Check the password that the request contains as proof, if the account has one on this platform."""
    username = actor().username
    credentials = gateway_context().identity.call("gateway", "credentials", {"username": username}, NOBODY)
    if credentials is not None:
        password_check.require_password(username, password or "", "/password")
