"""Send a change that all its units have confirmed to the bureaus: first the recommender, then the province (A12)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.commands.evaluate_change import composition, evaluate_units, proposed
from services.application.commands.publish_change_event import publish_change_event
from services.application.domain.change import TITLES, Change
from services.application.domain.change_requirements import cases_of
from services.application.domain.composition import Composition, removed, renamed
from services.application.domain.consortium import Consortium
from services.application.domain.quotas import Limits
from services.application.repository import changes, organisations, quotas
from services.contracts.application.change_responses import ProposedMember, ProposedUnits
from services.contracts.application.register_payloads import ChangeRequested
from services.kernel.clock import Clock
from services.policy import Policy

KIND = "change"


def request(session: Session, clock: Clock, policy: Policy, change: Change, consortium: Consortium) -> None:
    """Send the change to the recommender: evaluate the rules on the proposed units, and reserve the quotas (L6, M3) of the units
    that join."""
    before = change.state()
    refresh(session, change, consortium)
    after = proposed(change)
    findings, standing = evaluate_units(session, clock, policy, consortium, after)
    reserving = [*change.joining, *([after.lead] if after.lead != consortium.lead else [])]
    if reserving:
        subject = f"consortium/{consortium.id}"
        quotas.reserve(
            session,
            change.subject,
            reserving,
            after.lead,
            standing,
            Limits.of(policy),
            clock.now(),
            renewed=False,
            within=subject,
        )
    stage = policy.pipeline(KIND)[0]
    change.request(stage.name, findings)
    hand_to_recommender(session, policy, change, consortium, before)


def hand_to_recommender(session: Session, policy: Policy, change: Change, consortium: Consortium, before: object) -> None:
    """Publish the change with all the data that the recommender needs to open its case."""
    stage = policy.pipeline(KIND)[0]
    leaving = removed(change.kind, change.detail)
    names = organisations.names(session, leaving)
    after, terms = proposed(change), policy.review_terms(KIND)
    event = ChangeRequested(
        round=change.version,
        handed_over=consortium.hand_overs,
        kind=KIND,
        title=f"{consortium.name} · {TITLES[change.kind]}",
        field=consortium.field,
        units=after.units,
        related_units=consortium.related_units,
        call=None,
        policy=terms.policy,
        stage=stage.name,
        pipeline=terms.pipeline,
        questions=terms.questions,
        waivable=terms.waivable,
        findings=[*change.findings],
        documents=change.papers,
        approvable_knowingly=True,
        leaving=[{"uscc": code, "name": names.get(code)} for code in leaving],
        main_member_documents=[
            {"kind": paper.kind, "label": paper.label.to_dict()}
            for case in cases_of(change.kind, main_member=True)
            for paper in policy.documents_for(case)
        ],
        report={
            "detail": change.detail,
            "reason": change.reason,
            "unforeseen": change.unforeseen,
            "late": change.late,
            "late_reason": change.late_reason,
            "technical_need": change.technical_need,
            "task_source": change.task_source,
            "proposed": change.proposed,
            "signatories": change.signatories,
            "effective_on": change.effective_on.isoformat(),
            "change": change.kind,
        },
    )
    publish_change_event(session, "change.requested", change, consortium, event, before=before, article=stage.citation)


def refresh(session: Session, change: Change, consortium: Consortium) -> None:
    """Compute the change's proposed units again from the present units: since the report, another change may have taken effect,
    or a successor may have replaced a unit."""
    detail = renamed(change.kind, change.detail, changes.successors(session))
    after, _ = composition(session, consortium).after(change.kind, detail)
    change.proposed = proposed_units(after)


def proposed_units(units: Composition) -> ProposedUnits:
    """Return the lead and the members in the form in which a change stores them."""
    members: list[ProposedMember] = [
        {"organisation": code, "tier": tier, "role": role} for code, (tier, role) in units.members.items()
    ]
    return {"lead": units.lead, "members": members}
