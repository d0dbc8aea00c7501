"""The lead writes its report for a round, and claims the outcomes of the period (A13)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.evaluation.access import require_lead
from services.evaluation.answers import participation_answer
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.outcome import checked
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.round import Round
from services.evaluation.repository import consortia, rounds
from services.kernel import work
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, FieldError, PreconditionFailed, Text
from services.kernel.identity import Actor


def write_report(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    consortium: str,
    report: dict[str, Any],
    if_match: str | None = None,
) -> dict[str, Any]:
    """Put the report in the place of what was there. Its outcomes are this participation's from now on: each counts once, ever,
    over all consortia (A13: 所有成果仅能使用一次).

    Raises NotFound, Forbidden for who is not its lead, PreconditionFailed, Conflict outside the window, for an outcome outside
    the period and for one that was used already."""
    of, round, participation = own(session, actor, id, consortium)
    if if_match is not None and if_match != str(participation.revision):
        raise PreconditionFailed(
            "version_changed",
            "评估材料已被修改，请重新读取后再改。",
            "It has changed since; read it again.",
            etag=str(participation.revision),
        )
    participation.require_editable(round, clock.now())
    outcomes = checked(report["outcomes"], round.period_from, round.period_to)
    taken = rounds.claim(session, participation, outcomes, clock.now())
    if taken:
        raise already_used(session, taken, outcomes)
    before = participation.state()
    participation.write(report, clock.now())
    work.note(
        session,
        "participation.written",
        participation.subject,
        bureau=of.recommender,
        article="A13",
        before=before,
        after=participation.state(),
    )
    return participation_answer(participation, round, of, full=True)


def own(session: Session, actor: Actor, id: str, consortium: str) -> tuple[Consortium, Round, Participation]:
    """The lead's own part in a round, the consortium locked before it, as everybody locks. Raises NotFound, Forbidden for who is
    not its lead."""
    of = consortia.consortium(session, consortium, lock=True)
    require_lead(actor, of)
    return of, rounds.round(session, id), rounds.participation(session, id, consortium, lock=True)


def already_used(session: Session, taken: list[tuple[int, str]], outcomes: list[dict[str, Any]]) -> Conflict:
    """The refusal of outcomes that another participation has, naming the round that has them."""
    named = rounds.titles(session, (evaluation for _, evaluation in taken))
    errors = tuple(
        FieldError(
            f"/outcomes/{place}/identifier", "outcome_already_used", _used(outcomes[place]["identifier"], named[evaluation])
        )
        for place, evaluation in sorted(taken)
    )
    place, evaluation = min(taken)
    return Conflict(
        "outcome_already_used",
        errors[0].text.zh,
        errors[0].text.en,
        errors=errors,
        article="A13",
        outcome=outcomes[place]["identifier"],
        evaluation={"id": evaluation, "title": named[evaluation]},
    )


def _used(identifier: str, title: str) -> Text:
    return Text(
        f"{identifier} 已在“{title}”中使用，所有成果仅能使用一次（第十三条），请删除此项。",
        f"{identifier} was used in “{title}”; an outcome counts once (article 13); remove it.",
    )
