"""The web console: a Flask application that renders pages from the public API. It uses no other part of the platform."""

from __future__ import annotations

import importlib
import pkgutil
import time
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask, Response, g, request, url_for
from werkzeug.exceptions import UnprocessableEntity
from werkzeug.wrappers import Response as AnyResponse

from console import access, application_form, body_limits, errors, formats, navigation, pages, security
from console.api import Api, Transport
from console.assets import Assets
from console.context import Console, console, keep_session
from console.forms import new_key
from console.labels import LANGUAGES, translate
from console.problems import Problem
from console.province import OWN
from console.session import Session
from console.settings import ConsoleSettings

#: A token is renewed when it expires in less than this many seconds.
RENEW_BEFORE = 10 * 60
#: The least seconds between two updates of the cookie that only record the time of the session's last use.
TOUCH_EVERY = 60
#: Seconds after which an officer's roles are read again, so that an acting chief can sign from the first day of the appointment
#: on without a new login.
ROLES_EVERY = 60


def create_app(transport: Transport, settings: ConsoleSettings, assets: Assets | None = None) -> Flask:
    """Build the console. `transport` connects it to the API. Raises AssetsMissing if set-up has not installed the third-party
    files."""
    assets = assets or Assets.installed()
    app = Flask("console", root_path=pages.__path__[0], static_folder=None, template_folder="../templates")
    app.config.update(MAX_CONTENT_LENGTH=body_limits.LARGEST_FORM, MAX_FORM_MEMORY_SIZE=body_limits.LARGEST_FORM)
    app.extensions["console"] = Console(transport, settings, assets)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= formats.FILTERS
    app.jinja_env.tests["startswith"] = str.startswith
    app.before_request(_begin)
    app.after_request(_end)
    app.context_processor(_words)
    errors.register(app)
    app.register_blueprint(assets.blueprint())
    for module in pkgutil.iter_modules(pages.__path__, f"{pages.__name__}."):
        app.register_blueprint(importlib.import_module(module.name).blueprint)
    undeclared = [str(rule) for rule in app.url_map.iter_rules() if not access.declared(app.view_functions[rule.endpoint])]
    if undeclared:
        raise RuntimeError(f"these pages say neither @public nor @signed_in: {', '.join(undeclared)}")
    return app


def _begin() -> AnyResponse | None:
    g.language = _language()
    g.large = request.cookies.get("size") == "large"
    g.session = g.ended = None
    g.sealed = False
    if request.path.startswith("/assets/"):
        return None
    _open_session()
    g.api = Api(
        console().transport,
        request.remote_addr or "",
        g.language,
        request.user_agent.string,
        g.session.token if g.session else None,
    )
    body_limits.check()
    _require_utf_8()
    security.refuse_forgery()
    if g.session and g.session.token_ends - _now() < RENEW_BEFORE:
        _renew()
    if g.session and request.method == "GET" and request.headers.get("X-Polling") != "1":
        _read_roles()
    return None


def _require_utf_8() -> None:
    """Raise UnprocessableEntity for a query string that is not UTF-8, as the API does. Werkzeug would silently replace the wrong
    bytes, and the page would answer a different question than the one asked."""
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError as error:
        raise UnprocessableEntity from error


def _language() -> str:
    language = request.cookies.get("lang")
    return language if language in LANGUAGES else request.accept_languages.best_match(LANGUAGES, default="zh") or "zh"


def _open_session() -> None:
    """Read the session from its cookie. A session that has ended is dropped, and the page tells the reader (`g.ended`)."""
    session = console().sealer.open_session(request.cookies.get(security.cookie_name(), ""))
    settings = console().settings
    if session is None:
        return
    if session.over(idle=settings.idle_seconds, longest=settings.session_seconds):
        g.ended = session
        return
    polling = request.headers.get("X-Polling") == "1"
    g.session = session
    if not polling and _now() - session.seen > TOUCH_EVERY:
        g.session, g.sealed = session.touched(), True


def _renew() -> None:
    """Request a new token if the present one expires soon. A refusal is ignored here, because the next call to the API reports
    it."""
    try:
        answer = g.api.post("/auth/renewal").data
    except Problem:
        return
    keep_session(g.session.renewed(answer["access_token"], answer["expires_in"]))


def _read_roles() -> None:
    """Read an officer's roles again from time to time. A refusal is ignored here, because the next call to the API reports it."""
    account = g.session.account
    if "officer" not in account["roles"] or _now() - account.get("read_at", g.session.started) < ROLES_EVERY:
        return
    try:
        found = g.api.get("/me")
    except Problem:
        return
    now = {name: found[name] for name in ("roles", "acting_for")} | {"read_at": _now()}
    keep_session(replace(g.session, account=account | now))


def _end(response: Response) -> Response:
    if g.get("sealed"):
        security.set_session_cookie(response, g.session, console().sealer)
    security.set_headers(response, console().settings)
    return response


def _now() -> float:
    return time.time()


def _words() -> dict[str, Any]:
    """Return the values and functions that every template may use."""
    session: Session | None = g.session
    return {
        "t": partial(_label, g.language),
        "language": g.language,
        "large": g.large,
        "session": session,
        "account": session.account if session else None,
        "menu": tuple(navigation.menu_of(session.account)) if session else (),
        "site": console().settings.site,
        "province": console().province,
        "address_of": _address_of,
        "asset": console().assets.url,
        "csrf": session.csrf if session else "",
        "new_key": new_key,
        "now": datetime.now(formats.BEIJING).isoformat(),
        "here": request.full_path.rstrip("?"),
        "word": _word,
        "words": _words_of,
        "page_of": navigation.page_of,
        "pairs": lambda values: [(value, value) for value in values],
        "label_of": partial(application_form.label_of, partial(_label, g.language), _word),
        "insecure": not security.encrypted() and not security.on_loopback(),
        "idle_seconds": console().settings.idle_seconds,
        "printed_at": formats.now(),
    }


def _address_of(endpoint: str) -> str:
    """Return the address of a page without parameters. If a bureau's own platform does not serve the page, it is the page's
    address at the province's platform."""
    path, province = url_for(endpoint), console().province
    return f"{province.url}{path}" if province and endpoint not in OWN else path


def _word(group: str, code: str | None) -> str:
    """Return the name of a code in the reader's language; empty if there is no code. A code that the vocabulary lacks is a fault
    of the API."""
    if not code:
        return ""
    names = console().vocabulary.of(g.api).get(group, {})
    if group == "region" and code not in names:
        code = f"{code[:2]}0000"  # For regions outside Guangxi the vocabulary contains only the provinces.
    return names.get(code, translate("format.unnamed", g.language))


def _words_of(group: str) -> list[tuple[str, str]]:
    """Return every code of a group with its name, for a selection list."""
    return list(console().vocabulary.of(g.api).get(group, {}).items())


def _label(language: str, key: str, **values: Any) -> str:
    return translate(key, language, **values)
