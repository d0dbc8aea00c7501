"""The annual report (A12): the lead writes and submits it, the recommender accepts or returns it, the province may reopen it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import AnnualReportAnswerDict
from services.contracts.evaluation.payloads import (
    ReportEnded,
    ReportEvent,
    ReportHandedOver,
    ReportOpinionVoid,
    ReportReminded,
    ReportReopened,
    ReportReturned,
    ReportSubmitted,
)
from services.contracts.evaluation.stored import AnnualReportDict, MatterAskedDict, Returned
from services.evaluation.access import require_lead, require_provincial_chief
from services.evaluation.commands.coordinate import follow_report
from services.evaluation.domain.annual_report import Obligation, ReportStatus, indicator_errors, reminder_after
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.other_events import ConsortiumHandedOver, OpinionSigned, StagePassed, StageReturned
from services.evaluation.repository import consortia, duties
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock
from services.kernel.errors import FieldError, Invalid, PreconditionFailed, Text
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.envelope import Event
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence import unit_of_work
from services.policy import BUREAUS, Policies, Policy, Stage

#: The kind of case under which the review service handles an annual report.
KIND = "annual_report"


def write_annual_report(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    year: int,
    report: AnnualReportDict,
    if_match: str | None = None,
) -> AnnualReportAnswerDict:
    """Replace the content of the report. A draft may be incomplete.

    Raises NotFound, Forbidden unless the actor is the lead, PreconditionFailed if the report has changed since it was read,
    Conflict if the consortium owes no report of the year or the report is submitted, Invalid if the report names a goal or a
    bureau that does not exist.
    """
    consortium, obligation = _own_obligation(session, actor, id, year)
    if if_match is not None and if_match != str(obligation.revision):
        raise PreconditionFailed(
            "version_changed", "年度报告已被修改，请重新读取后再改。", "It has changed since.", etag=str(obligation.revision)
        )
    if errors := (*indicator_errors(report["indicators"], consortium.goals), *_unknown_bureaus(report["coordination"])):
        raise Invalid("invalid_report", "年度报告有误，请按提示修改。", "The report has mistakes.", errors=tuple(errors))
    before = obligation.audited()
    obligation.write(report)
    unit_of_work.audit_only(
        session,
        "report.written",
        obligation.subject,
        bureau=consortium.recommender,
        article="A12",
        before=before,
        after=obligation.audited(),
    )
    return obligation.whole(clock.now())


def submit_annual_report(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    year: int,
    documents_statement: str | None = None,
) -> AnnualReportAnswerDict:
    """Submit the report to the recommender. Each matter with which the report asks for help becomes a coordination item (A12).

    Raises NotFound, Forbidden unless the actor is the lead, Conflict if the consortium owes no report of the year or the report
    is submitted already, Invalid with an error for each missing part.
    """
    consortium, obligation = _own_obligation(session, actor, id, year)
    papers = verified_attachments(
        verifier, documents_statement, obligation.content.get("documents", []), subject=consortium.subject
    )
    before = obligation.audited()
    obligation.submit(papers, clock.now())
    session.flush()
    duties.keep_version(session, obligation, actor.username)
    policy = policies.get(obligation.policy)
    follow_report(session, clock, policy, consortium, obligation)
    event, stage = _material_for_review(consortium, obligation, policy)
    _publish_report(session, "report.submitted", consortium, obligation, event, before=before, article=stage.citation)
    return obligation.whole(clock.now())


def hand_over(
    session: Session, policies: Policies, consortium: Consortium, obligation: Obligation, moved: ConsortiumHandedOver
) -> None:
    """React to a new recommender of the consortium: publish the event that ends the former recommender's review case and, if that
    case was under review, the event from which the new recommender opens a case."""
    event = ReportHandedOver(from_bureau=moved.from_bureau, to_bureau=moved.to_bureau, handed_over=moved.handed_over)
    _publish_report(
        session, "report.handed_over", consortium, obligation, event, before=obligation.audited(), bureau=moved.from_bureau
    )
    if obligation.state == ReportStatus.SUBMITTED:
        handed_over_members, stage = _material_for_review(
            consortium, obligation, policies.get(obligation.policy), moved.handed_over
        )
        _publish_report(
            session,
            "report.submitted",
            consortium,
            obligation,
            handed_over_members,
            before=obligation.audited(),
            article=stage.citation,
        )


def _material_for_review(
    consortium: Consortium, obligation: Obligation, policy: Policy, handed_over: int | None = None
) -> tuple[ReportSubmitted, Stage]:
    """Return the event's data from which the recommender opens its review case about the report, and the first stage of that
    case."""
    stage, terms = policy.pipeline(KIND)[0], policy.review_terms(KIND)
    event = ReportSubmitted(
        round=obligation.version,
        kind=KIND,
        title=f"{consortium.name} {obligation.year} 年度报告",
        field=consortium.field,
        units=consortium.codes,
        call=None,
        policy=terms.policy,
        stage=stage.name,
        pipeline=terms.pipeline,
        questions=terms.questions,
        waivable=[],
        findings=[],
        documents=obligation.papers,
        report=obligation.content,
        late=obligation.late,
        handed_over=handed_over,
    )
    return event, stage


def reopen_annual_report(session: Session, clock: Clock, actor: Actor, id: str, year: int, reason: str) -> AnnualReportAnswerDict:
    """Reopen an accepted report so that the lead can correct it. Raises Forbidden unless the actor is a chief of the province,
    NotFound, Conflict unless the report is accepted."""
    require_provincial_chief(actor)
    consortium = consortia.consortium(session, id)
    consortium.require_alive("A12")
    obligation = duties.report(session, id, year, lock=True)
    before = obligation.audited()
    obligation.reopen({"stage": "reopening", "by": PROVINCE, "comment": reason, "sections": []})
    _publish_report(session, "report.reopened", consortium, obligation, ReportReopened(comment=reason), before=before)
    return obligation.whole(clock.now())


def accept(session: Session, clock: Clock, event: Event[StagePassed]) -> None:
    """`review.passed`: mark the report as accepted by the recommender."""
    if not (effective := _lock_if_effective(session, event)):
        return
    consortium, obligation = effective
    before = obligation.audited()
    obligation.accept(clock.now())
    _publish_report(session, "report.accepted", consortium, obligation, ReportEvent(), before=before)


def return_for_correction(session: Session, event: Event[StageReturned]) -> None:
    """`review.returned`: return the report to the lead, which corrects it."""
    if not (effective := _lock_if_effective(session, event)):
        return
    (consortium, obligation), returned_event = effective, event.data
    before = obligation.audited()
    returned: Returned = {
        "stage": returned_event.stage,
        "by": consortium.recommender,
        "comment": returned_event.comment,
        "sections": returned_event.sections,
    }
    obligation.return_to_lead(returned)
    if not consortium.alive:  # A revoked or dissolved consortium owes no correction.
        end(session, consortium, obligation, consortium.status)
        return
    sent_back = ReportReturned(
        stage=returned_event.stage, by=consortium.recommender, comment=returned_event.comment, sections=returned_event.sections
    )
    _publish_report(session, "report.returned", consortium, obligation, sent_back, before=before)


def end(session: Session, consortium: Consortium, obligation: Obligation, why: str) -> None:
    """End the report of a consortium that was revoked or dissolved (`why`)."""
    before = obligation.audited()
    obligation.end()
    _publish_report(session, "report.ended", consortium, obligation, ReportEnded(reason=why), before=before)


def remind(session: Session, clock: Clock, policies: Policies, consortium: Consortium, obligation: Obligation) -> None:
    """Remind the lead that its report is not submitted, and store the day of the next reminder."""
    today = clock.today()
    obligation.next_reminder = reminder_after(obligation.due_on, today, policies.get(obligation.policy).annual_report)
    days_left = (obligation.due_on - today).days
    event = ReportReminded(days_left=days_left) if days_left >= 0 else ReportReminded(days_overdue=-days_left)
    _publish_report(session, "report.reminded", consortium, obligation, event, before=obligation.audited())


def note_overdue(session: Session, consortium: Consortium, obligation: Obligation) -> None:
    """Publish that the report's due day has passed and the report is not submitted."""
    obligation.overdue_told = True
    _publish_report(session, "report.overdue", consortium, obligation, ReportEvent(), before=None)


def _own_obligation(session: Session, actor: Actor, id: str, year: int) -> tuple[Consortium, Obligation]:
    consortium = consortia.consortium(session, id)
    require_lead(actor, consortium)
    consortium.require_alive("A12")
    return consortium, duties.report(session, id, year, lock=True)


def _lock_if_effective(session: Session, event: Event[OpinionSigned]) -> tuple[Consortium, Obligation] | None:
    """Return the consortium and the report that an opinion is about. If the opinion is too late, or from a bureau other than the
    recommender, publish that the opinion is void and return None."""
    id, _, year = event.subject_id.rpartition("-")
    consortium, obligation = consortia.consortium(session, id), duties.report(session, id, int(year), lock=True)
    why = obligation.void_reason(event.data.version)
    if why is None and event.producer.partition(".")[2] != consortium.recommender:
        why = "not_its_turn"
    if why is None:
        return consortium, obligation
    void = ReportOpinionVoid(case=event.data.case, reason=why)
    bureau = event.producer.partition(".")[2]
    _publish_report(session, "report.opinion_void", consortium, obligation, void, before=obligation.audited(), bureau=bureau)
    return None


def _publish_report(
    session: Session,
    type: str,
    consortium: Consortium,
    obligation: Obligation,
    event: ReportEvent,
    *,
    before: Any,
    article: str = "A12",
    bureau: str | None = None,
) -> None:
    unit_of_work.record_change(
        session,
        type,
        obligation.subject,
        event.with_header(year=obligation.year, version=obligation.version, due_on=obligation.due_on, **consortium.brief()),
        bureau=bureau or consortium.recommender,
        recommender=consortium.recommender,
        article=article,
        before=before,
        after=obligation.audited(),
    )


def _unknown_bureaus(matters: list[MatterAskedDict]) -> list[FieldError]:
    text = Text("没有这一主管部门，请对照主管部门列表。", "There is no such bureau; see the list of bureaus.")
    return [
        FieldError(f"/coordination/{index}/asked_of", "unknown_bureau", text)
        for index, matter in enumerate(matters)
        if matter["asked_of"] not in BUREAUS
    ]
