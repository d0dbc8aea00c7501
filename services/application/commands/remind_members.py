"""The lead reminds the members that have not confirmed (A5(3)1)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from services.application import verdict
from services.application.access import require_lead
from services.application.commands.start_application import lead_of
from services.application.domain.application import Application
from services.application.repository import cases, organisations, timeline
from services.contracts.application.application_responses import RemindedAnswerDict
from services.contracts.application.event_parts import AddressedMember
from services.kernel.clock import Clock
from services.kernel.errors import Conflict
from services.kernel.identity import Actor

#: The shortest time between two reminders of one application.
PAUSE = timedelta(days=1)
REMINDED = "member.reminded"


def remind_members(session: Session, clock: Clock, actor: Actor, id: str) -> RemindedAnswerDict:
    """Remind every member whose confirmation is missing, or void because the terms changed. Members that declined are not
    reminded. Return the reminded members.

    Raises NotFound, Forbidden for parties other than the lead, Conflict if the application is submitted, if no confirmation is
    missing, or if the last reminder is less than a day ago.
    """
    application = cases.application(session, id, lock=True)
    require_lead(session, actor, application)
    application.require_editable()
    application.require_correctable(clock.now())
    missing = _missing(session, application)
    if not missing:
        raise Conflict(
            "no_confirmation_missing",
            "没有待确认的参与单位，无需提醒。",
            "No member's confirmation is missing.",
            status=application.status,
        )
    last = timeline.newest(session, timeline.subject_of(application), REMINDED)
    if last is not None and clock.now() < last.at + PAUSE:
        raise Conflict(
            "reminded_already",
            "一天内已提醒过，请稍后再提醒。",
            "They were reminded within the last day; please wait.",
            status=application.status,
            again_at=(last.at + PAUSE).isoformat(),
        )
    organisations_by_code = organisations.load_named(session, [*missing, *([application.lead] if application.lead else [])])
    members: list[AddressedMember] = [
        {"uscc": code, "name": organisations_by_code[code].name, "registered": organisations_by_code[code].registered}
        for code in missing
    ]
    timeline.request_confirmations(
        session, application, REMINDED, members, lead_of(application, organisations_by_code), verdict.terms(application).version
    )
    return {"reminded": [{"uscc": member["uscc"], "name": member["name"]} for member in members]}


def _missing(session: Session, application: Application) -> list[str]:
    """Return the members that have not answered, and those that confirmed earlier terms."""
    rows = cases.unit_rows(session, application.id)
    confirmed = verdict.confirmed(rows, verdict.terms(application))
    declined = {code for code, row in rows.items() if row.decision == "decline"}
    members = dict.fromkeys(member["organisation"] for member in application.members if member["organisation"])
    return [code for code in members if code not in confirmed and code not in declined]
