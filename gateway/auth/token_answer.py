"""The answer to a login: its token, and the times at which token and session end."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import request

from gateway.context import gateway_context
from gateway.identity.answers import Login
from services.contracts.gateway.answers import TokenAnswerDict
from services.input.text import clean_line
from services.kernel.clock import real_now


def token_answer(login: Login) -> TokenAnswerDict:
    """Return the API's answer (`TokenAnswer`) for a login that identity has returned."""
    settings = gateway_context().settings
    session_end = datetime.fromisoformat(login["opened_at"]) + timedelta(hours=int(settings.session_hours))
    renew_by = min(session_end, real_now() + timedelta(minutes=int(settings.session_idle_minutes)))
    return {
        "access_token": gateway_context().tokens.issue(login),
        "token_type": "Bearer",
        "expires_in": login["seconds"],
        "renew_by": renew_by.isoformat(),
        "session_ends_at": session_end.isoformat(),
    }


def browser() -> str | None:
    """Return the `User-Agent` of the requesting browser, for the list of sessions."""
    return clean_line(request.user_agent.string or "")[:200] or None
