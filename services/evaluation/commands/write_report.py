"""The lead writes its evaluation report and lists the outcomes of the period (A13)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import ParticipantAnswerDict, RoundWarningDict
from services.contracts.evaluation.stored import RoundReportDict
from services.evaluation.access import require_lead
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.outcome import Outcome, validate_outcomes
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.round import Round
from services.evaluation.repository import consortia, outcomes, rounds
from services.evaluation.serializers import warning, whole_participation_answer
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, FieldError, PreconditionFailed, Text
from services.kernel.identity import Actor
from services.kernel.persistence import unit_of_work
from services.kernel.preconditions import version_tag


def write_report(
    session: Session,
    clock: Clock,
    actor: Actor,
    id: str,
    consortium: str,
    report: RoundReportDict,
    if_match: str | None = None,
) -> ParticipantAnswerDict:
    """Replace the content of the report. An outcome that another participation has claimed is refused: all consortia together can
    use an outcome only once (A13: 所有成果仅能使用一次). The result contains a warning for an outcome that another consortium's
    draft also names; only a submission claims an outcome.

    Raises NotFound, Forbidden unless the actor is the lead, PreconditionFailed if the participation has changed since it was
    read, Conflict outside the window, and if an outcome is outside the period or was used already.
    """
    consortium_row, round, participation = own_participation(session, actor, id, consortium)
    if if_match is not None and if_match != version_tag(participation.id, participation.revision, participation.state()):
        raise PreconditionFailed(
            "version_changed",
            "评估材料已被修改，请重新读取后再改。",
            "It has changed since; read it again.",
            etag=version_tag(participation.id, participation.revision, participation.state()),
        )
    participation.require_editable(round, clock.now())
    outcomes_named = outcomes_of(session, clock, consortium_row, round, report)
    if used_elsewhere := outcomes.used_by_others(session, participation, outcomes_named):
        raise require_unused(session, used_elsewhere, outcomes_named)
    before = participation.state()
    participation.write(report, clock.now())
    outcomes.draft(session, participation, outcomes_named)
    unit_of_work.audit_only(
        session,
        "participation.written",
        participation.subject,
        bureau=consortium_row.recommender,
        article="A13",
        before=before,
        after=participation.state(),
    )
    drafted = [_also_drafted_warning(index) for index in outcomes.in_other_drafts(session, participation, outcomes_named)]
    return whole_participation_answer(participation, round, consortium_row, clock.today()) | {"warnings": drafted}


def outcomes_of(session: Session, clock: Clock, consortium: Consortium, round: Round, report: RoundReportDict) -> list[Outcome]:
    """Return the outcomes that a report lists, after validating them."""
    outcomes_said = report.get("outcomes", [])
    names = outcomes.names_known(session, consortium, outcomes_said)
    return validate_outcomes(outcomes_said, round.period_from, round.period_to, clock.today(), consortium.lead, names)


def own_participation(session: Session, actor: Actor, id: str, consortium: str) -> tuple[Consortium, Round, Participation]:
    """Lock and return the lead's own participation with its consortium and round. The consortium is locked before the
    participation, as in every transaction. Raises NotFound, Forbidden unless the actor is the lead."""
    consortium_row = consortia.consortium(session, consortium, lock=True)
    require_lead(actor, consortium_row)
    return consortium_row, rounds.round(session, id), rounds.participation(session, id, consortium, lock=True)


def require_unused(session: Session, used_elsewhere: Mapping[int, str | None], outcomes_named: list[Outcome]) -> Conflict:
    """Return the error for outcomes that were used already. The error names the round in which each outcome was used."""
    titles = rounds.titles(session, (evaluation for evaluation in used_elsewhere.values() if evaluation))
    errors = tuple(
        FieldError(
            f"/outcomes/{index}/identifier",
            "outcome_already_used",
            _used_message(outcomes_named[index].said["identifier"], titles.get(evaluation or "")),
        )
        for index, evaluation in sorted(used_elsewhere.items(), key=lambda item: item[0])
    )
    index = min(used_elsewhere)
    evaluation = used_elsewhere[index]
    return Conflict(
        "outcome_already_used",
        errors[0].text.zh,
        errors[0].text.en,
        errors=errors,
        article="A13",
        outcome=outcomes_named[index].said["identifier"],
        evaluation={"id": evaluation, "title": titles[evaluation]} if evaluation else None,
    )


def _used_message(identifier: str, title: str | None) -> Text:
    used_in = Text(f"已在“{title}”中使用", f"was used in “{title}”") if title else _BEFORE
    return Text(
        f"{identifier} {used_in.zh}，所有成果仅能使用一次（第十三条），请删除此项；确属两项不同成果的，请向自治区科技厅说明。",
        f"{identifier} {used_in.en}; an outcome counts once (article 13). Remove it, or tell the province why these are two.",
    )


#: The text that the error gives instead of a round's title for an outcome that was used before its consortium was imported (A16).
_BEFORE = Text("已在 2021 年方案期间使用", "was used under the plan of 2021")


def _also_drafted_warning(index: int) -> RoundWarningDict:
    return warning(
        "outcome_in_draft",
        f"/outcomes/{index}/identifier",
        "另有创新联合体的未提交材料也列了这一成果，先提交者使用（第十三条）。",
        "The draft of another consortium names this outcome too; whoever submits first uses it (article 13).",
    )
