"""Store the unsent text (working copy) of forms that have no saved version with which the text could be compared: objections,
opinions, score sheets."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from console import working_copies
from console.access import signed_in

blueprint = Blueprint("working_copies", __name__)


@blueprint.post("/working-copies/<form>/<subject>")
@signed_in()
def keep(form: str, subject: str) -> Response:
    """Store the typed fields of a form unchanged. The names of these fields are JSON pointers; other fields are not stored."""
    values = {name: value for name, value in request.form.items() if name.startswith("/")}
    working_copies.keep(g.api, form, subject, values, request.form.get("etag"))
    return Response(status=204)
