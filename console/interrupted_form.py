"""A form that was sent after its session had ended. The login page keeps it as an encrypted text (sealed), and it is sent after
the login.

The encrypted text names the account for which the form was shown. The form is sent only if that account logs in; if another
account logs in, its fields are dropped. If the account is not known, the form is not sent: its page is shown again with the typed
text in its fields, so that the person who is logged in now can read the text before sending it.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, g, redirect, render_template, request, url_for
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response as AnyResponse

from console import security
from console.context import console, keep_session
from console.forms import safe_next
from console.refilled import Refilled
from console.session import Session

#: Fields of a form that belong to the console and not to the reader's input.
OWN_FIELDS = ("csrf", "idempotency_key")
#: Fields that are never sent back to a browser; a field matches if its name contains one of these words.
SECRET = ("password", "code")


def seal_form() -> str:
    """Return the form of this request as one encrypted text."""
    fields = [[name, value] for name, value in request.form.items(multi=True) if name not in OWN_FIELDS]
    owner = console().sealer.owner_of(request.form.get("csrf", ""))
    form_data = {"path": request.full_path.rstrip("?"), "page": _page(), "fields": fields, "username": owner}
    return console().sealer.seal("resume", form_data)


def send_kept(sealed: str) -> AnyResponse:
    """Send the interrupted form in the present session if it belongs to the same account. If the account is not known, show the
    form's page with the typed text."""
    form_data = console().sealer.open("resume", sealed)
    session: Session = g.session
    if not form_data or form_data["username"] not in (None, session.account["username"]):
        return redirect(url_for("todo.show", dropped=1), 303)
    if form_data["username"] is None:
        return _form_page(form_data)
    fields: dict[str, list[str]] = {}
    for name, value in form_data["fields"]:
        fields.setdefault(name, []).append(value)
    fields["csrf"] = [session.csrf]
    return _internal_request("POST", form_data["path"], fields)


def _page() -> str | None:
    """Return the path of the page that contained this request's form, as the browser reports it; None if the browser reports no
    page of this console."""
    referrer = urlsplit(request.referrer or "")
    if referrer.netloc != request.host:
        return None
    return safe_next(referrer.path + (f"?{referrer.query}" if referrer.query else ""))


def _form_page(form_data: dict[str, Any]) -> AnyResponse:
    """Return the form's page with the typed text in its fields. Text for which the page has no field (all text, if the page
    cannot be shown) is shown at the top, so that it can be copied."""
    typed = [(name, value) for name, value in form_data["fields"] if not any(secret in name for secret in SECRET)]
    found = _internal_request("GET", form_data["page"] or form_data["path"])
    page = found.get_data(as_text=True) if found.status_code == 200 else ""
    refilled = Refilled(urlsplit(form_data["path"]).path, form_data["page"] or form_data["path"], typed)
    refilled.feed(page)
    refilled.close()
    unplaced = [value for value in refilled.left() if value.strip()]
    if not refilled.found:
        return Response(render_template("sign_in/kept.html", rest=unplaced))
    notice = render_template("sign_in/refilled.html", rest=unplaced)
    return Response(refilled.page(notice))


def _internal_request(method: str, path: str, fields: dict[str, list[str]] | None = None) -> AnyResponse:
    """Return the answer of one of this console's own pages, requested in the present session."""
    session: Session = g.session
    cookie = f"{security.cookie_name()}={console().sealer.seal_session(session)}; lang={g.language}"
    if g.large:
        cookie += "; size=large"
    headers = [("Cookie", cookie), ("Sec-Fetch-Site", "same-origin"), ("User-Agent", request.user_agent.string)]
    builder = EnvironBuilder(path, base_url=request.host_url, method=method, data=fields, headers=headers)
    environ = builder.get_environ()
    environ["REMOTE_ADDR"] = request.remote_addr
    answer = Response.from_app(current_app.wsgi_app, environ)
    keep_session(session)  # The request to the page changed `g`.
    return answer
