"""The lead edits a draft, or a returned application within its correction window (A6)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application import verdict
from services.application.access import require_lead
from services.application.commands.start_application import (
    call_for,
    invite,
    lead_of,
    reindex,
    require_consistent,
    require_only_one,
)
from services.application.domain.agreement import Terms
from services.application.domain.application import Application
from services.application.domain.recommender import home_bureau
from services.application.repository import cases, organisations, timeline
from services.application.serializers.command_answer import application_answer
from services.contracts.application.application_requests import ApplicationChangeMembers
from services.contracts.application.application_responses import ApplicationAnswerDict
from services.contracts.application.event_parts import AddressedMember
from services.kernel.clock import Clock, local_date
from services.kernel.errors import Forbidden, Invalid, PreconditionFailed
from services.kernel.identity import Actor
from services.kernel.persistence import unit_of_work


def change_application(
    session: Session, clock: Clock, actor: Actor, id: str, change: ApplicationChangeMembers, if_match: str | None = None
) -> ApplicationAnswerDict:
    """Replace each member of the application that `change` names. A change of the terms that members confirm voids their
    confirmations, and they are asked to confirm again (A5(3)1, A4(4)).

    Raises NotFound, Forbidden for parties other than the lead, PreconditionFailed if `if_match` is not the present version,
    Conflict if the application is submitted or if a changed field is fixed since the first submission, Invalid for members listed
    twice.
    """
    application = cases.application(session, id, lock=True)
    require_lead(session, actor, application)
    _require_version(application, if_match)
    before, earlier_terms = application.state(), verdict.terms(application)
    _refuse_foreign_lead(application, actor, change)
    application.edit(change, clock.now())
    if "basis" in change and not application.special:
        raise Invalid.field("/basis", "not_a_special_case", "只有“一事一议”才填写依据。", "Only a special case has a basis.")
    require_consistent(application.lead, application.members)
    _follow_call(session, clock, application, change)
    _update_units(session, clock, application, earlier_terms)
    unit_of_work.audit_only(
        session,
        "application.changed",
        timeline.subject_of(application),
        bureau=home_bureau(application.recommender),
        article="A6(1)",
        before=before,
        after=application.state(),
    )
    return application_answer(session, application)


def ask_again(session: Session, application: Application, earlier_terms: Terms) -> None:
    """Ask those members to confirm again whose confirmation became void because the terms changed."""
    now = verdict.terms(application)
    rows = cases.unit_rows(session, application.id)
    asked_again = sorted(verdict.confirmed(rows, earlier_terms) - verdict.confirmed(rows, now))
    if asked_again:
        names = organisations.load_named(session, application.units)
        members: list[AddressedMember] = [{"uscc": code, "name": names[code].name, "registered": True} for code in asked_again]
        lead = lead_of(application, names)
        timeline.request_confirmations(session, application, "member.reconfirmation_needed", members, lead, now.version)


def _update_units(session: Session, clock: Clock, application: Application, earlier_terms: Terms) -> None:
    rows = cases.unit_rows(session, application.id)
    new_members = [code for code in application.units if code not in rows]
    organisations.ensure_rows(session, dict.fromkeys(new_members), clock.now())
    cases.set_units(session, application.id, application.units, rows)
    names = organisations.load_named(session, application.units)
    reindex(session, application, names)
    ask_again(session, application, earlier_terms)
    invite(session, application, names, [code for code in new_members if code != application.lead])
    _notify_removed_units(session, application, sorted(set(rows) - set(application.units)))


def _notify_removed_units(session: Session, application: Application, codes: list[str]) -> None:
    """Notify the organisations that were asked to confirm and that the application no longer names."""
    if codes:
        names = organisations.load_named(session, [*codes, *([application.lead] if application.lead else [])])
        members: list[AddressedMember] = [
            {"uscc": code, "name": names[code].name, "registered": names[code].registered} for code in codes
        ]
        version = verdict.terms(application).version
        timeline.notify_members(session, application, "member.removed", members, lead_of(application, names), version)


def _follow_call(session: Session, clock: Clock, application: Application, change: ApplicationChangeMembers) -> None:
    """If the lead moves the application to another call, apply that call's policy and dates to it."""
    if "call_id" not in change or change["call_id"] == application.call_id:
        return
    if application.special:
        raise Invalid.field("/call_id", "special_case_has_no_call", "“一事一议”没有申报通知。", "A special case has no call.")
    call = call_for(session, change["call_id"])
    if application.lead:
        require_only_one(session, clock, application.lead, call.id, but=application.id)
    application.call_id, application.policy, application.as_of = call.id, call.policy, local_date(call.opens_at)


def _refuse_foreign_lead(application: Application, actor: Actor, change: ApplicationChangeMembers) -> None:
    if not application.special and "lead" in change and change["lead"] != actor.organisation:
        raise Forbidden(
            "lead_not_yours",
            "只能以本单位为牵头单位；请由新的牵头单位另行发起申请。",
            "An application is led by your own organisation; another lead starts its own.",
        )


def _require_version(application: Application, if_match: str | None) -> None:
    if if_match is not None and if_match != str(application.revision):
        raise PreconditionFailed(
            "version_changed",
            "申请已被修改，请重新读取后再改。",
            "The application has changed since; read it again and repeat your change.",
            etag=str(application.revision),
        )
