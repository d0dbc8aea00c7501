"""The integrity register: add records one by one or from CSV, and shorten or withdraw them."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import uploads
from console.access import signed_in
from console.api import path_of
from console.body_limits import takes_file
from console.pages.papers import store_file
from console.problems import FormErrors, Problem
from console.sending import send, typed

blueprint = Blueprint("integrity", __name__, url_prefix="/integrity")
ROWS = 50
_FIELDS = ("uscc", "reason", "recorded_on", "penalty_until")


@blueprint.get("")
@signed_in("officer", "chief", "auditor")
def listed() -> str:
    """List the integrity records; if an organisation's code is given, only the records of that organisation."""
    return _page()


@blueprint.post("")
@signed_in("officer", "chief")
def add() -> AnyResponse:
    """Add one record."""
    renamed = {f"/records/0/{name}": f"/{name}" for name in _FIELDS}
    return _done(send("POST", "/integrity-records", {"records": [typed(*_FIELDS)]}, renamed=renamed))


@blueprint.post("/import")
@signed_in("officer", "chief")
def load() -> AnyResponse:
    """Add the records of a CSV file, either all or none. The file's mistakes are shown by row."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Problem.of_console(422, "no_file")
    return _done(send("POST", "/integrity-records/import", file=(file.stream.read(), "text/csv")))


@blueprint.post("/<id>/repair")
@signed_in("officer", "chief")
@takes_file(uploads.LARGEST)
def repair(id: str) -> AnyResponse:
    """Shorten or withdraw a record, with the document that proves the reason."""
    paper = store_file(f"organisation/{request.form['uscc']}", "attachment")
    body = {"kind": request.form.get("kind"), "documents": [paper["id"]], **typed("penalty_until", "reason")}
    return _done(send("POST", path_of("integrity-records", id, "repair"), body))


def _done(errors: FormErrors | None) -> AnyResponse:
    return Response(_page(errors), errors.status) if errors else redirect(url_for("integrity.listed", done=1), 303)


def _page(errors: FormErrors | None = None) -> str:
    uscc, problem = request.args.get("uscc", "").strip(), None
    try:
        page = g.api.get("/integrity-records", limit=ROWS, cursor=request.args.get("cursor"), uscc=uscc)
    except Problem as refused:
        if refused.status != 422:
            raise
        page, problem = {"items": [], "next_cursor": None}, refused
    return render_template("integrity/list.html", page=page, uscc=uscc, problem=problem, errors=errors)
