"""An organisation requests its first account and looks up the state of its request with the receipt."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from console.access import public
from console.api import path_of
from console.forms import body_of
from console.labels import translate
from console.problems import FormErrors, Problem

blueprint = Blueprint("registration", __name__)

#: Field of the form → how its text is read (see `forms.body_of`).
READ = {
    "/uscc": "required",
    "/name": "required",
    "/kind": "required",
    "/region": "required",
    "/contact/name": "required",
    "/contact/phone": "required",
    "/contact/email": "text",
    "/username": "required",
    "/password": "required",
}
#: Field of the form → its label.
NAMES = {
    "/uscc": "registration.uscc",
    "/name": "registration.name",
    "/kind": "registration.kind",
    "/region": "registration.region",
    "/contact/name": "registration.contact_name",
    "/contact/phone": "registration.contact_phone",
    "/contact/email": "registration.contact_email",
    "/username": "registration.username",
    "/password": "registration.password",
    "/accepted": "registration.privacy",
}


@blueprint.get("/register-organisation")
@public
def form() -> str:
    """Show the form; after a refusal it keeps the input except the password."""
    return _form(FormErrors())


@blueprint.post("/register-organisation")
@public
def send() -> AnyResponse:
    """Send the request. The privacy notice must be accepted (个人信息保护法: consent before collection)."""
    if request.form.get("/accepted") != "yes":
        return Response(_form(FormErrors({"/accepted": translate("registration.accept_error", g.language)})), 422)
    try:
        answer = g.api.post("/registrations", body_of(request.form, READ), idempotency_key=request.form.get("idempotency_key"))
    except Problem as problem:
        if problem.status not in (422, 429):
            raise
        return Response(_form(FormErrors.of(problem, set(NAMES))), problem.status)
    return redirect(url_for("registration.received", receipt=answer.data["receipt"]), 303)


@blueprint.get("/register-organisation/received")
@public
def received() -> str:
    """Show the receipt and the next steps."""
    return render_template("registration/received.html", receipt=request.args.get("receipt", ""))


@blueprint.get("/register-organisation/status")
@public
def status() -> str:
    """Show the state of a request, by its receipt."""
    receipt = request.args.get("receipt", "").strip()
    registration, missing = None, False
    if receipt:
        try:
            registration = g.api.get(path_of("registrations", "receipts", receipt))
        except Problem as problem:
            if problem.status not in (404, 422):
                raise
            missing = True
    return render_template("registration/status.html", receipt=receipt, found=registration, missing=missing)


def _form(errors: FormErrors) -> str:
    names = {pointer: translate(key, g.language) for pointer, key in NAMES.items()}
    return render_template("registration/form.html", errors=errors, names=names, typed=request.form)
