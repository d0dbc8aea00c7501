"""Evaluate again an application that waits for the province's decision: when it reaches the decision stage, and after an event
that affects its units (A5, A14(4))."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application import verdict
from services.application.commands.reevaluate_consortium import lock_with_units
from services.application.domain.application import Application
from services.application.domain.consortium import Consortium
from services.application.repository import cases, timeline
from services.application.tables import applications, units
from services.contracts.application.application_payloads import ApplicationRechecked
from services.contracts.application.application_responses import Waiver
from services.contracts.findings import StoredFinding
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE
from services.policy import Finding, Policies, Policy, blocking, open_in_principle, waive

#: The type of the event and timeline step of a new evaluation. The step is recorded only if other rules fail than those last
#: reported to the province.
RECHECKED = "application.rechecked"


def affected(session: Session, *codes: str) -> tuple[list[Consortium], list[Application]]:
    """Lock and return the cases that must be evaluated again if the facts of these organisations change: the active and
    rectifying consortia, and the applications at the decision stage, that have one of the organisations as a unit.

    Applications that have not reached the decision stage yet, and those in publicity, are locked too, before anything is read.
    Otherwise an application that enters the decision stage, or becomes a consortium, in a concurrent transaction would be
    evaluated with the old facts there and missed here. Call this before locking the organisations' own rows: all commands lock
    applications, consortia and organisations in this order, by id, which prevents deadlocks.
    """
    of = select(units.c.application_id).where(units.c.uscc.in_(codes))
    on_the_way = applications.c.status.in_(("submitted", "held", "publicised"))
    ids = session.scalars(select(applications.c.id).where(applications.c.id.in_(of), on_the_way).order_by(applications.c.id))
    locked = [cases.application(session, id, lock=True) for id in ids]
    return lock_with_units(session, *codes), [application for application in locked if application.at_decision]


def recheck_all(session: Session, clock: Clock, policies: Policies, open_cases: Iterable[Application]) -> None:
    for application in open_cases:
        recheck(session, clock, policies, application)


def recheck(session: Session, clock: Clock, policies: Policies, application: Application) -> None:
    """Evaluate an application at the decision stage again. Notify the province if the failing rules differ from those last
    reported. The application must be locked."""
    policy = policies.get(application.policy)
    findings = verdict.recheck(session, policy, application, clock.today())
    failing = [finding for finding in findings if finding in (*blocking(findings), *open_in_principle(findings))]
    rules = sorted(finding.rule for finding in failing)
    if rules == _last_reported_rules(session, application, {finding.rule for finding in findings}):
        return
    timeline.record(
        session,
        application,
        RECHECKED,
        ApplicationRechecked(findings=[finding.to_dict() for finding in findings], failing=_joined_titles(failing)),
        article=failing[0].citation if failing else "A6(2)",
        before=application.state(),
        bureau=PROVINCE,
        detail={"version": application.version, "rules": rules},
    )


def standing_against(
    session: Session, clock: Clock, policy: Policy, application: Application, waivers: Iterable[Waiver]
) -> tuple[Finding, ...]:
    """Return the rules that fail today and that are covered neither by these waivers of the decision nor by a special case's
    basis. Each of them prevents the recognition, which is then held."""
    findings = verdict.recheck(session, policy, application, clock.today())
    waivable = {finding.rule for finding in open_in_principle(findings)}
    reasons = {waiver["rule"]: waiver["reason"] for waiver in waivers}
    findings = waive(findings, {rule: reason for rule, reason in reasons.items() if rule in waivable})
    return (*open_in_principle(findings), *blocking(findings))


def _last_reported_rules(session: Session, application: Application, checked: set[str]) -> list[str]:
    """Return the failing rules that were last reported to the province: by the last recheck of this version or, without one, by
    its submission."""
    line = timeline.newest(session, timeline.subject_of(application), RECHECKED)
    if line is not None and line.detail["version"] == application.version:
        return list(line.detail["rules"])
    version = cases.version(session, application.id, application.version)
    submitted: Sequence[StoredFinding] = version.findings if version else ()
    return sorted(each["rule"] for each in submitted if each["rule"] in checked and each["status"] in ("fail", "needs_evidence"))


def _joined_titles(failing: Sequence[Finding]) -> dict[str, str]:
    """Join the titles of the failing rules into one text, in Chinese and English."""
    titles = [finding.title for finding in failing if finding.title]
    if not titles:
        return {"zh": "无", "en": "none"}
    return {"zh": "、".join(title.zh for title in titles), "en": ", ".join(title.en for title in titles)}
