"""Enter an organisation whose registration was approved."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.commands.reevaluate_application import affected, recheck_all
from services.application.commands.update_organisation import follow_facts
from services.application.repository import organisations
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE
from services.kernel.persistence import unit_of_work
from services.policy import Policies, city_bureau_of


def register_organisation(
    session: Session, clock: Clock, policies: Policies, uscc: str, name: str, region: str, kind: str
) -> None:
    """Create the organisation's entry, or complete the entry that was created when a lead named it. Data that the organisation
    entered itself do not change."""
    consortia, open_cases = affected(session, uscc)
    organisations.ensure_rows(session, {uscc: name}, clock.now())
    organisation = organisations.by_code(session, [uscc], lock=True)[uscc]
    if organisation.registered:
        return
    facts = organisation.facts()
    organisation.name, organisation.region, organisation.kind = name, region, kind
    organisation.registered = True
    organisation.revision += 1
    organisation.updated_at = clock.now()
    unit_of_work.audit_only(
        session,
        "organisation.registered",
        f"organisation/{uscc}",
        bureau=city_bureau_of(region) or PROVINCE,
        article="A6(1)",
        after=organisation.snapshot(),
    )
    session.flush()
    recheck_all(session, clock, policies, open_cases)
    follow_facts(session, clock, policies, consortia, facts, organisation)
