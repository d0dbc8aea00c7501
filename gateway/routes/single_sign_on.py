"""Login in the browser at the province's identity provider."""

from __future__ import annotations

from typing import Any

from gateway.auth import password_check
from gateway.auth.authorization import public
from gateway.auth.authorization_code import code_login_of
from gateway.auth.token_answer import browser, token_answer
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from services.contracts.gateway.requests import CodeExchange, SingleSignOn, TokenAnswer

blueprint = Blueprint("single_sign_on", __name__, url_prefix="/api/v1", description="统一身份认证 single sign-on")


@blueprint.route("/auth/sso", methods=["GET"])
@public
@blueprint.response(200, SingleSignOn)
def single_sign_on() -> Any:
    """统一身份认证登录的参数 · Get the parameters for a login at the identity provider in the browser."""
    return code_login_of(gateway_context().code_login).request()


@blueprint.route("/auth/exchange", methods=["POST"])
@public
@blueprint.arguments(CodeExchange)
@blueprint.response(200, TokenAnswer)
def exchange(code: str, code_verifier: str, redirect_uri: str, nonce: str) -> Any:
    """以统一身份认证的授权码登录 · Log in with an authorization code of the identity provider.

    The gateway exchanges the code, verifies the ID token and opens a session of this platform. The account follows the person's
    claims, or is the one that the operator linked.
    """
    login = code_login_of(gateway_context().code_login)
    arguments = code, code_verifier, redirect_uri, nonce
    with gateway_context().throttle.authorization_code(password_check.place()):
        opened = login.open_session(*arguments, browser(), gateway_context().tokens.seconds)
    gateway_context().tokens.forget(opened["username"])  # the claims may have just changed the account
    return token_answer(opened)
