"""The conditions of article 5, recomputed for the composition a change leads to (A12)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.application.domain.change import Change, Composition
from services.application.domain.consortium import Consortium
from services.application.domain.organisation import unit_of
from services.application.repository import cases, organisations, places, register
from services.kernel.clock import Clock
from services.policy import Facts, Policy, Standing, evaluate

#: The groups of rules that hold for a consortium at any time; O where its operating systems are known.
GROUPS = ("C", "L", "M")


def composition(session: Session, consortium: Consortium) -> Composition:
    """The units as the register has them."""
    units = register.units_of(session, consortium.id)
    return Composition(consortium.lead, {unit.uscc: (unit.tier, unit.role) for unit in units if unit.uscc != consortium.lead})


def judge(
    session: Session, clock: Clock, policy: Policy, consortium: Consortium, change: Change
) -> tuple[list[dict[str, Any]], dict[str, Standing]]:
    """The findings on what the change proposes, and the places that its units hold elsewhere. The organisations' rows are locked,
    so that the places counted here can be taken in this transaction."""
    proposed = change.proposed
    codes = [proposed["lead"], *(unit["organisation"] for unit in proposed["members"])]
    known = organisations.by_code(session, codes, lock=True)
    standing = places.standing(session, codes, apart_from=f"consortium/{consortium.id}")
    tiers = {unit["organisation"]: unit["tier"] for unit in proposed["members"]}
    systems = _systems(session, consortium)
    facts = Facts(
        as_of=clock.today(),
        today=clock.today(),
        lead=proposed["lead"],
        units=tuple(unit_of(known[code].snapshot(), tiers.get(code)) for code in codes),
        confirmed=frozenset(codes),  # who was in has confirmed at its time, who joins has confirmed this change
        operating_systems=systems or {},
        standing=standing,
        case="change",
    )
    groups = (*GROUPS, "O") if systems else GROUPS
    return [finding.to_dict() for finding in evaluate(policy, facts, groups)], standing


def _systems(session: Session, consortium: Consortium) -> dict[str, Any] | None:
    """What the application said of its operating systems; None for one that came from the plan of 2021."""
    if consortium.application_id is None:
        return None
    return cases.application(session, consortium.application_id).content["operating_systems"]  # type: ignore[no-any-return]
