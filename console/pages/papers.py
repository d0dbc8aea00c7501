"""Upload the documents of an application (in parts by the browser, or through the console), download them, and read them page by
page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import uploads, viewer
from console.access import signed_in
from console.api import path_of
from console.body_limits import takes_file
from console.files import relay
from console.labels import translate
from console.problems import FormErrors, Problem
from console.sending import CORRECTABLE

blueprint = Blueprint("papers", __name__)


@blueprint.post("/applications/<id>/papers/<kind>")
@signed_in("applicant")
@takes_file(uploads.LARGEST)
def upload(id: str, kind: str) -> AnyResponse:
    """Receive a file from a browser without JavaScript."""
    stored = store_file(f"application/{id}", kind)
    return redirect(url_for("applications.section", id=id, name="papers", saved=1 if stored["state"] == "clean" else None), 303)


@blueprint.post("/applications/<id>/papers/<kind>/announcement")
@signed_in("applicant")
def announce(id: str, kind: str) -> Response:
    """Announce to the API a file whose digest the browser has computed; the answer contains the address to which the browser
    sends the bytes."""
    return announced(f"application/{id}", kind)


@blueprint.get("/documents/<id>/parts")
@signed_in()
def parts(id: str) -> Response:
    """Return the parts of an interrupted upload that have arrived, and the addresses to which the browser sends the missing
    parts."""
    try:
        return jsonify(g.api.get(path_of("documents", id, "parts")))
    except Problem as problem:
        return _refused(problem)


@blueprint.post("/documents/<id>/completion")
@signed_in()
def complete(id: str) -> Response:
    """Complete an upload: the API verifies the bytes."""
    try:
        return jsonify(g.api.post(path_of("documents", id, "completion")).data)
    except Problem as problem:
        return _refused(problem)


@blueprint.get("/documents/<id>")
@signed_in()
def fetch(id: str) -> AnyResponse:
    """Download a document from the store that has its bytes."""
    return relay(g.api.call("GET", path_of("documents", id, "content")))


@blueprint.get("/documents/<id>/pages/<int:page>")
@signed_in()
def read(id: str, page: int) -> str:
    """Show one page of a document, as a separate page or as a part of the page of the case that `review` names. The query
    parameter `wait`: the seconds for which the page waited before it repeated this request, because the document was not
    available yet; the next pause is twice as long."""
    review = g.api.get(path_of("reviews", review_id)) if (review_id := request.args.get("review")) else None
    documents = review["documents"] if review else []
    paper = viewer.open_paper(g.api, id, page, documents)
    tried = request.args.get("wait", type=int) or 0
    if request.headers.get("HX-Request") == "true":
        return render_template("papers/fragment.html", paper=paper, documents=documents, review=review, wait=2 * tried)
    scores = {"expert", "third_party"} & set(g.session.account["roles"])
    back_link = url_for("scoring.show" if scores else "reviews.show", id=review["id"]) if review else None
    return render_template("papers/read.html", paper=paper, documents=documents, review=review, back=back_link)


@blueprint.get("/documents/<id>/pages/<int:page>.webp")
@signed_in()
def page_image(id: str, page: int) -> Response:
    """Return the image of a page. The console passes it on, because its pages may only show images from their own origin."""
    answer = g.api.call("GET", path_of("documents", id, "pages", f"{page}.webp"))
    return Response(answer.body, content_type="image/webp", headers={"Cache-Control": "private, no-store"})


@blueprint.get("/applications/<id>/decision.pdf")
@signed_in()
def decision(id: str) -> AnyResponse:
    """Download the generated document with the decision on an application."""
    return relay(g.api.call("GET", path_of("applications", id, "decision.pdf")))


def store_file(subject: str, kind: str) -> dict[str, Any]:
    """Store a form's file as a document of a subject, for a page that has the decorator `takes_file`. Raises Problem if there is
    no file or the API refuses it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Problem.of_console(422, "no_file")
    file.stream.seek(0, 2)
    size = file.stream.tell()
    file.stream.seek(0)
    return uploads.send(g.api, subject, kind, file.filename, file.stream, size)


def attached(subject: str, kind: str) -> tuple[dict[str, str], FormErrors | None]:
    """Return the document that belongs to a form with a file: the sent file, which is stored now, or the document that an earlier
    attempt stored and that the form names. If there is neither, or if the API refuses the file, the second value describes the
    mistake at the form's field `/file`."""
    file = request.files.get("file")
    if (file is None or not file.filename) and request.form.get("document"):
        return {"id": request.form["document"], "filename": request.form.get("filename", "")}, None
    try:
        stored = store_file(subject, kind)
    except Problem as problem:
        if problem.status not in CORRECTABLE:
            raise
        message = problem.errors[0].message if problem.errors else problem.detail
        return {}, FormErrors({"/file": message or translate("form.no_file", g.language)})
    return {"id": stored["id"], "filename": stored["filename"]}, None


def announced(subject: str, kind: str) -> Response:
    """Announce to the API that a file will be uploaded as a document of a subject, and return the answer for the page's
    script."""
    body: dict[str, Any] = {**(request.get_json(silent=True) or {}), "kind": kind, "subject": subject}
    try:
        return jsonify(g.api.post("/documents", body).data)
    except Problem as problem:
        return _refused(problem)


def _refused(problem: Problem) -> Response:
    """Return a refusal for the page's script, in the reader's language."""
    message = problem.errors[0].message if problem.errors else problem.detail
    answer = jsonify({"message": message, "code": problem.code})
    answer.status_code = problem.status
    return answer
