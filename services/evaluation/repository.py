"""Consortia and their obligations in the database."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.evaluation.domain.consortium import Consortium
from services.evaluation.tables import consortia
from services.kernel.errors import NotFound
from services.kernel.identity import Actor


def visible(session: Session, id: str, actor: Actor) -> Consortium:
    """NotFound when there is none, or none for this account."""
    consortium = session.get(Consortium, id)
    if consortium is None or not consortium.may_be_seen_by(actor):
        raise NotFound(
            "no_such_consortium", "没有这个创新联合体，或您无权查看。", "There is no such consortium, or it is not for you."
        )
    return consortium


def behind(session: Session, year: int) -> list[str]:
    """The ids of the consortia whose obligations are not open up to this year."""
    return list(session.scalars(select(consortia.c.id).where(consortia.c.opened_through < year).order_by(consortia.c.id)))
