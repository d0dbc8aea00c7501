"""Publish the new state of a consortium in the register."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.application.domain.consortium import Consortium
from services.application.repository import organisations, register
from services.contracts.application.payloads import ConsortiumChanged
from services.contracts.organisation_name import LeadReference
from services.kernel.persistence import unit_of_work


def publish_state(
    session: Session, consortium: Consortium, kind: str, effective_on: date, *, article: str | None, change: str | None = None
) -> None:
    """Publish `consortium.changed` with the state after the change. `kind` is the kind of change, or `standing` if evaluation,
    rectification or guidance changed the state."""
    units = register.units_of(session, consortium.id)
    names = {unit.uscc: unit.name for unit in units} | organisations.names(session, [consortium.lead])
    home = consortium.recommender
    event = ConsortiumChanged(
        field=consortium.field,
        status=consortium.status,
        kind=kind,
        units=[{"uscc": unit.uscc, "name": unit.name, "tier": unit.tier} for unit in units],
        related_units=consortium.related_units,
        recommender=home,
        effective_on=effective_on,
        change=change,
    ).with_header(
        consortium=consortium.id,
        number=consortium.number,
        name=consortium.name,
        lead=LeadReference(uscc=consortium.lead, name=names.get(consortium.lead)),
    )
    subject = f"consortium/{consortium.id}"
    unit_of_work.record_change(
        session, "consortium.changed", subject, event, bureau=home, recommender=home, article=article, after=consortium.state()
    )
