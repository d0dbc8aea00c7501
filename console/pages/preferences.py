"""Language and text size. They are stored in cookies of the browser, so visitors without an account can choose them too."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request
from werkzeug.wrappers import Response

from console.access import public
from console.forms import safe_next

blueprint = Blueprint("preferences", __name__)
#: Seconds for which the choice is stored: one year.
KEPT = 365 * 86400


@blueprint.get("/preferences/language")
@public
def language() -> Response:
    """Switch between Chinese and English."""
    return _kept("lang", "en" if g.language == "zh" else "zh")


@blueprint.get("/preferences/size")
@public
def size() -> Response:
    """Switch between normal and large text (大字)."""
    return _kept("size", "normal" if g.large else "large")


def _kept(name: str, value: str) -> Response:
    response = redirect(safe_next(request.args.get("next")) or "/", 303)
    response.set_cookie(name, value, max_age=KEPT, path="/", samesite="Lax", secure=request.is_secure, httponly=True)
    return response
