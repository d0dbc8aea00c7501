"""The verdict on an application as pages show it: failed rules first, each with the actual value, the required value and the
margin."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

#: Group of rules, or rule → the section of the form in which a failed rule can be corrected; used if the API names no field.
_SECTIONS = {"C": "members", "L": "lead", "M": "members", "O": "systems", "D": "papers", "I": "members"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings, grouped by what the reader must do about them."""

    mandatory: list[dict[str, Any]]
    in_principle: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    passed: list[dict[str, Any]]

    @classmethod
    def of(cls, findings: list[dict[str, Any]]) -> Verdict:
        with_section = [finding | {"section": section_of(finding), "gauge": gauge(finding)} for finding in findings]
        failed = [finding for finding in with_section if finding["status"] == "fail"]
        return cls(
            [finding for finding in failed if finding["severity"] == "mandatory"],
            [finding for finding in failed if finding["severity"] != "mandatory"],
            [finding for finding in with_section if finding["status"] == "needs_evidence"],
            [finding for finding in with_section if finding["status"] in ("pass", "waived")],
        )

    @property
    def blocking(self) -> int:
        """Return the number of mandatory rules that prevent a submission: those that fail, and those that lack evidence."""
        waiting = [finding for finding in self.evidence if finding["severity"] == "mandatory"]
        return len(self.mandatory) + len(waiting)


def section_of(finding: dict[str, Any]) -> str:
    """Return the section of the form in which a finding can be corrected."""
    first_step = str(finding.get("at") or "").strip("/").split("/")[0]
    by_member = {
        "members": "members",
        "operating_systems": "systems",
        "goals": "goals",
        "documents": "papers",
        "chief_scientist": "scientist",
        "name": "basics",
        "recommender": "basics",
        "lead": "lead",
    }
    return by_member.get(first_step) or _SECTIONS.get(finding["rule"][:1], "basics")


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that a rule compares with a limit: the name of the figure in the finding's `observed`, the name of the limit in
    its `required`, and the format of both (`count`, `people`, `share` or `money`)."""

    observed: str
    required: str
    unit: str


#: The rules that compare one figure with a limit; all other rules only show their message.
MEASURES = {
    "C1": Measure("units", "at_least", "count"),
    "C3": Measure("share", "at_least", "share"),
    "C4": Measure("share", "at_least", "share"),
    "L2": Measure("main_business_revenue", "at_least", "money"),
    "L3": Measure("rd_staff", "at_least", "people"),
    "L4": Measure("entered", "at_least", "count"),
    "L5": Measure("rd_expense", "total_at_least", "money"),
    "L6": Measure("leads", "at_most", "count"),
    "M3": Measure("highest", "at_most", "count"),
}


@dataclass(frozen=True, slots=True)
class Gauge:
    """The actual and the required figure of a rule. `have` (actual), `need` (required) and `gap` (the difference) are exact
    numbers; `bar` and `mark` are the widths of the drawn bar and of the mark for the required figure, in per cent; `at_most` says
    that the required figure is an upper limit."""

    unit: str
    have: Decimal
    need: Decimal
    gap: Decimal
    bar: float
    mark: float
    at_most: bool


def gauge(finding: dict[str, Any]) -> Gauge | None:
    """Return the figures of a finding; None if its rule compares no figure or the figure is missing."""
    measure = MEASURES.get(finding["rule"])
    if measure is None:
        return None
    have = _number((finding.get("observed") or {}).get(measure.observed))
    need = _number((finding.get("required") or {}).get(measure.required))
    if have is None or need is None or need <= 0:
        return None
    top = max(have, need) * Decimal("1.25")
    bar, mark = (round(float(100 * value / top), 1) for value in (have, need))
    return Gauge(measure.unit, have, need, abs(have - need), bar, mark, measure.required == "at_most")


def _number(value: Any) -> Decimal | None:
    """Parse a number of the API: a JSON number, a decimal string, or a percentage."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Decimal(str(value).rstrip("%"))
    except InvalidOperation:
        return None
