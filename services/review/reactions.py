"""The reactions of this service to the events of other services and bureaus."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from services.contracts.payload import JsonObject
from services.kernel.clock import Clock
from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import unit_of_work
from services.review import repository
from services.review.commands.end_case import record_void_too_late, void, withdraw
from services.review.commands.open_case import open_case
from services.review.commands.publish_case_event import note
from services.review.commands.reopen_held import reopen_held
from services.review.commands.transfer_cases import end_here, follow
from services.review.commands.update_findings import renew_findings
from services.review.commands.warn_of_conflicts import warn_of_conflicts
from services.review.domain.case import Case, material_of
from services.review.domain.other_events import (
    AccountChanged,
    ChangeHeld,
    ChangeSupplemented,
    GradeObjectionAnswered,
    GradePublished,
    OpinionVoid,
    Rechecked,
    RecognitionHeld,
    SubjectEnded,
    SubjectHandedOver,
)
from services.review.domain.panel import Account

#: The stored reason for which a participation has ended: its grade is public.
PUBLISHED = "published"


def subject_submitted(session: Session, clock: Clock, event: Event[JsonObject]) -> None:
    """`application.submitted`, `application.resubmitted` and the submissions of other subjects: open the case of the addressed
    bureau."""
    open_case(
        session,
        clock,
        bureau=event.bureau,
        recommender=event.recommender or event.bureau,
        subject=event.subject,
        stage=event.data["stage"],
        data=material_of(event.data),
    )


def subject_announced(session: Session, event: Event[object]) -> None:
    """`application.submitted` and the like, received by the province: store the subject's recommender, which the event of the
    service that owns the subject names."""
    repository.store_recommender(session, event.subject, event.recommender or event.bureau)


def review_recommended(session: Session, clock: Clock, event: Event[JsonObject]) -> None:
    """`review.recommended`: a recommender signed its opinion, so open the province's case. The recommender is the bureau through
    whose exchange the event arrived, whatever the event says. An event of a bureau that is not the subject's recommender opens
    nothing.

    Raises Conflict if the event of the service that owns the subject has not arrived yet; this event is then processed again
    later.
    """
    home = event.producer.partition(".")[2]
    recommender = repository.recommender_of(session, event.subject)
    if recommender is None:
        raise Conflict(
            "subject_not_announced", "申报事项的提交通知尚未到达，稍后重试。", "What this is about has not been announced yet."
        )
    if recommender != home:
        unit_of_work.audit_only(
            session, "review.refused", event.subject, bureau=PROVINCE, after={"recommender": home, "home": recommender}
        )
        return
    open_case(
        session,
        clock,
        bureau=PROVINCE,
        recommender=home,
        subject=event.subject,
        stage=event.data["next_stage"],
        data=material_of(event.data),
        recommendation=event.data["opinion"] | {"bureau": home, "at": event.occurred_at.isoformat()},
    )


def review_corrected(session: Session, event: Event[JsonObject]) -> None:
    """`review.corrected`: store a recommender's correction beside the opinion that it corrects, in the province's case."""
    case = repository.case_of(session, PROVINCE, event.subject)
    if case is None:
        return
    correction = event.data["correction"] | {"at": event.occurred_at.isoformat()}
    for round in repository.rounds_of(session, case):
        round.add_correction(event.data["corrects"], correction)
    note(session, case, "review.correction_heard", None, after=correction)


def subject_withdrawn(session: Session, event: Event[SubjectEnded]) -> None:
    """`application.withdrawn` and the like: close the recommender's case."""
    withdraw(session, event.subject, event.data.reason, event.bureau)


def subject_withdrawn_anywhere(session: Session, event: Event[SubjectEnded]) -> None:
    """`application.withdrawn` and the like, received by the province: close the province's case."""
    withdraw(session, event.subject, event.data.reason, PROVINCE)


def opinion_void(session: Session, event: Event[OpinionVoid]) -> None:
    """`application.opinion_void` and the like: mark the case's opinion as void because it came too late or, with `seat`, record
    that the score of this seat was voided too late. If the case is in another deployment's database, that deployment does so."""
    case = session.get(Case, event.data.case, with_for_update=True)
    if case is None:
        return
    seat = repository.seat(session, case, event.data.seat) if event.data.seat else None
    if seat is not None:
        record_void_too_late(session, case, seat, event.data.reason)
    else:
        void(session, case, event.data.reason)


def grade_published(session: Session, event: Event[GradePublished]) -> None:
    """`grade.publicised`, `evaluation.published`: the grade is public, so the panel and the scores on which it is based can no
    longer change."""
    subject = f"participation/{event.data.participation}"
    repository.lock_subject(session, subject)
    repository.end_subject(session, subject, PUBLISHED)


def grade_objection_answered(session: Session, event: Event[GradeObjectionAnswered]) -> None:
    """`grade.objection_answered`: after an upheld objection the participation is graded again, so its scores can be voided
    again."""
    subject = f"participation/{event.data.participation}"
    if event.data.outcome == "upheld" and repository.lock_subject(session, subject) == PUBLISHED:
        repository.end_subject(session, subject, None)


def application_held(session: Session, clock: Clock, event: Event[RecognitionHeld]) -> None:
    """`application.held`: reopen the province's case. The province must waive the failing rules or decline."""
    case = repository.case_of(session, PROVINCE, event.subject)
    if case is not None:
        reopen_held(session, clock, case, event.data.findings, objections=event.data.objections)


def application_rechecked(session: Session, clock: Clock, event: Event[Rechecked]) -> None:
    """`application.rechecked`: replace the province's findings on the case, because other rules fail than at the submission."""
    case = repository.case_of(session, PROVINCE, event.subject)
    if case is not None:
        renew_findings(session, clock, case, event.data.version, event.data.findings)


def subject_handed_over(session: Session, event: Event[SubjectHandedOver]) -> None:
    """`change.handed_over` and the like: end the former bureau's case."""
    end_here(session, event)


def subject_handed_over_anywhere(session: Session, event: Event[SubjectHandedOver]) -> None:
    """`change.handed_over` and the like, received by the province: store the new recommender."""
    follow(session, event)


def change_held(session: Session, clock: Clock, event: Event[ChangeHeld]) -> None:
    """`change.held`: the approval of the change had no effect, so the province's case opens again at the decision, with the
    present findings and documents."""
    case = repository.case_of(session, PROVINCE, event.subject)
    if case is not None:
        reopen_held(session, clock, case, event.data.findings, event.data.documents)


def change_supplemented(session: Session, event: Event[ChangeSupplemented]) -> None:
    """`change.supplemented`: replace the documents of the bureau's case by the complete list, which contains the lead's new
    documents."""
    _supplement(session, event.bureau, event)


def change_supplemented_anywhere(session: Session, event: Event[ChangeSupplemented]) -> None:
    """`change.supplemented`, received by the province: replace the documents of the province's case by the complete list, which
    contains the lead's new documents."""
    _supplement(session, PROVINCE, event)


def _supplement(session: Session, bureau: str, event: Event[ChangeSupplemented]) -> None:
    case = repository.case_of(session, bureau, event.subject)
    if case is not None:
        round = repository.round_of(session, case)
        round.material = {**round.material, "documents": event.data.documents}
        note(session, case, "review.supplemented", None, after=event.data.documents)


def account_changed(session: Session, event: Event[AccountChanged]) -> None:
    """`account.changed`: store the account's data that assignments and draws need, and warn the province if the account, as a
    reviewer, has a new conflict of interest. An event that is older than the last one about this account changes nothing."""
    account = session.get(Account, event.subject_id, with_for_update=True)
    if account and account.sequence >= event.sequence:
        return
    known_before = replace(account) if account else None
    data = event.data
    account = Account(
        username=event.subject_id,
        sequence=event.sequence,
        roles=data.roles,
        bureau=data.bureau,
        organisation=data.organisation,
        active=data.active,
        is_expert="expert" in data.roles,
        expert=data.expert,
        term_until=data.term_until,
    )
    session.merge(account)
    session.flush()
    warn_of_conflicts(session, before=known_before, account=account)
