"""Compute the actions that an actor may take now on an application, a change or a support request, so that clients can offer
them. The commands check the rights again themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.application.access import require_alive
from services.application.domain.application import Application
from services.application.domain.call import Call
from services.application.domain.change import Change
from services.application.domain.consortium import Consortium
from services.application.domain.support import Support
from services.contracts.application.change_responses import AskedUnit
from services.contracts.case_view import ActionAnswerDict
from services.kernel.actions import offer
from services.kernel.errors import Conflict
from services.kernel.identity import Actor

Offers = list[ActionAnswerDict]


def application_actions(
    actor: Actor, application: Application, call: Call | None, now: datetime, *, registered: bool, unanswered: bool
) -> Offers:
    """Return the actions that the actor may take on the application. `registered`: whether the actor's organisation has entered
    its data. `unanswered`: whether an objection to the application waits for an answer."""
    lead = actor.has("applicant") and actor.organisation is not None and actor.organisation == application.lead
    province = actor.official and actor.of_province
    offers: Offers = []
    if lead if not application.special else province:
        offers += _of_lead(application, call, now)
    if actor.has("applicant") and not lead and actor.organisation in application.units:
        offers += _of_member(application, now, registered=registered)
    if application.returned_by(actor):
        offers.append(offer("extend_correction", lambda: application.require_extendable(now)))
    if application.status == "publicised" and actor.has("applicant") and not lead:
        offers.append(offer("object", lambda: application.require_publicity(now), signs=True))
    if application.status in ("publicised", "held") and province:
        offers.append(offer("object", lambda: application.require_publicity(now)))
        offers.append(offer("answer", lambda: _require(unanswered)))
    return offers


def _of_lead(application: Application, call: Call | None, now: datetime) -> Offers:
    def within_call() -> None:
        if call and not application.version:
            call.require_open(now)

    editable = (application.require_editable, lambda: application.require_correctable(now))
    return [
        offer("edit", *editable),
        offer("submit", *editable, within_call, signs=True),
        offer("remind", *editable),
        offer("withdraw", application.require_withdrawable, signs=True),
    ]


def _of_member(application: Application, now: datetime, *, registered: bool) -> Offers:
    guards = (
        application.require_editable,
        lambda: application.require_correctable(now),
        lambda: _require_registered(registered, application.status),
    )
    return [offer("confirm", *guards, signs=True), offer("decline", *guards, signs=True)]


def change_actions(actor: Actor, change: Change, consortium: Consortium, *, registered: bool) -> Offers:
    """Return the actions that the actor may take on the change. `registered`: whether the actor's organisation has entered its
    data."""
    offers: Offers = []
    if actor.has("applicant") and actor.organisation == consortium.lead:
        offers.append(offer("supplement", lambda: require_alive(consortium), change.require_supplementable, signs=True))
        offers.append(offer("withdraw", lambda: require_alive(consortium), change.require_withdrawable, signs=True))
    if actor.has("applicant") and actor.organisation in _asked(change.asking):
        guards = (lambda: _require_registered(registered, change.status), change.require_awaiting)
        offers += [offer("confirm", *guards, signs=True), offer("decline", *guards, signs=True)]
    return offers


def support_actions(actor: Actor, request: Support, consortium: Consortium) -> Offers:
    """Return the actions that the actor may take on a support request: the lead can withdraw it, and the province can replace a
    person nominated by mistake."""
    offers: Offers = []
    if actor.has("applicant") and actor.organisation == consortium.lead:
        offers.append(offer("withdraw", lambda: require_alive(consortium), request.require_requested, signs=True))
    if actor.official and actor.of_province and request.person is not None:
        offers.append(offer("replace", request.require_replaceable))
    return offers


def _asked(asking: Sequence[AskedUnit]) -> set[str | None]:
    return {unit["organisation"] for unit in asking}


def _require_registered(registered: bool, status: str) -> None:
    if not registered:
        raise Conflict(
            "organisation_not_registered",
            "请先填写本单位信息，再确认。",
            "Enter your organisation's data first, then confirm.",
            status=status,
        )


def _require(unanswered: bool) -> None:
    if not unanswered:
        raise Conflict("already_answered", "没有待答复的异议。", "No objection waits for an answer.")
