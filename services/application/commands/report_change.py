"""The lead reports a change before it takes effect, and the units concerned confirm the change (A5(4)7, A12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.orm import Session

from services.application.access import lock_led_consortium
from services.application.commands.evaluate_change import composition
from services.application.commands.publish_change_event import publish_change_event
from services.application.commands.publish_ground import publish_ground
from services.application.commands.request_change import proposed_units, request
from services.application.domain.change import Change, asked_to_confirm, conflict, units_concerned
from services.application.domain.change_reporting_period import Excuse, is_late
from services.application.domain.change_requirements import cases_of, lacking_papers, main_task_claimed, unstated
from services.application.domain.composition import Composition, renamed
from services.application.domain.consortium import Consortium
from services.application.repository import changes, organisations, register, watches
from services.application.serializers import register_serializers
from services.contracts.application.change_requests import ChangeReportDict
from services.contracts.application.change_responses import ChangeAnswerDict
from services.contracts.application.register_payloads import ChangeAnswered, ChangeReported, ChangeSupplemented
from services.contracts.organisation_name import OrganisationName
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, FieldError, Forbidden, Invalid, Text
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence import unit_of_work
from services.policy import Policies, Policy


def report_change(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    change: ChangeReportDict,
    documents_statement: str | None = None,
) -> ChangeAnswerDict:
    """Report a change. A report is never refused for its date: a late report gives the reason, and the province examines it (A12,
    A14(1)). If no unit has to confirm, the change is sent to the recommender at once.

    Raises NotFound, Forbidden, Conflict for a late report without a reason or if another pending change concerns the same unit,
    the lead or the same entry of the register, Invalid for an impossible unit and for missing documents and statements.
    """
    consortium = lock_led_consortium(session, actor, id)
    policy = policies.in_force(clock.today())
    papers = verified_attachments(verifier, documents_statement, change["documents"], subject=f"consortium/{id}")
    before = composition(session, consortium)
    after, composition_errors = before.after(change["kind"], change["detail"])
    if errors := (*composition_errors, *_report_errors(clock, policy, consortium, change, papers)):
        raise Invalid("invalid_change", "变更报告有误，请按提示修改。", "The change has mistakes.", errors=errors)
    effective_on = date.fromisoformat(change["effective_on"])
    excuse = _excuse(session, consortium, change, before)
    late = is_late(policy.changes, effective_on, clock.today(), change["late_reason"], excuse)
    _require_free(session, consortium, change)
    joining = [code for code in after.units if code not in before.units]
    organisations.ensure_rows(session, dict.fromkeys(joining), clock.now())
    reported = _new_change(clock, actor, policy, consortium, change, papers, after, joining, late=late)
    session.add(reported)
    session.flush()
    changes.ask(session, reported.id, [unit["organisation"] for unit in reported.asking])
    _publish_reported(session, reported, consortium)
    if not reported.asking:
        request(session, clock, policy, reported, consortium)
    return register_serializers.change(reported, changes.confirmations(session, reported.id))


def confirm_change(
    session: Session,
    clock: Clock,
    policies: Policies,
    actor: Actor,
    id: str,
    change: str,
    decision: str,
    reason: str | None = None,
) -> ChangeAnswerDict:
    """Confirm or decline a change, by the own account of a unit that joins, gets another tier or becomes the lead. When all these
    units have confirmed, the change is sent to the recommender (A12).

    Raises NotFound, Forbidden for a unit that need not confirm, Conflict once the change no longer waits for confirmations and
    for an organisation that has not registered yet.
    """
    actor.require("applicant")
    consortium = register.consortium(session, id, lock=True)
    reported = changes.change(session, id, change, lock=True)
    code = _require_asked(session, actor, reported, consortium)
    reported.require_awaiting()
    answer = {"decision": decision, "reason": reason, "decided_at": clock.now(), "decided_by": actor.username}
    changes.answer(session, change, code, answer)
    names = organisations.names(session, [code])
    event = ChangeAnswered(organisation={"uscc": code, "name": names.get(code)}, decision=decision, reason=reason)
    publish_change_event(session, "change.answered", reported, consortium, event, before=reported.state())
    answers = changes.confirmations(session, change)
    if all(row.decision == "confirm" for row in answers.values()):
        with unit_of_work.as_system(session):
            request(session, clock, policies.get(reported.policy), reported, consortium)
    return register_serializers.change(reported, answers)


def supplement_change(
    session: Session,
    verifier: Verifier,
    actor: Actor,
    id: str,
    change: str,
    documents: list[str],
    documents_statement: str | None = None,
) -> ChangeAnswerDict:
    """The lead adds documents to a change that is not decided yet, for example those that the change needs because the
    recommender judges that a leaving member has a main task (A12). Raises NotFound, Forbidden, Conflict, Invalid for documents
    that do not exist."""
    consortium = lock_led_consortium(session, actor, id)
    reported = changes.change(session, id, change, lock=True)
    papers = verified_attachments(verifier, documents_statement, documents, subject=f"consortium/{id}")
    before = reported.state()
    reported.supplement(papers)
    event = ChangeSupplemented(documents=reported.papers)
    publish_change_event(session, "change.supplemented", reported, consortium, event, before=before)
    return register_serializers.change(reported, changes.confirmations(session, change))


def _report_errors(
    clock: Clock, policy: Policy, consortium: Consortium, change: ChangeReportDict, papers: Sequence[Mapping[str, str]]
) -> list[FieldError]:
    """Return the field errors of a report of a change, for its gaps and mistakes. The errors of the changed units are not among
    them."""
    kind, detail = change["kind"], change["detail"]
    errors = unstated(kind, detail, change)
    errors += lacking_papers(policy, cases_of(kind, main_member=main_task_claimed(kind, detail)), papers)
    if kind == "name" and detail["name"] == consortium.name:
        errors.append(FieldError("/detail/name", "unchanged", Text("名称与现名相同。", "This is its present name.")))
    if change["unforeseen"] and date.fromisoformat(change["unforeseen"]["known_on"]) > clock.today():
        text = Text("知悉日期不能晚于今天。", "The day it became known cannot lie ahead.")
        errors.append(FieldError("/unforeseen/known_on", "date_ahead", text))
    return errors


def _excuse(session: Session, consortium: Consortium, change: ChangeReportDict, before: Composition) -> Excuse:
    """Return the facts that may excuse a report made after the change took effect: the change could not be foreseen, or the lead
    was asked to report it."""
    units = units_concerned(change["kind"], change["detail"], before.units)
    asked_until = [
        watch.due_on for watch in watches.unsettled(session, consortium.id) if watch.answered_by(units) and watch.due_on
    ]
    known_on = date.fromisoformat(change["unforeseen"]["known_on"]) if change["unforeseen"] else None
    return Excuse(known_on, max(asked_until, default=None))


def _new_change(
    clock: Clock,
    actor: Actor,
    policy: Policy,
    consortium: Consortium,
    change: ChangeReportDict,
    papers: list[dict[str, str]],
    after: Composition,
    joining: list[str],
    *,
    late: bool,
) -> Change:
    return Change(
        id=new_id(),
        consortium_id=consortium.id,
        recommender=consortium.recommender,
        effective_on=date.fromisoformat(change["effective_on"]),
        late=late,
        status="awaiting_confirmations",
        stage=None,
        policy=policy.ref,
        papers=papers,
        proposed=proposed_units(after),
        joining=joining,
        asked=asked_to_confirm(change["kind"], change["detail"]),
        findings=[],
        decision=None,
        knowingly=False,
        reported_on=clock.today(),
        reported_by=actor.username,
        took_effect_on=None,
        revision=1,
        created_at=clock.now(),
        kind=change["kind"],
        detail=change["detail"],
        reason=change["reason"],
        unforeseen=change["unforeseen"],
        late_reason=change["late_reason"],
        technical_need=change["technical_need"],
        task_source=change["task_source"],
    )


def _publish_reported(session: Session, change: Change, consortium: Consortium) -> None:
    names = organisations.names(session, [unit["organisation"] for unit in change.asking])

    def units_asked_as(role: str) -> list[OrganisationName]:
        codes = [unit["organisation"] for unit in change.asking if unit["as"] == role]
        return [{"uscc": code, "name": names.get(code)} for code in codes]

    event = ChangeReported(
        joining=units_asked_as("joins"),
        moving=units_asked_as("tier"),
        new_lead=next(iter(units_asked_as("leads")), None),
        confirm_by=change.effective_on if change.asking else None,
        late=change.late,
    )
    publish_change_event(session, "change.reported", change, consortium, event, before=None)
    if change.late:
        publish_ground(session, consortium, "reported_late", change.late_reason, change.subject)


def _require_asked(session: Session, actor: Actor, change: Change, consortium: Consortium) -> str:
    code = actor.organisation
    if code is None or code not in {unit["organisation"] for unit in change.asking}:
        if code is not None and register.is_unit(session, consortium.id, code):
            raise Forbidden(
                "not_joining",
                "只有拟加入、调整层级或拟任牵头的单位需要确认。",
                "Only units that join, get another tier or are to lead confirm.",
            )
        raise changes.no_change()
    if not organisations.load_named(session, [code])[code].registered:
        raise Conflict(
            "organisation_not_registered",
            "请先填写本单位信息，再确认。",
            "Enter your organisation's data first, then confirm.",
            status=change.status,
        )
    return code


def _require_free(session: Session, consortium: Consortium, change: ChangeReportDict) -> None:
    """Raise Conflict if another pending change concerns the same unit, the lead or the same entry of the register. Changes that
    concern different things may be pending together."""
    successors = changes.successors(session)
    for pending_change in changes.pending(session, consortium.id):
        pending = (pending_change.kind, renamed(pending_change.kind, pending_change.detail, successors))
        if conflict((change["kind"], change["detail"]), pending, consortium.lead):
            raise Conflict(
                "change_pending",
                "涉及同一单位、牵头单位或同一事项的另一项变更正在办理，请待其办结或撤回后再报告。",
                "Another change of the same unit, lead or entry is under way; wait for its end or withdraw it.",
                status=pending_change.status,
                change=pending_change.id,
                article="A12",
            )
