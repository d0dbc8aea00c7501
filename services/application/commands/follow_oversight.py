"""Update the register after decisions of evaluation, rectification and revocation (A13, A14)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.application.commands.end_change import end_changes
from services.application.commands.publish_consortium_state import publish_state
from services.application.commands.reevaluate_consortium import evaluate_again, open_entry
from services.application.commands.request_support import end_requests, end_unentitled
from services.application.domain.consortium import Consortium
from services.application.domain.watch import DEFERRALS, WatchEntry
from services.application.repository import quotas, register, timeline, watches
from services.application.repository.organisations import reference
from services.kernel.clock import Clock, local_date
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def graded(session: Session, clock: Clock, policies: Policies, event: Event[Any]) -> None:
    """`evaluation.published`: store the consortium's last grade and the day of its publication. Settle the watch-list entry for
    deferrals in a row."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    for watch in watches.standing(session, consortium.id):
        if watch.kind == DEFERRALS:
            watch.settle("cured", clock.today())
    said = event.data
    consortium.last_grade, consortium.graded_on = said["grade"], date.fromisoformat(said["published_on"])
    detail = {name: said[name] for name in ("title", "grade", "commended", "published_on")}
    _changed(session, event, consortium, detail, public=True)
    end_unentitled(session, clock, policies, consortium)


def rectifying(session: Session, clock: Clock, policies: Policies, event: Event[Any]) -> None:
    """`rectification.opened`: set the consortium's status to rectifying. Until that ends, support measures that the policy limits
    to active consortia are not available."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    if consortium.status == "active":
        consortium.status = "rectifying"
        _changed(session, event, consortium, {"due_on": event.data["due_on"]}, public=True)
        end_unentitled(session, clock, policies, consortium)


def rectified(session: Session, event: Event[Any]) -> None:
    """`rectification.closed`: make the consortium active again if its rectification was accepted. If not, its status stays until
    the revocation is decided."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    if event.data["outcome"] == "pass" and consortium.status == "rectifying":
        consortium.status = "active"
    detail = {"outcome": event.data["outcome"], "reason": event.data["reason"]}
    _changed(session, event, consortium, detail, public=event.data["outcome"] == "pass")


def inspected(session: Session, clock: Clock, policies: Policies, event: Event[Any]) -> None:
    """`inspection.recorded`: store whether the consortium is under guidance. A consortium under guidance does not count as
    running well (A9(4)1, A11)."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    consortium.under_guidance = event.data["under_guidance"]
    names = ("inspected_on", "result", "under_guidance", "follow_up_on")
    _changed(session, event, consortium, {name: event.data[name] for name in names}, public=False)
    end_unentitled(session, clock, policies, consortium)


def revocation_decided(session: Session, clock: Clock, policies: Policies, event: Event[Any]) -> None:
    """`revocation.decided`: end the recognition and release its units' quotas. Nothing is deleted (A14)."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    detail = {name: event.data[name] for name in ("outcome", "reason", "grounds", "decided_on")}
    if event.data["outcome"] != "revoke" or consortium.status == "revoked":
        if not _restored(session, event, consortium, detail):
            step(session, event, detail)
        return
    before, consortium.status = consortium.state(), "revoked"
    quotas.release(session, f"consortium/{consortium.id}", clock.now())
    end_changes(session, clock, consortium, "revoked")
    end_requests(session, clock, consortium, "revoked")
    evaluate_again(session, clock, policies, consortium, "revoked")
    _entered(session, event, consortium, detail, public=True)
    unit_of_work.record_change(
        session,
        "consortium.revoked",
        f"consortium/{consortium.id}",
        reference(session, consortium).to_dict()
        | {
            "units": [unit.uscc for unit in register.units_of(session, consortium.id)],
            "grounds": event.data["grounds"],
            "revoked_on": event.data["decided_on"],
        },
        bureau=consortium.recommender,
        recommender=consortium.recommender,
        article=event.data["article"],
        before=before,
        after=consortium.state(),
    )


def revocation_dismissed(session: Session, event: Event[Any]) -> None:
    """`revocation.dismissed`: make the consortium active again if its failed rectification does not end the recognition. Other
    dismissed proposals stay inside the province."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    _restored(session, event, consortium, {"reason": event.data["reason"], "grounds": event.data["grounds"]})


def _restored(session: Session, event: Event[Any], consortium: Consortium, detail: dict[str, Any]) -> bool:
    if not event.data.get("restored") or consortium.status != "rectifying":
        return False
    consortium.status = "active"
    _changed(session, event, consortium, detail, public=False)
    return True


#: The event fields that the timeline shows to a consortium's readers about its part in an evaluation round.
_OF_ROUND = (
    "title",
    "mandatory",
    "closes_on",
    "reason",
    "comment",
    "outcome",
    "given_up",
    "in_a_row",
    "grade",
    "ends_on",
    "objection",
)


def round_step(session: Session, event: Event[Any]) -> None:
    """Add one event of an evaluation round to the timeline of the consortium that takes part, for its readers."""
    detail = {name: event.data[name] for name in _OF_ROUND if name in event.data}
    subject = f"consortium/{event.data['consortium']}"
    timeline.add_line(session, subject, event.type, article=event.data.get("article"), detail=detail)


#: The event fields that the timeline shows for the steps of a report, a rectification or a revocation. Texts, comments and
#: statements stay with the lead, its recommender and the province.
_OF_DUTY = ("title", "year", "stage", "next_stage", "closes_on", "due_on", "in_a_row")


def duty_step(session: Session, event: Event[Any]) -> None:
    """Add a step of a report, a rectification or a revocation to the timeline of the consortium, for its readers."""
    detail = {name: event.data[name] for name in _OF_DUTY if event.data.get(name) is not None}
    subject = f"consortium/{event.data['consortium']}"
    timeline.add_line(session, subject, event.type, article=event.data.get("article"), detail=detail)


def deferral_answered(session: Session, clock: Clock, policies: Policies, event: Event[Any]) -> None:
    """`participation.deferral_answered`: put a second granted deferral in a row on the watch list (A13)."""
    said = event.data
    consortium = register.consortium(session, said["consortium"], lock=True)
    if said["outcome"] != "granted" or said.get("in_a_row", 1) < 2 or not consortium.alive:
        return
    if not any(watch.kind == DEFERRALS for watch in watches.standing(session, consortium.id)):
        policy = policies.in_force(clock.today())
        entry = WatchEntry(DEFERRALS, "deferred_again", source=event.subject)
        open_entry(session, clock, policy, consortium, entry, None, "deferred_again", note=said["reason"])


def participation_withdrawn(session: Session, clock: Clock, event: Event[Any]) -> None:
    """`participation.withdrawn`: settle the watch-list entry for a repeated deferral if the notice of that deferral was cancelled
    (A13)."""
    if event.data["reason"] != "cancelled":
        return
    consortium = register.consortium(session, event.data["consortium"], lock=True)
    for watch in watches.standing(session, consortium.id):
        if watch.kind == DEFERRALS and watch.source == event.subject:
            before = watch.state()
            watch.settle("withdrawn", clock.today())
            about, home = f"consortium/{consortium.id}", consortium.recommender
            unit_of_work.audit_only(
                session, "watch.settled", about, bureau=home, article="A13", before=before, after=watch.state()
            )


def step(session: Session, event: Event[Any], detail: dict[str, Any] | None = None) -> None:
    """Add the event to the consortium's timeline, for its readers."""
    timeline.add_line(session, event.subject, event.type, article=event.data.get("article"), detail=detail or {})


def _changed(session: Session, event: Event[Any], consortium: Consortium, detail: dict[str, Any], *, public: bool) -> None:
    """Publish the consortium's new state after the register has stored it. Consumers of the decision's own event may have read
    the register before this update, so they need this later event."""
    _entered(session, event, consortium, detail, public=public)
    publish_state(session, consortium, "standing", local_date(event.occurred_at), article=event.data.get("article"))


def _entered(session: Session, event: Event[Any], consortium: Consortium, detail: dict[str, Any], *, public: bool) -> None:
    consortium.revision += 1
    register.store_state(session, consortium, local_date(event.occurred_at))
    timeline.add_line(session, event.subject, event.type, article=event.data.get("article"), detail=detail, public=public)
