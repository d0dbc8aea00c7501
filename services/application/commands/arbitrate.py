"""Resolve races between databases: a withdrawal here can cross an opinion there. The order in which this service commits
decides."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.domain.application import DECISION, Application
from services.application.repository import cases, timeline
from services.kernel.errors import Conflict
from services.kernel.messaging.envelope import Event
from services.policy import PROVINCE, Policies, Stage


def in_effect(session: Session, policies: Policies, event: Event) -> tuple[Application, Stage] | None:
    """Return the application, locked, and the stage that a bureau's signed opinion closes. If the opinion is too late, or its
    bureau is not the stage's, record it as void and return None.

    Raises Conflict for an opinion that arrives before that of an earlier stage; it is tried again.
    """
    said = event.data
    application = cases.application(session, said["application"], lock=True)
    stages = policies.get(application.policy).pipeline(application.kind)
    names = [stage.name for stage in stages]
    closes = said.get("stage", DECISION)  # a decision names no stage: it closes the last one
    why = application.void_because(said["version"], closes)
    if why == "not_current_stage" and _is_early(application, closes, names):
        raise Conflict(
            "earlier_stage_pending",
            "前一环节的意见尚未到达，稍后重试。",
            "The opinion of an earlier stage has not arrived yet; this one is tried again.",
            status=application.status,
        )
    bureau = event.producer.partition(".")[2]
    if why is None:
        stage = stages[names.index(closes)]
        if bureau == (PROVINCE if stage.level == "province" else application.recommender):
            return application, stage
        why = "not_its_turn"
    timeline.record(
        session,
        application,
        "application.opinion_void",
        {"case": said["case"], "reason": why},
        article="A6",
        bureau=bureau,
        detail={"bureau": bureau, "stage": closes, "reason": why},
    )
    return None


def _is_early(application: Application, stage: str, names: list[str]) -> bool:
    return application.status == "submitted" and stage in names and names.index(stage) > names.index(application.stage or "")
