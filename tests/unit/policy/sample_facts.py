"""A valid consortium of ten units; each test changes one thing in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.policy import DocumentFact, Facts, Figure, Finding, Platform, Policies, Policy, Unit, evaluate

TODAY = date(2026, 3, 1)
TRIAL = Policies.builtin().get("guangxi_trial@1")
SYSTEMS = (
    "decision_body",
    "advisory_body",
    "executive_body",
    "rd_funding",
    "benefit_protection",
    "open_development",
    "major_matters",
)


def figure(year: int, revenue: str = "1200000000.00", sales: str = "1250000000.00", rd: str = "50000000.00") -> Figure:
    return Figure(year, Decimal(revenue), Decimal(sales), Decimal(rd))


LEAD = Unit(
    uscc="LEAD",
    name="牵头样例公司",
    kind="enterprise",
    region="450200",
    legal_person=True,
    public_institution=False,
    rd_staff=286,
    founded_on=date(2009, 5, 18),
    figures=(figure(2023), figure(2024), figure(2025)),
    platforms=(Platform("企业技术中心", "provincial", "样例认定2021-18号"),),
)


def member(number: int, **data: Any) -> Unit:
    """Return a member; by default an enterprise of the core tier in Nanning."""
    sound: dict[str, Any] = {"kind": "enterprise", "region": "450100", "tier": "core", "legal_person": True}
    return Unit(f"M{number:02d}", f"参与单位{number}", **(sound | data))


MEMBERS = tuple(member(number) for number in range(1, 10))


def facts(*members: Unit, lead: Unit = LEAD, **data: Any) -> Facts:
    """Return the facts of a case that passes every rule of the trial policy, but with the members, lead or other facts that are
    given."""
    units = (lead, *(members or MEMBERS))
    sound: dict[str, Any] = {
        "as_of": TODAY,
        "today": TODAY,
        "lead": lead.uscc,
        "units": units,
        "agreement_version": "v1",
        "confirmed": frozenset(unit.uscc for unit in units if unit.uscc != lead.uscc),
        "operating_systems": dict.fromkeys(SYSTEMS, "已设立"),
        "documents": tuple(DocumentFact(document.kind, "clean") for document in TRIAL.documents_for("formation")),
    }
    return Facts(**(sound | data))


def lead(**data: Any) -> Unit:
    """Return the valid lead, with the given data changed."""
    return replace(LEAD, **data)


def finding(rule: str, case: Facts, policy: Policy = TRIAL) -> Finding:
    """Return the finding of one rule of a policy about a case."""
    (found,) = evaluate(policy, case, groups={rule})
    return found


def failing(case: Facts, groups: Collection[str] | None = None) -> list[str]:
    """Return the ids of the rules of the trial policy that a case does not pass."""
    return [found.rule for found in evaluate(TRIAL, case, groups) if found.status != "pass"]
