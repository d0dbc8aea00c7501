"""A member confirms by its own account that it joins, or declines (A5(3)1, A4(4))."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.application import verdict
from services.application.access import Reader, reader
from services.application.commands.start_application import lead_of
from services.application.domain.application import Application
from services.application.repository import cases, organisations, timeline
from services.application.serializers.command_answer import application_answer
from services.application.tables import units
from services.contracts.application.application_responses import ApplicationAnswerDict
from services.contracts.application.event_parts import AddressedMember
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Forbidden
from services.kernel.identity import Actor


def confirm_membership(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    decision: str,
    reason: str | None = None,
    agreement_version: str | None = None,
) -> ApplicationAnswerDict:
    """Confirm (or decline) the present terms: lead, members, tiers, operating systems, agreement (A5(3)1).

    Raises NotFound, Forbidden if the organisation is no member, Conflict if the application is submitted, if `agreement_version`
    is not the present one, or if the organisation has not registered yet.
    """
    application = cases.application(session, id, lock=True)
    code = _require_member(session, actor, application)
    application.require_editable()
    application.require_correctable(clock.now())
    organisations_by_code = organisations.load_named(session, [code, *([application.lead] if application.lead else [])])
    if not organisations_by_code[code].registered:
        raise Conflict(
            "organisation_not_registered",
            "请先填写本单位信息，再确认参与。",
            "Enter your organisation's data first, then confirm.",
            status=application.status,
        )
    now = verdict.terms(application)
    if agreement_version not in (None, now.version):
        raise Conflict(
            "agreement_changed",
            "组建协议、成员、层级或制度已修改，请查看现行内容后重新确认。",
            "Agreement, members, tiers or operating systems have changed; look at them as they stand and confirm again.",
            status=application.status,
            agreement_version=now.version,
        )
    answer = {
        "decision": decision,
        "core": now.core if decision == "confirm" else None,
        "paper": now.paper if decision == "confirm" else None,
        "reason": reason,
        "decided_at": clock.now(),
        "decided_by": actor.username,
    }
    session.execute(update(units).where(units.c.application_id == id, units.c.uscc == code).values(**answer))
    member: AddressedMember = {"uscc": code, "name": organisations_by_code[code].name, "registered": True}
    lead = lead_of(application, organisations_by_code)
    if decision == "confirm":
        timeline.notify_members(session, application, "member.confirmed", [member], lead, now.version)
    else:
        timeline.notify_members(session, application, "member.declined", [member], lead, now.version, reason=reason)
    return application_answer(session, application)


def _require_member(session: Session, actor: Actor, application: Application) -> str:
    """Return the code of the actor's organisation. Raises Forbidden unless the organisation is a member of the application."""
    actor.require("applicant")
    if reader(session, actor, application) != Reader("party") or actor.organisation in (None, application.lead):
        raise Forbidden(
            "not_a_member",
            "只有申请列入的参与单位可以确认；牵头单位无需确认。",
            "Only its members confirm; the lead need not.",
        )
    return actor.organisation
