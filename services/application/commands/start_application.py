"""A lead starts an application, or the province starts a special case (A6(1), A8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from services.application import verdict
from services.application.access import require_province
from services.application.domain.application import Application
from services.application.domain.call import Call
from services.application.domain.content import EMPTY, NamedMember, merged, mistakes
from services.application.domain.recommender import home_bureau
from services.application.repository import cases, organisations, search, timeline
from services.application.repository.organisations import NamedOrganisation
from services.application.serializers.command_answer import application_answer
from services.contracts.application.application_requests import ApplicationStartMembers
from services.contracts.application.application_responses import ApplicationAnswerDict
from services.contracts.application.event_parts import AddressedMember, NamedLead
from services.kernel.clock import Clock, local_date
from services.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Text
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def start_application(
    session: Session, clock: Clock, policies: Policies, actor: Actor, application: ApplicationStartMembers
) -> ApplicationAnswerDict:
    """Open a draft and invite the members that it names. A draft may be incomplete, except for its call or basis (A6(1), A8).

    Raises Invalid for members listed twice, a call that takes no applications or a special case without basis, Forbidden if the
    lead is not the actor's organisation, Conflict if the call was cancelled or the lead has an open application in it.
    """
    special = application.get("channel") == "special_case"
    lead = application.get("lead")
    if special:
        require_province(actor)
        policy, as_of = policies.in_force(clock.today()).ref, clock.today()
    else:
        lead = _lead_organisation(actor, lead)
        policy, as_of = _from_call(call_for(session, application.get("call_id")))
    require_consistent(lead, application.get("members") or [], _basis_errors(application) if special else ())
    if lead and not special:
        require_only_one(session, clock, lead, application["call_id"] or "")
    draft = _new_draft(clock, application, lead, policy, as_of)
    organisations.ensure_rows(session, dict.fromkeys(draft.units), clock.now())
    session.add(draft)
    session.flush()
    cases.set_units(session, draft.id, draft.units, ())
    organisations_by_code = organisations.load_named(session, draft.units)
    reindex(session, draft, organisations_by_code)
    unit_of_work.audit_only(
        session,
        "application.started",
        timeline.subject_of(draft),
        bureau=home_bureau(draft.recommender),
        article="A8" if special else "A6(1)",
        after=draft.state(),
    )
    timeline.add_line(session, timeline.subject_of(draft), "application.started", article="A8" if special else "A6(1)")
    invite(session, draft, organisations_by_code, [member["organisation"] for member in draft.members])
    return application_answer(session, draft)


def call_for(session: Session, id: str | None) -> Call:
    """Return the call that an application names. Raises Invalid if the call does not exist or takes no applications, Conflict if
    it was cancelled."""
    try:
        call = cases.call(session, id or "")
    except NotFound as error:
        raise Invalid.field("/call_id", "unknown_call", "请填写有效的申报通知编号。", "Name a call that exists.") from error
    if call.kind != "formation":
        raise Invalid.field(
            "/call_id",
            "not_a_formation_call",
            "该通知不受理组建申请，请选择组建类申报通知。",
            "This call takes no formation applications; name one that does.",
        )
    call.require_standing()
    return call


def require_only_one(session: Session, clock: Clock, lead: str, call: str, but: str | None = None) -> None:
    """Raise Conflict if the lead has another open application in the call; the error names it. `but`: the id of an application
    that does not count. The lead's row stays locked, so that of two concurrent applications one is refused."""
    organisations.ensure_rows(session, {lead: None}, clock.now())
    organisations.by_code(session, [lead], lock=True)
    other_application = cases.open_in_call(session, lead, call, but)
    if other_application is not None:
        raise Conflict(
            "application_open_in_call",
            "本单位在该申报通知下已有一项未办结的申请，一个牵头单位同时只能有一项；请在原申请中办理，或撤回后再发起。",
            "Your organisation has an open application in this call; a lead has at most one. Continue it, or withdraw it.",
            status=other_application.status,
            application=other_application.id,
        )


def require_consistent(lead: str | None, members: Sequence[NamedMember], more: tuple[FieldError, ...] = ()) -> None:
    """Raise Invalid for mistakes that are not even allowed in a draft."""
    if errors := (*mistakes(lead, members), *more):
        raise Invalid("invalid_application", "申请内容有误，请按提示修改。", "The application has mistakes.", errors=errors)


def reindex(session: Session, application: Application, organisations_by_code: Mapping[str, NamedOrganisation]) -> None:
    """Put the names of the application and of its lead into the search index."""
    lead = organisations_by_code.get(application.lead or "")
    text = search.searchable(application.name, application.lead, lead.name if lead else None)
    search.index_text(session, "application", application.id, text, application.searchable)
    application.searchable = text


def invite(
    session: Session, application: Application, organisations_by_code: Mapping[str, NamedOrganisation], codes: list[str]
) -> None:
    """Ask these members to confirm the application. A member that is not on the platform yet is invited to register first
    (A5(3)1)."""
    now = verdict.terms(application).version
    timeline.request_confirmations(
        session,
        application,
        "member.invited",
        _addressed_members(organisations_by_code, codes),
        lead_of(application, organisations_by_code),
        now,
    )


def _addressed_members(organisations_by_code: Mapping[str, NamedOrganisation], codes: list[str]) -> list[AddressedMember]:
    return [
        {"uscc": code, "name": organisations_by_code[code].name, "registered": organisations_by_code[code].registered}
        for code in codes
    ]


def lead_of(application: Application, organisations_by_code: Mapping[str, NamedOrganisation]) -> NamedLead:
    """Return the event fields that identify the lead."""
    lead = organisations_by_code.get(application.lead or "")
    return {"uscc": application.lead or "", "name": lead.name if lead else None}


def _lead_organisation(actor: Actor, lead: str | None) -> str:
    actor.require("applicant")
    if actor.organisation is None or lead not in (None, actor.organisation):
        raise Forbidden(
            "lead_not_yours",
            "只能以本单位为牵头单位发起申请。",
            "An application is started by its lead: name your own organisation.",
        )
    return actor.organisation


def _from_call(call: Call) -> tuple[str, date]:
    return call.policy, local_date(call.opens_at)


def _basis_errors(application: ApplicationStartMembers) -> tuple[FieldError, ...]:
    if application.get("basis"):
        return ()
    text = Text("“一事一议”须填写依据。", "A special case needs its basis.")
    return (FieldError("/basis", "required", text),)


def _new_draft(clock: Clock, start: ApplicationStartMembers, lead: str | None, policy: str, as_of: date) -> Application:
    special = start.get("channel") == "special_case"
    content = merged(EMPTY, start)
    return Application(
        id=new_id(),
        channel="special_case" if special else "call",
        call_id=None if special else start["call_id"],
        policy=policy,
        as_of=as_of,
        status="draft",
        stage=None,
        round=0,
        version=0,
        revision=1,
        name=content["name"],
        field=content["field"],
        lead=lead,
        recommender=start.get("recommender"),
        content=content,
        basis=start.get("basis") if special else None,
        agreement={},
        at_province=special,
        returned=None,
        correction_due=None,
        decision=None,
        publicity_ends=None,
        reason=None,
        consortium_id=None,
        searchable="",
        created_at=clock.now(),
        submitted_at=None,
        updated_at=clock.now(),
    )
