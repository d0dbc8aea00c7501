"""The public list of grades and commendations (A13: 给予公开通报表扬)."""

from __future__ import annotations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import PublicGradeDict
from services.contracts.pages import PageDict
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.participation import Participation, ParticipationStatus
from services.evaluation.domain.round import Round
from services.evaluation.serializers import day, moment
from services.evaluation.tables import consortia, evaluations, participations
from services.kernel.persistence.paging import page
from services.policy import Policies


def public_evaluations(
    session: Session,
    policies: Policies,
    limit: int = 50,
    cursor: str | None = None,
    evaluation: str | None = None,
    grade: str | None = None,
    in_effect: bool | None = None,
) -> PageDict[PublicGradeDict]:
    """List every public grade, the newest round first: those in effect, and those in their publicity period, to which objections
    can be filed. Scores and reasons are not included."""
    published = participations.c.status == ParticipationStatus.PUBLISHED
    publicised = and_(participations.c.status == ParticipationStatus.GRADED, participations.c.publicity_ends.is_not(None))
    public = {None: or_(published, publicised), True: published, False: publicised}[in_effect]
    statement = (
        select(participations.c.evaluation, participations.c.id, Participation, Round, Consortium)
        .join(evaluations, evaluations.c.id == participations.c.evaluation)
        .join(consortia, consortia.c.id == participations.c.consortium)
        .where(public)
    )
    for column, value in ((participations.c.evaluation, evaluation), (participations.c.grade, grade)):
        if value:
            statement = statement.where(column == value)
    keys = [participations.c.evaluation, participations.c.id]
    rows, next_cursor = page(session, statement, keys, limit=limit, cursor=cursor, descending=True)
    items = [_public_line(policies, row.Participation, row.Round, row.Consortium) for row in rows]
    return {"items": items, "next_cursor": next_cursor}


def _public_line(policies: Policies, participation: Participation, round: Round, consortium: Consortium) -> PublicGradeDict:
    grades = policies.get(round.policy).evaluation.grades
    grade = next(band for band in grades if band.grade == participation.grade)
    in_effect = participation.status == ParticipationStatus.PUBLISHED
    return {
        "id": participation.id,
        "evaluation": {"id": round.id, "title": round.title, "issued_on": day(round.issued_on)},
        "consortium": {"id": consortium.id, "number": consortium.number, "name": consortium.name},
        "lead": {"uscc": consortium.lead, "name": consortium.lead_name},
        "grade": grade.grade,
        "grade_title": grade.title.to_dict(),
        "commended": in_effect and grade.commended,
        "in_effect": in_effect,
        "publicity_ends": None if in_effect else moment(participation.publicity_ends),
        "published_on": day(participation.in_effect_on),
        "contact": None if in_effect else round.contact,
    }
