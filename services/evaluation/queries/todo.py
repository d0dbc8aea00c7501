"""The tasks of an account in this service. A lead owes reports and statements; a bureau owes inspections and answers to matters;
the province owes answers to objections and deferrals, grades and decisions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from services.contracts.labels import label
from services.contracts.todo import TaskCounts, Worklist
from services.evaluation.domain.annual_report import ReportStatus
from services.evaluation.domain.consortium import ALIVE
from services.evaluation.domain.coordination import MatterStatus
from services.evaluation.domain.participation import GRADING, RUNNING, DeferralStatus, ParticipationStatus
from services.evaluation.domain.rectification import RUNNING as UNDER_RECTIFICATION
from services.evaluation.domain.rectification import RectificationStatus
from services.evaluation.domain.revocation import RevocationStatus
from services.evaluation.domain.round import RoundStatus
from services.evaluation.tables import (
    annual_reports,
    consortia,
    coordination_items,
    evaluations,
    grade_objections,
    inspections,
    participations,
    rectifications,
    revocations,
)
from services.kernel.clock import Clock, local_date
from services.kernel.identity import Actor
from services.kernel.worklist import Entry, Waiting, parked_events, task_counts, within, worklist
from services.objections.table import unanswered

#: The columns from which a task takes the names of the consortium and its lead.
_NAMES = (consortia.c.name, consortia.c.lead, consortia.c.units)


def todo(session: Session, clock: Clock, actor: Actor) -> Worklist:
    """Return the actor's tasks, which depend on its role."""
    return worklist(session, clock, _task_kinds(clock, actor))


def todo_counts(session: Session, clock: Clock, actor: Actor) -> TaskCounts:
    """Return the number of the actor's tasks of each kind."""
    return task_counts(session, clock, _task_kinds(clock, actor))


def _task_kinds(clock: Clock, actor: Actor) -> Iterator[Waiting]:
    if actor.has("applicant") and actor.organisation:
        yield from _of_lead(clock, actor)
    if actor.official:
        yield from _of_bureau(clock, actor)
    if actor.official and actor.of_province:
        yield from _of_province()
    if actor.has("chief") and actor.of_province:
        by_another = grade_objections.c.prepared["by"].as_string() != actor.username
        prepared = _objections(grade_objections.c.prepared.is_not(None), by_another)
        yield Waiting("grade_objection_answer", "confirm", prepared, _objected)
        yield from _of_provincial_chief(clock)
    if actor.has("operator"):
        yield parked_events(lambda type: label("event", type).to_dict())


# Tasks of a lead


def _of_lead(clock: Clock, actor: Actor) -> Iterator[Waiting]:
    """Yield the tasks of a lead: the annual reports, evaluation reports, statements and rectification reports that it owes."""
    led = select(consortia.c.id).where(consortia.c.lead == actor.organisation)
    reports = (
        select(annual_reports.c.consortium, annual_reports.c.year, annual_reports.c.due_at, *_NAMES)
        .join(consortia, consortia.c.id == annual_reports.c.consortium)
        .where(annual_reports.c.consortium.in_(led))
        .order_by(annual_reports.c.due_at, annual_reports.c.consortium)
    )
    yield Waiting("report", "submit", reports.where(annual_reports.c.state == ReportStatus.DUE), _report)
    yield Waiting("report_returned", "submit", reports.where(annual_reports.c.state == ReportStatus.RETURNED), _returned_report)
    parts = (
        _participation_statement()
        .where(participations.c.consortium.in_(led))
        .order_by(evaluations.c.closes_at, participations.c.id)
    )
    unanswered = participations.c.deferral["status"].as_string()
    invited = parts.where(
        participations.c.status == ParticipationStatus.INVITED,
        or_(unanswered.is_(None), unanswered != DeferralStatus.PENDING),
        or_(evaluations.c.closes_at >= clock.now(), participations.c.hand_in_until >= clock.now()),
    )
    yield Waiting("evaluation", "submit", invited, _participation_entry)
    yield Waiting(
        "evaluation_returned", "submit", parts.where(participations.c.status == ParticipationStatus.RETURNED), _returned_part
    )
    statement_possible = (
        _revocations(RevocationStatus.OPEN)
        .where(revocations.c.consortium.in_(led), revocations.c.statement_due >= clock.now())
        .where(func.json_array_length(revocations.c.statements) == 0)
    )
    yield Waiting("statement", "state", statement_possible, _statement)
    mending = _rectifications().where(rectifications.c.consortium.in_(led), rectifications.c.status == RectificationStatus.OPEN)
    yield Waiting("rectification", "submit", mending, _rectification)


def _lead(row: Row[Any]) -> str | None:
    """Return the name of the consortium's lead; None if the row's units do not name it."""
    return next((unit.get("name") for unit in row.units if unit["uscc"] == row.lead), None)


def _report(row: Row[Any]) -> Entry:
    return _report_entry(row, local_date(row.due_at))


def _returned_report(row: Row[Any]) -> Entry:
    return _report_entry(row, None)


def _report_entry(row: Row[Any], due: date | None) -> Entry:
    year = {"zh": f"{row.year} 年度", "en": f"year {row.year}"}
    return Entry(f"report/{row.consortium}-{row.year}", row.name, year, due, within(row.consortium, year=row.year), _lead(row))


def _participation_statement() -> Select[Any]:
    columns = ("id", "evaluation", "consortium", "correction_due", "hand_in_until", "grade")
    return (
        select(*(participations.c[name] for name in columns), *_NAMES, evaluations.c.title, evaluations.c.closes_at)
        .join(consortia, consortia.c.id == participations.c.consortium)
        .join(evaluations, evaluations.c.id == participations.c.evaluation)
    )


def _entry_of(row: Row[Any], due: date | None) -> Entry:
    return Entry(f"participation/{row.id}", row.name, row.title, due, within(row.consortium, row.evaluation), _lead(row))


def _participation_entry(row: Row[Any]) -> Entry:
    return _entry_of(row, local_date(max(row.closes_at, row.hand_in_until or row.closes_at)))


def _returned_part(row: Row[Any]) -> Entry:
    return _entry_of(row, local_date(row.correction_due) if row.correction_due else None)


def _revocations(status: str) -> Select[Any]:
    columns = (revocations.c.id, revocations.c.consortium, revocations.c.statement_due)
    joined = select(*columns, *_NAMES).join(consortia, consortia.c.id == revocations.c.consortium)
    return joined.where(revocations.c.status == status).order_by(revocations.c.id)


def _revocation(row: Row[Any]) -> Entry:
    return Entry(f"revocation/{row.id}", row.name, None, None, within(row.consortium), _lead(row))


def _statement(row: Row[Any]) -> Entry:
    return Entry(f"revocation/{row.id}", row.name, None, local_date(row.statement_due), within(row.consortium), _lead(row))


def _rectifications() -> Select[Any]:
    columns = (rectifications.c.id, rectifications.c.consortium, rectifications.c.due_on, *_NAMES)
    joined = select(*columns).join(consortia, consortia.c.id == rectifications.c.consortium)
    return joined.order_by(rectifications.c.due_on, rectifications.c.id)


def _rectification(row: Row[Any]) -> Entry:
    return Entry(f"rectification/{row.id}", row.name, None, row.due_on, within(row.consortium), _lead(row))


# Tasks of a bureau


def _of_bureau(clock: Clock, actor: Actor) -> Iterator[Waiting]:
    """Yield the tasks of a bureau: the year's missing inspections, the follow-ups with a day, and the matters that the bureau was
    asked to help with (A11, A12)."""
    today = clock.today()
    last_day = date(today.year, 12, 31)
    in_bureau = (consortia.c.recommender == actor.bureau, consortia.c.status.in_(ALIVE))
    inspected = exists().where(inspections.c.consortium == consortia.c.id, inspections.c.year == today.year)
    unseen = select(consortia.c.id, *_NAMES, consortia.c.number).where(*in_bureau, ~inspected).order_by(consortia.c.id)
    yield Waiting("inspection", "inspect", unseen, lambda row: _inspection(row, last_day))
    of_consortium = inspections.c.consortium == consortia.c.id
    newest = select(func.max(inspections.c.id)).where(of_consortium).correlate(consortia).scalar_subquery()
    follow_ups = (
        select(consortia.c.id, *_NAMES, consortia.c.number, inspections.c.follow_up_on)
        .join(inspections, inspections.c.id == newest)
        .where(*in_bureau, consortia.c.under_guidance, inspections.c.follow_up_on.is_not(None))
        .order_by(inspections.c.follow_up_on, consortia.c.id)
    )
    yield Waiting("follow_up", "inspect", follow_ups, lambda row: _inspection(row, row.follow_up_on))
    items = coordination_items
    asked_matters = (
        select(items.c.id, items.c.matter, items.c.consortium, items.c.due_on, *_NAMES)
        .join(consortia, consortia.c.id == items.c.consortium)
        .where(items.c.asked_of == actor.bureau)
        .order_by(items.c.due_on.is_(None), items.c.due_on, items.c.id)
    )
    yield Waiting("coordination", "answer", asked_matters.where(items.c.status == MatterStatus.OPEN), _matter)
    yield Waiting("coordination_answered", "close", asked_matters.where(items.c.status == MatterStatus.ANSWERED), _matter)


def _inspection(row: Row[Any], due: date) -> Entry:
    return Entry(f"consortium/{row.id}", row.name, row.number, due, within(row.id), _lead(row))


def _matter(row: Row[Any]) -> Entry:
    return Entry(f"coordination/{row.id}", row.matter, row.name, row.due_on, within(row.consortium), _lead(row))


# Tasks of the province


def _in_round_with_status(*statuses: str) -> ColumnElement[bool]:
    """SQL condition: the participation is in a round with one of these statuses. The subquery reads the few rounds, and an index
    then finds their participations."""
    return participations.c.evaluation.in_(select(evaluations.c.id).where(evaluations.c.status.in_(statuses)))


def _objections(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Select the objections to grades that wait for an answer, or for the confirmation of a prepared answer."""
    return (
        _participation_statement()
        .join(grade_objections, grade_objections.c.participation == participations.c.id)
        .add_columns(participations.c.publicity_ends)
        .where(
            _in_round_with_status(RoundStatus.PUBLICISED),
            participations.c.status == ParticipationStatus.GRADED,
            unanswered(grade_objections.c),
            *conditions,
        )
        .order_by(participations.c.publicity_ends, grade_objections.c.id)
    )


def _of_province() -> Iterator[Waiting]:
    yield Waiting("grade_objection", "answer", _objections(grade_objections.c.prepared.is_(None)), _objected)
    yield Waiting("revocation_proposed", "look_into", _revocations(RevocationStatus.PROPOSED), _revocation)


def _objected(row: Row[Any]) -> Entry:
    return _entry_of(row, local_date(row.publicity_ends) if row.publicity_ends else None)


def _of_provincial_chief(clock: Clock) -> Iterator[Waiting]:
    """Yield the tasks of a chief of the province: the deferrals, grades, acceptances and revocations to decide."""
    deferrals_asked = _participation_statement().where(
        _in_round_with_status(RoundStatus.OPEN),
        participations.c.status == ParticipationStatus.INVITED,
        participations.c.deferral["status"].as_string() == DeferralStatus.PENDING,
    )
    yield Waiting(
        "deferral", "answer", deferrals_asked.order_by(evaluations.c.closes_at, participations.c.id), _participation_entry
    )
    scored = (participations.c.status == ParticipationStatus.SUBMITTED) & (participations.c.stage == GRADING)
    regrading = (participations.c.status == ParticipationStatus.GRADED) & participations.c.held_by.is_not(None)
    to_grade = (
        _participation_statement()
        .where(_in_round_with_status(RoundStatus.OPEN, RoundStatus.PUBLICISED), scored | regrading)
        .order_by(participations.c.id)
    )
    yield Waiting("grading", "grade", to_grade, lambda row: _entry_of(row, None))
    parts = participations.c.evaluation == evaluations.c.id
    unfinished = exists().where(parts, participations.c.status.in_(RUNNING))
    already_graded = exists().where(
        parts,
        participations.c.status == ParticipationStatus.GRADED,
        participations.c.publicity_ends.is_(None),
        participations.c.held_by.is_(None),
    )
    complete = select(evaluations.c.id, evaluations.c.title).where(
        evaluations.c.status.in_((RoundStatus.OPEN, RoundStatus.PUBLICISED)), already_graded, ~unfinished
    )
    yield Waiting("grades", "publish", complete.order_by(evaluations.c.id), _round)
    ready_to_publish = or_(
        rectifications.c.status == RectificationStatus.ACCEPTANCE,
        rectifications.c.acceptance_from.is_not(None),
        rectifications.c.due_on <= clock.today(),
    )
    accepting = _rectifications().where(rectifications.c.status.in_(UNDER_RECTIFICATION), ready_to_publish)
    yield Waiting("acceptance", "accept", accepting, _rectification)
    statement_term_over = or_(revocations.c.statement_due.is_(None), revocations.c.statement_due < clock.now())
    yield Waiting("revocation", "decide", _revocations(RevocationStatus.OPEN).where(statement_term_over), _revocation)


def _round(row: Row[Any]) -> Entry:
    return Entry(f"evaluation/{row.id}", row.title, None, None, within(evaluation=row.id))
