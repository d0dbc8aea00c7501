"""Evaluate the conditions of article 5 on the present units of a consortium, and on its units after a change (A12)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy.orm import Session

from services.application.domain.change import Change
from services.application.domain.composition import Composition
from services.application.domain.consortium import Consortium
from services.application.domain.organisation import Organisation, unit_of
from services.application.repository import cases, organisations, quotas, register
from services.contracts.application.change_responses import ChangeFinding
from services.kernel.clock import Clock
from services.policy import Facts, Finding, Policy, Standing, evaluate
from services.policy.finding import FAIL, NEEDS_EVIDENCE

#: The statuses of a rule that is not met.
OPEN = (FAIL, NEEDS_EVIDENCE)
#: The groups of the policy's rules that apply to a consortium at any time. Group O applies too if the consortium's operating
#: systems are known.
GROUPS = ("C", "L", "M")


def composition(session: Session, consortium: Consortium) -> Composition:
    """Return the units of a consortium that the register lists at present."""
    units = register.units_of(session, consortium.id)
    return Composition(consortium.lead, {unit.uscc: (unit.tier, unit.role) for unit in units if unit.uscc != consortium.lead})


def proposed(change: Change) -> Composition:
    """Return the units that the consortium would have after the change."""
    members = change.proposed["members"]
    return Composition(change.proposed["lead"], {unit["organisation"]: (unit["tier"], unit["role"]) for unit in members})


def evaluate_units(
    session: Session, clock: Clock, policy: Policy, consortium: Consortium, after: Composition
) -> tuple[list[ChangeFinding], dict[str, Standing]]:
    """Evaluate the rules on the units after a change. Return the findings, and the quotas that these units use in other
    consortia. A finding is marked `failed_before` if the rule fails, or lacks the same evidence, without the change too. The
    organisations' rows are locked, so that the quotas counted here can be reserved in the same transaction."""
    before = composition(session, consortium)
    organisations_by_code = organisations.by_code(session, {*before.units, *after.units}, lock=True)
    standing = quotas.usage_of(session, organisations_by_code, apart_from=f"consortium/{consortium.id}")
    systems = _stated_systems(session, consortium)
    groups = (*GROUPS, "O") if systems else GROUPS
    was = {
        finding.rule: finding.status
        for finding in findings_on(policy, before, organisations_by_code, standing, clock.today(), groups, systems=systems)
    }
    findings = findings_on(policy, after, organisations_by_code, standing, clock.today(), groups, systems=systems)
    marked: list[ChangeFinding] = [
        {**finding.to_dict(), "failed_before": finding.status in OPEN and was[finding.rule] in (FAIL, finding.status)}
        for finding in findings
    ]
    return marked, {code: standing[code] for code in after.units if code in standing}


def findings_on(
    policy: Policy,
    units: Composition,
    organisations_by_code: Mapping[str, Organisation],
    standing: Mapping[str, Standing],
    today: date,
    groups: Collection[str],
    *,
    systems: Mapping[str, str | None] | None = None,
    integrity: Mapping[str, date | None] | None = None,
) -> tuple[Finding, ...]:
    """Evaluate the rules of the given groups on a consortium's units as of today."""
    facts = Facts(
        as_of=today,
        today=today,
        lead=units.lead,
        units=tuple(
            unit_of(organisations_by_code[code].snapshot(), units.members.get(code, (None, None))[0]) for code in units.units
        ),
        confirmed=frozenset(units.units),  # Each unit confirmed when it joined; a unit that joins now confirms the change itself.
        operating_systems=systems or {},
        standing=standing,
        integrity=integrity or {},
        case="change",
    )
    return evaluate(policy, facts, groups)


def _stated_systems(session: Session, consortium: Consortium) -> dict[str, str | None] | None:
    """Return the operating systems that the consortium's application stated; None for a consortium of the plan of 2021, which had
    no such application."""
    if consortium.application_id is None:
        return None
    return cases.application(session, consortium.application_id).content["operating_systems"]
