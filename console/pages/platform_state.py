"""The operator's view of the running platform: its state in words, events that could not be processed, webhooks with their
deliveries, and letters that mail systems did not accept."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import signed_in
from console.api import path_of
from console.problems import FormErrors
from console.sending import answered, send

blueprint = Blueprint("platform_state", __name__, url_prefix="/operations")
ROWS = 50
#: The operator's actions on a webhook, as the form's buttons name them.
ACTS = ("pause", "resume", "skip", "rotate")


@blueprint.get("/state")
@signed_in("operator")
def show() -> str:
    """Show whether each part of the platform works, and the work that failed."""
    state = g.api.get("/platform/state")
    counts = {entry["kind"]: entry["count"] for entry in g.api.get("/me/todo")["counts"]}
    ended = [service for service in state["services"] if not service["answers"]]
    parked = sum(service["parked"] or 0 for service in state["services"])
    return render_template("operations/state.html", state=state, ended=ended, parked=parked, letters=counts.get("letter", 0))


@blueprint.get("/parked-events")
@signed_in("operator")
def parked() -> str:
    """Show the parked events of one service: those that it could not process."""
    return _parked()


@blueprint.post("/parked-events/replay")
@signed_in("operator")
def replay() -> AnyResponse:
    """Process the chosen events again."""
    service, bureau = request.form.get("service", ""), request.form.get("bureau") or None
    body = {"service": service, "bureau": bureau, "ids": request.form.getlist("event")}
    result, errors = answered("POST", "/parked-events/replay", body)
    if errors:
        return Response(_parked(errors), errors.status)
    return redirect(url_for("platform_state.parked", service=service, bureau=bureau, replayed=result["replayed"]), 303)


@blueprint.get("/webhooks")
@signed_in("operator", "portal")
def webhooks() -> str:
    """List the webhooks with their state: the operator sees all of them, a portal only its own."""
    return render_template("operations/webhooks.html", page=g.api.get("/webhooks", limit=ROWS, cursor=request.args.get("cursor")))


@blueprint.get("/webhooks/<id>")
@signed_in("operator", "portal")
def webhook(id: str) -> str:
    """Show one webhook with its last deliveries."""
    return _webhook(id)


@blueprint.post("/webhooks/<id>")
@signed_in("operator", "portal")
def change_webhook(id: str) -> AnyResponse:
    """Pause the webhook, resume it, or replace its secret; the new secret is shown once only."""
    action = request.form.get("do")
    if action not in ACTS:
        return redirect(url_for("platform_state.webhook", id=id), 303)
    act = {"pause": "pause", "rotate": "rotation"}.get(action, "resumption")
    body = {"skip": action == "skip"} if act == "resumption" else None
    result, errors = answered("POST", path_of("webhooks", id, act), body)
    if errors:
        return Response(_webhook(id, errors), errors.status)
    if act == "rotation":
        return Response(_webhook(id, secret=result["secret"]))
    return redirect(url_for("platform_state.webhook", id=id, done=1), 303)


@blueprint.post("/webhooks/<id>/deliveries/<delivery>/redelivery")
@signed_in("operator", "portal")
def redeliver(id: str, delivery: str) -> AnyResponse:
    """Send one delivery again."""
    errors = send("POST", path_of("webhooks", id, "deliveries", delivery, "redelivery"))
    if errors:
        return Response(_webhook(id, errors), errors.status)
    return redirect(url_for("platform_state.webhook", id=id, done=1), 303)


@blueprint.get("/letters")
@signed_in("operator")
def letters() -> str:
    """List e-mails and SMS by state; by default those that failed."""
    return _letters()


@blueprint.post("/letters/<id>/retry")
@signed_in("operator")
def retry(id: str) -> AnyResponse:
    """Send a failed letter again."""
    errors = send("POST", path_of("letters", id, "retry"))
    return Response(_letters(errors), errors.status) if errors else redirect(url_for("platform_state.letters", done=1), 303)


def _parked(errors: FormErrors | None = None) -> str:
    filters = {name: request.values.get(name) or None for name in ("service", "bureau")}
    state = g.api.get("/platform/state")
    with_parked = [service["service"] for service in state["services"] if service["parked"]]
    service = filters["service"] or (with_parked[0] if with_parked else "application")
    page = g.api.get("/parked-events", limit=ROWS, cursor=request.args.get("cursor"), **(filters | {"service": service}))
    return render_template("operations/parked.html", page=page, state=state, service=service, wanted=filters, errors=errors)


def _webhook(id: str, errors: FormErrors | None = None, secret: str | None = None) -> str:
    state = request.args.get("state")
    webhook = g.api.get(path_of("webhooks", id))
    page = g.api.get(path_of("webhooks", id, "deliveries"), limit=ROWS, cursor=request.args.get("cursor"), state=state)
    return render_template("operations/webhook.html", webhook=webhook, page=page, state=state, errors=errors, secret=secret)


def _letters(errors: FormErrors | None = None) -> str:
    filters: dict[str, Any] = {"state": request.args.get("state", "failed"), "channel": request.args.get("channel") or None}
    page = g.api.get("/letters", limit=ROWS, cursor=request.args.get("cursor"), **filters)
    return render_template("operations/letters.html", page=page, wanted=filters, state=filters["state"], errors=errors)
