"""Request a support measure. The use of the measure is recorded or certified at once, or reserved until the province decides
(A9)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.application.access import lock_led_consortium, require_alive, require_province
from services.application.domain.acts import support_act
from services.application.domain.call import Call
from services.application.domain.consortium import Consortium
from services.application.domain.entitlement import (
    Entitlement,
    StateOnDay,
    assess,
    may_hold,
    require_new_person,
    require_round,
)
from services.application.domain.support import (
    Beneficiary,
    Support,
    certificate,
    require_amount,
    require_beneficiary,
    require_round_of,
)
from services.application.received_events import CaseDecided
from services.application.repository import cases, organisations, register, supports, timeline, verifications
from services.application.repository.organisations import reference
from services.contracts.application.register_payloads import (
    SupportEnded,
    SupportEvent,
    SupportOpinionVoid,
    SupportRecorded,
    SupportRequested,
)
from services.contracts.application.support_requests import PersonNamedDict, SupportRequestDict
from services.contracts.application.support_responses import SupportAnswerDict, SupportDecision
from services.kernel import document_statement
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock, received_instant
from services.kernel.errors import Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.messaging.signing import Verifier
from services.policy import Policies, Policy
from services.policy.evaluation_and_support import Measure

KIND = "support_request"


def request_support(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    request: SupportRequestDict,
    documents_statement: str | None = None,
    received_at: float | None = None,
) -> SupportAnswerDict:
    """Request a measure. The consortium's remaining uses are counted and reserved in this transaction, so that only one of
    several concurrent requests gets the last use (A9). A request in a call counts if the gateway received it (`received_at`)
    before the call closed.

    Raises NotFound, Forbidden, Conflict with the article if the measure may not be used, Invalid for amounts, beneficiaries and a
    round that is not a call of the measure.
    """
    consortium = _lock_for_request(session, policies, clock, actor, id, request["measure"])
    call = _lock_call(session, request["round"])
    policy = policies.get(call.policy) if call else policies.in_force(clock.today())
    measure = _require_measure(policy, request["measure"])
    papers = verified_attachments(verifier, documents_statement, request["documents"], subject=f"consortium/{id}")
    require_round_of(measure, request["round"], call, received_instant(clock, received_at))
    require_amount(measure, request["amount"])
    units = beneficiaries(session, id)
    require_beneficiary(measure, request["person"], request["unit"], units)
    uses = supports.uses(session, id)
    entitlement = assess(measure, StateOnDay.of(consortium, clock.today()), uses, policy.evaluation.cycle_years)
    entitlement.require()
    person = person_key(request["person"])
    require_round(measure, uses, request["round"])
    require_new_person(measure, uses, person)
    support = _new_support(clock, actor, consortium, policy, measure, request, papers, entitlement, person)
    session.add(support)
    session.flush()
    if measure.handling == "decided":
        _publish_request(session, policy, measure, support, consortium, call)
        return support.answer()
    if measure.handling == "certificate":
        support.certificate = certificate(support, consortium, measure, units)
    event = SupportRecorded(handling=measure.handling, certificate=support.certificate)
    publish_support_step(session, "support.recorded", support, consortium, event, before=None)
    return support.answer()


def withdraw_support(session: Session, clock: Clock, actor: Actor, id: str, request: str, reason: str) -> SupportAnswerDict:
    """Withdraw a request before it is decided and release the use of the measure. Raises NotFound, Forbidden for actors other
    than the lead, Conflict once the request is decided or has ended."""
    consortium = lock_led_consortium(session, actor, id)
    support = supports.request(session, id, request, lock=True)
    support.require_requested()
    before = support.state()
    support.end("withdrawn", clock.today())
    event = SupportEnded(reason="withdrawn", comment=reason)
    publish_support_step(session, "support.withdrawn", support, consortium, event, before=before)
    return support.answer()


def decide(session: Session, clock: Clock, event: Event[CaseDecided]) -> None:
    """`review.decided`: grant the request, or decline it and release its use of the measure. A decision that arrives too late is
    recorded as void."""
    signed = event.data
    id = supports.by_id(session, event.subject_id).consortium_id
    consortium = register.consortium(session, id, lock=True)
    support = supports.request(session, id, event.subject_id, lock=True)
    before, why = support.state(), support.void_reason()
    bureau = event.producer.partition(".")[2]
    if why or bureau != PROVINCE:
        void = SupportOpinionVoid(case=signed.case, reason=why or "not_its_turn")
        publish_support_step(session, "support.opinion_void", support, consortium, void, before=before, bureau=bureau)
        return
    decision: SupportDecision = {"outcome": signed.outcome, "reason": signed.reason, "on": clock.today().isoformat()}
    if signed.outcome == "decline":
        support.end("declined", clock.today(), decision)
        declined = SupportEnded(reason=signed.reason, differs=signed.differs)
        publish_support_step(session, "support.declined", support, consortium, declined, before=before)
        _announce_decision(session, support, decision)
        return
    support.grant(decision, signed.amount if isinstance(signed.amount, str) else None, clock.today())
    _announce_decision(session, support, decision)
    granted = SupportEnded(reason=signed.reason, amount=support.amount, differs=signed.differs)
    publish_support_step(session, "support.granted", support, consortium, granted, before=before)


def _announce_decision(session: Session, support: Support, decision: SupportDecision) -> None:
    act = support_act(PROVINCE, decision)
    document_statement.announce_act(session, "support_decision", support.subject, act, recommender=support.recommender)


def end_requests(session: Session, clock: Clock, consortium: Consortium, why: str) -> None:
    """End the open support requests of a consortium that was revoked or dissolved (`why`)."""
    for support in supports.open_requests(session, consortium.id):
        before = support.state()
        support.end("ended", clock.today())
        publish_support_step(session, "support.withdrawn", support, consortium, SupportEnded(reason=why), before=before)


def end_unentitled(session: Session, clock: Clock, policies: Policies, consortium: Consortium) -> None:
    """End the open requests for measures that the consortium may hold no longer, because its status, its grade or its guidance
    changed after the request (A9)."""
    now = StateOnDay.of(consortium, clock.today())
    for support in supports.open_requests(session, consortium.id):
        if not may_hold(_require_measure(policies.get(support.policy), support.measure), now):
            before = support.state()
            support.end("ended", clock.today())
            publish_support_step(
                session, "support.withdrawn", support, consortium, SupportEnded(reason="not_entitled"), before=before
            )


def _lock_for_request(session: Session, policies: Policies, clock: Clock, actor: Actor, id: str, name: str) -> Consortium:
    """Lock and return the consortium if the actor may request this support measure for it; raise otherwise. The lead may. If the
    policy lets the province nominate consortia for the measure (`by_province`), only the province may."""
    measure = next((m for m in policies.in_force(clock.today()).measures if m.measure == name), None)
    if measure is None or not measure.by_province:
        return lock_led_consortium(session, actor, id)
    require_province(actor)
    consortium = register.consortium(session, id, lock=True)
    require_alive(consortium)
    return consortium


def _require_measure(policy: Policy, name: str) -> Measure:
    measure = next((measure for measure in policy.measures if measure.measure == name), None)
    if measure is None:
        zh = "、".join(measure.title.zh for measure in policy.measures)
        en = ", ".join(measure.title.en for measure in policy.measures)
        raise Invalid.field("/measure", "unknown_measure", f"没有这项支持措施，现有：{zh}。", f"Known measures: {en}.")
    return measure


def _lock_call(session: Session, round: str | None) -> Call | None:
    """Lock and return the call with this id; None if there is none. A concurrent cancellation of the call must wait for this
    lock, and therefore also ends the new request."""
    if round is None:
        return None
    try:
        return cases.call(session, round, lock=True)
    except NotFound:
        return None


def beneficiaries(session: Session, id: str) -> list[Beneficiary]:
    """Return the units of a consortium, the lead first, each with the facts that decide whether it can benefit from a support
    measure."""
    units = register.units_of(session, id)
    codes = [unit.uscc for unit in units]
    organisations_by_code, verified = organisations.by_code(session, codes), verifications.in_force(session, codes)
    return [
        Beneficiary(
            uscc=unit.uscc,
            tier=unit.tier,
            public_institution=organisations_by_code[unit.uscc].public_institution,
            state_owned=organisations_by_code[unit.uscc].state_owned,
            verified={fact: in_force for fact, in_force in verified.get(unit.uscc, {}).items() if in_force.confirmed},
        )
        for unit in units
    ]


def person_key(person: PersonNamedDict | None) -> str | None:
    """Return the key that identifies a person: the code of the organisation, and the name without blanks. None if no person is
    given."""
    return f"{person['organisation']}/{''.join(person['name'].split())}" if person else None


def _new_support(
    clock: Clock,
    actor: Actor,
    consortium: Consortium,
    policy: Policy,
    measure: Measure,
    request: SupportRequestDict,
    papers: list[dict[str, str]],
    entitlement: Entitlement,
    person: str | None,
) -> Support:
    status = {"decided": "requested", "certificate": "certified", "recorded": "recorded"}[measure.handling]
    return Support(
        id=new_id(),
        consortium_id=consortium.id,
        recommender=consortium.recommender,
        measure=measure.measure,
        status=status,
        round=request["round"],
        amount=request["amount"],
        person=request["person"],
        person_key=person,
        unit=request["unit"],
        reason=request["reason"],
        papers=papers,
        policy=policy.ref,
        entitlement=entitlement.answer(),
        requested_on=clock.today(),
        requested_by=actor.username,
        decision=None,
        certificate=None,
        ended_on=None,
        revision=1,
        created_at=clock.now(),
    )


def _publish_request(
    session: Session, policy: Policy, measure: Measure, support: Support, consortium: Consortium, call: Call | None
) -> None:
    """Send the request to the province. A request that competes in a call carries the call's data, so that the province can rank
    it among the others (择优)."""
    stage = next(stage for stage in policy.pipeline(KIND) if not stage.optional)
    ceiling = f"{measure.ceiling:.2f}" if measure.ceiling is not None else None
    terms = policy.review_terms(KIND)
    event = SupportRequested(
        round=1,
        kind=KIND,
        title=f"{consortium.name} · {measure.title.zh}",
        field=consortium.field,
        units=[unit.uscc for unit in register.units_of(session, consortium.id)],
        related_units=consortium.related_units,
        call=call.competing() if call else None,
        policy=terms.policy,
        stage=stage.name,
        pipeline=terms.pipeline,
        questions=terms.questions,
        waivable=[],
        findings=[],
        documents=support.papers,
        rank_first=consortium.last_grade in measure.priority,
        money={"asked": support.amount, "ceiling": ceiling} if measure.wants_amount else None,
        report={"reason": support.reason, "amount": support.amount, "unit": support.unit, "entitlement": support.entitlement},
    )
    publish_support_step(
        session, "support.requested", support, consortium, event, before=None, article=stage.citation, bureau=PROVINCE
    )


def publish_support_step(
    session: Session,
    type: str,
    support: Support,
    consortium: Consortium,
    event: SupportEvent,
    *,
    before: Any,
    article: str | None = None,
    bureau: str | None = None,
) -> None:
    """Publish and audit a step of a support request, and add it to the consortium's timeline. The step cites the measure's own
    article unless `article` names another. A use from before the platform has no stored entitlement, so it cites article 9."""
    article = article or support.citation
    event = event.with_header(support=support.id, measure=support.measure, version=1, **reference(session, consortium))
    told = event.to_dict()
    detail = {"support": support.id, "measure": support.measure} | {
        key: told[key] for key in ("amount", "reason", "handling", "differs", "replaces") if key in told
    }
    timeline.record_of_consortium(
        session,
        support.subject,
        type,
        event,
        consortium,
        article=article,
        before=before,
        after=support.state(),
        bureau=bureau,
        detail=detail,
    )
