"""The parts of a policy about evaluation, grades, rectification, revocation and support measures (A9, A13, A14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.contracts.labels import codes_of
from services.kernel.errors import Text
from services.policy.rule import cited
from services.policy.toml_reader import Node

EFFECTS = ("keeps", "rectification", "revocation")
BENEFICIARIES = ("consortium", "lead", "core", "lead_and_core", "units")
STATUSES = ("active", "rectifying")
WINDOWS = ("first_cycle", "cycle_after_grade")
NAMES = ("person", "unit")
#: The kinds of call in which requests for support measures compete.
CALLS = tuple(kind for kind in codes_of("call_kind") if kind != "formation")
HANDLINGS = ("decided", "certificate", "recorded")
VERIFIED_FACTS = ("public_institution", "state_owned")


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of the evaluation: its default lower bound in points, and its consequences."""

    grade: str
    title: Text
    at_least: int
    effect: str
    commended: bool

    @classmethod
    def read(cls, node: Node) -> Grade:
        grade = cls(
            grade=node.text("grade"),
            title=node.both("title"),
            at_least=node.integer("at_least"),
            effect=node.choice("effect", EFFECTS),
            commended=node.flag("commended"),
        )
        node.close()
        return grade


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The rules of the evaluation: participants, interval, default bands (best grade first) and caps, and the length of a
    rectification.

    Years are calendar years. `caps`: grade → the largest share of the participants that may get the grade. The window in which
    reports are submitted lasts at least `shortest_window_working_days`; the period from which outcomes count lasts at most
    `longest_period_years`. `early_acceptance`: whether a rectification may be accepted before its year is over, if the lead asks
    for it.
    """

    citation: str
    operation_years: int
    cycle_years: int
    rectification_years: int
    grades: tuple[Grade, ...]
    caps: Mapping[str, Fraction]
    shortest_window_working_days: int
    longest_period_years: int
    early_acceptance: bool

    @classmethod
    def read(cls, node: Node, articles: int) -> Evaluation:
        """Read the rules from a policy document. Raises PolicyError for bands that do not descend from grade to grade and for a
        cap on an unknown grade."""
        grades = tuple(Grade.read(row) for row in node.rows("grades", "grade"))
        bounds = [grade.at_least for grade in grades]
        if bounds != sorted(set(bounds), reverse=True):
            raise node.wrong("grades", "等次的分数下限应逐级降低", "the lower bounds must fall from grade to grade")
        caps = node.node("caps")
        for grade in caps.value:
            if grade not in {band.grade for band in grades}:
                raise caps.wrong(grade, "没有这一等次", "is no grade")
        evaluation = cls(
            citation=cited(node, articles),
            operation_years=node.integer("operation_years"),
            cycle_years=node.integer("cycle_years", 1),
            rectification_years=node.integer("rectification_years"),
            grades=grades,
            caps={grade: caps.percent(grade) for grade in caps.value},
            # Policies of earlier releases lack these keys.
            shortest_window_working_days=_limit(node, "shortest_window_working_days") or 20,
            longest_period_years=_limit(node, "longest_period_years") or 4,
            early_acceptance=node.flag("early_acceptance"),
        )
        node.close()
        return evaluation


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of revocation. `code` is its citation. `proposed`: whether the platform proposes the revocation automatically when
    this ground arises."""

    code: str
    text: Text
    proposed: bool

    @classmethod
    def read(cls, node: Node, articles: int) -> Ground:
        ground = cls(cited(node, articles), node.both("text"), node.flag("proposed"))
        node.close()
        return ground


@dataclass(frozen=True, slots=True)
class Measure:
    """A support measure: who may use it, when, how often and how much.

    `statuses`: consortia with one of these statuses in the register may use the measure. `grades`: the consortium's last grade
    must be one of these; empty if grades do not matter; `unevaluated`: consortia without a grade may use it too. `well_running`:
    consortia under guidance may not use it. `window`: the time in which it may be used, the first evaluation cycle or the cycle
    after the grade; None for no limit in time. `public_institutions_only`: only public institutions may be beneficiaries.
    `verified_facts`: facts that a beneficiary declares and a bureau must have verified. `per_round`, `per_window`, `in_total`:
    the most uses, None for no limit. `ceiling`: the most yuan for one use. `priority`: requests of consortia with one of these
    grades rank first. `handling`: how a use is handled: "decided" (the review service reviews the request, which reserves the
    use), "certificate" or "recorded". `outside_project_limits`: a use never counts against the applicant's project limits.
    `names`: whether each use names a person or a unit, which must be a beneficiary; `once_per_person`: each person can benefit
    once. `call`: the kind of call in which requests compete. `by_province`: the province nominates. `wants_amount`: a request
    states an amount of money, on which the province decides; if a policy does not state this member, it is true for decided
    measures outside the project limits.
    """

    measure: str
    citation: str
    title: Text
    beneficiaries: str
    statuses: tuple[str, ...]
    grades: tuple[str, ...]
    unevaluated: bool
    well_running: bool
    window: str | None
    public_institutions_only: bool
    verified_facts: tuple[str, ...]
    per_round: int | None
    per_window: int | None
    in_total: int | None
    ceiling: Decimal | None
    priority: tuple[str, ...]
    handling: str
    outside_project_limits: bool
    names: str | None
    once_per_person: bool
    call: str | None
    by_province: bool
    wants_amount: bool

    @classmethod
    def read(cls, node: Node, articles: int, grades: tuple[str, ...]) -> Measure:
        """Read a support measure from a policy document. Raises PolicyError for an unknown grade, status, beneficiary or
        window."""
        handling, outside_limits = node.choice("handling", HANDLINGS), node.flag("outside_project_limits")
        by_default = handling == "decided" and outside_limits  # Policies of earlier releases lack the key `wants_amount`.
        measure = cls(
            measure=node.text("measure"),
            citation=cited(node, articles),
            title=node.both("title"),
            beneficiaries=node.choice("beneficiaries", BENEFICIARIES),
            statuses=node.texts("statuses"),
            grades=node.texts("grades"),
            unevaluated=node.flag("unevaluated"),
            well_running=node.flag("well_running"),
            window=node.choice("window", WINDOWS) if node.has("window") else None,
            public_institutions_only=node.flag("public_institutions_only"),
            verified_facts=node.texts("verified_facts"),
            per_round=_limit(node, "per_round"),
            per_window=_limit(node, "per_window"),
            in_total=_limit(node, "in_total"),
            ceiling=node.yuan("ceiling") if node.has("ceiling") else None,
            priority=node.texts("priority"),
            handling=handling,
            outside_project_limits=outside_limits,
            names=node.choice("names", NAMES) if node.has("names") else None,
            once_per_person=node.flag("once_per_person"),
            call=node.choice("call", CALLS) if node.has("call") else None,
            by_province=node.flag("by_province"),
            wants_amount=node.flag("wants_amount") if node.has("wants_amount") else by_default,
        )
        for key, values, allowed in (
            ("statuses", measure.statuses, STATUSES),
            ("grades", measure.grades, grades),
            ("priority", measure.priority, grades),
            ("verified_facts", measure.verified_facts, VERIFIED_FACTS),
        ):
            for name in values:
                if name not in allowed:
                    raise node.wrong(key, f"没有 {name}", f"{name} does not exist")
        node.close()
        return measure


def _limit(node: Node, key: str) -> int | None:
    return node.integer(key, 1) if node.has(key) else None
