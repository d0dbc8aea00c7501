"""The events of other services that the application service consumes, and the command that each event leads to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.commands import apply_change_opinion, apply_opinion, follow_oversight, request_support
from services.application.commands.appoint_readers import appoint_readers, note_voided, open_papers
from services.application.commands.file_agreement import file_agreement
from services.application.commands.forget_objectors import forget_objectors
from services.application.commands.register_organisation import register_organisation
from services.application.commands.take_decision import take_decision
from services.application.received_events import (
    CaseDecided,
    DeferralAnswered,
    DocumentStored,
    GradePublished,
    Hold,
    Inspected,
    ParticipationWithdrawn,
    RectificationClosed,
    RectificationOpened,
    RegistrationApproved,
    RevocationDecided,
    RevocationDismissed,
    RevocationOpened,
    StagePassed,
    StageRejected,
    StageReturned,
)
from services.application.repository import legal_holds
from services.contracts.payload import JsonObject
from services.contracts.review.payloads import PanelReaders, ReviewerDeclared, ScoreVoided
from services.kernel.clock import Clock
from services.kernel.messaging.envelope import Event
from services.policy import Policies


def _is_ours(event: Event[object]) -> bool:
    """Return whether the event is about a formation application; events of the review service can also be about other kinds of
    case."""
    return event.subject.startswith("application/")


def _is_change(event: Event[object]) -> bool:
    return event.subject.startswith("change/")


def on_passed(session: Session, clock: Clock, policies: Policies, event: Event[StagePassed]) -> None:
    """`review.recommended`, `review.passed`: move the case to the next stage."""
    if _is_ours(event):
        apply_opinion.close_stage(session, clock, policies, event)
    elif _is_change(event):
        apply_change_opinion.record_recommendation(session, clock, policies, event)


def on_returned(session: Session, clock: Clock, policies: Policies, event: Event[StageReturned]) -> None:
    """`review.returned`: return the case to the applicant."""
    if _is_ours(event):
        apply_opinion.return_for_correction(session, clock, policies, event)


def on_rejected(session: Session, clock: Clock, policies: Policies, event: Event[StageRejected]) -> None:
    """`review.rejected`: end the case."""
    if _is_ours(event):
        apply_opinion.reject(session, clock, policies, event)
    elif _is_change(event):
        apply_change_opinion.reject(session, clock, policies, event)


def on_decided(session: Session, clock: Clock, policies: Policies, event: Event[CaseDecided]) -> None:
    """`review.decided`: begin the publicity period, or end the case."""
    if _is_ours(event):
        take_decision(session, clock, policies, event)
    elif _is_change(event):
        apply_change_opinion.decide(session, clock, policies, event)
    elif event.subject.startswith("support/"):
        request_support.decide(session, clock, event)


def on_panel(session: Session, event: Event[PanelReaders]) -> None:
    """`panel.appointed`: set the readers of the version under review."""
    if _is_ours(event):
        appoint_readers(session, event)


def on_declared(session: Session, event: Event[ReviewerDeclared]) -> None:
    """`reviewer.declared`: give one reviewer of the panel access to the version."""
    if _is_ours(event):
        open_papers(session, event)


def on_score_voided(session: Session, event: Event[ScoreVoided]) -> None:
    """`score.voided`: add a line to the timeline."""
    if _is_ours(event):
        note_voided(session, event)


def on_registration(session: Session, clock: Clock, policies: Policies, event: Event[RegistrationApproved]) -> None:
    """`registration.approved`: enter the organisation."""
    approved = event.data
    register_organisation(session, clock, policies, approved.uscc, approved.name, approved.region, approved.kind)


def on_document(session: Session, event: Event[DocumentStored]) -> None:
    """`document.stored`: if the document is an agreement, add it to the terms that members confirm."""
    if event.data.kind == "agreement" and event.data.subject.startswith("application/"):
        file_agreement(session, event.data)


def on_disposed(session: Session, event: Event[object]) -> None:
    """`record.disposed`: the application's documents were deleted, so erase the names of written objectors too."""
    if _is_ours(event):
        forget_objectors(session, event)


def on_hold_placed(session: Session, event: Event[Hold]) -> None:
    """`hold.placed`: keep the rows about the case under the legal hold beyond their retention terms."""
    legal_holds.store(session, event.data.hold, event.data.subject, lifted=False)


def on_hold_lifted(session: Session, event: Event[Hold]) -> None:
    """`hold.lifted`: the rows about the case may be deleted again at the end of their retention terms."""
    legal_holds.store(session, event.data.hold, event.data.subject, lifted=True)


def on_published(session: Session, clock: Clock, policies: Policies, event: Event[GradePublished]) -> None:
    """`evaluation.published`: store the grade."""
    follow_oversight.graded(session, clock, policies, event)


def on_rectification_opened(session: Session, clock: Clock, policies: Policies, event: Event[RectificationOpened]) -> None:
    """`rectification.opened`: mark the consortium as rectifying; the rectification lasts one year."""
    follow_oversight.rectifying(session, clock, policies, event)


def on_rectification_closed(session: Session, event: Event[RectificationClosed]) -> None:
    """`rectification.closed`: record whether the rectification was accepted."""
    follow_oversight.rectified(session, event)


def on_round(session: Session, event: Event[JsonObject]) -> None:
    """`participation.…`, `grade.…`: add a line to the timeline of the consortium."""
    follow_oversight.round_step(session, event)


def on_duty(session: Session, event: Event[JsonObject]) -> None:
    """Events about the steps of annual reports, rectifications and revocations: add a line to the timeline of the consortium."""
    follow_oversight.duty_step(session, event)


def on_withdrawn(session: Session, clock: Clock, event: Event[ParticipationWithdrawn]) -> None:
    """`participation.withdrawn`: settle the watch-list entry for a repeated deferral if its notice was cancelled."""
    follow_oversight.participation_withdrawn(session, clock, event)


def on_deferral(session: Session, clock: Clock, policies: Policies, event: Event[DeferralAnswered]) -> None:
    """`participation.deferral_answered`: put a second granted deferral in a row on the watch list."""
    follow_oversight.deferral_answered(session, clock, policies, event)


def on_revocation_decided(session: Session, clock: Clock, policies: Policies, event: Event[RevocationDecided]) -> None:
    """`revocation.decided`: end the recognition, or keep it."""
    follow_oversight.revocation_decided(session, clock, policies, event)


def on_revocation_dismissed(session: Session, event: Event[RevocationDismissed]) -> None:
    """`revocation.dismissed`: make the consortium active again if its failed rectification does not end the recognition."""
    follow_oversight.revocation_dismissed(session, event)


def on_revocation_opened(session: Session, event: Event[RevocationOpened]) -> None:
    """`revocation.opened`: add a line to the timeline."""
    opened = event.data
    detail = {"grounds": opened.grounds, "reason": opened.reason, "statement_due_on": opened.statement_due_on}
    follow_oversight.step(session, event, detail)


def on_inspection(session: Session, clock: Clock, policies: Policies, event: Event[Inspected]) -> None:
    """`inspection.recorded`: store whether the consortium is under guidance."""
    follow_oversight.inspected(session, clock, policies, event)
