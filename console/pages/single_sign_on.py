"""Login and logout at the province's identity provider."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import public
from console.context import console
from console.forms import safe_next
from console.labels import translate
from console.login_page import begin, login_page
from console.problems import FormErrors, Problem
from console.sso import CALLBACK, PendingLogin, cookie_name, set_cookie

blueprint = Blueprint("single_sign_on", __name__)


@blueprint.get("/login/sso")
@public
def start() -> AnyResponse:
    """Send the browser to the identity provider. The login page links to this page instead of posting a form, because the
    browser, by `form-action 'self'`, would not follow a form's redirect to another site."""
    target = safe_next(request.args.get("next"))
    if g.session:
        return redirect(target or url_for("todo.show"), 303)
    provider = g.api.get("/auth/sso")
    pending = PendingLogin.begin(provider["issuer"], issuer_in_response=provider["issuer_in_response"], next=target)
    address = pending.address(provider["authorization_endpoint"], provider["client_id"], provider["scope"], g.language)
    response = redirect(address, 303)
    set_cookie(response, pending)
    return response


@blueprint.get(CALLBACK)
@public
def come_back() -> AnyResponse:
    """Begin a session with the code that the provider sent, or show the login page with the reason why no session begins."""
    response = _entered()
    set_cookie(response, None)  # Each pending login accepts one answer only.
    return response


@blueprint.get("/logout/sso")
@public
def leave() -> AnyResponse:
    """Send the browser to the provider's logout page, if the provider has one (OpenID Connect RP-Initiated Logout 1.0)."""
    provider = g.api.get("/auth/sso")
    endpoint = provider["end_session_endpoint"]
    if g.session or not endpoint:
        return redirect(url_for("public.home"), 303)
    query = {"client_id": provider["client_id"], "post_logout_redirect_uri": console().settings.public_url.rstrip("/") + "/"}
    return redirect(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}", 303)


def _entered() -> AnyResponse:
    pending = PendingLogin.of_cookie(request.cookies.get(cookie_name(), ""))
    answer = request.args.to_dict()
    if pending is None or not pending.answered_by(answer):
        return _refused("sign_in.sso_expired", 400)
    if "code" not in answer:
        return _refused("sign_in.sso_cancelled" if answer.get("error") == "access_denied" else "sign_in.sso_failed", 401)
    try:
        opened = g.api.post("/auth/exchange", pending.exchange(answer["code"])).data
    except Problem as problem:
        if problem.status not in (401, 422, 429, 503):
            raise
        response = login_page(FormErrors(general=[problem.detail]), next=pending.next or "", status=problem.status)
        if problem.retry_after:
            response.headers["Retry-After"] = str(problem.retry_after)
        return response
    begin(opened, sso=True)
    return redirect(pending.next or url_for("todo.show"), 303)


def _refused(label: str, status: int) -> AnyResponse:
    return login_page(FormErrors(general=[translate(label, g.language)]), next="", status=status)
