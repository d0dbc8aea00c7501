"""An enterprise's applications: the list, the form section by section, and the members' confirmations."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import application_form as form
from console import working_copies
from console.access import signed_in
from console.api import path_of
from console.files import relay
from console.findings import Verdict
from console.problems import FormErrors, Problem

blueprint = Blueprint("applications", __name__, url_prefix="/applications")
ROWS = 50
#: The states in which the lead may change the application.
EDITABLE = ("draft", "returned")


@blueprint.get("")
@signed_in("applicant")
def listed() -> str:
    """List the organisation's applications: those that it leads, or those that it is asked to join."""
    part = "member" if request.args.get("part") == "member" else "lead"
    status = request.args.get("status")
    page = g.api.get("/applications", limit=ROWS, cursor=request.args.get("cursor"), part=part, status=status)
    return render_template("applications/list.html", page=page, part=part, status=status)


@blueprint.post("")
@signed_in("applicant")
def begin() -> AnyResponse:
    """Create a draft for a call, with the account's organisation as its lead."""
    body = {"call_id": request.form.get("call") or None, "lead": g.session.account["organisation"]}
    answer = g.api.post("/applications", body, idempotency_key=request.form.get("idempotency_key"))
    return redirect(url_for("applications.section", id=answer.data["id"], name="basics"), 303)


@blueprint.get("/<id>")
@signed_in("applicant")
def show(id: str) -> Any:
    """Show one application: the form of a draft, or the progress of a submitted application."""
    application = g.api.get(path_of("applications", id))
    own_code = g.session.account["organisation"]
    if application["lead"] == own_code and application["status"] in EDITABLE:
        return redirect(url_for("applications.section", id=id, name=_first_open(application)), 303)
    steps = g.api.get(path_of("applications", id, "timeline"), limit=100)
    verdict = Verdict.of((application.get("verdict") or {}).get("findings", []))
    own_membership = next((member for member in application["members"] if member["organisation"] == own_code), None)
    return render_template(
        "applications/show.html",
        application=application,
        steps=steps["items"],
        verdict=verdict,
        mine=own_membership,
        own=own_code,
    )


def _first_open(application: dict[str, Any]) -> str:
    """Return the section to show first; for a returned application, the first section that the officer named in the return."""
    return next(iter(_comments(application)), "basics")


@blueprint.get("/<id>/form/<name>")
@signed_in("applicant")
def section(id: str, name: str) -> Any:
    """Show a section of the form with the text that was typed earlier and is not saved yet, beside the verdict on the saved
    data."""
    if name not in form.BY_NAME:
        raise Problem.of_console(404, "no_such_section")
    return _page(g.api.get(path_of("applications", id)), form.BY_NAME[name])


@blueprint.post("/<id>/form/<name>")
@signed_in("applicant")
def save(id: str, name: str) -> AnyResponse:
    """Handle every button of a section. The typed text is always stored as a working copy (unsaved input) first; then it is saved
    in the application, or a list entry is added or removed."""
    if name not in form.BY_NAME or not form.BY_NAME[name].members:
        raise Problem.of_console(404, "no_such_section")
    section, base = form.BY_NAME[name], request.form.get("etag")
    values, action = form.read(request.form, section), request.form.get("do", "save")
    form.act(values, action)
    working_copies.keep(g.api, _copy(section), id, values, base)
    if action.partition(":")[0] in ("add", "remove"):
        return redirect(url_for("applications.section", id=id, name=name, _anchor="last"), 303)
    if action.startswith("go:") and action.removeprefix("go:") in form.BY_NAME:
        return redirect(url_for("applications.section", id=id, name=action.removeprefix("go:")), 303)
    return _saved(id, section, values, base, on=action == "save_and_continue")


@blueprint.post("/<id>/form/<name>/keep")
@signed_in("applicant")
def keep(id: str, name: str) -> Response:
    """Store the typed text as a working copy (unsaved input). The page sends it two seconds after the last keystroke, and when
    the reader leaves the page."""
    section = form.BY_NAME[name]
    working_copies.keep(g.api, _copy(section), id, form.read(request.form, section), request.form.get("etag"))
    return Response(status=204)


@blueprint.post("/<id>/form/<name>/discard")
@signed_in("applicant")
def discard(id: str, name: str) -> AnyResponse:
    """Delete the stored input that was typed and not saved."""
    working_copies.drop(g.api, _copy(form.BY_NAME[name]), id)
    return redirect(url_for("applications.section", id=id, name=name), 303)


@blueprint.get("/<id>/eligibility")
@signed_in("applicant")
def eligibility(id: str) -> str:
    """Show only the verdict, for the panel beside the form."""
    verdict = g.api.get(path_of("applications", id, "eligibility"))
    return render_template("applications/eligibility.html", verdict=Verdict.of(verdict["findings"]), application_id=id)


@blueprint.get("/<id>/process")
@signed_in("officer", "chief", "auditor")
def process(id: str) -> str:
    """Show every step of an application so far. The platform of a bureau that has its own links to this page, because only the
    province's platform has timelines."""
    application = g.api.get(path_of("applications", id))
    steps = g.api.get(path_of("applications", id, "timeline"), limit=200)["items"]
    return render_template("applications/process.html", application=application, steps=steps)


@blueprint.get("/<id>/similar")
@signed_in("applicant", "officer", "chief", "expert", "third_party", "auditor")
def similar(id: str) -> str:
    """Show the research directions that are most similar to the application's (A4(1)), as a part of a page or as a separate
    page."""
    directions = g.api.get(path_of("applications", id, "similar"))
    part = request.headers.get("HX-Request") == "true"
    return render_template("applications/similar_list.html" if part else "applications/similar.html", found=directions, id=id)


def _saved(id: str, section: form.Section, values: form.Values, base: str | None, *, on: bool) -> AnyResponse:
    application = g.api.get(path_of("applications", id))
    body = form.body(values, form.present(application, section))
    if body and section.binding and not request.form.get("sure"):
        fallen = [member for member in application["members"] if (member["confirmation"] or {}).get("decision") == "confirm"]
        if fallen:
            return Response(_page(application, section, values=values, fallen=fallen))
    if body:
        try:
            g.api.patch(path_of("applications", id), body, if_match=base)
        except Problem as problem:
            if problem.status == 412:
                return Response(_conflict(application, section, values), 409)
            if problem.status not in (409, 422):
                raise
            errors = FormErrors.of(problem, _names(values))
            return Response(_page(application, section, values=values, errors=errors), problem.status)
    working_copies.drop(g.api, _copy(section), id)
    target = form.after(section).name if on else section.name
    return redirect(url_for("applications.section", id=id, name=target, saved=1), 303)


def _page(
    application: dict[str, Any],
    section: form.Section,
    *,
    values: form.Values | None = None,
    errors: FormErrors | None = None,
    fallen: list[dict[str, Any]] | None = None,
) -> str:
    """Render the page of a section. The fields show `values` if given, otherwise the unsaved input (working copy), otherwise the
    saved values."""
    id, copy = application["id"], None
    if values is None and section.members:
        copy = working_copies.read(g.api, _copy(section), id, form.read({}, section))
    saved = form.present(application, section)
    verdict = g.api.get(path_of("applications", id, "eligibility"))
    return render_template(
        f"applications/form_{section.name}.html",
        application=application,
        section=section,
        sections=[(each_section, form.state(each_section, application)) for each_section in form.SECTIONS],
        values=values or (copy.values if copy else saved),
        etag=copy.base if copy and copy.base else application["etag"],
        copy=copy,
        errors=errors,
        fallen=fallen or [],
        verdict=Verdict.of(verdict["findings"]),
        call=application["call"],
        comments=_comments(application),
        editable=_editable(application, section),
        **_extra(application, section),
    )


def _extra(application: dict[str, Any], section: form.Section) -> dict[str, Any]:
    """Return further data that some sections need: the section papers needs the documents, the section lead needs the lead's
    organisation."""
    if section.name == "papers":
        return {"documents": g.api.get("/documents", subject=f"application/{application['id']}", limit=200)["items"]}
    if section.name == "lead" and application["lead"]:
        return {"organisation": g.api.get(path_of("organisations", application["lead"]))}
    return {}


def _comments(application: dict[str, Any]) -> dict[str, list[str]]:
    """Return the officer's comments on a returned application, by section of the form."""
    by_section: dict[str, list[str]] = {}
    members = {member: section.name for section in form.SECTIONS for member in (section.name, *section.members, *section.also)}
    for entry in (application.get("correction") or {}).get("sections", []):
        by_section.setdefault(members.get(entry["section"], "check"), []).append(entry["comment"])
    return by_section


def _editable(application: dict[str, Any], section: form.Section) -> bool:
    """Return whether a section may be changed: in a draft every section; in a returned application those that the officer named.
    If the officer named anything that is not a section of the form, all sections may be changed."""
    if application["status"] != "returned":
        return bool(application["status"] == "draft")
    commented = set(_comments(application))
    return section.name == "check" or section.name in commented or not commented or "check" in commented


def _conflict(application: dict[str, Any], section: form.Section, values: form.Values) -> str:
    """Show the reader's values beside those that another request saved in the meantime, value by value. No input is lost."""
    stored = form.present(application, section)
    rows = [
        (pointer, typed, stored_value)
        for pointer, typed, stored_value in _compared_values(values, stored, "")
        if (typed or None) != (stored_value or None)
    ]
    return render_template("applications/conflict.html", application=application, section=section, rows=rows, values=values)


def _compared_values(typed: Any, stored: Any, pointer: str) -> list[tuple[str, Any, Any]]:
    if isinstance(typed, dict) or isinstance(stored, dict):
        keys = [*(typed or {}), *(key for key in (stored or {}) if key not in (typed or {}))]
        return [
            row for key in keys for row in _compared_values((typed or {}).get(key), (stored or {}).get(key), f"{pointer}/{key}")
        ]
    if isinstance(typed, list) or isinstance(stored, list):
        count = max(len(typed or []), len(stored or []))
        pairs = [(_item_at(typed, index), _item_at(stored, index), index) for index in range(count)]
        return [
            row
            for typed_item, stored_item, index in pairs
            for row in _compared_values(typed_item, stored_item, f"{pointer}/{index}")
        ]
    return [(pointer, typed, stored)]


def _item_at(values: list[Any] | None, index: int) -> Any:
    return values[index] if values and index < len(values) else None


def _names(values: form.Values) -> set[str]:
    """Return the pointers of all fields that a section's page shows for these values, including those of list entries."""
    names: set[str] = set()

    def walk(value: Any, pointer: str) -> None:
        names.add(pointer)
        entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in entries:
            walk(inner, f"{pointer}/{key}")

    for name, value in values.items():
        walk(value, f"/{name}")
    return names


def _copy(section: form.Section) -> str:
    return f"application-{section.name}"


# Submission, and the steps after it


@blueprint.post("/<id>/reminders")
@signed_in("applicant")
def remind(id: str) -> AnyResponse:
    """Remind the members that have not confirmed, at most once a day. The button is part of the form, so the typed text is stored
    first."""
    members = form.BY_NAME["members"]
    working_copies.keep(g.api, _copy(members), id, form.read(request.form, members), request.form.get("etag"))
    result = "yes"
    try:
        g.api.post(path_of("applications", id, "reminders"), idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status != 409:
            raise
        result = "no"
    return redirect(url_for("applications.section", id=id, name="members", reminded=result), 303)


@blueprint.post("/<id>/submission")
@signed_in("applicant")
def submit(id: str) -> AnyResponse:
    """Submit the application; the page of the section `check` shows the promise that a submission makes."""
    application = g.api.get(path_of("applications", id))
    section = form.BY_NAME["check"]
    if request.form.get("promise") != "yes":
        errors = FormErrors({"/promise": "promise"})
        return Response(_page(application, section, errors=errors), 422)
    try:
        g.api.post(path_of("applications", id, "submission"), {}, idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        errors = FormErrors(general=[error.message for error in problem.errors] or [problem.detail])
        return Response(_page(application, section, errors=errors), problem.status)
    return redirect(url_for("applications.show", id=id), 303)


@blueprint.post("/<id>/confirmation")
@signed_in("applicant")
def confirm(id: str) -> AnyResponse:
    """Record whether a member joins the consortium under the version of the agreement that the page showed."""
    body = {
        "decision": request.form.get("decision"),
        "reason": request.form.get("reason", "").strip() or None,
        "agreement_version": request.form.get("agreement_version") or None,
    }
    g.api.post(path_of("applications", id, "confirmations"), body, idempotency_key=request.form.get("idempotency_key"))
    return redirect(url_for("applications.show", id=id, done="confirmed"), 303)


@blueprint.route("/<id>/withdrawal", methods=["GET", "POST"])
@signed_in("applicant")
def withdraw(id: str) -> Any:
    """Withdraw the application, after a page that states the consequences."""
    if request.method == "GET":
        return render_template("applications/withdrawal.html", application=g.api.get(path_of("applications", id)))
    body = {"reason": request.form.get("reason", "").strip() or None}
    g.api.post(path_of("applications", id, "withdrawal"), body, idempotency_key=request.form.get("idempotency_key"))
    return redirect(url_for("applications.show", id=id), 303)


@blueprint.get("/<id>/changes")
@signed_in("applicant")
def changes(id: str) -> str:
    """Show the differences between two submitted versions."""
    versions = g.api.get(path_of("applications", id, "versions"))["items"]
    last = versions[-1]["version"] if versions else 0
    before = {str(version["version"]): version["version"] for version in versions[:-1]}
    earlier = before.get(request.args.get("from", ""), max(last - 1, 1))
    diff = g.api.get(path_of("applications", id, "diff"), **{"from": earlier, "to": last}) if last > 1 else {"sections": []}
    return render_template("applications/changes.html", versions=versions, diff=diff, earlier=earlier, application_id=id)


@blueprint.get("/<id>/form.<ending>")
@signed_in("applicant")
def printed(id: str, ending: str) -> AnyResponse:
    """Download the application form as PDF or Word, which the platform generates."""
    if ending not in ("pdf", "docx"):
        raise Problem.of_console(404, "no_such_section")
    return relay(g.api.call("GET", path_of("applications", id, f"form.{ending}")))
