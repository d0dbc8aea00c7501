"""The flow chart of a participation (A13), computed from the policy's pipeline and the participation's status."""

from __future__ import annotations

from services.contracts.case_view import FlowPartyDict, FlowStageAnswerDict
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.participation import EXPERT_REVIEW, GRADING, RUNNING, Participation, ParticipationStatus
from services.evaluation.domain.round import Round
from services.kernel.clock import local_date
from services.kernel.flow import FlowStage, chart, party
from services.policy import BUREAUS, PROVINCE, Policy, Stage, add_working_days

#: Status of a participation that ended without a grade in effect → the state in which the chart shows the stage at which the
#: participation ended.
_ENDS: dict[str, str] = {
    ParticipationStatus.WITHDRAWN: "withdrawn",
    ParticipationStatus.DEFERRED: "withdrawn",
    ParticipationStatus.ABSENT: "withdrawn",
    ParticipationStatus.DECLINED: "declined",
}


def participation_flow(policy: Policy, part: Participation, round: Round, consortium: Consortium) -> list[FlowStageAnswerDict]:
    """Return the stages of the chart, from the report to the day on which the grade takes effect. A grade that is given but not
    public is drawn as if it were not given, because not every reader may know of the grade."""
    province = _bureau(PROVINCE)
    optional = {stage.name for stage in policy.pipeline("participation") if stage.optional}
    stages = [
        FlowStage(
            "materials",
            party("lead", consortium.lead, consortium.lead_name or "牵头单位", consortium.lead_name or "the lead"),
            "A13",
        ),
        *(_of_pipeline(stage, part.recommender) for stage in policy.pipeline("participation") if stage.name not in optional),
        FlowStage("grading", province, "A13"),
        FlowStage("publicity", province, "A13", policy.deadlines.grade_publicity_working_days),
        FlowStage("effect", province, "A13"),
    ]
    present_stage = _present_stage(part)
    names = [stage.stage for stage in stages]
    for stage in stages[: names.index(present_stage)]:
        stage.leave(part.submitted_at if stage.stage == "materials" else None)
    _set_present_stage(stages[names.index(present_stage)], part, round)
    return chart(stages, ended=part.status not in (*RUNNING, ParticipationStatus.GRADED, ParticipationStatus.PUBLISHED))


def _present_stage(part: Participation) -> str:
    """Return the name of the participation's present stage."""
    if part.status == ParticipationStatus.PUBLISHED:
        return "effect"
    if part.status == ParticipationStatus.GRADED:
        return "publicity" if part.publicity_ends is not None else "grading"
    if part.status == ParticipationStatus.SUBMITTED:
        return part.stage or GRADING
    return "materials"


def _set_present_stage(stage: FlowStage, part: Participation, round: Round) -> None:
    """Set the dates and the state of the chart's present stage."""
    if part.status == ParticipationStatus.PUBLISHED:
        stage.since = part.updated_at
        stage.leave(part.updated_at)
    elif part.status in (ParticipationStatus.INVITED, ParticipationStatus.RETURNED):
        until = (
            part.correction_due
            if part.status == ParticipationStatus.RETURNED
            else max(round.closes_at, part.hand_in_until or round.closes_at)
        )
        stage.enter(
            part.updated_at if part.status == ParticipationStatus.RETURNED else round.opens_at,
            local_date(until) if until else None,
        )
    elif part.status == ParticipationStatus.GRADED and part.publicity_ends is not None:
        stage.enter(part.updated_at, local_date(part.publicity_ends))
    elif part.status in (ParticipationStatus.SUBMITTED, ParticipationStatus.GRADED):
        days = stage.due_days
        stage.enter(part.updated_at, add_working_days(local_date(part.updated_at), days) if days else None)
        stage.state = "held" if part.held_by is not None else stage.state
    else:
        stage.leave(part.updated_at, _ENDS.get(part.status, "skipped"))


def _of_pipeline(stage: Stage, recommender: str) -> FlowStage:
    experts = party("experts", None, "评审专家", "the reviewers")
    acts = _bureau(PROVINCE if stage.level == "province" else recommender)
    return FlowStage(stage.name, experts if stage.name == EXPERT_REVIEW else acts, stage.citation, stage.due_days)


def _bureau(code: str) -> FlowPartyDict:
    name = BUREAUS[code].name
    return party("bureau", code, name.zh, name.en)
