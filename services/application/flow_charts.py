"""The flow charts of applications and changes, built from the policy's pipeline and the steps recorded so far (A6, A12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from services.application.domain.application import ENDED, Application
from services.application.domain.call import Call
from services.application.domain.change import PENDING, Change
from services.application.domain.consortium import Consortium
from services.application.tables import timeline
from services.contracts.case_view import FlowPartyDict, FlowStageAnswerDict
from services.kernel.clock import local_date
from services.kernel.flow import FlowStage, chart, party
from services.policy import BUREAUS, PROVINCE, Policy, Stage, add_working_days

EXPERT_REVIEW, DECISION = "expert_review", "decision"
_MEMBERS = party("members", None, "各参与单位", "the members")
_EXPERTS = party("experts", None, "评审专家", "the reviewers")

_APPLICATION_STEPS = (
    "application.submitted",
    "application.resubmitted",
    "application.stage_passed",
    "application.returned",
    "application.publicised",
    "application.held",
    "application.rejected",
    "application.declined",
    "application.withdrawn",
)
_CHANGE_STEPS = ("change.reported", "change.requested", "change.stage_passed", "change.approved", "change.refused")


def application_flow(
    session: Session, policy: Policy, application: Application, call: Call | None, lead_name: str | None
) -> list[FlowStageAnswerDict]:
    """Return the stages of an application from the draft to the recognition. `lead_name`: the lead's name as readers see it."""
    stages = [
        FlowStage("draft", _lead(application.lead, lead_name), "A6(1)"),
        FlowStage("confirmations", _MEMBERS, "A5(3)1"),
        FlowStage("submission", _lead(application.lead, lead_name), "A6(1)"),
        *(_of_pipeline(stage, application.recommender) for stage in policy.pipeline(application.kind)),
        FlowStage("publicity", _bureau(PROVINCE), "A6(2)", policy.deadlines.publicity_working_days),
        FlowStage("recognition", _bureau(PROVINCE), "A6(2)"),
    ]
    by_name = {stage.stage: stage for stage in stages}
    _start_chart(by_name, application, call)
    for step in _steps(session, f"application/{application.id}", _APPLICATION_STEPS):
        _apply_step(by_name, stages, step, application)
    if application.status == "recognised":
        for stage in stages:
            stage.leave(stage.until or application.updated_at)
        by_name["recognition"].since = application.updated_at
    return chart(stages, ended=application.status in ENDED)


def _start_chart(by_name: Mapping[str, FlowStage], application: Application, call: Call | None) -> None:
    closes = local_date(call.closes_at) if call else None
    by_name["draft"].enter(application.created_at, closes)
    by_name["confirmations"].enter(application.created_at, closes)


def _apply_step(by_name: Mapping[str, FlowStage], stages: Sequence[FlowStage], step: Row[Any], application: Application) -> None:
    """Apply one recorded step to the chart's stages: complete the stage that the step closes, and start the next stage."""
    kind, at, detail = step.type.partition(".")[2], step.at, step.detail
    if kind in ("submitted", "resubmitted"):
        for name in ("draft", "confirmations", "submission"):
            by_name[name].leave(at)
        by_name["submission"].since = at
        _enter_stage(by_name, detail["stage"], at)
    elif kind == "stage_passed":
        by_name[detail["stage"]].leave(at)
        _enter_stage(by_name, detail["next_stage"], at)
    elif kind == "returned":
        by_name[detail["stage"]].leave(at, "returned")
        due = local_date(application.correction_due) if application.correction_due else None
        for name in ("draft", "confirmations"):
            by_name[name].enter(at, due)
        by_name["submission"].state = "pending"
    elif kind == "publicised":
        by_name[DECISION].leave(at)
        publicity_ends = local_date(application.publicity_ends) if application.publicity_ends else None
        by_name["publicity"].enter(at, publicity_ends)
    elif kind == "held":
        by_name["publicity"].state = "pending"
        _enter_stage(by_name, DECISION, at)
        by_name[DECISION].state = "held"
    else:
        for stage in stages:
            if stage.state in ("current", "held"):
                stage.leave(at, kind)


def _enter_stage(by_name: Mapping[str, FlowStage], name: str, at: datetime) -> None:
    stage = by_name[name]
    stage.enter(at, _due_on(at, stage.due_days))


def _due_on(at: datetime, days: int | None) -> date | None:
    """Return the last day of a stage: `days` working days after `at`, when the case entered the stage, computed as the review
    service does."""
    return add_working_days(local_date(at), days) if days else None


def change_flow(
    session: Session, policy: Policy, change: Change, consortium: Consortium, lead_name: str | None
) -> list[FlowStageAnswerDict]:
    """Return the stages of a change from its report to the day on which it takes effect."""
    lead = _lead(consortium.lead, lead_name)
    stages = [FlowStage("report", lead, "A12")]
    stages += [FlowStage("confirmations", _MEMBERS, "A12")] if change.asking else []
    stages += [_of_pipeline(stage, change.recommender) for stage in policy.pipeline("change")]
    stages += [FlowStage("effect", party("platform", None, "平台", "the platform"), "A12")]
    by_name = {stage.stage: stage for stage in stages}
    by_name["report"].since = change.created_at
    by_name["report"].leave(change.created_at)
    if change.asking:
        by_name["confirmations"].enter(change.created_at, change.effective_on)
    for step in _steps(session, f"consortium/{consortium.id}", _CHANGE_STEPS):
        if step.detail.get("change") == change.id:
            _follow_change(by_name, stages, step, change)
    _end_change(by_name, stages, change)
    return chart(stages, ended=change.status not in PENDING)


def _follow_change(by_name: Mapping[str, FlowStage], stages: Sequence[FlowStage], step: Row[Any], change: Change) -> None:
    kind, at, detail = step.type.partition(".")[2], step.at, step.detail
    if kind == "requested":
        if "confirmations" in by_name:
            by_name["confirmations"].leave(at)
        _enter_stage(by_name, next(stage.stage for stage in stages if stage.stage not in ("report", "confirmations")), at)
    elif kind == "stage_passed":
        by_name[detail["stage"]].leave(at)
        _enter_stage(by_name, detail["next_stage"], at)
    elif kind == "approved":
        by_name[DECISION].leave(at)
        by_name["effect"].enter(at, change.effective_on)
    elif kind == "refused":
        for stage in stages:
            if stage.state == "current":
                stage.leave(at, "declined")


def _end_change(by_name: Mapping[str, FlowStage], stages: Sequence[FlowStage], change: Change) -> None:
    if change.status == "effective":
        by_name["effect"].leave(None)
        by_name["effect"].due_on = change.took_effect_on
    elif change.status not in PENDING:
        for stage in stages:
            if stage.state == "current":
                stage.leave(None, "withdrawn")


def _steps(session: Session, subject: str, types: Iterable[str]) -> list[Row[Any]]:
    statement = select(timeline.c.type, timeline.c.at, timeline.c.detail).where(timeline.c.subject == subject)
    return list(session.execute(statement.where(timeline.c.type.in_(types)).order_by(timeline.c.id)))


def _of_pipeline(stage: Stage, recommender: str | None) -> FlowStage:
    acts = _bureau(PROVINCE if stage.level == "province" else recommender)
    return FlowStage(stage.name, _EXPERTS if stage.name == EXPERT_REVIEW else acts, stage.citation, stage.due_days)


def _lead(code: str | None, name: str | None) -> FlowPartyDict:
    return party("lead", code, name or "牵头单位", name or "the lead")


def _bureau(code: str | None) -> FlowPartyDict:
    bureau = BUREAUS.get(code or "")
    if bureau is None:
        return party("bureau", code, "推荐单位", "the recommending bureau")
    return party("bureau", code, bureau.name.zh, bureau.name.en)
