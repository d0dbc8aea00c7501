"""Opinions. An officer's opinion is a draft, and a chief signs it. A signed opinion never changes; a later opinion can correct it
(A6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NotRequired, TypedDict, cast

from services.contracts.labels import label
from services.contracts.review.answers import OpinionAnswerDict
from services.contracts.review.case_parts import (
    Acknowledged,
    GivenWaiver,
    ListReference,
    MoneyAnswerDict,
    Reply,
    SectionFault,
    SignedDifference,
)
from services.contracts.review.payloads import Difference, SignedOpinion
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.review.domain.case import DECISION, Round, Stage


class OpinionOutcome(StrEnum):
    """The outcome of an opinion: a decision has `approve` or `decline`, an opinion at any stage before the decision has one of
    the other outcomes."""

    PASS = "pass"
    RETURN = "return"
    REJECT = "reject"
    APPROVE = "approve"
    DECLINE = "decline"


Codes = list[str]  # named here, because a member called `list` hides the type in its class


class DecisionParticulars(TypedDict):
    """The particulars that only decisions have, except the amount: the acknowledgements, the case's rank, the objections that the
    decision takes into account, the decision list with which it was signed, and whether it approves knowingly."""

    acknowledgements: NotRequired[list[Acknowledged]]
    rank: NotRequired[int | None]
    places: NotRequired[int | None]
    ahead: NotRequired[Codes]
    beyond_places: NotRequired[bool]
    objections: NotRequired[Codes]
    list: NotRequired[ListReference]
    knowingly: NotRequired[bool]


class Particulars(DecisionParticulars):
    """The further data of some opinions: that of decisions and, in a recommender's opinion on a change, the leaving members that
    have a main part of the task."""

    main_task_bearing: NotRequired[Codes]
    amount: NotRequired[str | None]


@dataclass(eq=False)
class Opinion:
    """A bureau's opinion at a stage. A decision is the opinion at stage `decision`, with its reason as the comment.

    `sections`: [{section, comment}] of a return. `answers`: {question: {met, reason}}. `waivers`: [{rule, reason}]. `drafted_by`:
    the author of the draft that was signed. `differs`: {draft, members, reason} if the signed opinion differs from that draft.
    `acting_for`: the chief in whose name an acting chief signed. `corrects`: the id of the signed opinion that this one replaces.
    `void`: why this opinion has no effect. `particulars` of a decision: the amount, the case's rank and the acknowledged
    conditions that are not met; of a decision's draft: the amount and whether it approves knowingly; of the recommender's opinion
    on a change: the leaving members that have a main part of the task.
    """

    id: str
    case_id: str
    round: int
    version: int
    stage: str
    outcome: str
    comment: str
    by: str
    at: datetime
    sections: list[SectionFault] = field(default_factory=list)
    answers: dict[str, Reply] = field(default_factory=dict)
    waivers: list[GivenWaiver] = field(default_factory=list)
    signed: bool = False
    drafted_by: str | None = None
    corrects: str | None = None
    void: str | None = None
    particulars: Particulars | None = None
    differs: SignedDifference | None = None
    acting_for: str | None = None

    def check(self, round: Round, stage: Stage) -> None:
        """Raise Invalid with every mistake in the opinion, each with its JSON pointer in the request's body."""
        errors = (
            *self._outcome_errors(stage),
            *waiver_errors(self.waivers, round, stage),
            *self._answer_errors(round, stage),
            *self._main_task_errors(round),
            *self._acknowledgement_errors(stage),
            *self._grant_errors(round, stage),
        )
        if errors:
            raise Invalid("invalid_opinion", "审核意见不完整，请按提示修改。", "The opinion is incomplete.", errors=errors)

    def _outcome_errors(self, stage: Stage) -> Iterator[FieldError]:
        # At the decision, an officer's draft proposes an outcome: `pass` means to approve.
        if stage.name != DECISION and self.outcome not in stage.outcomes:
            allowed = [label("opinion_outcome", outcome) for outcome in stage.outcomes]
            zh, en = "、".join(text.zh for text in allowed), ", ".join(text.en for text in allowed)
            yield FieldError(
                "/outcome",
                "outcome_not_allowed",
                Text(f"本环节的结论只能是：{zh}。", f"This stage ends with one of: {en}."),
            )
        if self.outcome == OpinionOutcome.RETURN and not self.sections:
            yield FieldError(
                "/sections",
                "sections_required",
                Text(
                    "退回时须逐项、一次性告知需要补正的全部内容。",
                    "A return names every section to correct at once, with a comment each.",
                ),
            )

    def _answer_errors(self, round: Round, stage: Stage) -> Iterator[FieldError]:
        question_texts = {question["id"]: Text.from_dict(question["text"]) for question in round.material["questions"]}
        for question in self.answers.keys() - question_texts.keys():
            text = Text("没有这一问题。", "There is no such question.")
            yield FieldError(f"/answers/{question}", "unknown_question", text)
        if self.outcome == OpinionOutcome.PASS:
            for question in stage.questions:
                if question not in self.answers or not self.answers[question].get("reason", "").strip():
                    text = Text(
                        f"请回答并说明理由：{question_texts[question].zh}",
                        f"Answer this, with a reason: {question_texts[question].en}",
                    )
                    yield FieldError(f"/answers/{question}", "answer_required", text)

    @property
    def main_task_bearing(self) -> list[str] | None:
        """Return the leaving members that, in the recommender's judgement, have a main part of the task; None if the opinion
        makes no such judgement."""
        return self.particulars.get("main_task_bearing") if self.particulars else None

    @property
    def acknowledgements(self) -> list[Acknowledged]:
        """Return the conditions answered "not met" that a decision acknowledges, as [{question, reason}]."""
        return list(self.particulars.get("acknowledgements") or ()) if self.particulars else []

    @property
    def amount(self) -> str | None:
        """Return the amount in yuan that a decision grants, or that its draft proposes; None if the opinion names no amount."""
        return self.particulars.get("amount") if self.particulars else None

    @property
    def knowingly(self) -> bool | None:
        """Return whether a decision or its draft approves a change although a mandatory rule fails; None if the opinion does not
        state it."""
        return self.particulars.get("knowingly") if self.particulars else None

    def _grant_errors(self, round: Round, stage: Stage) -> Iterator[FieldError]:
        for name in ("amount", "knowingly"):
            if stage.name != DECISION and getattr(self, name) is not None:
                text = Text("只有决定的建议可以写明这一项。", "Only a draft of the decision names this.")
                yield FieldError(f"/{name}", "of_decision_only", text)
        yield from ceiling_errors(round.money, self.amount)

    def _acknowledgement_errors(self, stage: Stage) -> Iterator[FieldError]:
        if self.acknowledgements and stage.name != DECISION:
            text = Text("只有决定可以确认不符合项。", "A decision alone acknowledges conditions that are not met.")
            yield FieldError("/acknowledgements", "acknowledged_by_decision_only", text)

    def _main_task_errors(self, round: Round) -> Iterator[FieldError]:
        text = Text("该单位不在本次变更退出的单位之列。", "This unit does not leave by the change.")
        for index, code in enumerate(self.main_task_bearing or ()):
            if code not in round.leaving:
                yield FieldError(f"/main_task_bearing/{index}", "not_leaving", text)

    def to_dict(self) -> OpinionAnswerDict:
        return {
            "id": self.id,
            "round": self.round,
            "version": self.version,
            "stage": self.stage,
            "outcome": self.outcome,
            "comment": self.comment,
            "sections": self.sections,
            "answers": self.answers,
            "waivers": self.waivers,
            "signed": self.signed,
            "by": self.by,
            "at": self.at.isoformat(),
            "drafted_by": self.drafted_by,
            "acting_for": self.acting_for,
            "differs": self.differs,
            "corrects": self.corrects,
            "void": self.void,
            "main_task_bearing": self.main_task_bearing,
            "acknowledgements": self.acknowledgements,
            "amount": self.amount,
            "knowingly": self.knowingly,
        }

    def to_signed(self) -> SignedOpinion:
        """Return the part of this signed opinion that events contain."""
        return SignedOpinion(
            id=self.id,
            outcome=self.outcome,
            main_task_bearing=self.main_task_bearing,
            comment=self.comment,
            signed_by=self.by,
            drafted_by=self.drafted_by,
            answers=self.answers,
            waivers=self.waivers,
            differs=self.published_difference,
            acting_for=self.acting_for,
        )

    @property
    def published_difference(self) -> Difference | None:
        """Return how the opinion differs from its draft, in the form that events contain; None if it does not differ."""
        return Difference(members=self.differs["members"], reason=self.differs["reason"]) if self.differs else None


def particulars_answer(decision: Opinion) -> DecisionParticulars:
    """Return the particulars of a decision, except the amount, in the form in which API answers contain them."""
    particulars = decision.particulars or {}
    return cast(DecisionParticulars, {name: value for name, value in particulars.items() if name != "amount"})


def ceiling_errors(money: MoneyAnswerDict | None, amount: str | None) -> Iterator[FieldError]:
    """Yield an error if the amount is above the policy's ceiling (A9(1)1). Amounts are yuan as decimal strings."""
    ceiling = money.get("ceiling") if money else None
    if amount is not None and ceiling is not None and Decimal(amount) > Decimal(ceiling):
        text = Text(f"批准金额不能超过 {ceiling} 元。", f"At most {ceiling} yuan can be granted.")
        yield FieldError("/amount", "above_ceiling", text)


def waiver_errors(waivers: Sequence[GivenWaiver], round: Round, stage: Stage) -> Iterator[FieldError]:
    """Yield an error for each waiver that is not allowed. Only the province may waive, only an in-principle rule that fails in
    this round, and only with a reason."""
    if waivers and stage.level != "province":
        yield FieldError(
            "/waivers",
            "waiver_by_province_only",
            Text(
                "只有自治区科技厅可以豁免原则性条件；请在意见中说明情况。",
                "Only the provincial department may waive a rule; say in the comment what speaks for it.",
            ),
        )
        return
    for index, waiver in enumerate(waivers):
        if waiver["rule"] not in round.waivable:
            called = round.rule_title(waiver["rule"])
            text = Text(
                f"{called.zh}不是未满足的原则性条件，不能豁免。",
                f"{called.en} is not a failed in-principle rule; it cannot be waived.",
            )
            yield FieldError(f"/waivers/{index}/rule", "not_waivable", text)
        if not waiver["reason"].strip():
            text = Text("豁免须书面说明理由。", "A waiver needs a written reason.")
            yield FieldError(f"/waivers/{index}/reason", "reason_required", text)


def in_force(opinions: Iterable[Opinion]) -> list[Opinion]:
    """Return the signed opinions that are neither corrected nor void."""
    opinions = list(opinions)
    corrected = {opinion.corrects for opinion in opinions if opinion.signed}
    return [opinion for opinion in opinions if opinion.signed and not opinion.void and opinion.id not in corrected]


def waived(round: Round, opinions: Iterable[Opinion]) -> list[GivenWaiver]:
    """Return the waivers in force in a round of the case, as [{rule, reason, by}]: the waivers of earlier rounds that stay in
    force, and the waivers of this round's opinions in force."""
    waivers: list[GivenWaiver] = [
        {**waiver, "by": opinion.by}
        for opinion in in_force(opinions)
        if opinion.round == round.number and opinion.outcome in (OpinionOutcome.PASS, OpinionOutcome.APPROVE)
        for waiver in opinion.waivers
    ]
    return [*round.waivers, *waivers]


def require_named_at_once(corrected: Opinion, sections: Iterable[SectionFault]) -> None:
    """Raise Invalid for each section that a correction of a signed return adds. A return must name all sections to correct in one
    notification (一次性告知), because the applicant already corrects the named sections within a running correction window."""
    earlier_sections = {section["section"] for section in corrected.sections}
    message = Text(
        "退回时须一次性告知需要补正的全部内容，更正不能增加补正的部分。",
        "A return names everything to correct at once; a correction cannot add a section.",
    )
    errors = tuple(
        FieldError(f"/sections/{index}/section", "section_added", message)
        for index, section in enumerate(sections)
        if section["section"] not in earlier_sections
    )
    if errors:
        raise Invalid("invalid_opinion", "审核意见有误，请按提示修改。", "The opinion is not sound.", errors=errors)


def correctable(opinions: Sequence[Opinion], id: str, outcome: str, stage: str) -> Opinion:
    """Return the signed opinion that a correction names. Raises Invalid if there is no such opinion or if it is a decision, and
    if the correction has another stage or outcome, because a correction must not change the effects of the opinion. Raises
    Conflict if another correction has replaced the opinion already."""
    corrected = next((opinion for opinion in opinions if opinion.id == id and opinion.signed), None)
    if corrected is None or corrected.stage == DECISION:
        raise Invalid.field(
            "/corrects",
            "not_correctable",
            "没有这份已签署的意见；决定不可更正。",
            "There is no such signed opinion; a decision cannot be corrected.",
        )
    newer = next((opinion for opinion in opinions if opinion.signed and opinion.corrects == id), None)
    if newer:
        raise Conflict(
            "already_corrected",
            "该意见已被更正，请更正最新的一份。",
            "It was corrected before; correct the newest one.",
            corrected_by=newer.id,
        )
    if (corrected.stage, corrected.outcome) != (stage, outcome):
        raise Invalid.field(
            "/outcome",
            "outcome_stands",
            "更正不能改变原意见的环节和结论。",
            "A correction keeps the stage and the outcome of the opinion it corrects.",
        )
    return corrected
