"""An organisation is renamed with a new code, or merged into another: the register links old and new (A12)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import insert
from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.commands.apply_change_opinion import publish_entry_change
from services.application.commands.hand_over import follow_lead
from services.application.commands.reevaluate_application import affected, recheck_all
from services.application.commands.reevaluate_consortium import evaluate_all
from services.application.commands.verify_organisation import follow_edit
from services.application.domain.organisation import Organisation
from services.application.repository import changes, organisations, quotas, register, timeline
from services.application.repository.register import EnteredUnit
from services.application.tables import successions
from services.contracts.application.change_requests import SuccessionDict
from services.contracts.application.change_responses import SuccessionAnswerDict
from services.contracts.application.payloads import OrganisationSucceeded
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def succeed_organisation(
    session: Session, clock: Clock, policies: Policies, actor: Actor, uscc: str, succession: SuccessionDict
) -> SuccessionAnswerDict:
    """Replace the organisation by its successor in every consortium and in its quotas. Records under the old code stay readable,
    and both codes are linked. Every consortium of either organisation is evaluated again.

    Raises Forbidden for any actor but the province, NotFound, Invalid, Conflict if the organisation has a successor already.
    """
    require_province(actor)
    successor = succession["successor"]
    if successor == uscc:
        raise Invalid.field("/successor", "same_organisation", "继受单位不能是其自身。", "It cannot succeed itself.")
    consortia, open_cases = affected(session, uscc, successor)
    if uscc not in organisations.by_code(session, [uscc], lock=True):
        raise NotFound("organisation_not_found", "没有这一单位。", "There is no such organisation.")
    if date.fromisoformat(succession["effective_on"]) > clock.today():
        raise Invalid.field("/effective_on", "date_ahead", "生效日期不能晚于今天。", "The date cannot lie ahead.")
    followed = changes.successors(session)
    if uscc in followed:
        raise Conflict("already_succeeded", "该单位已登记继受单位。", "It has a successor already.", article="A12")
    if successor in followed:
        raise Invalid.field(
            "/successor", "successor_gone", "继受单位自身已被继受，请填写现存单位。", "The successor has been succeeded itself."
        )
    organisations.ensure_rows(session, {successor: succession["name"]}, clock.now())
    row = {
        "predecessor": uscc,
        "successor": successor,
        "kind": succession["kind"],
        "effective_on": date.fromisoformat(succession["effective_on"]),
        "reason": succession["reason"],
        "entered_by": actor.username,
        "entered_at": clock.now(),
    }
    session.execute(insert(successions), row)
    _end_legal_person(session, clock, organisations.by_code(session, [uscc], lock=True)[uscc])
    joined = changes.consortia_of(session, uscc)
    for id in joined:
        _replace_unit(session, clock, id, uscc, successor)
    for pending in changes.pending_with(session, uscc):
        changes.move_place(session, pending.subject, uscc, successor, clock.now())
    event = OrganisationSucceeded(
        predecessor=uscc,
        successor=successor,
        kind=succession["kind"],
        effective_on=date.fromisoformat(succession["effective_on"]),
        consortia=joined,
    )
    unit_of_work.record_change(
        session, "organisation.succeeded", f"organisation/{uscc}", event, bureau=PROVINCE, article="A12", after=event.to_dict()
    )
    evaluate_all(session, clock, policies, consortia, "succeeded")
    recheck_all(session, clock, policies, open_cases)
    for consortium in consortia:
        if consortium.lead == successor:
            follow_lead(session, clock, policies, consortium)
    return {
        "predecessor": uscc,
        "successor": successor,
        "kind": succession["kind"],
        "effective_on": succession["effective_on"],
        "consortia": joined,
        "reason": succession["reason"],
    }


def _end_legal_person(session: Session, clock: Clock, organisation: Organisation) -> None:
    """Record that the organisation is no longer a legal person of its own, so that the open applications which list it fail (C2,
    L1). The verification of the fact that it is a legal person ends."""
    if organisation.legal_person:
        data = organisation.snapshot()
        organisation.replace({**data, "legal_person": False}, clock.now())
        follow_edit(session, clock, data, organisation)


def _replace_unit(session: Session, clock: Clock, id: str, old_code: str, new_code: str) -> None:
    """Replace `old_code` by `new_code` in one consortium. If the successor is a unit already, the two become one unit: the
    first entry in the order of units remains, and the lead is first."""
    consortium = register.consortium(session, id, lock=True)
    units: list[EnteredUnit] = []
    replaced_codes: set[str] = set()
    for unit in register.units_of(session, id):
        code = new_code if unit.uscc == old_code else unit.uscc
        if code not in replaced_codes:
            units.append({"uscc": code, "tier": unit.tier, "role": unit.role})
        replaced_codes.add(code)
    changes.move_place(session, f"consortium/{id}", old_code, new_code, clock.now())
    register.replace_units(session, id, units)
    consortium.lead = new_code if consortium.lead == old_code else consortium.lead
    quotas.update_units(session, f"consortium/{id}", replaced_codes, consortium.lead, clock.now())
    publish_entry_change(session, clock, consortium, "succession")
    detail = {"predecessor": old_code, "successor": new_code}
    timeline.add_line(session, f"consortium/{id}", "organisation.succeeded", article="A12", detail=detail, public=True)
