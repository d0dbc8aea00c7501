"""Update the register after decisions of evaluation, rectification and revocation (A13, A14)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from services.application.commands.end_change import end_changes
from services.application.commands.publish_consortium_state import publish_state
from services.application.commands.reevaluate_consortium import evaluate_again, open_entry
from services.application.commands.request_support import end_requests, end_unentitled
from services.application.domain.consortium import Consortium
from services.application.domain.watch import DEFERRALS, WatchEntry
from services.application.received_events import (
    DeferralAnswered,
    GradePublished,
    Inspected,
    OfConsortium,
    ParticipationWithdrawn,
    RectificationClosed,
    RectificationOpened,
    RevocationDecided,
    RevocationDismissed,
)
from services.application.repository import quotas, register, timeline, watches
from services.application.repository.organisations import reference
from services.contracts.application.register_payloads import ConsortiumRevoked
from services.contracts.payload import JsonObject
from services.kernel.clock import Clock, local_date
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def graded(session: Session, clock: Clock, policies: Policies, event: Event[GradePublished]) -> None:
    """`evaluation.published`: store the consortium's last grade and the day of its publication. Settle the watch-list entry for
    deferrals in a row."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    for watch in watches.unsettled(session, consortium.id):
        if watch.kind == DEFERRALS:
            watch.settle("cured", clock.today())
    published = event.data
    consortium.last_grade, consortium.graded_on = published.grade, published.published_on
    detail = {
        "title": published.title,
        "grade": published.grade,
        "commended": published.commended,
        "published_on": published.published_on.isoformat(),
    }
    _publish_changed(session, event, consortium, detail, public=True)
    end_unentitled(session, clock, policies, consortium)


def rectifying(session: Session, clock: Clock, policies: Policies, event: Event[RectificationOpened]) -> None:
    """`rectification.opened`: set the consortium's status to rectifying. Until the rectification ends, the consortium cannot use
    support measures that the policy limits to active consortia."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    if consortium.status == "active":
        consortium.status = "rectifying"
        _publish_changed(session, event, consortium, {"due_on": event.data.due_on}, public=True)
        end_unentitled(session, clock, policies, consortium)


def rectified(session: Session, event: Event[RectificationClosed]) -> None:
    """`rectification.closed`: make the consortium active again if its rectification was accepted. If it was refused, the
    consortium stays rectifying until the revocation is decided."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    if event.data.outcome == "pass" and consortium.status == "rectifying":
        consortium.status = "active"
    detail = {"outcome": event.data.outcome, "reason": event.data.reason}
    _publish_changed(session, event, consortium, detail, public=event.data.outcome == "pass")


def inspected(session: Session, clock: Clock, policies: Policies, event: Event[Inspected]) -> None:
    """`inspection.recorded`: store whether the consortium is under guidance. A consortium under guidance does not count as
    running well (A9(4)1, A11)."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    consortium.under_guidance = event.data.under_guidance
    detail = {
        "inspected_on": event.data.inspected_on,
        "result": event.data.result,
        "under_guidance": event.data.under_guidance,
        "follow_up_on": event.data.follow_up_on,
    }
    _publish_changed(session, event, consortium, detail, public=False)
    end_unentitled(session, clock, policies, consortium)


def revocation_decided(session: Session, clock: Clock, policies: Policies, event: Event[RevocationDecided]) -> None:
    """`revocation.decided`: if the decision is to revoke, end the recognition and release the quotas of the consortium's units.
    Nothing is deleted (A14)."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    decided = event.data
    detail = {
        "outcome": decided.outcome,
        "reason": decided.reason,
        "grounds": decided.grounds,
        "decided_on": decided.decided_on,
    }
    if event.data.outcome != "revoke" or consortium.status == "revoked":
        if not _restored(session, event, consortium, detail):
            step(session, event, detail)
        return
    before, consortium.status = consortium.state(), "revoked"
    quotas.release(session, f"consortium/{consortium.id}", clock.now())
    end_changes(session, clock, consortium, "revoked")
    end_requests(session, clock, consortium, "revoked")
    evaluate_again(session, clock, policies, consortium, "revoked")
    _store_and_publish(session, event, consortium, detail, public=True)
    revoked = ConsortiumRevoked(
        units=[unit.uscc for unit in register.units_of(session, consortium.id)],
        grounds=decided.grounds,
        revoked_on=date.fromisoformat(decided.decided_on),
    )
    unit_of_work.record_change(
        session,
        "consortium.revoked",
        f"consortium/{consortium.id}",
        revoked.with_header(**reference(session, consortium)),
        bureau=consortium.recommender,
        recommender=consortium.recommender,
        article=decided.article,
        before=before,
        after=consortium.state(),
    )


def revocation_dismissed(session: Session, event: Event[RevocationDismissed]) -> None:
    """`revocation.dismissed`: make the consortium active again if its failed rectification does not end the recognition. Any
    other dismissal of a proposed revocation adds nothing to the timeline, because only the province knows of the proposal."""
    consortium = register.consortium(session, event.subject_id, lock=True)
    _restored(session, event, consortium, {"reason": event.data.reason, "grounds": event.data.grounds})


def _restored(
    session: Session,
    event: Event[RevocationDecided] | Event[RevocationDismissed],
    consortium: Consortium,
    detail: Mapping[str, object],
) -> bool:
    if not event.data.restored or consortium.status != "rectifying":
        return False
    consortium.status = "active"
    _publish_changed(session, event, consortium, detail, public=False)
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


def round_step(session: Session, event: Event[JsonObject]) -> None:
    """Add one event of an evaluation round to the timeline of the consortium that takes part, for its readers."""
    detail = {name: event.data[name] for name in _OF_ROUND if name in event.data}
    subject = f"consortium/{event.data['consortium']}"
    timeline.add_line(session, subject, event.type, article=event.data.get("article"), detail=detail)


#: The event fields that the timeline shows for the steps of a report, a rectification or a revocation. Texts, comments and
#: statements are left out: only the lead, its recommender and the province may read them.
_OF_DUTY = ("title", "year", "stage", "next_stage", "closes_on", "due_on", "in_a_row")


def duty_step(session: Session, event: Event[JsonObject]) -> None:
    """Add a step of a report, a rectification or a revocation to the timeline of the consortium, for its readers."""
    detail = {name: event.data[name] for name in _OF_DUTY if event.data.get(name) is not None}
    subject = f"consortium/{event.data['consortium']}"
    timeline.add_line(session, subject, event.type, article=event.data.get("article"), detail=detail)


def deferral_answered(session: Session, clock: Clock, policies: Policies, event: Event[DeferralAnswered]) -> None:
    """`participation.deferral_answered`: put a second granted deferral in a row on the watch list (A13)."""
    answer = event.data
    consortium = register.consortium(session, answer.consortium, lock=True)
    if answer.outcome != "granted" or answer.in_a_row < 2 or not consortium.alive:
        return
    if not any(watch.kind == DEFERRALS for watch in watches.unsettled(session, consortium.id)):
        policy = policies.in_force(clock.today())
        entry = WatchEntry(DEFERRALS, "deferred_again", source=event.subject)
        open_entry(session, clock, policy, consortium, entry, None, "deferred_again", note=answer.reason)


def participation_withdrawn(session: Session, clock: Clock, event: Event[ParticipationWithdrawn]) -> None:
    """`participation.withdrawn`: settle the watch-list entry for a repeated deferral if the notice of that deferral was cancelled
    (A13)."""
    if event.data.reason != "cancelled":
        return
    consortium = register.consortium(session, event.data.consortium, lock=True)
    for watch in watches.unsettled(session, consortium.id):
        if watch.kind == DEFERRALS and watch.source == event.subject:
            before = watch.state()
            watch.settle("withdrawn", clock.today())
            about, home = f"consortium/{consortium.id}", consortium.recommender
            unit_of_work.audit_only(
                session, "watch.settled", about, bureau=home, article="A13", before=before, after=watch.state()
            )


def step(session: Session, event: Event[OfConsortium], detail: Mapping[str, object]) -> None:
    """Add the event to the consortium's timeline, for its readers."""
    timeline.add_line(session, event.subject, event.type, article=event.data.article, detail=detail)


def _publish_changed(
    session: Session, event: Event[OfConsortium], consortium: Consortium, detail: Mapping[str, object], *, public: bool
) -> None:
    """Publish the consortium's new state after the register has stored it. Consumers of the decision's own event may have read
    the register before this update, so they need this later event."""
    _store_and_publish(session, event, consortium, detail, public=public)
    publish_state(session, consortium, "standing", local_date(event.occurred_at), article=event.data.article)


def _store_and_publish(
    session: Session, event: Event[OfConsortium], consortium: Consortium, detail: Mapping[str, object], *, public: bool
) -> None:
    consortium.revision += 1
    register.store_state(session, consortium, local_date(event.occurred_at))
    timeline.add_line(session, event.subject, event.type, article=event.data.article, detail=detail, public=public)
