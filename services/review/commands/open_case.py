"""React to a version of a subject that is submitted to a bureau: open the bureau's case or, if there is a case already, begin
another round of it (A6)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.contracts.review.case_parts import Material, Recommendation
from services.contracts.review.payloads import ReviewOpened
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE, SYSTEM
from services.kernel.ids import new_id
from services.review import repository
from services.review.commands.publish_case_event import note, publish_case_event
from services.review.commands.stages import due_on
from services.review.domain.case import FINAL, Case, CaseState, CaseStatus, Round, Stage
from services.review.domain.panel import SeatState


def open_case(
    session: Session,
    clock: Clock,
    *,
    bureau: str,
    recommender: str,
    subject: str,
    stage: str,
    data: Material,
    recommendation: Recommendation | None = None,
) -> None:
    """Open the bureau's case about a subject at a stage, or begin the next round of an existing case. `data` is the data of
    `application.submitted`; `recommendation` is the recommender's signed opinion. A version that the case has had already, or
    that arrives after the case's end, changes nothing. After a hand-over, the same version begins a round at the bureau that is
    the recommender now."""
    ended = repository.lock_subject(session, subject)
    case = repository.case_of(session, bureau, subject)
    if case and (case.status in FINAL or not _is_newer(session, case, data)):
        return
    round = Round("", 1, data["version"], clock.now(), data, recommendation, data.get("changed", []))
    due = due_on(clock, round.stage(stage))
    before = case.state() if case else None
    if case:
        recommended = repository.round_of(session, case).recommendation
        round.number, round.recommendation = case.round + 1, recommendation or recommended
        case.version, case.round, case.title, case.scoring_closed_at = round.version, round.number, data["title"], None
        case.enter(round.stage(stage), due)
        # The earlier panel scored another version: its reviewers leave, and the province draws or appoints a new panel.
        for seat in repository.seated(session, case):
            seat.leave(SeatState.DISMISSED, None, SYSTEM.username, clock.now())
    else:
        case = _new_case(clock, bureau, recommender, subject, round.stage(stage), due, data)
        session.add(case)
        session.flush()
        if data["call"] and bureau == PROVINCE:
            repository.keep_call(session, data["call"])
    round.case_id = case.id
    session.add(round)
    if ended:
        case.settle(CaseStatus.VOID)
        note(session, case, "review.void", round.stage(stage).citation, before=before, after=case.state())
        return
    publish_opened(session, case, round, before)


def _is_newer(session: Session, case: Case, data: Material) -> bool:
    """Return whether the version is new for the case: the case has not had this version, or the version came with a later
    hand-over."""
    handed_over = int(data.get("handed_over") or 0)
    return bool(data["version"] > case.version) or handed_over > repository.round_of(session, case).handed_over


def _new_case(clock: Clock, bureau: str, recommender: str, subject: str, stage: Stage, due: str, data: Material) -> Case:
    return Case(
        id=f"{bureau}-{new_id()}",
        bureau=bureau,
        recommender=recommender,
        subject=subject,
        kind=data["kind"],
        title=data["title"],
        policy=data["policy"],
        call=data["call"]["id"] if data["call"] else None,
        stage=stage.name,
        status=CaseStatus.OPEN,
        settled=0,
        version=data["version"],
        round=1,
        opened_at=clock.now(),
        due_on=due,
        rank_first=bool(data.get("rank_first")),
        four_eyes=stage.four_eyes,
    )


def publish_opened(session: Session, case: Case, round: Round, before: CaseState | None) -> None:
    """Publish that a case waits for a bureau."""
    opened = ReviewOpened(
        kind=case.kind,
        stage=case.stage,
        due_on=date.fromisoformat(case.due_on),
        title=case.title,
        round=case.round,
    )
    publish_case_event(session, case, "review.opened", round.stage(case.stage).citation, opened, before=before)
