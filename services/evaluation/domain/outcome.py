"""The outcomes of a report. Each outcome has a number and a date within the round's period, and is listed once (A13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.contracts.evaluation.stored import NamedOutcome, OutcomeDict
from services.evaluation.domain.outcome_number import OutcomeKey, has_several_numbers, identify
from services.kernel.errors import Conflict, FieldError, Invalid, Text


@dataclass(frozen=True, slots=True)
class Outcome:
    """One outcome as a report or an import lists it, and the key that identifies it."""

    said: NamedOutcome
    key: OutcomeKey

    @property
    def identity(self) -> tuple[str, str]:
        return self.key.space, self.key.key


def validate_outcomes(
    outcomes: Sequence[OutcomeDict],
    begin: date,
    end: date,
    today: date,
    lead: str,
    names: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Validate the outcomes and return them with their keys. `lead`: the issuer of an outcome that names no issuer. `names`: name
    of an organisation, as `plain_name` returns it → its credit code.

    Raises Invalid if an identifier contains no number or more than one, if an outcome is listed twice, and if its date is in the
    future. Raises Conflict if an outcome was achieved outside the period (A13).
    """
    keys = [identify(outcome["kind"], outcome["identifier"], outcome.get("issuer"), lead, names) for outcome in outcomes]
    if errors := (*_number_errors(outcomes, keys), *_duplicate_errors(keys)):
        raise _invalid(errors)
    if outside := tuple(_period_errors(outcomes, begin, end)):
        raise Conflict(
            "outcome_outside_period",
            f"评估只计周期内产生的成果：{begin.isoformat()} 至 {end.isoformat()}（第十三条），请删除周期外的成果。",
            f"Only outcomes of the period from {begin.isoformat()} to {end.isoformat()} count (article 13); remove the others.",
            errors=outside,
            article="A13",
        )
    if errors := tuple(_future_date_errors(outcomes, today)):
        raise _invalid(errors)
    return [Outcome(outcome, key) for outcome, key in zip(outcomes, keys, strict=True) if key]


def _invalid(errors: tuple[FieldError, ...]) -> Invalid:
    return Invalid("invalid_outcomes", "成果填写有误，请按提示修改。", "The outcomes have mistakes.", errors=errors)


def _number_errors(outcomes: Sequence[OutcomeDict], keys: Sequence[OutcomeKey | None]) -> list[FieldError]:
    number_missing = Text(
        "请填写成果的编号，例如专利号、标准号、DOI。", "Give the outcome's number, such as a patent number or a DOI."
    )
    several = Text("一项成果只填一个编号，请分开填写。", "Give one number for each outcome.")
    return [
        FieldError(f"/outcomes/{index}/identifier", "no_identifier" if key is None else "several_identifiers", text)
        for index, (outcome, key) in enumerate(zip(outcomes, keys, strict=True))
        if (text := number_missing if key is None else several if has_several_numbers(outcome["identifier"]) else None)
    ]


def _duplicate_errors(keys: Sequence[OutcomeKey | None]) -> list[FieldError]:
    errors = []
    first_index: dict[tuple[str, str], int] = {}
    for index, key in enumerate(keys):
        if key is None:
            continue
        first = first_index.setdefault((key.space, key.key), index)
        if first != index:
            text = Text(
                f"与第 {first + 1} 项是同一成果，请只保留一项。", f"This is the same outcome as entry {first + 1}; keep one."
            )
            errors.append(FieldError(f"/outcomes/{index}/identifier", "outcome_twice", text))
    return errors


def _future_date_errors(outcomes: Sequence[OutcomeDict], today: date) -> list[FieldError]:
    text = Text("成果日期不能晚于今天。", "The date of an outcome cannot lie ahead.")
    return [
        FieldError(f"/outcomes/{index}/achieved_on", "date_ahead", text)
        for index, outcome in enumerate(outcomes)
        if date.fromisoformat(outcome["achieved_on"]) > today
    ]


def _period_errors(outcomes: Sequence[OutcomeDict], begin: date, end: date) -> list[FieldError]:
    text = Text(
        f"成果日期应在 {begin.isoformat()} 至 {end.isoformat()} 之间。",
        f"The date must lie between {begin.isoformat()} and {end.isoformat()}.",
    )
    return [
        FieldError(f"/outcomes/{index}/achieved_on", "outside_period", text)
        for index, outcome in enumerate(outcomes)
        if not begin <= date.fromisoformat(outcome["achieved_on"]) <= end
    ]
