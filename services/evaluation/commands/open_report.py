"""Open an annual report."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.payloads import ReportEvent
from services.contracts.organisation_name import LeadReference
from services.evaluation.domain.annual_report import Obligation
from services.evaluation.domain.consortium import Consortium
from services.kernel.clock import Clock
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def open_report(session: Session, clock: Clock, policies: Policies, consortium: Consortium, year: int) -> None:
    """Open the annual report of one year (A12) under the policy in force today, and publish the event that notifies the lead."""
    policy = policies.in_force(clock.today())
    rule = policy.annual_report
    obligation = Obligation.open(consortium.id, year, policy.ref, rule, clock.now())
    session.add(obligation)
    consortium.opened_through = year
    event = ReportEvent().with_header(
        consortium=consortium.id,
        name=consortium.name,
        year=year,
        due_on=obligation.due_on,
        lead=LeadReference(uscc=consortium.lead, name=consortium.lead_name),
    )
    unit_of_work.record_change(
        session,
        "report.due",
        f"consortium/{consortium.id}",
        event,
        bureau=consortium.recommender,
        recommender=consortium.recommender,
        article=rule.citation,
        after=event.to_dict(),
    )
    unit_of_work.audit_only(
        session,
        "report.due",
        obligation.subject,
        bureau=consortium.recommender,
        article=rule.citation,
        after=obligation.audited(),
    )
