"""Resolve races between this service's database and a bureau's: an applicant can withdraw an application here while a bureau
signs an opinion on it there. The change that this service commits first wins."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from services.application.domain.application import Application
from services.application.received_events import CaseSigned
from services.application.repository import cases, timeline
from services.contracts.application.application_payloads import ApplicationOpinionVoid
from services.kernel.errors import Conflict
from services.kernel.messaging.envelope import Event
from services.policy import PROVINCE, Policies, Stage


def lock_if_effective(
    session: Session, policies: Policies, event: Event[CaseSigned], closes: str
) -> tuple[Application, Stage] | None:
    """Lock and return the application, and the stage that a bureau's signed opinion `closes`. If the opinion is too late or its
    bureau does not own the stage, record the opinion as void and return None.

    Raises Conflict for an opinion that arrives before the opinion of an earlier stage; the event of the later opinion is then
    processed again.
    """
    application = cases.application(session, event.subject_id, lock=True)
    stages = policies.get(application.policy).pipeline(application.kind)
    names = [stage.name for stage in stages]
    why = application.void_reason(event.data.version, closes)
    under_review = application.status == "submitted"
    if why == "not_current_stage" and under_review and is_early(application.stage, closes, names):
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
        ApplicationOpinionVoid(case=event.data.case, reason=why),
        article="A6",
        bureau=bureau,
        detail={"bureau": bureau, "stage": closes, "reason": why},
    )
    return None


def is_early(present: str | None, closes: str, names: Sequence[str]) -> bool:
    """Return whether an opinion came too early: it closes a stage of the pipeline (`names`: its stages in order) that is later
    than the present stage, so the opinion that ends the present stage has not arrived yet. An opinion on a stage outside the
    pipeline is not early, and neither is one on a case that is at no stage."""
    return closes in names and present in names and names.index(closes) > names.index(present)
