"""An application as a workbook: download the template for filling in offline, and import a filled one as a draft."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.files import relay
from console.problems import FieldProblem, Problem

blueprint = Blueprint("imports", __name__, url_prefix="/applications")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/template.xlsx")
@signed_in("applicant")
def template() -> AnyResponse:
    """Download the empty workbook."""
    return relay(g.api.call("GET", "/templates/application.xlsx"))


@blueprint.get("/import")
@signed_in("applicant")
def form() -> str:
    """Show the form in which the reader chooses the call and the filled workbook."""
    return _form()


@blueprint.post("/import")
@signed_in("applicant")
def send() -> AnyResponse:
    """Create a draft from the workbook. If it has mistakes, they are shown by cell and nothing is stored."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Problem.of_console(422, "no_file")
    content = (file.stream.read(), XLSX)
    try:
        if into := request.form.get("into"):
            application = g.api.get(path_of("applications", into))
            path = path_of("applications", into, "import")
            answer = g.api.call("POST", path, file=content, if_match=application["etag"])
        else:
            key, call = request.form.get("idempotency_key"), request.form.get("call")
            answer = g.api.call("POST", "/applications/import", query={"call_id": call}, file=content, idempotency_key=key)
    except Problem as problem:
        if problem.status not in (409, 413, 415, 422):
            raise
        mistakes = problem.errors or [FieldProblem("", problem.detail)]
        return Response(_form(mistakes), problem.status)
    return redirect(url_for("applications.section", id=answer.data["id"], name="check", saved=1), 303)


def _form(mistakes: list[FieldProblem] | None = None) -> str:
    open_calls: list[dict[str, Any]] = g.api.get("/calls", status="open", limit=200)["items"]
    calls = [call for call in open_calls if call["kind"] == "formation"]
    selection = {"call": request.values.get("call"), "into": request.values.get("into")}
    return render_template("applications/import.html", calls=calls, mistakes=mistakes or [], chosen=selection)
