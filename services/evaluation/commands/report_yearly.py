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
from services.evaluation.domain.annual_report import Obligation, ReportStatus, reminder_after, wrong_indicators
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

#: The review service's kind of case for an annual report.
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

    Raises NotFound, Forbidden unless the actor is the lead, PreconditionFailed, Conflict if the year is not owed or the report is
    submitted, Invalid if a goal or bureau does not exist.
    """
    of, obligation = _own(session, actor, id, year)
    if if_match is not None and if_match != str(obligation.revision):
        raise PreconditionFailed(
            "version_changed", "年度报告已被修改，请重新读取后再改。", "It has changed since.", etag=str(obligation.revision)
        )
    if errors := (*wrong_indicators(report["indicators"], of.goals), *_unknown_bureaus(report["coordination"])):
        raise Invalid("invalid_report", "年度报告有误，请按提示修改。", "The report has mistakes.", errors=tuple(errors))
    before = obligation.audited()
    obligation.write(report)
    unit_of_work.audit_only(
        session,
        "report.written",
        obligation.subject,
        bureau=of.recommender,
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
    """Submit the report to the recommender. Each matter that it asks help with becomes a coordination item (A12).

    Raises NotFound, Forbidden, Conflict if the year is not owed or the report is submitted already, Invalid with an error for
    each missing part.
    """
    of, obligation = _own(session, actor, id, year)
    papers = verified_attachments(verifier, documents_statement, obligation.content.get("documents", []), subject=of.subject)
    before = obligation.audited()
    obligation.submit(papers, clock.now())
    session.flush()
    duties.keep_version(session, obligation, actor.username)
    policy = policies.get(obligation.policy)
    follow_report(session, clock, policy, of, obligation)
    event, stage = _handed_in(of, obligation, policy)
    _say(session, "report.submitted", of, obligation, event, before=before, article=stage.citation)
    return obligation.whole(clock.now())


def hand_over(session: Session, policies: Policies, of: Consortium, obligation: Obligation, moved: ConsortiumHandedOver) -> None:
    """The consortium has a new recommender: notify the former one, and send the new one a report that the former one is
    reviewing."""
    event = ReportHandedOver(from_bureau=moved.from_bureau, to_bureau=moved.to_bureau, handed_over=moved.handed_over)
    _say(session, "report.handed_over", of, obligation, event, before=obligation.audited(), bureau=moved.from_bureau)
    if obligation.state == ReportStatus.SUBMITTED:
        again, stage = _handed_in(of, obligation, policies.get(obligation.policy), moved.handed_over)
        _say(session, "report.submitted", of, obligation, again, before=obligation.audited(), article=stage.citation)


def _handed_in(
    of: Consortium, obligation: Obligation, policy: Policy, handed_over: int | None = None
) -> tuple[ReportSubmitted, Stage]:
    """Return the data from which the recommender opens its review case, and the first stage of that case."""
    stage, terms = policy.pipeline(KIND)[0], policy.review_terms(KIND)
    event = ReportSubmitted(
        round=obligation.version,
        kind=KIND,
        title=f"{of.name} {obligation.year} 年度报告",
        field=of.field,
        units=of.codes,
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
    of = consortia.consortium(session, id)
    of.require_alive("A12")
    obligation = duties.report(session, id, year, lock=True)
    before = obligation.audited()
    obligation.reopen({"stage": "reopening", "by": PROVINCE, "comment": reason, "sections": []})
    _say(session, "report.reopened", of, obligation, ReportReopened(comment=reason), before=before)
    return obligation.whole(clock.now())


def accept(session: Session, clock: Clock, event: Event[StagePassed]) -> None:
    """`review.passed`: mark the report as accepted by the recommender."""
    if not (found := _in_effect(session, event)):
        return
    of, obligation = found
    before = obligation.audited()
    obligation.accept(clock.now())
    _say(session, "report.accepted", of, obligation, ReportEvent(), before=before)


def give_back(session: Session, event: Event[StageReturned]) -> None:
    """`review.returned`: return the report to the lead, which corrects it."""
    if not (found := _in_effect(session, event)):
        return
    (of, obligation), said = found, event.data
    before = obligation.audited()
    returned: Returned = {"stage": said.stage, "by": of.recommender, "comment": said.comment, "sections": said.sections}
    obligation.give_back(returned)
    if not of.alive:  # A revoked or dissolved consortium owes no correction.
        end(session, of, obligation, of.status)
        return
    sent_back = ReportReturned(stage=said.stage, by=of.recommender, comment=said.comment, sections=said.sections)
    _say(session, "report.returned", of, obligation, sent_back, before=before)


def end(session: Session, of: Consortium, obligation: Obligation, why: str) -> None:
    """End the report of a consortium that was revoked or dissolved (`why`)."""
    before = obligation.audited()
    obligation.end()
    _say(session, "report.ended", of, obligation, ReportEnded(reason=why), before=before)


def remind(session: Session, clock: Clock, policies: Policies, of: Consortium, obligation: Obligation) -> None:
    """Remind the lead that its report is not submitted, and store the day of the next reminder."""
    today = clock.today()
    obligation.next_reminder = reminder_after(obligation.due_on, today, policies.get(obligation.policy).annual_report)
    left = (obligation.due_on - today).days
    event = ReportReminded(days_left=left) if left >= 0 else ReportReminded(days_overdue=-left)
    _say(session, "report.reminded", of, obligation, event, before=obligation.audited())


def note_overdue(session: Session, of: Consortium, obligation: Obligation) -> None:
    """Publish that the due day has passed without a submitted report."""
    obligation.overdue_told = True
    _say(session, "report.overdue", of, obligation, ReportEvent(), before=None)


def _own(session: Session, actor: Actor, id: str, year: int) -> tuple[Consortium, Obligation]:
    of = consortia.consortium(session, id)
    require_lead(actor, of)
    of.require_alive("A12")
    return of, duties.report(session, id, year, lock=True)


def _in_effect(session: Session, event: Event[OpinionSigned]) -> tuple[Consortium, Obligation] | None:
    """Return the consortium and the report that an opinion is about. If the opinion is too late or from another bureau, publish
    that it is void and return None."""
    id, _, year = event.subject_id.rpartition("-")
    of, obligation = consortia.consortium(session, id), duties.report(session, id, int(year), lock=True)
    why = obligation.void_because(event.data.version)
    if why is None and event.producer.partition(".")[2] != of.recommender:
        why = "not_its_turn"
    if why is None:
        return of, obligation
    void = ReportOpinionVoid(case=event.data.case, reason=why)
    bureau = event.producer.partition(".")[2]
    _say(session, "report.opinion_void", of, obligation, void, before=obligation.audited(), bureau=bureau)
    return None


def _say(
    session: Session,
    type: str,
    of: Consortium,
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
        event.with_header(year=obligation.year, version=obligation.version, due_on=obligation.due_on, **of.brief()),
        bureau=bureau or of.recommender,
        recommender=of.recommender,
        article=article,
        before=before,
        after=obligation.audited(),
    )


def _unknown_bureaus(matters: list[MatterAskedDict]) -> list[FieldError]:
    text = Text("没有这一主管部门，请对照主管部门列表。", "There is no such bureau; see the list of bureaus.")
    return [
        FieldError(f"/coordination/{place}/asked_of", "unknown_bureau", text)
        for place, matter in enumerate(matters)
        if matter["asked_of"] not in BUREAUS
    ]
