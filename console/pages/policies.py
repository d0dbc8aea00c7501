"""Versions of the policy (A15): the list, one version, the preview of what a draft version would change for open applications,
and the publication of a draft version."""

from __future__ import annotations

import json

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import colleagues
from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors
from console.sending import send

blueprint = Blueprint("policies", __name__, url_prefix="/admin/policies")
READERS = ("officer", "chief", "auditor")
#: The number of open applications that one page of a preview examines.
ROWS = 50


@blueprint.get("")
@signed_in(*READERS)
def listed() -> str:
    """List the versions that the reader may know; the version with the latest effective date comes first."""
    items = sorted(g.api.get("/policies")["items"], key=lambda item: str(item["effective_from"]), reverse=True)
    return render_template("policies/list.html", items=items)


@blueprint.get("/<version>")
@signed_in(*READERS)
def show(version: str) -> str:
    """Show one version: its rules and, if it is a draft, its preview and the next action."""
    return _page(version)


@blueprint.get("/<version>/document.json")
@signed_in(*READERS)
def document(version: str) -> Response:
    """Return the complete text of a version as a data file, in the form in which it can be edited and submitted as a new
    draft."""
    text = json.dumps(g.api.get(path_of("policies", version))["document"], ensure_ascii=False, indent=1)
    named = {"Content-Disposition": "attachment; filename=policy.json"}
    return Response(text, mimetype="application/json", headers=named)


@blueprint.post("/<version>/preview")
@signed_in("officer", "chief")
def preview(version: str) -> str:
    """Show a page of the preview. The API records that the page was shown, and allows the publication of the draft after the last
    page."""
    seen = g.api.call(
        "POST",
        path_of("policies", version, "preview"),
        query={"limit": ROWS, "cursor": request.form.get("cursor")},
    ).data
    return render_template("policies/preview.html", seen=seen, policy=g.api.get(path_of("policies", version)))


@blueprint.post("/<version>/publication")
@signed_in("chief")
def publish(version: str) -> AnyResponse:
    """Publish the draft that the chief has read and that was previewed."""
    errors = send("POST", path_of("policies", version, "publication"), {}, if_match=request.form.get("etag"))
    if errors:
        return Response(_page(version, errors), errors.status)
    return redirect(url_for("policies.show", version=version, done=1), 303)


def _page(version: str, errors: FormErrors | None = None) -> str:
    policy = g.api.get(path_of("policies", version))
    people = {one["username"]: one["name"] for one in colleagues.of_bureau("officer", "chief")}
    return render_template("policies/show.html", policy=policy, people=people, errors=errors)
