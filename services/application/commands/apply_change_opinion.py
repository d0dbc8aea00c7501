"""Apply the signed opinions of bureaus to a change, and put an approved change into effect on its day (A12)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.commands.arbitrate import is_early
from services.application.commands.end_change import end_changes
from services.application.commands.evaluate_change import composition, evaluate_units, proposed
from services.application.commands.hand_over import follow_lead
from services.application.commands.publish_change_event import publish_change_event
from services.application.commands.publish_consortium_state import publish_state
from services.application.commands.publish_ground import publish_ground
from services.application.commands.reevaluate_consortium import evaluate_again
from services.application.commands.request_change import KIND, refresh
from services.application.commands.request_support import end_requests
from services.application.domain.acts import change_act
from services.application.domain.change import Change, findings_against_approval
from services.application.domain.change_requirements import cases_of, lacking_kinds
from services.application.domain.composition import renamed
from services.application.domain.consortium import Consortium
from services.application.received_events import CaseDecided, CaseSigned, Opinion, StagePassed, StageRejected
from services.application.repository import changes, quotas, register, search, timeline
from services.application.repository.register import EnteredUnit
from services.contracts.application.application_requests import ChiefScientistDict
from services.contracts.application.change_responses import ChangeDecision, Recommendation
from services.contracts.application.register_payloads import (
    ChangeEnded,
    ChangeHeld,
    ChangeOpinionVoid,
    ChangeStagePassed,
    DocumentsAsked,
)
from services.contracts.review.payloads import Difference
from services.kernel import document_statement
from services.kernel.clock import Clock
from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import unit_of_work
from services.policy import Policies, Policy, Stage

EffectiveOpinion = tuple[Change, Consortium, Stage]


def record_recommendation(session: Session, clock: Clock, policies: Policies, event: Event[StagePassed]) -> None:
    """`review.recommended`: record the recommender's opinion, for or against the change; in both cases the province decides next.
    If the recommender judges that a leaving member has a main task, ask the lead for the documents that are then missing."""
    if not (effective := lock_if_effective(session, policies, event, event.data.stage)):
        return
    change, consortium, stage = effective
    before, opinion = change.state(), event.data.opinion or Opinion()
    outcome, next_stage = event.data.outcome or "pass", event.data.next_stage or "decision"
    recommendation: Recommendation = {
        "outcome": outcome,
        "comment": opinion.comment,
        "main_task_bearing": opinion.main_task_bearing,
        "by": consortium.recommender,
        "on": clock.today().isoformat(),
    }
    change.advance(next_stage, recommendation)
    passed = ChangeStagePassed(stage=stage.name, next_stage=next_stage, outcome=outcome, differs=opinion.differs)
    publish_change_event(session, "change.stage_passed", change, consortium, passed, before=before, article=stage.citation)
    if lacking := lacking_of(policies.get(change.policy), change):
        asked = DocumentsAsked(lacking=lacking)
        publish_change_event(session, "change.documents_asked", change, consortium, asked, before=change.state())


def reject(session: Session, clock: Clock, policies: Policies, event: Event[StageRejected]) -> None:
    """`review.rejected`: refuse the change. Only a bureau that runs an earlier release sends this event about a change; today the
    recommender's negative opinion goes to the province."""
    if effective := lock_if_effective(session, policies, event, event.data.stage):
        today = clock.today().isoformat()
        decision: ChangeDecision
        decision = {"outcome": "refuse", "reason": event.data.comment, "by": effective[1].recommender, "on": today}
        _record_rejection(session, clock, effective, decision, event.data.differs)


def decide(session: Session, clock: Clock, policies: Policies, event: Event[CaseDecided]) -> None:
    """`review.decided`: refuse the change or approve it (A12). The approval is held if the change now lacks a waiver, the
    statement that the approval is given knowingly, or documents. An approved change takes effect at once if its effective day is
    today or past."""
    if not (effective := lock_if_effective(session, policies, event, "decision")):
        return
    change, consortium, stage = effective
    signed = event.data
    decision: ChangeDecision = {
        "outcome": signed.outcome,
        "reason": signed.reason,
        "by": PROVINCE,
        "waivers": signed.waivers,
        "on": clock.today().isoformat(),
    }
    if signed.outcome == "decline":
        _record_rejection(session, clock, effective, {**decision, "outcome": "refuse"}, event.data.differs)
        return
    before, knowingly = change.state(), bool(signed.knowingly)
    policy = policies.get(change.policy)
    refresh(session, change, consortium)
    findings, _ = evaluate_units(session, clock, policy, consortium, proposed(change))
    lacking = lacking_of(policy, change)
    if lacking or findings_against_approval(findings, {waiver["rule"] for waiver in signed.waivers}, knowingly=knowingly):
        change.hold(findings)
        approval_state = ChangeHeld(findings=[*findings], documents=change.papers, lacking=lacking)
        publish_change_event(
            session, "change.held", change, consortium, approval_state, before=before, article=stage.citation, bureau=PROVINCE
        )
        return
    change.findings = findings
    change.decide("approved", {**decision, "knowingly": knowingly})
    _announce_decision(session, change, decision)
    approved = ChangeEnded(reason=signed.reason, outcome="approve", knowingly=change.knowingly, differs=signed.differs)
    publish_change_event(session, "change.approved", change, consortium, approved, before=before, article=stage.citation)
    if change.knowingly:
        publish_ground(
            session, consortium, "approved_knowingly", signed.reason, change.subject, confirmed=True, documents=change.papers
        )
    if change.effective_on <= clock.today():
        take_effect(session, clock, policies, change, consortium)


def _announce_decision(session: Session, change: Change, decision: ChangeDecision) -> None:
    act = change_act(change.version, PROVINCE, decision)
    document_statement.announce_act(session, "change_decision", change.subject, act, recommender=change.recommender)


def lacking_of(policy: Policy, change: Change) -> dict[str, str] | None:
    """Return the documents that a change still lacks because a leaving member has a main task, named in Chinese and English; None
    if it lacks none."""
    if not change.main_task_bearing:
        return None
    words = lacking_kinds(policy, cases_of(change.kind, main_member=True), change.papers).values()
    return {"zh": "、".join(text.zh for text in words), "en": ", ".join(text.en for text in words)} if words else None


def _record_rejection(
    session: Session, clock: Clock, effective: EffectiveOpinion, decision: ChangeDecision, differs: Difference | None
) -> None:
    change, consortium, stage = effective
    before = change.state()
    change.decide("refused", decision)
    _announce_decision(session, change, decision)
    quotas.release(session, change.subject, clock.now())
    refused = ChangeEnded(reason=decision["reason"], outcome="refuse", differs=differs)
    publish_change_event(session, "change.refused", change, consortium, refused, before=before, article=stage.citation)


def lock_if_effective(session: Session, policies: Policies, event: Event[CaseSigned], closes: str) -> EffectiveOpinion | None:
    """Lock and return the change, its consortium, and the stage that a bureau's signed opinion `closes`. If the opinion is too
    late or from the wrong bureau, record it as void and return None. Raises Conflict for an opinion that arrives before the
    opinion of an earlier stage; the event of the later opinion is then processed again."""
    row = changes.by_id(session, event.subject_id)
    consortium = register.consortium(session, row.consortium_id, lock=True)
    change = changes.change(session, consortium.id, row.id, lock=True)
    stages = policies.get(change.policy).pipeline(KIND)
    names = [stage.name for stage in stages]
    bureau, why = event.producer.partition(".")[2], change.void_reason(event.data.version, closes)
    if why == "not_current_stage" and is_early(change.stage, closes, names):
        raise Conflict(
            "earlier_stage_pending",
            "前一环节的意见尚未到达，稍后重试。",
            "The opinion of an earlier stage has not arrived yet; this one is tried again.",
            status=change.status,
        )
    if why is None:
        stage = stages[names.index(closes)]
        if bureau == (PROVINCE if stage.level == "province" else change.recommender):
            return change, consortium, stage
        why = "not_its_turn"
    void = ChangeOpinionVoid(case=event.data.case, reason=why)
    publish_change_event(session, "change.opinion_void", change, consortium, void, before=change.state(), bureau=bureau)
    return None


def take_effect(session: Session, clock: Clock, policies: Policies, change: Change, consortium: Consortium) -> None:
    """Put the change into effect: store the new state in the register, confirm the quotas of units that joined, release those of
    units that left, and publish the change."""
    before = change.state()
    change.take_effect(clock.today())
    kind, detail = change.kind, change.detail
    if kind == "name":
        consortium.name = detail["name"]
    elif kind == "chief_scientist":
        scientist: ChiefScientistDict = {"name": detail["name"], "employer": detail["employer"], "title": detail["title"]}
        consortium.people = {**consortium.people, "chief_scientist": scientist}
    elif kind == "key_person":
        key_people = {**consortium.people.get("key_people", {}), detail["post"]: detail["name"]}
        consortium.people = {**consortium.people, "key_people": key_people}
    elif kind == "dissolution":
        consortium.status = "dissolved"
        quotas.release(session, f"consortium/{consortium.id}", clock.now())
        end_requests(session, clock, consortium, "dissolved")
        end_changes(session, clock, consortium, "dissolved")
    else:
        _apply_to_units(session, clock, change, consortium)
    unit_of_work.audit_only(
        session,
        "change.effective",
        change.subject,
        bureau=consortium.recommender,
        article="A12",
        before=before,
        after=change.state(),
    )
    publish_entry_change(session, clock, consortium, kind, change)
    evaluate_again(session, clock, policies, consortium, "change_effective")
    if kind == "lead":
        follow_lead(session, clock, policies, consortium)


def _apply_to_units(session: Session, clock: Clock, change: Change, consortium: Consortium) -> None:
    """Apply the change to the units and quotas of the consortium. The change is computed from the units of today, because an
    organisation may have been replaced by its successor since the change was reported."""
    detail = renamed(change.kind, change.detail, changes.successors(session))
    after, _ = composition(session, consortium).after(change.kind, detail)
    units: list[EnteredUnit] = [{"uscc": after.lead, "tier": None, "role": None}]
    units += [{"uscc": code, "tier": tier, "role": role} for code, (tier, role) in after.members.items()]
    subject = f"consortium/{consortium.id}"
    quotas.confirm(session, change.subject, subject, clock.now())
    quotas.update_units(session, subject, after.units, after.lead, clock.now())
    register.replace_units(session, consortium.id, units)
    consortium.lead = after.lead


def publish_entry_change(session: Session, clock: Clock, consortium: Consortium, kind: str, change: Change | None = None) -> None:
    """Publish the consortium's new entry in the register, and put its new name into the search index. `kind`: the kind of change
    that led to the entry."""
    consortium.revision += 1
    units = register.units_of(session, consortium.id)
    names = {unit.uscc: unit.name for unit in units}
    text = search.searchable(consortium.name, consortium.number, consortium.lead, names.get(consortium.lead))
    search.index_text(session, "consortium", consortium.id, text, consortium.searchable)
    consortium.searchable = text
    register.store_state(session, consortium, clock.today())
    effective_on = change.effective_on if change else clock.today()
    publish_state(session, consortium, kind, effective_on, article="A12", change=change.id if change else None)
    detail = {"kind": kind} | ({"change": change.id} if change else {})
    timeline.add_line(session, f"consortium/{consortium.id}", "consortium.changed", article="A12", detail=detail, public=True)


def effect_on_its_day(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """Put an approved change into effect once its day has come."""
    row = changes.by_id(session, id)
    consortium = register.consortium(session, row.consortium_id, lock=True)
    change = changes.change(session, consortium.id, id, lock=True)
    if change.status != "approved" or change.effective_on > clock.today() or not consortium.alive:
        return "nothing"
    take_effect(session, clock, policies, change, consortium)
    return "in effect"
