"""The procedure of a case: the stages of a pipeline, the deadlines, the annual report and the notice of changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date

from services.contracts.review.review_request import StageTerms
from services.input.dates import parse_day
from services.policy.rule import cited
from services.policy.toml_reader import Node, list_rows

STAGES = (
    "recommendation",
    "formal_check",
    "acceptance",
    "material_check",
    "expert_review",
    "site_visit",
    "decision",
)
LEVELS = ("recommender", "province")
OUTCOMES = ("pass", "return", "reject", "approve", "decline")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a pipeline: the level that handles it (recommender or province), its article, the working days that it may
    take (`due_days`), and its possible outcomes. `scoring`: how experts' scores are aggregated, None if no experts score: the
    number of scores from which on the highest and the lowest score are left out, and the distance from the median above which a
    score is an outlier (as a multiple of the median distance, and in points of 100). `advisory`: the opinion is for or against,
    and the case continues either way."""

    name: str
    level: str
    citation: str
    four_eyes: bool
    optional: bool
    due_days: int
    questions: tuple[str, ...]
    outcomes: tuple[str, ...]
    scoring: Mapping[str, int] | None
    advisory: bool = False

    @classmethod
    def read(cls, node: Node, articles: int, questions: tuple[str, ...]) -> Stage:
        """Read a stage from a policy document. Raises PolicyError for an unknown stage, level, outcome or question."""
        stage = cls(
            name=node.choice("name", STAGES),
            level=node.choice("level", LEVELS),
            citation=cited(node, articles),
            four_eyes=node.flag("four_eyes"),
            optional=node.flag("optional"),
            due_days=node.integer("due_days"),
            questions=node.texts("questions"),
            outcomes=node.texts("outcomes"),
            scoring=_scoring(node.node("scoring")) if node.has("scoring") else None,
            advisory=node.flag("advisory"),
        )
        for key, values, allowed in (("questions", stage.questions, questions), ("outcomes", stage.outcomes, OUTCOMES)):
            for name in values:
                if name not in allowed:
                    raise node.wrong(key, f"没有 {name}", f"{name} does not exist")
        if not stage.outcomes:
            raise node.wrong("outcomes", "应至少有一种结果", "must name at least one outcome")
        node.close()
        return stage

    def to_dict(self) -> StageTerms:
        terms: StageTerms = {
            "name": self.name,
            "level": self.level,
            "citation": self.citation,
            "four_eyes": self.four_eyes,
            "optional": self.optional,
            "due_days": self.due_days,
            "questions": list(self.questions),
            "outcomes": list(self.outcomes),
        }
        if self.scoring:
            terms["scoring"] = dict(self.scoring)
        if self.advisory:
            terms["advisory"] = True
        return terms


def _scoring(node: Node) -> Mapping[str, int]:
    scoring = {
        "trimmed_from": node.integer("trimmed_from", 3),
        "outlier_times": node.integer("outlier_times", 1),
        "outlier_points": node.integer("outlier_points"),
    }
    node.close()
    return scoring


def read_pipelines(node: Node, articles: int, questions: tuple[str, ...]) -> Mapping[str, tuple[Stage, ...]]:
    """Read the stages of each kind of case, in order. Raises PolicyError if a pipeline for recognition does not end in a
    decision."""
    pipelines = {
        kind: tuple(Stage.read(row, articles, questions) for row in list_rows(rows, f"{node.at('pipelines')}.{kind}", "name"))
        for kind, rows in node.named("pipelines")
    }
    for kind in ("formation", "special_case"):
        if kind not in pipelines or pipelines[kind][-1].name != "decision":
            raise node.wrong(f"pipelines.{kind}", "应有流程，且最后一个环节为 decision", "must exist and end with decision")
    return pipelines


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The lengths of the policy's periods, in days. Those named `working_days` are working days; the others are calendar days."""

    correction_window_days: int
    publicity_working_days: int
    grade_publicity_working_days: int
    statement_days: int
    #: The days within which the asked bureau must answer a coordination item; None in a policy that sets no such term.
    coordination_days: int | None = None
    #: The most days by which a bureau may extend a correction window; 0 if it may not extend one.
    correction_extension_days: int = 0

    @classmethod
    def read(cls, node: Node) -> Deadlines:
        names = [field.name for field in fields(cls) if field.default is MISSING or node.has(field.name)]
        deadlines = cls(**{name: node.integer(name) for name in names})
        node.close()
        return deadlines


@dataclass(frozen=True, slots=True)
class Objections:
    """How objections during publicity are answered. Upholding an objection always takes two people. `dismissal_four_eyes`:
    whether dismissing an objection takes two people too."""

    dismissal_four_eyes: bool = False

    @classmethod
    def read(cls, node: Node) -> Objections:
        objections = cls(dismissal_four_eyes=node.flag("dismissal_four_eyes"))
        node.close()
        return objections


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of every year, such as "12-31"."""

    month: int
    day: int

    @classmethod
    def read(cls, node: Node, key: str) -> MonthDay:
        """Read a day of the year. Raises PolicyError for a day that does not exist in every year."""
        try:
            day = parse_day(f"2001-{node.text(key)}")
        except ValueError as error:
            raise node.wrong(key, "应为 MM-DD 形式的日期", 'must be a day of every year like "12-31"') from error
        return cls(day.month, day.day)

    def in_year(self, year: int) -> date:
        return date(year, self.month, self.day)


@dataclass(frozen=True, slots=True)
class AnnualReport:
    """When the annual report is due. A consortium that was recognised on or before the day `cutoff` of a year must report on that
    year by the day `due`. `reminders_days`: the numbers of days before the due day on which reminders are sent.
    `overdue_reminder_every_days`: the days between two reminders of an overdue report."""

    citation: str
    cutoff: MonthDay
    due: MonthDay
    reminders_days: tuple[int, ...]
    overdue_reminder_every_days: int

    @classmethod
    def read(cls, node: Node, articles: int) -> AnnualReport:
        report = cls(
            citation=cited(node, articles),
            cutoff=MonthDay.read(node, "cutoff"),
            due=MonthDay.read(node, "due"),
            reminders_days=node.integers("reminders_days"),
            overdue_reminder_every_days=node.integer("overdue_reminder_every_days", 1),
        )
        node.close()
        return report


@dataclass(frozen=True, slots=True)
class Changes:
    """When a change must be reported: at most `notice_at_most_months` and at least `notice_at_least_months` calendar months
    before it takes effect.

    `earlier_accepted`: whether a report before the earliest day is accepted too. A report is late if it is submitted after the
    last day of this period, which is always before the day on which the change takes effect. `unforeseen_days`: calendar days for
    the report of an unforeseeable change after it became known. `report_days`: calendar days within which a lead must report a
    change when it is asked to.
    """

    citation: str
    notice_at_most_months: int
    earlier_accepted: bool
    notice_at_least_months: int
    unforeseen_days: int = 30
    report_days: int = 60

    @classmethod
    def read(cls, node: Node, articles: int) -> Changes:
        changes = cls(
            citation=cited(node, articles),
            notice_at_most_months=node.integer("notice_at_most_months"),
            earlier_accepted=node.flag("earlier_accepted"),
            notice_at_least_months=node.integer("notice_at_least_months"),
            **{name: node.integer(name, 1) for name in ("unforeseen_days", "report_days") if node.has(name)},
        )
        node.close()
        return changes
