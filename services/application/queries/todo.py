"""The tasks of an account in the application service: an organisation's drafts and confirmations, and the answers that the
province owes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, select
from sqlalchemy.orm import Session

from services.application.domain.call import Call
from services.application.domain.consortium import Consortium
from services.application.domain.entitlement import StateOnDay, assess
from services.application.domain.proposal import PROPOSED
from services.application.domain.watch import ASKED
from services.application.queries.applications import answered
from services.application.repository import supports
from services.application.tables import (
    applications,
    calls,
    change_confirmations,
    changes,
    consortia,
    consortium_units,
    matters,
    objections,
    organisations,
    policies,
    proposed_consortia,
    support_requests,
    watches,
)
from services.contracts.labels import label
from services.contracts.todo import TaskCounts, Worklist
from services.kernel.clock import Clock, local_date
from services.kernel.identity import Actor
from services.kernel.worklist import Entry, Waiting, parked_events, task_counts, within, worklist
from services.objections.table import unanswered
from services.policy import Policies

#: SQL join: applications with their call and their lead.
_LINES = applications.outerjoin(calls, calls.c.id == applications.c.call_id).outerjoin(
    organisations, organisations.c.uscc == applications.c.lead
)
_LINE = (
    applications.c.id,
    applications.c.name,
    applications.c.correction_due,
    applications.c.publicity_ends,
    calls.c.title.label("call"),
    calls.c.closes_at,
    organisations.c.name.label("lead"),
)

#: The name of a consortium's lead; read only for the rows of the answer.
_LEAD = (
    select(organisations.c.name)
    .where(organisations.c.uscc == consortia.c.lead)
    .correlate(consortia)
    .scalar_subquery()
    .label("lead")
)


def todo(session: Session, clock: Clock, policies: Policies, actor: Actor) -> Worklist:
    """Query: return the actor's tasks, which depend on its role."""
    return worklist(session, clock, _task_kinds(session, clock, policies, actor))


def todo_counts(session: Session, clock: Clock, policies: Policies, actor: Actor) -> TaskCounts:
    """Query: the number of the actor's tasks of each kind."""
    return task_counts(session, clock, _task_kinds(session, clock, policies, actor))


def _task_kinds(session: Session, clock: Clock, policies: Policies, actor: Actor) -> Iterator[Waiting]:
    if actor.has("applicant") and actor.organisation:
        yield from _of_lead(clock, actor)
        yield from _of_member(session, actor)
        yield from _asked_reports(actor)
        yield from _support(session, clock, policies, actor)
    if actor.official and actor.of_province:
        yield from _of_province()
    if actor.has("chief") and actor.of_province:
        by_another = objections.c.prepared["by"].as_string() != actor.username
        yield Waiting("objection_answer", "confirm", _objected(objections.c.prepared.is_not(None), by_another), _objection)
        yield _policy_drafts()
        yield _old_consortia(actor)
    if actor.has("operator"):
        yield parked_events(lambda type: label("event", type).to_dict())


def _of_lead(clock: Clock, actor: Actor) -> Iterator[Waiting]:
    """Yield the lead's drafts whose call is still open, and its returned applications."""
    of_lead = select(*_LINE).select_from(_LINES).where(applications.c.lead == actor.organisation)
    drafts = of_lead.where(
        applications.c.status == "draft",
        applications.c.channel == "call",
        calls.c.id.is_(None) | ((calls.c.closes_at >= clock.now()) & calls.c.cancelled_reason.is_(None)),
    )
    yield Waiting("application_draft", "submit", drafts.order_by(calls.c.closes_at, applications.c.id), _draft)
    returned = of_lead.where(applications.c.status == "returned").order_by(applications.c.correction_due, applications.c.id)
    yield Waiting("application_returned", "submit", returned, _returned)


def _draft(row: Row[Any]) -> Entry:
    due = local_date(row.closes_at) if row.closes_at else None
    return Entry(f"application/{row.id}", row.name, row.call, due, lead=row.lead)


def _returned(row: Row[Any]) -> Entry:
    return Entry(
        f"application/{row.id}", row.name, row.call, local_date(row.correction_due) if row.correction_due else None, lead=row.lead
    )


def _of_member(session: Session, actor: Actor) -> Iterator[Waiting]:
    """Yield the applications and changes that this unit must confirm or decline."""
    until = case((applications.c.status == "returned", applications.c.correction_due), else_=calls.c.closes_at)
    memberships = select(*_LINE, until.label("until")).select_from(_LINES).where(*answered(session, actor, "pending"))
    yield Waiting("membership", "confirm", memberships.order_by(until, applications.c.id), _asked_member)
    columns = (changes.c.id, changes.c.kind, changes.c.effective_on, changes.c.consortium_id, consortia.c.name, _LEAD)
    unanswered = (
        select(*columns)
        .join(consortia, consortia.c.id == changes.c.consortium_id)
        .join(change_confirmations, change_confirmations.c.change_id == changes.c.id)
        .where(change_confirmations.c.uscc == actor.organisation, change_confirmations.c.decision.is_(None))
        .where(changes.c.status == "awaiting_confirmations")
        .order_by(changes.c.effective_on, changes.c.id)
    )
    yield Waiting("change_confirmation", "confirm", unanswered, _change)


def _asked_member(row: Row[Any]) -> Entry:
    return Entry(f"application/{row.id}", row.name, row.lead, local_date(row.until) if row.until else None, lead=row.lead)


def _change(row: Row[Any]) -> Entry:
    kind = label("change_kind", row.kind).to_dict()
    return Entry(f"change/{row.id}", row.name, kind, row.effective_on, within(row.consortium_id), row.lead)


def _asked_reports(actor: Actor) -> Iterator[Waiting]:
    """Yield the changes that the lead was asked to report (A12)."""
    led = select(consortium_units.c.consortium_id).where(consortium_units.c.uscc == actor.organisation)
    statement = (
        _watches()
        .where(watches.c.consortium_id.in_(led), consortia.c.lead == actor.organisation)
        .where(watches.c.kind == ASKED, watches.c.status != "settled")
    )
    yield Waiting("change_asked", "report_change", statement, _watch_of_lead)


def _watches() -> Any:
    columns = (watches.c.id, watches.c.kind, watches.c.cause, watches.c.due_on, watches.c.consortium_id, consortia.c.name, _LEAD)
    joined = select(*columns).join(consortia, consortia.c.id == watches.c.consortium_id)
    return joined.order_by(watches.c.due_on.is_(None), watches.c.due_on, watches.c.id)


def _watch_of_lead(row: Row[Any]) -> Entry:
    subtitle = label("watch_cause", row.cause).to_dict()
    return Entry(f"consortium/{row.consortium_id}", row.name, subtitle, row.due_on, within(row.consortium_id), row.lead)


def _support(session: Session, clock: Clock, policies: Policies, actor: Actor) -> Iterator[Waiting]:
    """Yield the open calls for support in which a consortium of this lead may apply and has not applied yet (A9)."""
    now = clock.now()
    running = (calls.c.opens_at <= now, calls.c.closes_at >= now, calls.c.cancelled_reason.is_(None))
    offered = list(session.scalars(select(Call).where(calls.c.kind != "formation", *running)))
    if not offered:
        return
    led = select(consortium_units.c.consortium_id).where(consortium_units.c.uscc == actor.organisation)
    consortia_led = select(Consortium).where(consortia.c.id.in_(led), consortia.c.lead == actor.organisation)
    for consortium in session.scalars(consortia_led):
        open_to = [call.id for call in offered if _may_answer(session, clock, policies, consortium, call)]
        requested = select(support_requests.c.round).where(
            support_requests.c.consortium_id == consortium.id,
            support_requests.c.round.is_not(None),
            support_requests.c.status != "withdrawn",
        )
        statement = select(calls.c.id, calls.c.title, calls.c.closes_at).where(
            calls.c.id.in_(open_to), calls.c.id.not_in(requested)
        )
        ordered = statement.order_by(calls.c.closes_at, calls.c.id)
        yield Waiting("support_round", "request_support", ordered, partial(_offer, consortium))


def _offer(consortium: Consortium, row: Row[Any]) -> Entry:
    return Entry(f"call/{row.id}", row.title, consortium.name, local_date(row.closes_at), within(consortium.id))


def _may_answer(session: Session, clock: Clock, policies: Policies, consortium: Consortium, call: Call) -> bool:
    policy = policies.get(call.policy)
    state, uses = StateOnDay.of(consortium, clock.today()), supports.uses(session, consortium.id)
    open_measures = [measure for measure in policy.measures if measure.call == call.kind and not measure.by_province]
    return any(assess(measure, state, uses, policy.evaluation.cycle_years).allowed for measure in open_measures)


def _of_province() -> Iterator[Waiting]:
    """Yield the objections and major matters that the province must answer, and the entries of the watch list."""
    yield Waiting("objection", "answer", _objected(objections.c.prepared.is_(None)), _objection)
    about = (matters.c.id, matters.c.title, matters.c.occurred_on, matters.c.planned, matters.c.consortium_id)
    columns = (*about, consortia.c.name, _LEAD)
    unanswered = (
        select(*columns)
        .join(consortia, consortia.c.id == matters.c.consortium_id)
        .where(matters.c.acknowledged.is_(None), matters.c.objection.is_(None))
        .order_by(matters.c.id)
    )
    yield Waiting("major_matter", "acknowledge", unanswered, _matter)
    yield Waiting("watch", "look_into", _watches().where(watches.c.status != "settled"), _watch)


def _objected(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Select the objections that wait for an answer, or for a second person's confirmation of a prepared answer."""
    return (
        select(*_LINE, objections.c.filed_at)
        .select_from(_LINES.join(objections, objections.c.application_id == applications.c.id))
        .where(applications.c.status.in_(("publicised", "held")), unanswered(objections.c), *conditions)
        .order_by(applications.c.publicity_ends, objections.c.id)
    )


def _objection(row: Row[Any]) -> Entry:
    return Entry(
        f"application/{row.id}", row.name, row.lead, local_date(row.publicity_ends) if row.publicity_ends else None, lead=row.lead
    )


def _matter(row: Row[Any]) -> Entry:
    due = row.occurred_on if row.planned else None
    return Entry(f"matter/{row.id}", row.title, row.name, due, within(row.consortium_id), row.lead)


def _watch(row: Row[Any]) -> Entry:
    subtitle = label("watch_cause", row.cause).to_dict()
    return Entry(f"watch/{row.id}", row.name, subtitle, row.due_on, within(row.consortium_id), row.lead)


def _policy_drafts() -> Waiting:
    statement = select(policies.c.ref).where(policies.c.status == "draft").order_by(policies.c.ref)
    return Waiting("policy_draft", "publish", statement, lambda row: Entry(f"policy/{row.ref}", row.ref))


def _old_consortia(actor: Actor) -> Waiting:
    """Return the proposed consortia of the plan of 2021 that this actor can confirm because another account proposed them
    (A16)."""
    table = proposed_consortia
    statement = select(table.c.id, table.c.name).where(table.c.status == PROPOSED, table.c.proposed_by != actor.username)
    return Waiting("old_consortium", "confirm", statement.order_by(table.c.id), _old_consortium)


def _old_consortium(row: Row[Any]) -> Entry:
    return Entry(f"consortium/{row.id}", row.name)
