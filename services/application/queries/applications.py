"""Queries about applications: one application, a list, the versions and their differences, and today's verdict."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from services.application import verdict
from services.application.access import Reader, reader, reads_for_bureau
from services.application.available_actions import application_actions
from services.application.domain.application import EDITABLE, Application
from services.application.domain.call import Call
from services.application.domain.content import VersionContent
from services.application.flow_charts import application_flow
from services.application.queries.calls import required_documents
from services.application.repository import cases, organisations, search
from services.application.repository.organisations import NamedOrganisation
from services.application.serializers import application_serializers
from services.application.tables import applications, readers, units, versions
from services.application.tables import organisations as organisation_table
from services.application.verdict import CaseDocuments, Circumstances, terms
from services.contracts.application.application_responses import (
    ApplicationAnswerDict,
    ApplicationItemDict,
    CallOfApplicationDict,
    DiffAnswerDict,
    VersionsAnswerDict,
)
from services.contracts.application.assessment_responses import EligibilityAnswerDict
from services.contracts.application.differences import compare
from services.contracts.pages import CountedPageDict
from services.kernel.clock import Clock
from services.kernel.errors import Forbidden, NotFound
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.paging import page, total
from services.policy import Policies


def get_application(session: Session, clock: Clock, policies: Policies, actor: Actor, id: str) -> ApplicationAnswerDict:
    """Return one application with its call, its flow chart and the actions that the actor may take; experts get the application
    alone. Raises NotFound like `read_application`."""
    application, access, version, organisations_by_code, answer = _read(session, actor, id)
    if access.expert:
        return {**answer, "stages": [], "actions": [], "promise": None, "call": None}
    promise = application_serializers.promise(policies.get(application.policy), version)
    call = cases.call(session, application.call_id) if application.call_id else None
    organisation = organisations_by_code.get(actor.organisation or "")
    offered = application_actions(
        actor,
        application,
        call,
        clock.now(),
        registered=bool(organisation and organisation.registered),
        unanswered=application.status in ("publicised", "held") and cases.has_open_objection(session, id),
    )
    chart = application_flow(session, policies.get(application.policy), application, call, answer["lead_name"])
    return {**answer, "promise": promise, "stages": chart, "actions": offered, "call": _call_facts(policies, call)}


def _call_facts(policies: Policies, call: Call | None) -> CallOfApplicationDict | None:
    """Return the facts of a call that a client needs to fill in an application."""
    if call is None:
        return None
    return {
        "id": call.id,
        "title": call.title,
        "closes_at": call.closes_at.isoformat(),
        "fields": call.fields,
        "required_documents": required_documents(policies, call),
    }


def read_application(session: Session, actor: Actor, id: str) -> ApplicationAnswerDict:
    """Return one application. Parties get its present state, experts the version assigned to them, all other readers the last
    submitted version.

    Raises NotFound for actors who may not read it.
    """
    return _read(session, actor, id)[-1]


def read_application_with_promise(session: Session, policies: Policies, actor: Actor, id: str) -> ApplicationAnswerDict:
    """Return one application like `read_application`, together with its research-integrity promise, which the application form
    prints for every reader."""
    application, _, version, _, answer = _read(session, actor, id)
    return {**answer, "promise": application_serializers.promise(policies.get(application.policy), version)}


def _read(
    session: Session, actor: Actor, id: str
) -> tuple[Application, Reader, Row[Any] | None, dict[str, NamedOrganisation], ApplicationAnswerDict]:
    """Return the application, how the actor may read it, the version that the actor reads, the units' organisations by code, and
    the serialized answer."""
    application, version = cases.with_version(session, id)
    access = reader(session, actor, application)
    if access.version is not None and access.version != application.version:
        version = cases.version(session, id, access.version)
    codes = application.units if version is None else {*application.units, *_codes(version.content)}
    organisations_by_code = organisations.load_named(session, codes)
    rows = {} if access.expert else cases.unit_rows(session, id)
    return (
        application,
        access,
        version,
        organisations_by_code,
        application_serializers.application(application, access, version, organisations_by_code, rows),
    )


def list_applications(
    session: Session,
    actor: Actor,
    limit: int = 50,
    cursor: str | None = None,
    status: str | None = None,
    call: str | None = None,
    channel: str | None = None,
    recommender: str | None = None,
    q: str | None = None,
    part: str | None = None,
    confirmation: str | None = None,
) -> CountedPageDict[ApplicationItemDict]:
    """Return the applications that the actor may read, the newest first. `part` is the part of the actor's organisation: `lead`
    or `member`. `confirmation` is its answer as a member: `pending` (not answered, or to be confirmed again), `confirmed` or
    `declined`. Raises Forbidden for actors who may read no application."""
    key = applications.c.id
    columns = [applications.c[name] for name in _LISTED]
    listed: Select[Any] = select(key, *columns, organisation_table.c.name.label("lead_name"))
    listed = limit_to_readable(listed.outerjoin(organisation_table, organisation_table.c.uscc == applications.c.lead), actor)
    filters = {"status": status, "call_id": call, "channel": channel, "recommender": recommender}
    conditions = [applications.c[name] == value for name, value in filters.items() if value]
    if q:
        conditions += search.matching_text("application", key, applications.c.searchable, q)
    if part:
        is_lead = applications.c.lead == actor.organisation
        conditions.append(is_lead if part == "lead" else and_(~is_lead, applications.c.id.in_(_with_unit(actor))))
    if confirmation:
        conditions += answered(session, actor, confirmation)
    statement = listed.where(*conditions)
    rows, next_cursor = page(session, statement, [key], limit=limit, cursor=cursor, descending=True)
    items = [application_serializers.item(row) for row in rows]
    counted = total(session, statement, [key], len(rows), cursor=cursor, more=next_cursor)
    return {"items": items, "next_cursor": next_cursor, "total": counted}


_LISTED = (
    "name",
    "field",
    "channel",
    "call_id",
    "status",
    "stage",
    "version",
    "lead",
    "recommender",
    "submitted_at",
    "updated_at",
)


def limit_to_readable(statement: Select[Any], actor: Actor) -> Select[Any]:
    """Limit a statement to the applications that the actor may read, by the same rules as for one application."""
    if actor.has("applicant") and actor.organisation:
        joined = select(units.c.application_id).where(units.c.uscc == actor.organisation)
        return statement.where(applications.c.id.in_(joined))
    if reads_for_bureau(actor) and actor.of_province:
        return statement.where(applications.c.at_province)
    if reads_for_bureau(actor):
        return statement.where(applications.c.recommender == actor.bureau, applications.c.version > 0)
    if actor.has("auditor"):
        return statement
    if actor.has("expert", "third_party"):
        assigned = select(readers.c.application_id).where(*cases.given_to(actor.username))
        return statement.where(applications.c.id.in_(assigned))
    raise Forbidden(
        "no_case_content",
        "您的账号不能查看申请内容。",
        "Your account reads no applications.",
    )


def _with_unit(actor: Actor) -> Select[Any]:
    return select(units.c.application_id).where(units.c.uscc == actor.organisation)


def answered(session: Session, actor: Actor, confirmation: str) -> list[ColumnElement[bool]]:
    """Return the conditions for applications to which the actor's organisation, as a member, gave this answer. A confirmation is
    pending again if the terms changed after it. In an application that can no longer be edited, no answer is pending."""
    member = applications.c.lead != actor.organisation
    if confirmation == "declined":
        return [member, applications.c.id.in_(_with_unit(actor).where(units.c.decision == "decline"))]
    confirmed = _with_unit(actor).where(units.c.decision == "confirm")
    statement = select(Application, units.c.core, units.c.paper).join(units, units.c.application_id == applications.c.id)
    candidates = statement.where(units.c.uscc == actor.organisation, units.c.decision == "confirm", member)
    void = [
        row.Application.id
        for row in session.execute(candidates.where(applications.c.status.in_(EDITABLE)))
        if not terms(row.Application).match(row.core, row.paper)
    ]
    if confirmation == "confirmed":
        return [member, applications.c.id.in_(confirmed), applications.c.id.not_in(void)]
    # One subquery, so that PostgreSQL uses the index of units to read an organisation's few applications.
    waiting = _with_unit(actor).where(or_(units.c.decision.is_(None), units.c.application_id.in_(void)))
    return [member, applications.c.status.in_(EDITABLE), applications.c.id.in_(waiting)]


def application_versions(session: Session, actor: Actor, id: str) -> VersionsAnswerDict:
    """The submitted versions, the oldest first. An expert gets only the assigned version. Raises NotFound."""
    application = cases.application(session, id)
    access = reader(session, actor, application)
    listed = ("number", "round", "submitted_at", "submitted_by", "policy", "eligible", "agreement_version", "changed")
    statement = select(*(versions.c[name] for name in listed)).where(versions.c.application_id == id)
    if access.version is not None:
        statement = statement.where(versions.c.number == access.version)
    rows = session.execute(statement.order_by(versions.c.number))
    return {
        "items": [
            {
                "version": row.number,
                "round": row.round,
                "submitted_at": row.submitted_at.isoformat(),
                "submitted_by": None if access.expert else row.submitted_by,
                "policy": row.policy,
                "eligible": row.eligible,
                "agreement_version": row.agreement_version,
                "changed": row.changed,
            }
            for row in rows
        ]
    }


def application_diff(session: Session, actor: Actor, id: str, from_: int, to: int | None = None) -> DiffAnswerDict:
    """Return the differences between two submitted versions, by section and by value. Without `to`, the second is the last
    version.

    Raises NotFound for actors who may not read the versions and for versions that were never submitted.
    """
    application = cases.application(session, id)
    access = reader(session, actor, application)
    numbers = (from_, to or application.version)
    if access.version is not None and any(number != access.version for number in numbers):
        raise cases.no_application()
    before, after = (_version(session, application, number) for number in numbers)
    return {"from": numbers[0], "to": numbers[1], "sections": compare(before, after)}


def eligibility(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    documents_statement: str | None = None,
) -> EligibilityAnswerDict:
    """Return the findings of today, also for a draft (A5). Readers other than the parties get the verdict frozen in the submitted
    version. `documents_statement` is the signed list of documents from the documents service; without it rule D1 needs evidence.
    Raises NotFound."""
    application, version = cases.with_version(session, id)
    access = reader(session, actor, application)
    if not access.party:
        return _eligibility_when_submitted(session, application, access, version)
    papers = None
    if documents_statement is not None:
        papers = CaseDocuments.of(application, verifier.read(documents_statement, "documents")["documents"])
    around = Circumstances.load(session, application, clock.today(), lock=False)
    attachments = cases.call(session, application.call_id).attachments if application.call_id else ()
    policy = policies.get(application.policy)
    judged = verdict.judge(policy, application, around, papers, attachments, clock.today())
    return {
        "eligible": judged.eligible,
        "policy": judged.policy,
        "agreement_version": verdict.terms(application).version,
        "findings": judged.listed,
    }


def _eligibility_when_submitted(
    session: Session, application: Application, access: Reader, version: Row[Any] | None
) -> EligibilityAnswerDict:
    if access.version is not None and access.version != application.version:
        version = cases.version(session, application.id, access.version)
    if version is None:
        raise cases.no_application()
    return {
        "eligible": version.eligible,
        "policy": version.policy,
        "agreement_version": version.agreement_version,
        "findings": version.findings,
    }


def _version(session: Session, application: Application, number: int) -> dict[str, object]:
    row = cases.version(session, application.id, number)
    if row is None:
        raise NotFound("version_not_found", "没有这一版本。", "There is no such version.")
    return row.content | {"handed_in": row.documents}  # type: ignore[no-any-return]


def _codes(content: VersionContent) -> list[str]:
    return [code for code in (content["lead"], *(member["organisation"] for member in content["members"])) if code]
