"""Enter a consortium into the register, or hold its recognition because a rule has failed since the approval (A5, A6(2),
A14(4))."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from services.application.commands.hand_over import follow_lead
from services.application.commands.reevaluate_application import standing_against
from services.application.domain.application import Application
from services.application.domain.consortium import Consortium, number_of
from services.application.repository import cases, organisations, quotas, register, search, timeline
from services.application.repository.register import EnteredUnit
from services.contracts.application.application_payloads import ApplicationHeld
from services.contracts.application.application_requests import GoalDict
from services.contracts.application.imports import ImportedHistoryDict
from services.contracts.application.register_payloads import (
    ConsortiumRecognised,
    DeferralBefore,
    GradeBefore,
    History,
    OutcomeBefore,
)
from services.contracts.application.register_responses import People
from services.contracts.organisation_name import LeadReference
from services.contracts.review.case_parts import UpheldObjectionDict
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.objections.domain import Objection
from services.policy import Finding, Policies, Policy, add_years, not_past


def recognise_or_hold(session: Session, clock: Clock, policies: Policies, application: Application) -> None:
    """Recognise an approved application. If a rule that was not waived fails today, hold the recognition and ask the province to
    decide again. The verdict frozen at submission does not change."""
    policy = policies.get(application.policy)
    waivers = application.decision["waivers"] if application.decision else ()
    standing = standing_against(session, clock, policy, application, waivers)
    if standing:
        hold_recognition(session, clock, application, standing)
    else:
        # The lead may have moved to another city since the submission, which fixed the recommender.
        follow_lead(session, clock, policies, _recognise(session, clock, policy, application))


def hold_recognition(
    session: Session,
    clock: Clock,
    application: Application,
    findings: Sequence[Finding] = (),
    objections: Sequence[Objection] = (),
) -> None:
    """Hold the recognition: return the case to the province's decision, with the findings or the upheld objections that prevent
    the recognition. A new approval after upheld objections must name them, and begins another publicity period. The panel loses
    its access permanently; an expert who replaces one whose score was voided gets access by a new appointment."""
    before = application.state()
    application.hold(clock.now(), publicity_again=bool(objections))
    cases.assign_readers(session, application.id, application.version, ())
    upheld: list[UpheldObjectionDict] = [
        {"id": objection.id, "reason": objection.reason, "answer": objection.answer or ""} for objection in objections
    ]
    last = objections[-1].id if objections else None
    event = ApplicationHeld(findings=[finding.to_dict() for finding in findings], objection=last, objections=upheld or None)
    detail: dict[str, object] = {"rules": [finding.rule for finding in findings]}
    if last:
        detail["objection"] = last
    timeline.record(
        session,
        application,
        "application.held",
        event,
        article=findings[0].citation if findings else "A6(2)",
        before=before,
        bureau=PROVINCE,
        detail=detail,
    )


def _recognise(session: Session, clock: Clock, policy: Policy, application: Application) -> Consortium:
    before = application.state()
    members: list[EnteredUnit] = [
        {"uscc": member["organisation"], "tier": member["tier"], "role": member["role"]} for member in application.members
    ]
    consortium = new_consortium(
        session,
        clock,
        name=application.name or "",
        field=application.field or "",
        recognised_on=clock.today(),
        recommender=application.recommender or "",
        lead=application.lead or "",
        policy=application.policy,
        application_id=application.id,
        people={"chief_scientist": application.content["chief_scientist"]},
    )
    case = timeline.subject_of(application)
    quotas.confirm(session, case, f"consortium/{consortium.id}", clock.now())
    application.recognise(consortium.id, clock.now())
    article = "A8" if application.special else "A6(2)"
    enter_in_register(session, consortium, policy, members, article, application.content["goals"])
    unit_of_work.audit_only(
        session,
        "application.recognised",
        case,
        bureau=consortium.recommender,
        article=article,
        before=before,
        after=application.state(),
    )
    return consortium


def new_consortium(
    session: Session,
    clock: Clock,
    *,
    name: str,
    field: str,
    recognised_on: date,
    recommender: str,
    lead: str,
    policy: str,
    application_id: str | None,
    people: People,
    id: str | None = None,
) -> Consortium:
    """Create a register entry with the next number of its year. `application` None: the consortium comes from the plan of 2021
    (A16). `id`: the id of its proposal, if there was one."""
    number = number_of(recognised_on.year, register.next_number(session, recognised_on.year))
    lead_name = organisations.names(session, [lead]).get(lead)
    return Consortium(
        id=id or new_id(),
        number=number,
        name=name,
        field=field,
        status="active",
        recognised_on=recognised_on,
        recommender=recommender,
        lead=lead,
        policy=policy,
        application_id=application_id,
        imported=application_id is None,
        last_grade=None,
        graded_on=None,
        under_guidance=False,
        people=people,
        revision=1,
        created_at=clock.now(),
        searchable=search.searchable(name, number, lead, lead_name),
    )


def enter_in_register(
    session: Session,
    consortium: Consortium,
    policy: Policy,
    members: Sequence[EnteredUnit],
    article: str,
    goals: Sequence[GoalDict] = (),
    history: ImportedHistoryDict | None = None,
) -> None:
    """Put the consortium and its members into the register, and publish the new entry. The consortium reports on its `goals`
    every year (A7). `history`: the earlier grades, deferrals and outcomes of an imported consortium (A16)."""
    units: list[EnteredUnit] = [{"uscc": consortium.lead, "tier": None, "role": None}, *members]
    register.insert_consortium(session, consortium, units)
    search.index_text(session, "consortium", consortium.id, consortium.searchable)
    names = organisations.names(session, [unit["uscc"] for unit in units])
    subject = f"consortium/{consortium.id}"
    next_round = add_years(consortium.recognised_on, policy.evaluation.operation_years)
    event = ConsortiumRecognised(
        field=consortium.field,
        application=consortium.application_id,
        recognised_on=consortium.recognised_on,
        units=[{"uscc": unit["uscc"], "name": names[unit["uscc"]], "tier": unit["tier"]} for unit in units],
        recommender=consortium.recommender,
        policy=consortium.policy,
        next_round_by=not_past(next_round, unit_of_work.current(session).clock.today()),
        imported=consortium.imported,
        related_units=consortium.related_units,
        goals=list(goals),
        history=_published(history) if history else None,
    ).with_header(
        consortium=consortium.id,
        number=consortium.number,
        name=consortium.name,
        lead=LeadReference(uscc=consortium.lead, name=names[consortium.lead]),
    )
    home = consortium.recommender
    unit_of_work.record_change(
        session,
        "consortium.recognised",
        subject,
        event,
        bureau=home,
        recommender=home,
        article=article,
        after=consortium.state(),
    )
    detail = {
        "consortium": consortium.id,
        "number": consortium.number,
        "recognised_on": consortium.recognised_on.isoformat(),
        "imported": consortium.imported,
    }
    origin = f"application/{consortium.application_id}" if consortium.application_id else subject
    timeline.add_line(session, origin, "consortium.recognised", article=article, detail=detail, public=True)


def _published(history: ImportedHistoryDict) -> History:
    """Return the part of a consortium's history that other services need: grades, deferrals and outcomes. The earlier uses of
    support measures are left out, because only this service stores them."""
    return History(
        grades=[GradeBefore.from_dict({**grade}) for grade in history["grades"]],
        deferrals=[DeferralBefore.from_dict({**deferral}) for deferral in history["deferrals"]],
        outcomes=[OutcomeBefore.from_dict({**outcome}) for outcome in history["outcomes"]],
    )
