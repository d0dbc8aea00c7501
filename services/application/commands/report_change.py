"""The lead reports a change before it takes effect, and whoever joins by it confirms (A5(4)7, A12)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.application import answers_register
from services.application.access import led_consortium
from services.application.commands.judge_change import composition, judge
from services.application.domain.change import TITLES, Change, cases_of, is_late, lacking_papers, unstated
from services.application.domain.consortium import Consortium
from services.application.domain.places import Limits
from services.application.repository import changes, journal, organisations, places, register
from services.kernel import work
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, FieldError, Forbidden, Invalid, Text
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.papers import handed_in
from services.kernel.signing import Verifier
from services.policy import Policies, Policy

KIND = "change"
#: Not reported as required, or no longer meeting the basic conditions after a change.
GROUND = "A14(1)"


def report_change(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    change: dict[str, Any],
    documents_statement: str | None = None,
) -> dict[str, Any]:
    """Report a change. It is never refused for its date: one that happened already is late, says why, and the province looks into
    it (A12, A14(1)). Where nobody joins it goes to the recommender at once.

    Raises NotFound, Forbidden, Conflict for a late one without a reason and for one that crosses a pending one, Invalid for a
    unit that cannot be meant and for documents and statements that lack."""
    consortium = led_consortium(session, actor, id)
    policy = policies.in_force(clock.today())
    papers = handed_in(verifier, documents_statement, change["documents"], subject=f"consortium/{id}")
    effective_on, kind = date.fromisoformat(change["effective_on"]), change["kind"]
    before = composition(session, consortium)
    after, wrong = before.after(kind, change["detail"])
    lacking = lacking_papers(policy, cases_of(kind, change["detail"]), papers)
    if kind == "name" and change["detail"]["name"] == consortium.name:
        text = Text("名称与现名相同。", "This is its present name.")
        wrong.append(FieldError("/detail/name", "unchanged", text))
    if errors := (*wrong, *unstated(kind, change["detail"], change), *lacking):
        raise Invalid("invalid_change", "变更报告有误，请按提示修改。", "The change has mistakes.", errors=errors)
    late = is_late(policy.changes, effective_on, clock.today(), change["late_reason"])
    _require_free(session, consortium, kind)
    joining = [code for code in after.units if code not in before.units]
    organisations.mention(session, dict.fromkeys(joining), clock.now())
    found = Change(
        id=new_id(),
        consortium_id=id,
        recommender=consortium.recommender,
        kind=kind,
        effective_on=effective_on,
        detail=change["detail"],
        reason=change["reason"],
        late_reason=change["late_reason"],
        technical_need=change["technical_need"],
        task_source=change["task_source"],
        late=late,
        status="awaiting_confirmations",
        stage=None,
        policy=policy.ref,
        papers=papers,
        proposed={
            "lead": after.lead,
            "members": [{"organisation": code, "tier": tier, "role": role} for code, (tier, role) in after.members.items()],
        },
        joining=joining,
        findings=[],
        decision=None,
        knowingly=False,
        reported_on=clock.today(),
        reported_by=actor.username,
        took_effect_on=None,
        revision=1,
        created_at=clock.now(),
    )
    session.add(found)
    session.flush()
    changes.ask(session, found.id, joining)
    _say_reported(session, found, consortium)
    if not joining:
        request(session, clock, policy, found, consortium)
    return answers_register.change(found, changes.confirmations(session, found.id))


def confirm_change(
    session: Session,
    clock: Clock,
    policies: Policies,
    actor: Actor,
    id: str,
    change: str,
    decision: str,
    reason: str | None = None,
) -> dict[str, Any]:
    """Who is to join confirms by its own account, or declines; when all have confirmed, the recommender's turn comes (A12).

    Raises NotFound, Forbidden for who does not join, Conflict once it has gone on and for who has not registered yet."""
    actor.require("applicant")
    consortium = register.consortium(session, id, lock=True)
    found = changes.change(session, id, change, lock=True)
    code = _joining(session, actor, found, consortium)
    if found.status != "awaiting_confirmations":
        raise found.refused("not_awaiting", "该变更已不在确认阶段。", "It does not wait for confirmations any more.")
    answer = {"decision": decision, "reason": reason, "decided_at": clock.now(), "decided_by": actor.username}
    changes.answer(session, change, code, answer)
    names = organisations.names(session, [code])
    told = {"organisation": {"uscc": code, "name": names.get(code)}, "decision": decision, "reason": reason}
    happened(session, "change.answered", found, consortium, told, before=found.state())
    given = changes.confirmations(session, change)
    if all(row.decision == "confirm" for row in given.values()):
        request(session, clock, policies.get(found.policy), found, consortium)
    return answers_register.change(found, given)


def withdraw_change(session: Session, clock: Clock, actor: Actor, id: str, change: str, reason: str) -> dict[str, Any]:
    """The lead takes it back before the decision; the places asked for are free again. Raises NotFound, Forbidden, Conflict."""
    consortium = led_consortium(session, actor, id)
    found = changes.change(session, id, change, lock=True)
    before = found.state()
    found.withdraw()
    places.free(session, found.subject, clock.now())
    happened(session, "change.withdrawn", found, consortium, {"reason": "withdrawn", "comment": reason}, before=before)
    return answers_register.change(found, changes.confirmations(session, change))


def end_changes(session: Session, clock: Clock, consortium: Consortium, why: str) -> None:
    """The consortium is gone: what was reported and is not in effect ends; `why` is revoked or dissolved."""
    for found in changes.pending(session, consortium.id):
        before = found.state()
        found.lapse()
        places.free(session, found.subject, clock.now())
        happened(session, "change.withdrawn", found, consortium, {"reason": why}, before=before)


def request(session: Session, clock: Clock, policy: Policy, change: Change, consortium: Consortium) -> None:
    """The recommender's turn: the rules are computed on what is proposed, and those who join get their places (L6, M3)."""
    before = change.state()
    findings, standing = judge(session, clock, policy, consortium, change)
    limits, lead = Limits.of(policy), change.proposed["lead"]
    wanted = [*change.joining, *([lead] if lead != consortium.lead else [])]
    if wanted:
        within = f"consortium/{consortium.id}"
        places.reserve(session, change.subject, wanted, lead, standing, limits, clock.now(), again=False, within=within)
    part = policy.review_part(KIND)
    stage = policy.pipeline(KIND)[0]
    change.request(stage.name, findings)
    units = [lead, *(unit["organisation"] for unit in change.proposed["members"])]
    data = {
        "round": 1,
        "title": f"{consortium.name} · {TITLES[change.kind]}",
        "field": consortium.field,
        "units": units,
        "call": None,
        "policy": policy.ref,
        "stage": stage.name,
        "pipeline": part["stages"],
        "questions": part["questions"],
        "waivable": part["waivable"],
        "findings": findings,
        "documents": change.papers,
        "approvable_knowingly": True,
        "report": {
            name: getattr(change, name)
            for name in ("detail", "reason", "late", "late_reason", "technical_need", "task_source", "proposed")
        }
        | {"effective_on": change.effective_on.isoformat(), "change": change.kind},
    }
    happened(session, "change.requested", change, consortium, data | {"kind": KIND}, before=before, article=stage.citation)


def happened(
    session: Session,
    type: str,
    change: Change,
    consortium: Consortium,
    data: Mapping[str, Any],
    *,
    before: Any,
    article: str = "A12",
    bureau: str | None = None,
    public: bool = False,
) -> None:
    """Something happened to a change: told, audited, and kept in the consortium's timeline."""
    name = organisations.names(session, [consortium.lead]).get(consortium.lead)
    about = {
        "change": change.id,
        "consortium": consortium.id,
        "number": consortium.number,
        "name": consortium.name,
        "lead": {"uscc": consortium.lead, "name": name},
        "what": change.kind,
        "effective_on": change.effective_on.isoformat(),
        "version": 1,
    }
    work.emit(
        session,
        type,
        change.subject,
        about | dict(data),
        bureau=bureau or consortium.recommender,
        recommender=consortium.recommender,
        article=article,
        before=before,
        after=change.state(),
    )
    names = ("organisation", "decision", "reason", "comment", "stage", "next_stage", "outcome")
    detail = {"change": change.id, "kind": change.kind} | {key: data[key] for key in names if key in data}
    journal.keep(session, f"consortium/{consortium.id}", type, article=article, detail=detail, public=public)


def arise(
    session: Session, consortium: Consortium, reason: str, said: str | None, source: str | None, *, confirmed: bool = False
) -> None:
    """Ground 1 has arisen: evaluation proposes to take the recognition back, or, `confirmed`, opens that case at once."""
    name = organisations.names(session, [consortium.lead]).get(consortium.lead)
    data = {
        "consortium": consortium.id,
        "number": consortium.number,
        "name": consortium.name,
        "lead": {"uscc": consortium.lead, "name": name},
        "ground": GROUND,
        "reason": reason,
        "said": said,
        "source": source,
        "confirmed": confirmed,
    }
    home = consortium.recommender
    subject = f"consortium/{consortium.id}"
    work.emit(session, "ground.arisen", subject, data, bureau=home, recommender=home, article=GROUND, after=data)
    journal.keep(session, subject, "ground.arisen", article=GROUND, detail={"reason": reason, "source": source})


def _say_reported(session: Session, change: Change, consortium: Consortium) -> None:
    names = organisations.names(session, change.joining)
    asked = {
        "joining": [{"uscc": code, "name": names.get(code)} for code in change.joining],
        "confirm_by": change.effective_on.isoformat() if change.joining else None,
    }
    happened(session, "change.reported", change, consortium, asked | {"late": change.late}, before=None)
    if change.late:
        arise(session, consortium, "reported_late", change.late_reason, change.subject)


def _joining(session: Session, actor: Actor, change: Change, consortium: Consortium) -> str:
    code = actor.organisation
    if code is None or code not in change.joining:
        if code is not None and register.is_unit(session, consortium.id, code):
            raise Forbidden("not_joining", "只有拟加入的单位需要确认。", "Only those who join confirm.")
        raise changes.no_change()
    if not organisations.named(session, [code])[code].registered:
        raise Conflict(
            "organisation_not_registered",
            "请先填写本单位信息，再确认加入。",
            "Enter your organisation's data first, then confirm.",
            status=change.status,
        )
    return code


def _require_free(session: Session, consortium: Consortium, kind: str) -> None:
    """Two changes of one composition cannot be decided apart: what the second proposes rests on what the first changes."""
    apart = {"name", "chief_scientist", "key_person"}
    for other in changes.pending(session, consortium.id):
        if kind == other.kind or (kind not in apart and other.kind not in apart) or "dissolution" in (kind, other.kind):
            raise Conflict(
                "change_pending",
                "已有一项变更正在办理，请待其办结或撤回后再报告此项变更。",
                "Another change is under way; wait for its end or withdraw it first.",
                status=other.status,
                change=other.id,
                article="A12",
            )
