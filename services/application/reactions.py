"""Other services' events, and which command each leads to."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.commands import apply_change_opinion, apply_opinion, follow_oversight, request_support
from services.application.commands.appoint_readers import appoint_readers, note_voided, open_papers
from services.application.commands.file_agreement import file_agreement
from services.application.commands.forget_objectors import forget_objectors
from services.application.commands.register_organisation import register_organisation
from services.application.commands.take_decision import take_decision
from services.kernel.clock import Clock
from services.kernel.messaging.envelope import Event
from services.policy import Policies


def _is_ours(event: Event) -> bool:
    """Review also handles subjects of other kinds."""
    return event.subject.startswith("application/")


def _is_change(event: Event) -> bool:
    return event.subject.startswith("change/")


def on_passed(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """`review.recommended`, `review.passed`: the next stage's turn."""
    if _is_ours(event):
        apply_opinion.pass_on(session, clock, policies, event)
    elif _is_change(event):
        apply_change_opinion.pass_on(session, clock, policies, event)


def on_returned(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """`review.returned`: back to the applicant."""
    if _is_ours(event):
        apply_opinion.give_back(session, clock, policies, event)


def on_rejected(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """`review.rejected`: the end of it."""
    if _is_ours(event):
        apply_opinion.reject(session, clock, policies, event)
    elif _is_change(event):
        apply_change_opinion.reject(session, clock, policies, event)


def on_decided(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """`review.decided`: publicity, or the end of it."""
    if _is_ours(event):
        take_decision(session, clock, policies, event)
    elif _is_change(event):
        apply_change_opinion.decide(session, clock, policies, event)
    elif event.subject.startswith("support/"):
        request_support.decide(session, clock, event)


def on_panel(session: Session, event: Event) -> None:
    """`panel.appointed`: who may read which version."""
    if _is_ours(event):
        appoint_readers(session, event.data)


def on_declared(session: Session, event: Event) -> None:
    """`reviewer.declared`: the papers open to one of the panel."""
    if _is_ours(event):
        open_papers(session, event.data)


def on_score_voided(session: Session, event: Event) -> None:
    """`score.voided`: a line in the timeline."""
    if _is_ours(event):
        note_voided(session, event.data)


def on_registration(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """`registration.approved`: an organisation has come to the platform."""
    data = event.data
    register_organisation(session, clock, policies, data["uscc"], data["name"], data["region"], data["kind"])


def on_document(session: Session, event: Event) -> None:
    """`document.stored`: an agreement is part of what members confirm."""
    if event.data["kind"] == "agreement" and event.data["subject"].startswith("application/"):
        file_agreement(session, event.data)


def on_disposed(session: Session, event: Event) -> None:
    """`record.disposed`: the application's documents are gone, and so are the names of those who objected in writing."""
    if _is_ours(event):
        forget_objectors(session, event)


def on_published(session: Session, clock: Clock, event: Event) -> None:
    """`evaluation.published`: a grade holds."""
    follow_oversight.graded(session, clock, event)


def on_rectification_opened(session: Session, event: Event) -> None:
    """`rectification.opened`: a year to mend."""
    follow_oversight.rectifying(session, event)


def on_rectification_closed(session: Session, event: Event) -> None:
    """`rectification.closed`: accepted or not."""
    follow_oversight.rectified(session, event)


def on_round(session: Session, event: Event) -> None:
    """`participation.…`, `grade.…`: a line in the timeline of the consortium."""
    follow_oversight.round_step(session, event)


def on_deferral(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """`participation.deferral_answered`: a second one in a row is watched."""
    follow_oversight.deferral_answered(session, clock, policies, event)


def on_revocation_decided(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """`revocation.decided`: revoked or kept."""
    follow_oversight.revocation_decided(session, clock, policies, event)


def on_revocation_opened(session: Session, event: Event) -> None:
    """`revocation.opened`: a line in the timeline."""
    names = ("grounds", "reason", "statement_due_on")
    follow_oversight.step(session, event, {name: event.data[name] for name in names})


def on_inspection(session: Session, event: Event) -> None:
    """`inspection.recorded`: under guidance or not."""
    follow_oversight.inspected(session, event)
