"""The province transfers a consortium to another recommender: a page that states the consequences, and the decision."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors
from console.sending import send, typed

blueprint = Blueprint("hand_overs", __name__, url_prefix="/consortia")


@blueprint.get("/<id>/hand-over")
@signed_in("chief")
def show(id: str) -> str:
    """Show the form to choose the new recommender, beside the consequences for the consortium's open cases and duties."""
    return _page(id)


@blueprint.post("/<id>/hand-over")
@signed_in("chief")
def hand_over(id: str) -> AnyResponse:
    """Record the decision to transfer the consortium: the chosen bureau is the recommender from now on."""
    body = typed("recommender", "reason")
    errors = send("POST", path_of("consortia", id, "hand-over"), body, fields=("/recommender", "/reason"))
    if errors:
        return Response(_page(id, errors), errors.status)
    return redirect(url_for("hand_overs.show", id=id, done=1), 303)


def _page(id: str, errors: FormErrors | None = None) -> str:
    consortium = g.api.get(path_of("consortia", id))
    recommender = request.form.get("/recommender", "")
    return render_template("hand_overs/show.html", consortium=consortium, errors=errors, chosen=recommender)
