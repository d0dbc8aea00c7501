"""Conditions that a reviewer answered "not met". The decision acknowledges each of them with a reason (A4, A5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from services.contracts.bilingual import Bilingual
from services.contracts.review.answers import UnmetAnswerDict
from services.contracts.review.case_parts import Acknowledged, Reply, UnmetReason
from services.kernel.errors import FieldError, Invalid, Text
from services.review.domain.case import DECISION, Round
from services.review.domain.opinion import Opinion, OpinionOutcome, in_force

LANGUAGES: tuple[Literal["zh"], Literal["en"]] = ("zh", "en")


def unmet(round: Round, opinions: Iterable[Opinion]) -> list[UnmetAnswerDict]:
    """Return the questions answered "not met", in the policy's order: `{question, text, answers: [{stage, reason}]}`. The answers
    come from the recommender's opinion, or its last correction, and from the bureau's own opinions in force on this version."""
    signed = [
        (opinion.stage, opinion.answers)
        for opinion in in_force(opinions)
        if opinion.version == round.version and opinion.outcome == OpinionOutcome.PASS and opinion.stage != DECISION
    ]
    given = [*_recommended(round), *signed]
    found: list[UnmetAnswerDict] = []
    for question in round.material["questions"]:
        answers = [(stage, answers[question["id"]]) for stage, answers in given if question["id"] in answers]
        against: list[UnmetReason] = [
            {"stage": stage, "reason": answer["reason"]} for stage, answer in answers if not answer["met"]
        ]
        if against:
            found.append({"question": question["id"], "text": question["text"], "answers": against})
    return found


def _recommended(round: Round) -> Iterator[tuple[str, Mapping[str, Reply]]]:
    if round.recommendation:
        newest = [round.recommendation, *round.recommendation.get("corrections", [])][-1]
        yield round.stages[0].name, newest.get("answers") or {}


def acknowledge(unmet: Sequence[UnmetAnswerDict], decision: Opinion) -> list[Acknowledged]:
    """Return the acknowledgements of a decision, each with the text of its question. Raises Invalid if an acknowledgement names a
    question that was not answered "not met", and if two name the same question. An approval also raises Invalid if it does not
    acknowledge a question that was answered "not met"."""
    texts = {each["question"]: each["text"] for each in unmet}
    errors = list(_acknowledgement_errors(texts, decision.acknowledgements))
    if errors:
        raise Invalid(
            "invalid_decision", "对不符合项的确认有误，请按提示修改。", "The acknowledgements do not hold.", errors=tuple(errors)
        )
    acknowledged = {each["question"] for each in decision.acknowledgements}
    unacknowledged = [each for each in unmet if each["question"] not in acknowledged]
    if unacknowledged and decision.outcome == OpinionOutcome.APPROVE:
        zh, en = (" ".join(f"“{each['text'][language]}”" for each in unacknowledged) for language in LANGUAGES)
        raise Invalid(
            "unacknowledged_answers",
            f"以下条件审核意见认为不符合：{zh}。批准须逐项确认并说明理由，或不予批准。",
            f"Reviewers answered that these conditions are not met: {en}. Acknowledge each with a reason, or decline.",
            unmet=unacknowledged,
        )
    return [{**each, "text": texts[each["question"]]} for each in decision.acknowledgements]


def _acknowledgement_errors(texts: Mapping[str, Bilingual], acknowledged: Sequence[Acknowledged]) -> Iterator[FieldError]:
    questions = [each["question"] for each in acknowledged]
    for index, question in enumerate(questions):
        if question not in texts:
            text = Text("审核意见没有认为这一条件不符合。", "No opinion answered that this condition is not met.")
            yield FieldError(f"/acknowledgements/{index}/question", "not_unmet", text)
        elif question in questions[:index]:
            text = Text("同一条件只能确认一次。", "Acknowledge each condition once.")
            yield FieldError(f"/acknowledgements/{index}/question", "acknowledged_twice", text)
